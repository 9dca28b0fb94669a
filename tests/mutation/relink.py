# SPDX-License-Identifier: Apache-2.0
"""Programs of a build folder, linked again with other sources of the core in their place.

The build's own commands say how: compile_commands.json for the sources, `ninja -t commands` for
the programs. The new objects stand before the libraries, so that a library's object of the same
name is never taken.
"""

import json
import re
import shlex
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The forms of the core (cmake/PlimsollCore.cmake) by what their compile command says.
FORMS = {"product": ("-ffreestanding", "-fsanitize"), "unit": ("-DPLM_UNIT_TEST", "-DNOTHING")}


class Build:
    """A configured build folder whose programs are built."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        rows = json.loads((folder / "compile_commands.json").read_text())
        self.compile_rows = [(Path(row["file"]), shlex.split(row["command"])) for row in rows]

    def compile(self, form: str, name: str, source: Path, out: Path, extra: list[str]) -> None:
        """Compiles SOURCE in the place of contract/core/NAME, in one form of the core."""
        has, lacks = FORMS[form]
        core = ROOT / "contract" / "core"
        for path, command in self.compile_rows:
            text = " ".join(command)
            if path != core / name or has not in text or lacks in text or "-DPLM_LAB" in text:
                continue
            words = [word for word in command if word != str(path)]
            words[words.index("-o") + 1] = str(out)
            words[1:1] = [f"-I{source.parent}"]
            done = subprocess.run([*words, *extra, str(source)], cwd=self.folder, check=False,
                                  capture_output=True, text=True)
            if done.returncode != 0:
                raise SystemExit(f"{source} does not compile:\n{done.stderr[:2000]}")
            return
        raise SystemExit(f"{self.folder}: no {form} form of {name}; configure it with clang-22")

    def link_command(self, program: str) -> list[str]:
        """How the build links PROGRAM."""
        done = subprocess.run(["ninja", "-C", str(self.folder), "-t", "commands", program],
                              capture_output=True, text=True, check=True)
        command = done.stdout.strip().splitlines()[-1]
        match = re.search(r"&& (\S*clang\S* .*) && :$", command)
        if match is None or not (self.folder / program).exists():
            raise SystemExit(f"{program} is not in {self.folder}; build it first, with clang-22")
        return shlex.split(match.group(1))

    def links(self, program: str, library: str) -> bool:
        """Does PROGRAM take in LIBRARY?"""
        return library in self.link_command(program)

    def link(self, program: str, objects: list[Path], out: Path) -> None:
        """Links PROGRAM as the build does, with OBJECTS before the core."""
        words = self.link_command(program)
        words[words.index("-o") + 1] = str(out)
        first = next(i for i, word in enumerate(words) if re.search(r"libplm_core\w*\.a$", word))
        words[first:first] = [str(path) for path in objects]
        subprocess.run(words, cwd=self.folder, check=True)

    def link_own(self, program: str, folder: Path, extra: list[str], objects: list[Path],
                 out: Path) -> None:
        """Links a PROGRAM that compiles sources of the core for itself, with those of FOLDER."""
        linked = [*self.link_command(program), *map(str, objects)]
        linked[linked.index("-o") + 1] = str(out)
        for i, word in enumerate(linked):
            match = re.search(r"/contract/core/(\w+\.c)\.o$", word)
            if match is None:
                continue
            path, row = next((p, row) for p, row in self.compile_rows if word in row)
            made = folder / f"{out.name}_{match.group(1)}.o"
            command = [part for part in row if part != str(path)]
            command[command.index("-o") + 1] = str(made)
            subprocess.run([*command, *extra, str(folder / match.group(1))], cwd=self.folder,
                           check=True)
            linked[i] = str(made)
        subprocess.run(linked, cwd=self.folder, check=True)
