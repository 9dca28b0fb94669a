#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows the thread from each rule of docs/SPEC.md to code and tests, and back.

    spec.py [--root FOLDER] [--write] [--full FILE]

A rule is defined where its id in brackets opens a line, after marks such as #, -, * or |. It is
implemented when that line says `implemented`, or when the page says
`<!-- rules: implemented unless planned -->` and the line does not say `planned`. An implemented
rule must be cited in contract/ or abi/ and in tests/. Ids cited in brackets must exist once the
page says so. The result is docs/TRACEABILITY.md: --write writes it, otherwise it is compared, but
for the column of tests: a new test does not make the page stale. --full writes the same page with
every header and test by name (the check does, into the build folder).
"""
import argparse
import pathlib
import re
import sys

ID = r"[A-Z][A-Z0-9]*-\d+"
DEFINITION = re.compile(rf"^[\s#>*|-]*(?:<a [^>]*>(?:</a>)?)?[*`]*\[({ID})\]", re.M)
CITATION = re.compile(rf"\[({ID}(?:[,; ]+{ID})*)\]")
ALL_MARK = "<!-- rules: implemented unless planned -->"
CODE_SUFFIXES = {".c", ".h", ".def"}
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
            if path.is_file() and path.suffix in suffixes and "tests/tools/" not in name:
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


def page_of(rules, code, tests, is_full):
    lines = ["# Traceability", "",
             "Where each rule of [the rulebook](SPEC.md) lives and what tests it. Written by",
             "`tests/tools/spec.py --write`; a check fails when a rule, its status or its code is",
             "stale here. Which kinds of tests cite a rule is as of the last writing; the tests by",
             "name are in `traceability.md` in the build folder, after `ctest -R check.spec`.",
             "", "| rule | status | code | tests |", "| --- | --- | --- | --- |"]
    for rule, done in rules.items():
        status = "implemented" if done else "planned"
        where = named(code[rule] if is_full else sources_of(code[rule]))
        tested = named(tests[rule]) if is_full else kinds_of(tests[rule])
        lines.append(f"| {rule} | {status} | {where} | {tested} |")
    return "\n".join(lines) + "\n"


def without_tests(page):
    """The page without the last cell of each row."""
    return re.sub(r"^(\| .*) \|[^|\n]*\|$", r"\1 |", page, flags=re.M)


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
    problems = []
    for rule, done in rules.items():
        if done and not code[rule]:
            problems.append(f"docs/SPEC.md: [{rule}] is implemented, but no code cites it")
        if done and not tests[rule]:
            problems.append(f"docs/SPEC.md: [{rule}] is implemented, but no test cites it")
    if ALL_MARK in page:
        for name, text in sources:
            for match in CITATION.finditer(text):
                for rule in re.findall(ID, match.group(1)):
                    if rule not in rules:
                        line = text.count("\n", 0, match.start()) + 1
                        problems.append(f"{name}:{line}: [{rule}] is not in docs/SPEC.md")
    target = root / "docs/TRACEABILITY.md"
    wanted = page_of(rules, code, tests, False)
    if arguments.full:
        arguments.full.write_text(page_of(rules, code, tests, True), encoding="utf-8")
    if arguments.write:
        target.write_text(wanted, encoding="utf-8")
    elif not target.exists() or \
            without_tests(target.read_text(encoding="utf-8")) != without_tests(wanted):
        problems.append("docs/TRACEABILITY.md is stale: run tests/tools/spec.py --write")
    for problem in problems:
        print(problem)
    done = sum(rules.values())
    print(f"spec: {len(rules)} rules, {done} implemented, "
          f"{sum(bool(code[r]) for r in rules)} cited in code, "
          f"{sum(bool(tests[r]) for r in rules)} cited in tests")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
