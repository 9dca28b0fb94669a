#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds docs/ROUNDING.md against the code: every call of an inexact function of the number layer
(a name that ends in _floor or _ceil, or so with _checked) in contract/core is in a row of its
table, which names the function that calls and the one that is called; and every row's pairs are
calls that there are.

    rounding.py [--root FOLDER] [--list]

The number layer itself (plm_int, plm_wide, plm_fix) is not looked into: its functions are tried
against exact numbers. --list prints the calls.
"""
import argparse
import pathlib
import re
import sys

LAYER = ("plm_int", "plm_wide", "plm_fix")
CALL = re.compile(r"\b((?:plm|wide)_\w+_(?:floor|ceil)(?:_checked)?)\(")
OPENING = re.compile(r"^(?:static )?(?:[a-z][\w *]*?[ *])?(\w+)\([^;]*$")
NAMED_SO = {"plm_gate_leg_is_above_floor"}  # the floor of a requirement, no rounding


def calls_of(text):
    """(caller, called), of one file's functions."""
    inside, waiting = "", ""
    for line in re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text,
                       flags=re.S).splitlines():
        opening = OPENING.match(line)
        if opening and not line.rstrip().endswith(";"):
            waiting = opening.group(1)
        if line.startswith("{"):
            inside = waiting
        if line.startswith("}"):
            inside = ""
        for called in CALL.findall(line):
            if inside and called not in NAMED_SO and called != inside:
                yield inside, called


def all_calls(root):
    for path in sorted((root / "contract/core").glob("*.[ch]")):
        if not path.name.startswith(LAYER):
            for pair in calls_of(path.read_text(encoding="utf-8")):
                yield path.name, pair


def rows_of(page):
    """(line number, callers, called) of each row of the table."""
    for number, line in enumerate(page.splitlines(), 1):
        cells = line.split("|")
        if line.startswith("| ") and len(cells) >= 6 and "`" in line:
            yield number, set(re.findall(r"`(\w+)`", cells[3])), set(
                re.findall(r"`(\w+)`", cells[4]))


def main():
    parser = argparse.ArgumentParser(description="Checks the table of roundings.")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    calls = list(all_calls(arguments.root))
    if arguments.list:
        for name, (caller, called) in calls:
            print(f"{name}: {caller} {called}")
        return 0
    pairs = {pair for _, pair in calls}
    page = (arguments.root / "docs/ROUNDING.md").read_text(encoding="utf-8")
    rows = list(rows_of(page))
    problems = [f"docs/ROUNDING.md: no row for {called} in {name}: {caller}"
                for name, (caller, called) in calls
                if not any(caller in callers and called in named for _, callers, named in rows)]
    for number, callers, named in rows:
        for caller in callers:
            if not any((caller, called) in pairs for called in named):
                problems.append(f"docs/ROUNDING.md:{number}: {caller} calls none of its row")
        for called in named:
            if not any((caller, called) in pairs for caller in callers):
                problems.append(f"docs/ROUNDING.md:{number}: {called} is called by none of its row")
    for problem in sorted(set(problems)):
        print(problem)
    print(f"rounding: {len(calls)} inexact calls of {len({p[1] for p in pairs})} functions, "
          f"{len(rows)} rows")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
