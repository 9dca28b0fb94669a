#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows the thread from each rule of docs/SPEC.md to code, tests, vectors and incidents.

    spec.py [--root FOLDER] [--write] [--full FILE]

A rule is defined where its id in brackets opens a line, after marks such as #, -, * or |. It is
implemented when that line says `implemented`, or when the page says
`<!-- rules: implemented unless planned -->` and the line does not say `planned`. An implemented
rule must be cited in contract/ or abi/, in at least one test beside vectors, and in at least one
vector of tests/vectors/. Ids cited in brackets must exist once the page says so. Incidents are the
scenarios whose first line says `# Incident` or `# Class` and that name the rule. The table is
printed and is docs/TRACEABILITY.md: --write writes it, otherwise it is compared. --full writes the
same table with every header and test by name (the check does, into the build folder).
"""
import argparse
import json
import pathlib
import re
import sys

ID = r"[A-Z][A-Z0-9]*-\d+"
DEFINITION = re.compile(rf"^[\s#>*|-]*(?:<a [^>]*>(?:</a>)?)?[*`]*\[({ID})\]", re.M)
CITATION = re.compile(rf"\[({ID}(?:[,; ]+{ID})*)\]")
ALL_MARK = "<!-- rules: implemented unless planned -->"
CODE_SUFFIXES = {".c", ".h", ".def"}
# Tools know rules as examples; vectors have their own column, and the model makes them.
NO_TESTS = ("tests/tools/", "tests/vectors/", "tests/model/vectors_", "tests/model/calculator")
TEST_SUFFIXES = {".c", ".h", ".scn", ".json", ".py", ".vec"}


def read_rules(page):
    """rule id -> whether it is implemented, in the order of the page."""
    default = ALL_MARK in page
    rules = {}
    for match in DEFINITION.finditer(page):
        end = page.find("\n", match.end())
        line = page[match.start():end if end >= 0 else len(page)].lower()
        done = "implemented" in line or (default and "planned" not in line)
        rules.setdefault(match.group(1), done)
    return rules


def files(root, folders, suffixes):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and path.suffix in suffixes and not name.startswith(NO_TESTS):
                yield name, path.read_text(encoding="utf-8", errors="replace")


def cited_in(sources, rules):
    """rule id -> names of the files that mention it."""
    result = {rule: [] for rule in rules}
    for name, text in sources:
        for rule in set(re.findall(rf"(?<![\w-]){ID}(?![\w])", text)):
            if rule in result:
                result[rule].append(name)
    return result


def named(names):
    return ", ".join(f"`{pathlib.PurePosixPath(name).name}`" for name in names)


def sources_of(names):
    """Where a rule is implemented: without the headers of sources that cite it too."""
    return [name for name in names if name.removesuffix(".h") + ".c" not in names]


def kinds_of(names):
    """The folders of tests/ that cite a rule."""
    return ", ".join(sorted({name.split("/")[1] for name in names}))


def vectors_of(root, rules):
    """rule id -> how many vectors show it, and those of rules that do not exist."""
    counts, strange = {rule: 0 for rule in rules}, []
    for path in sorted((root / "tests/vectors").rglob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")).get("cases", []):
            for rule in case.get("rules", []):
                if rule in counts:
                    counts[rule] += 1
                else:
                    strange.append(f"{path.relative_to(root).as_posix()}: {case.get('id')}: {rule}")
    return counts, strange


def incidents_of(root, rules):
    """rule id -> the scenarios of incidents that name it, by number."""
    found = {rule: [] for rule in rules}
    for path in sorted((root / "tests/scenarios").glob("*.scn")):
        text = path.read_text(encoding="utf-8")
        if re.match(r"# (?:Incident|Class)", text):
            for rule in set(re.findall(rf"(?<![\w-]){ID}(?![\w])", text)) & set(rules):
                found[rule].append(path.name.split("_")[0])
    return found


def page_of(rules, thread, is_full):
    lines = ["# Traceability", "",
             "Where each rule of [the rulebook](SPEC.md) lives, what tests it, how many",
             "[vectors](VECTORS.md) show it, and which [incidents](INCIDENTS.md) it stops. Written",
             "by `tests/tools/spec.py --write`; `ctest -R check.spec` fails when it is stale,",
             "and when an implemented rule has no code, no test or no vector. Tests by name are in",
             "`traceability.md` in the build folder, after that check.",
             "", "| rule | status | code | tests | vectors | incidents |",
             "| --- | --- | --- | --- | --- | --- |"]
    code, tests, vectors, incidents = thread
    for rule, done in rules.items():
        status = "implemented" if done else "planned"
        where = named(code[rule] if is_full else sources_of(code[rule]))
        tested = named(tests[rule]) if is_full else kinds_of(tests[rule])
        lines.append(f"| {rule} | {status} | {where} | {tested} | {vectors[rule] or ''} | "
                     f"{' '.join(incidents[rule])} |")
    return "\n".join(lines) + "\n"


def holes(rules, thread):
    """What an implemented rule lacks."""
    code, tests, vectors, _ = thread
    for rule, done in rules.items():
        for what, there in (("code cites it", code[rule]), ("test cites it", tests[rule]),
                            ("vector shows it", vectors[rule])):
            if done and not there:
                yield f"docs/SPEC.md: [{rule}] is implemented, but no {what}"


def main():
    parser = argparse.ArgumentParser(description="Checks that rules, code and tests agree.")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--full", type=pathlib.Path)
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    spec = root / "docs/SPEC.md"
    if not spec.exists():
        print("skipped: docs/SPEC.md does not exist yet")
        return 77
    page = spec.read_text(encoding="utf-8")
    rules = read_rules(page)
    sources = list(files(root, ["contract", "abi"], CODE_SUFFIXES))
    code = cited_in(sources, rules)
    tests = cited_in(files(root, ["tests"], TEST_SUFFIXES), rules)
    vectors, strange = vectors_of(root, rules)
    thread = (code, tests, vectors, incidents_of(root, rules))
    problems = list(holes(rules, thread))
    problems += [f"{where} is not in docs/SPEC.md" for where in strange]
    if ALL_MARK in page:
        for name, text in sources:
            for match in CITATION.finditer(text):
                for rule in re.findall(ID, match.group(1)):
                    if rule not in rules:
                        line = text.count("\n", 0, match.start()) + 1
                        problems.append(f"{name}:{line}: [{rule}] is not in docs/SPEC.md")
    target = root / "docs/TRACEABILITY.md"
    wanted = page_of(rules, thread, False)
    if arguments.full:
        arguments.full.write_text(page_of(rules, thread, True), encoding="utf-8")
    if arguments.write:
        target.write_text(wanted, encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != wanted:
        problems.append("docs/TRACEABILITY.md is stale: run tests/tools/spec.py --write")
    print(wanted)
    for problem in problems:
        print(problem)
    done = sum(rules.values())
    print(f"spec: {len(rules)} rules, {done} implemented, "
          f"{sum(bool(code[r]) for r in rules)} cited in code, "
          f"{sum(bool(tests[r]) for r in rules)} cited in tests, "
          f"{sum(bool(vectors[r]) for r in rules)} shown by vectors")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
