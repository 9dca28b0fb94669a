#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the corpus of incidents: every scenario that begins with `# Incident` or `# Class` names
its sources, rules and invariants, ends in `audit all`, says how its control is switched off, and
has its row in docs/INCIDENTS.md with the same ids; every row has its file.

    incidents.py [--root FOLDER]

A control is off in a `without` block, in a market that is `unbacked` or otherwise loose (the words
"off, by its parameter" or "without keepers"), or there is none to switch ("no switch").
"""
import argparse
import pathlib
import re
import sys

ID = re.compile(r"\b[A-H]-[A-Z][A-Z0-9-]*[A-Z0-9]\b")
PARAMETER = re.compile(r"\bunbacked\b|off, by its parameter|switched off by its parameter|"
                       r"narrow band off|keepers are the control")


def head_of(text):
    """The first comment, as one line."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:].strip())
    return " ".join(lines)


def control_of(text):
    if re.search(r"^\s*without\s", text, re.M):
        return "block"
    if PARAMETER.search(text):
        return "parameter"
    return "none" if re.search(r"\bno\s+(?:#\s+)?switch", text) else ""


def rows_of(page):
    """scenario number -> ids, of the table."""
    rows = {}
    for line in page.splitlines():
        link = re.search(r"\[(\d{4})\]\(\.\./tests/scenarios/(\d{4})_", line)
        if line.startswith("| ") and link:
            rows[link.group(1)] = set(ID.findall(line.split("|")[1]))
    return rows


def judge(path, rows):
    text = path.read_text(encoding="utf-8")
    head, number = head_of(text), path.name[:4]
    for what, there in (("sources", "Source" in head), ("rules", "Rule" in head),
                        ("invariants", "nvariant" in head),
                        ("`audit all`", re.search(r"^audit\s+all", text, re.M)),
                        ("a control that is off, or why there is no switch", control_of(text))):
        if not there:
            yield f"{path.name}: has no {what}"
    if number not in rows:
        yield f"{path.name}: has no row in docs/INCIDENTS.md"
    elif rows[number] != set(ID.findall(head)):
        yield (f"{path.name}: names {sorted(set(ID.findall(head)))}, its row in docs/INCIDENTS.md "
               f"{sorted(rows[number])}")


def main():
    parser = argparse.ArgumentParser(description="Checks the corpus of incidents.")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    root = parser.parse_args().root
    rows = rows_of((root / "docs/INCIDENTS.md").read_text(encoding="utf-8"))
    controls = {"block": 0, "parameter": 0, "none": 0}
    problems, ids, files = [], set(), set()
    for path in sorted((root / "tests/scenarios").glob("*.scn")):
        text = path.read_text(encoding="utf-8")
        if re.match(r"# (?:Incident|Class)", text):
            problems += judge(path, rows)
            files.add(path.name[:4])
            ids |= set(ID.findall(head_of(text)))
            controls[control_of(text) or "none"] += 1
    problems += [f"docs/INCIDENTS.md: {number} has no scenario" for number in sorted(
        set(rows) - files)]
    for problem in problems:
        print(problem)
    print(f"incidents: {len(ids)} in {len(files)} scenarios; control off in a block "
          f"{controls['block']}, by a parameter {controls['parameter']}, no switch "
          f"{controls['none']}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
