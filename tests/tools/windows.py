#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the scenarios of real crashes and prints README's table of them.

windows.py PLIMSOLL SHARED [FILE.scn ...]: SHARED is the folder of market data that the `# run:`
lines of the scenarios name; without files all tests/scenarios/05*.scn. Every figure is of the run.
"""
import json
import os
import shlex
import subprocess
import sys
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def arguments(path, shared):
    """The words of a scenario's `# run:` lines."""
    words = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# run: "):
            words += shlex.split(line[7:].replace("$SHARED", str(shared)))
    return [word for word in words if word != "long"]


def play(plimsoll, path, shared):
    """One run: its summary."""
    handle, name = tempfile.mkstemp(suffix=".json")
    os.close(handle)
    try:
        command = [plimsoll, "run", "--quiet", "--json", name, *arguments(path, shared), str(path)]
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        run = json.loads(Path(name).read_text(encoding="utf-8"))["runs"][0]
    finally:
        os.unlink(name)
    if status != 0 or not run["passed"]:
        sys.exit(f"{path.name} failed: {run.get('why', '')}")
    return run["summary"]


def title(path):
    """What a scenario calls itself: its first line, up to the colon."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    return first.lstrip("# ").split(":")[0]


def whole(text):
    """An amount without its fraction, in groups of three."""
    number = Decimal(text).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return f"{number:,}".replace(",", " ")


def row(path, summary):
    """One line of the table."""
    paid = summary["paid"]
    liquidations = summary["takeovers"] + summary["forced_closes"] + summary["collateral_sales"]
    cells = [f"[{title(path)}](tests/scenarios/{path.name})", whole(summary["accounts"]),
             whole(summary["operations"]), whole(liquidations), whole(paid["equity"]),
             *(whole(paid[payer]) for payer in ("insurance", "global", "opposing", "uncovered")),
             f"{Decimal(summary['elapsed_ms']) / 1000:.1f} s"]
    return "| " + " | ".join(cells) + " |"


def main():
    """Runs all, prints the table."""
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    files = [Path(name).resolve() for name in sys.argv[3:]]
    files = files or sorted((ROOT / "tests" / "scenarios").glob("05*.scn"))
    print("| crash | accounts | operations | liquidations | paid by owners "
          "| by markets' tranches | by the global tranche | by the opposing side | uncovered "
          "| time |")
    print("| --- " + "| ---: " * 9 + "|")
    for path in files:
        print(row(path, play(sys.argv[1], path, Path(sys.argv[2]).resolve())), flush=True)


if __name__ == "__main__":
    main()
