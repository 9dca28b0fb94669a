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
            done = subprocess.run([*words, *extra, str(source)], cwd=self.folder, capture_output=True,
                                  text=True, check=False)
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

    def build_including(self, program: str, folder: Path, extra: list[str], out: Path) -> None:
        """Compiles a PROGRAM that includes sources of the core, with those of FOLDER instead."""
        main, command = next((path, list(words)) for path, words in self.compile_rows
                             if path.stem == program)
        linked = self.link_command(program)
        made = out.with_suffix(".o")
        linked[linked.index("-o") + 1] = str(out)
        linked = [str(made) if word.endswith(f"{program}.c.o") else word for word in linked]
        command[command.index("-o") + 1] = str(made)
        command[1:1] = [f"-I{folder}"]
        plain = [word for word in extra if not word.endswith(".o")]
        subprocess.run([*command, *plain], cwd=self.folder, check=True)
        subprocess.run([*linked, *(word for word in extra if word.endswith(".o"))],
                       cwd=self.folder, check=True)
