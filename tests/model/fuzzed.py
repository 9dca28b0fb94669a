# SPDX-License-Identifier: Apache-2.0
"""Plays the worlds of plimsoll fuzz on the reference model while they are written.

    python3 tests/model/fuzzed.py PLIMSOLL [--seeds A..B] [--operations N]

Exit status 0 only when every operation agrees."""
from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("plimsoll", help="the simulator's program")
    parser.add_argument("--seeds", default="1..50", metavar="A..B", help="default 1..50")
    parser.add_argument("--operations", default="2000", metavar="N", help="of each seed "
                        "(default 2000)")
    arguments = parser.parse_args()
    command = [arguments.plimsoll, "fuzz", "--seeds", arguments.seeds, "--operations",
               arguments.operations, "--engine", "native", "--no-audit", "--quiet", "--trace", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        checked = subprocess.run([sys.executable, str(HERE / "check.py"), "-"],
                                 stdin=writer.stdout, check=False).returncode
        assert writer.stdout is not None
        writer.stdout.close()
    if writer.returncode != 0:
        print(f"{' '.join(command)}: ended with {writer.returncode}", file=sys.stderr)
    if checked != 0:
        print("to see the operation: the same command with --trace FILE, then plimsoll replay "
              "FILE", file=sys.stderr)
    return 1 if checked or writer.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
