# SPDX-License-Identifier: Apache-2.0
"""Plays every scenario, or every vector, on the simulator and on the reference model.

    python3 tests/model/scenarios.py PLIMSOLL [--shared FOLDER] [--vectors] [FILE.scn...]

The simulator writes traces, tests/model/check.py compares. Scenarios whose market data is not there
are counted as skipped."""
from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import check

ROOT = Path(__file__).resolve().parents[2]


def arguments_of(scenario: Path, shared: str | None) -> list[str] | None:
    """What its `# run:` lines ask for; None where the data is missing."""
    words: list[str] = []
    for line in scenario.read_text(encoding="utf-8").splitlines():
        found = re.match(r"# run: (.*)", line)
        if found:
            words += [word for word in found[1].split() if word != "long"]
    if shared is None and any("$SHARED" in word for word in words):
        return None
    return [word.replace("$SHARED", shared or "") for word in words]


def trace_of(program: str, scenario: Path, words: list[str], folder: Path) -> Path:
    """The trace of a scenario; on the core alone, for other tests compare the engines."""
    trace = folder / (scenario.stem + ".trace")
    done = subprocess.run([program, "run", "--engine", "native", "--no-audit", "--quiet", "--trace",
                           str(trace), *words, str(scenario)], cwd=ROOT, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if not trace.exists():
        sys.exit(f"{scenario}: no trace was written: {done.stdout.strip()}")
    return trace


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", metavar="PLIMSOLL", help="the simulator")
    parser.add_argument("scenarios", nargs="*", type=Path, metavar="FILE.scn",
                        help="scenarios; none: all of tests/scenarios")
    parser.add_argument("--shared", metavar="FOLDER", help="where the market data stands")
    parser.add_argument("--vectors", action="store_true",
                        help="the cases of tests/vectors instead")
    arguments = parser.parse_args()
    skipped = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if arguments.vectors:
            subprocess.run([arguments.program, "vectors", "--engine", "native", "--quiet",
                            "--trace", name, str(ROOT / "tests" / "vectors")], check=True)
            traces = sorted(folder.glob("*.trace"))
        else:
            traces = []
            for scenario in arguments.scenarios or sorted(
                    (ROOT / "tests" / "scenarios").glob("*.scn")):
                words = arguments_of(scenario, arguments.shared)
                if words is None:
                    skipped += 1
                else:
                    traces.append(trace_of(arguments.program, scenario.resolve(), words, folder))
        status = check.compare([str(trace) for trace in traces], 1)
    if skipped:
        print(f"{skipped} scenarios skipped: give --shared for their market data")
    return status


if __name__ == "__main__":
    sys.exit(main())
