#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/vectors/*.json: every expected number comes from calculator.py or from this folder
by hand, never from the engine. `plimsoll vectors --write` then fills message and state_hash.

    make_vectors.py            writes the files
    make_vectors.py --check    says which file is stale, and which refusal has no vector
"""
from __future__ import annotations

import json
import pathlib
import re
import sys

import vectors_formulas as formulas
import vectors_operations as operations
import vectors_positions as positions
from vector_file import FOLDER, Family

ROOT = FOLDER.parent.parent
# Verbs whose operation has another name.
VERBS = {"price": "PUBLISH_PRICE", "feed_quotes": "PUBLISH_PRICE", "impact": "PUBLISH_IMPACT",
         "account": "OPEN_ACCOUNT", "quote": "INITIALISE", "asset": "ADD_ASSET",
         "feed": "ADD_FEED", "market": "ADD_MARKET", "pause": "SET_PAUSE", "batch": "TRADE"}


def families() -> list[Family]:
    made = {name: Family(name) for name in (
        "unit", "account", "ledger", "price", "margin", "gate", "funding", "liquidation", "loss",
        "withdrawal", "governance")}
    formulas.add_units(made["unit"])
    formulas.add_weights(made["account"])
    formulas.add_prices(made["price"])
    formulas.add_bands(made["price"])
    formulas.add_slow(made["price"])
    formulas.add_receipts(made["margin"])
    formulas.add_levels(made["margin"])
    formulas.add_gate(made["gate"])
    formulas.add_withdrawals(made["withdrawal"])
    operations.add_all(made)
    positions.add_all(made)
    return [family for family in made.values() if family.cases]


def operation_of(row: dict) -> str:
    """The symbol of ops.def of a case's operation."""
    operation = row.get("operation", "")
    if isinstance(operation, dict):
        if "send" in operation:
            return operation["send"].upper()
        if "migrate" in operation:
            return "MIGRATE"
        return next(iter(symbols(operation["bytes"][:2] or "--")), "")
    if isinstance(operation, list):
        operation = operation[0]
    words = operation.split()
    verb = words[2] if words[:1] == ["as"] else (words[0] if words else "")
    return VERBS.get(verb, verb.upper())


def symbols(opcode: str) -> list[str]:
    text = (ROOT / "abi" / "ops.def").read_text(encoding="utf-8")
    return re.findall(rf"^X\((\w+),\s+0x{opcode},", text, re.M)


def reachable() -> set[tuple[str, str]]:
    path = ROOT / "abi" / "op_errors.def"
    if not path.exists():
        return set()
    return set(re.findall(r"^X\((\w+), (\w+)\)", path.read_text(encoding="utf-8"), re.M))


def covered(made: list[Family]) -> set[tuple[str, str]]:
    return {(operation_of(row), row["code"].split()[-1])
            for family in made for row in family.cases if row.get("code", "ok") != "ok"}


def open_pairs() -> dict[tuple[str, str], str]:
    """OPERATION ERROR reason, one a line: pairs that wait for a vector."""
    path = pathlib.Path(__file__).with_name("pairs_open.txt")
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split(None, 2)
        if words and not line.startswith("#"):
            rows[(words[0], words[1])] = words[2] if len(words) > 2 else ""
    return rows


def check(made: list[Family]) -> int:
    bad = 0
    for family in made:
        path = family.path()
        if not path.exists() or path.read_text(encoding="utf-8") != family.text():
            print(f"tests/vectors/{path.name}: is stale: run tests/model/make_vectors.py, "
                  "then plimsoll vectors --write")
            bad += 1
    for path in sorted(FOLDER.glob("*.json")):
        if path not in [family.path() for family in made]:
            print(f"tests/vectors/{path.name}: no family makes it; remove it")
            bad += 1
    have, waiting = covered(made), open_pairs()
    for pair in sorted(reachable() - have - set(waiting)):
        print(f"abi/op_errors.def: {pair[0]} {pair[1]}: no vector; add a case, or a line with the "
              "reason to tests/model/pairs_open.txt")
        bad += 1
    for pair in sorted(set(waiting) & have):
        print(f"tests/model/pairs_open.txt: {pair[0]} {pair[1]} has a vector; remove the line")
        bad += 1
    total = len(reachable())
    print(f"{sum(len(f.cases) for f in made)} cases; {total - len(reachable() - have)} of {total} "
          "reachable refusals have one")
    return 1 if bad else 0


def main(arguments: list[str]) -> int:
    made = families()
    if arguments == ["--check"]:
        return check(made)
    if arguments:
        print(__doc__)
        return 2
    FOLDER.mkdir(exist_ok=True)
    for family in made:
        family.path().write_text(family.text(), encoding="utf-8")
    for pair in sorted(reachable() - covered(made) - set(open_pairs())):
        print(f"no vector yet: {pair[0]} {pair[1]}")
    print(json.dumps({family.name: len(family.cases) for family in made}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
