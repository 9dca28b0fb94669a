# SPDX-License-Identifier: Apache-2.0
"""Vector files: cases are added family by family, numbered by their first rule, and written in a
stable order. The derived fields (message, state_hash) are the engine's and are kept as they are."""
from __future__ import annotations

import json
import pathlib
from typing import Any, Iterable

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "vectors"
DERIVED = ("message", "state_hash")

CROSS = ["quote USDC decimals 6", "market M", "account alice cross", "account bob cross",
         "account carol cross"]
# Worlds: what a case's operations start from; `parameters` of a case change its declarations.
WORLDS: dict[str, list[str]] = {
    "one": CROSS,
    "two": CROSS[:2] + ["market N"] + CROSS[2:],
    "collateral": CROSS[:2] + ["asset WETH decimals 18 cap 1_000_000"] + CROSS[2:],
    "empty": ["quote USDC decimals 6"],
    "nothing": [],
}


def decimal(value: int, decimals: int = 18) -> str:
    """An integer of 10^-decimals units as a scenario writes it."""
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(decimals + 1, "0")
    whole, rest = (digits[:-decimals], digits[-decimals:].rstrip("0")) if decimals else (digits, "")
    return sign + whole + ("." + rest if rest else "")


def text_of(value: Any) -> Any:
    """Every number as a decimal string; what is text stays."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return {key: text_of(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [text_of(item) for item in value]
    return value


# The family in which a rule's cases have plain numbers; elsewhere the family's name is in the id,
# so that an id is found in one file only.
HOME = {"UNIT": "unit", "ACCT": "account", "LEDGER": "ledger", "PRICE": "price",
        "MARGIN": "margin", "FUND": "funding", "LIQ": "liquidation", "LOSS": "loss",
        "WD": "withdrawal", "GOV": "governance"}


class Family:
    """One file of vectors."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cases: list[dict[str, Any]] = []
        self.counts: dict[str, int] = {}

    def add(self, rules: str, case: str, world: str = "one", *, before: Iterable[str] = (),
            parameters: dict[str, dict[str, str]] | None = None, operation: Any = None,
            code: str = "ok", events: Any = None, reply: Any = None, after: Any = None,
            inputs: Any = None) -> None:
        """rules: "MARGIN-6 UNIT-4", the first gives the id. inputs: what a formula case is of."""
        first = rules.split()[0]
        self.counts[first] = self.counts.get(first, 0) + 1
        away = "" if HOME[first.split("-")[0]] == self.name else self.name + "-"
        row: dict[str, Any] = {"id": f"{first}-{away}{self.counts[first]:03}",
                               "rules": rules.split(), "case": case}
        if inputs is not None:
            row["inputs"] = text_of(inputs)
        row["world"] = world
        if parameters:
            row["parameters"] = parameters
        row["before"] = list(before)
        if operation is not None:
            row["operation"] = operation
            row["code"] = code
        for key, value in (("events", events), ("reply", reply), ("after", after)):
            if value is not None:
                row[key] = text_of(value)
        self.cases.append(row)

    def path(self) -> pathlib.Path:
        return FOLDER / f"{self.name}.json"

    def text(self) -> str:
        """The file, with the derived fields of the cases that have not changed."""
        kept: dict[str, dict[str, Any]] = {}
        if self.path().exists():
            old = json.loads(self.path().read_text(encoding="utf-8"))
            kept = {row["id"]: row for row in old["cases"]}
        for row in self.cases:
            stored = kept.get(row["id"], {})
            if {k: v for k, v in stored.items() if k not in DERIVED} == row:
                row.update({name: stored[name] for name in DERIVED if name in stored})
        used = {row["world"] for row in self.cases}
        file = {"format": "plimsoll-vectors/1", "family": self.name,
                "worlds": {name: lines for name, lines in WORLDS.items() if name in used},
                "cases": self.cases}
        return json.dumps(file, indent=1) + "\n"
