#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants bugs in the core, one by one, and asks every level of testing whether it notices.

    planted.py BUILD [--quick] [--write] [--only NN]

BUILD is a build folder that has `plimsoll` and the tests. For each NN_name.patch beside this file
the patched source is compiled and the programs are linked again with it; then the levels run, each
by itself: the core is native, engines are not compared with each other, and the auditor works only
where the level is the auditor. First of all every level must pass without a bug.

found_by.tsv says which levels find which bug. The whole table is compared; --write writes it.
--quick stops at the second level that finds the bug, in the order of their cost. A bug that fewer
than two levels find is a failure.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "mutation"))
import relink  # noqa: E402  pylint: disable=wrong-import-position

TABLE = HERE / "found_by.tsv"
LEVELS = ("vectors", "scenarios", "auditor", "model", "unit", "exhaustive", "property", "faults")
SECONDS = 300
FUZZ = ["fuzz", "--engine", "native", "--quiet"]


def passes(words: list[str], **more: object) -> bool:
    """Runs a program; a crash and an endless loop are failures too."""
    try:
        return subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, timeout=SECONDS,
                              stderr=subprocess.DEVNULL, check=False, **more).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def scenarios() -> list[str]:
    """Those without market data, without a crowd, and with every rule on."""
    return [str(path) for path in sorted((ROOT / "tests" / "scenarios").glob("*.scn"))
            if not re.search(r"^\s*(play|crowd|without)\s", path.read_text(), re.M)]


class Patient:
    """The programs with one bug in them."""

    def __init__(self, build: relink.Build, patch: Path | None, folder: Path) -> None:
        self.build = build
        self.folder = folder
        self.changed: list[str] = []
        if patch is not None:
            self.changed = re.findall(r"^\+\+\+ b/contract/core/(\S+)", patch.read_text(), re.M)
            for name in self.changed:
                target = folder / "contract" / "core" / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((ROOT / "contract" / "core" / name).read_bytes())
            subprocess.run(["patch", "-p1", "-s", "-d", str(folder), "-i", str(patch)], check=True)
        self.objects: dict[str, list[Path]] = {}

    def program(self, name: str, form: str = "product") -> str:
        """NAME of the build, with the bug."""
        if form not in self.objects:
            self.objects[form] = []
            for source in self.changed:
                out = self.folder / f"{form}_{source}.o"
                place = self.folder / "contract" / "core" / source
                self.build.compile(form, source, place, out, ["-w"])
                self.objects[form].append(out)
        out = self.folder / name
        if not out.exists():
            self.build.link(name, self.objects[form], out)
        return str(out)

    def vectors(self) -> bool:
        """Every vector, native."""
        return passes([self.program("plimsoll"), "vectors", "--engine", "native", "--quiet",
                       str(ROOT / "tests" / "vectors")])

    def scenarios(self) -> bool:
        """What scenarios expect; the auditor sleeps."""
        program = self.program("plimsoll")
        return all(passes([program, "run", "--engine", "native", "--no-audit", "--quiet", path])
                   for path in scenarios())

    def auditor(self) -> bool:
        """Worlds from seeds with the auditor."""
        return passes([self.program("plimsoll"), *FUZZ, "--seeds", "1..24", "--operations", "2000",
                       "--out", str(self.folder / "finding")])

    def model(self) -> bool:
        """The same kind of worlds, against the reference model."""
        trace = self.folder / "worlds.trace"
        check = str(ROOT / "tests" / "model" / "check.py")
        return passes([self.program("plimsoll"), *FUZZ, "--seeds", "1..12", "--operations", "1500",
                       "--no-audit", "--trace", str(trace)]) and passes(
                           [sys.executable, check, str(trace)])

    def unit(self) -> bool:
        """Every unit test of the core."""
        names = [path.stem for path in sorted((ROOT / "tests" / "unit").glob("test_*.c"))]
        return all(passes([self.program(name, "unit")]) for name in names
                   if self.build.links(name, "libplm_core_unit.a"))

    def exhaustive(self) -> bool:
        """Every short sequence in the tiny worlds."""
        return passes([self.program("exhaust_world")])

    def property(self) -> bool:
        """Laws on random worlds."""
        return all(passes([self.program(name)]) for name in ("prop_monotone", "prop_ledger"))

    def faults(self) -> bool:
        """Scenarios in which every host call fails once, and nothing may change."""
        program = self.program("plimsoll")
        return all(passes([program, "run", "--engine", "native", "--no-audit", "--fault-loop",
                           "--quiet", path]) for path in scenarios())


def main() -> int:
    """Runs the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--quick", action="store_true", help="two levels a bug are enough")
    parser.add_argument("--write", action="store_true", help="write found_by.tsv")
    parser.add_argument("--only", default="", help="patches whose name begins so")
    options = parser.parse_args()
    build = relink.Build(options.build.resolve())
    patches = [p for p in sorted(HERE.glob("*.patch")) if p.name.startswith(options.only)]
    if not patches:
        sys.exit(f"planted: no patch begins with '{options.only}'")
    known = dict(line.split("\t") for line in TABLE.read_text().splitlines()[1:])
    began, rows, failures = time.monotonic(), {}, 0
    if not options.quick:
        with tempfile.TemporaryDirectory(prefix="planted-") as name:
            healthy = Patient(build, None, Path(name))
            sick = [level for level in LEVELS if not getattr(healthy, level)()]
        if sick:
            sys.exit(f"planted: without any bug these levels fail: {', '.join(sick)}")
    for patch in patches:
        with tempfile.TemporaryDirectory(prefix="planted-") as name:
            patient = Patient(build, patch, Path(name))
            listed = known.get(patch.stem, "").split()
            found: list[str] = []
            for level in LEVELS:
                if options.quick and (len(found) == 2 or level not in listed):
                    continue
                if not getattr(patient, level)():
                    found.append(level)
        rows[patch.stem] = " ".join(found)
        bad = len(found) < 2 or (not options.quick and not options.write and found != listed)
        failures += bad
        print(f"{patch.stem:30}{' FAILED,' if bad else ''} found by: "
              f"{rows[patch.stem] or 'nobody'}", flush=True)
    if options.write:
        TABLE.write_text("bug\tfound by\n" + "".join(
            f"{stem}\t{found}\n" for stem, found in sorted({**known, **rows}.items())))
    print(f"planted: {len(patches)} bugs, {len(patches) - failures} found by two levels or more as "
          f"the table says, {time.monotonic() - began:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0")
    sys.exit(main())
