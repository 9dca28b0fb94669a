#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-22 and gcc-12, each at -O0 and -O2, record the same traces, byte for byte.

    compilers.py --folder FOLDER [--have "clang-22 -O2=PLIMSOLL"] [--in "gcc-12 -O2=FOLDER"]
                 [--shared FOLDER] [--cmake CMAKE] [FILE.scn ...]

Core and simulator are built in FOLDER with each compiler and flag; --have names a build that is
there already, --in the folder of one that another check keeps. Each build plays every scenario on
its native core and records a trace: caller, message, code and state hash of every operation. Then
each replays the traces of the first. Without files all of tests/scenarios is played, except what
needs market data unless --shared names its folder.
"""
import argparse
import hashlib
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COMPILERS = ["clang-22", "gcc-12"]
# CMAKE_BUILD_TYPE None adds no flags of its own; Release is the product's -O2.
LEVELS = {"-O2": ["-DCMAKE_BUILD_TYPE=Release"],
          "-O0": ["-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O0"]}


def named(values):
    """BUILD=PATH words as a table."""
    return {name: pathlib.Path(path) for name, path in (value.split("=", 1) for value in values)}


def build(cmake, compiler, level, folder, options):
    """Builds core and simulator; the program. What is built already is not built again."""
    commands = [[cmake, "-S", str(ROOT), "-B", str(folder), "-G", "Ninja",
                 f"-DCMAKE_C_COMPILER={compiler}", *LEVELS[level], *options],
                [cmake, "--build", str(folder), "--target", "plimsoll", "--parallel", "2"]]
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"compilers: {compiler} {level}: {shlex.join(command)} failed:\n"
                     f"{done.stdout[-4000:]}{done.stderr[-2000:]}")
    return folder / "plimsoll"


def arguments_of(path, shared):
    """What the `# run:` lines of a scenario add, or None where it needs data that is not there."""
    words = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# run: "):
            if "$SHARED" in line and not shared:
                return None
            words += shlex.split(line[7:].replace("$SHARED", shared))
    return [word for word in words if word != "long"]


def record(program, path, words, trace):
    """Plays a scenario natively; its exit status and what it printed. Whether it passes is the
    business of the test scenario.<name>: here all must say the same."""
    done = subprocess.run([program, "run", "--engine", "native", "--quiet", *words,
                           "--trace", trace, path], cwd=ROOT, capture_output=True, text=True)
    if not trace.exists() or done.returncode not in (0, 1):
        sys.exit(f"compilers: {program} cannot play {path.name}:\n{done.stdout}{done.stderr}")
    return f"status {done.returncode}\n{done.stdout}{done.stderr}"


def difference(first, other):
    """The first line in which two traces differ."""
    ours, theirs = first.read_text().splitlines(), other.read_text().splitlines()
    for number, (one, two) in enumerate(zip(ours, theirs), 1):
        if one != two:
            return f"line {number}:\n  {one}\n  {two}"
    return f"{len(ours)} lines and {len(theirs)}"


def compare(name, program, path, first, trace, reference):
    """One build's trace beside the first build's, which it also replays; what differs."""
    failures = []
    if trace.read_bytes() != first.read_bytes():
        failures.append(f"{path.name}: {reference} and {name} differ in {difference(first, trace)}")
    done = subprocess.run([program, "replay", "--engine", "native", "--quiet", first],
                          capture_output=True, text=True)
    if done.returncode != 0:
        failures.append(f"{name} does not replay {path.name} of {reference}:\n"
                        f"{done.stdout}{done.stderr}")
    return failures


def play(programs, plays, folder):
    """Plays every scenario with every build, and prints a line for each build; what went wrong."""
    failures = []
    sayings = {}
    reference = next(iter(programs))
    for name, program in programs.items():
        digest = hashlib.sha256()
        operations = 0
        last = "none"
        for path, words in plays.items():
            first = folder / f"{path.stem}.{reference.replace(' ', '')}"
            trace = folder / f"{path.stem}.{name.replace(' ', '')}"
            said = record(program, path, words, trace)
            if said != sayings.setdefault(path, said):
                failures.append(f"{path.name}: {reference} and {name} say different things:\n"
                                f"{sayings[path]}{said}")
            data = trace.read_bytes()
            digest.update(data)
            lines = data.decode().splitlines()
            operations += int(lines[-1].split()[1])
            last = lines[-2].split()[7]
            if name != reference:
                failures += compare(name, program, path, first, trace, reference)
                trace.unlink()
        print(f"{name:13} {len(plays)} scenarios, {operations} operations, traces "
              f"{digest.hexdigest()[:16]}, last state {last}", flush=True)
    return failures


def main():
    parser = argparse.ArgumentParser(description="Compares the traces of compilers and flags.")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--have", action="append", default=[])
    parser.add_argument("--in", action="append", default=[], dest="inside")
    parser.add_argument("--shared", default="")
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    have, inside = named(arguments.have), named(arguments.inside)
    programs = {}
    for compiler in COMPILERS:
        for level in LEVELS:
            name = f"{compiler} {level}"
            if name in have:
                programs[name] = have[name].resolve()
            elif name in inside:
                programs[name] = build(arguments.cmake, compiler, level, inside[name],
                                       ["-DPLIMSOLL_FUZZ=OFF"])
            else:
                folder = arguments.folder / name.replace(" ", "")
                programs[name] = build(arguments.cmake, compiler, level, folder,
                                       ["-DPLIMSOLL_TESTS=OFF"])
    files = arguments.files or sorted((ROOT / "tests/scenarios").glob("*.scn"))
    plays = {path: arguments_of(path, arguments.shared) for path in files}
    plays = {path: words for path, words in plays.items() if words is not None}
    with tempfile.TemporaryDirectory() as folder:
        failures = play(programs, plays, pathlib.Path(folder))
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
