# SPDX-License-Identifier: Apache-2.0
"""Plays traces on the reference model and compares code, state and everything told.

    python3 tests/model/check.py TRACE...|-     (plain or .gz; - reads standard input)

Exit status 0 only when every operation agrees."""
from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from typing import Any, Iterator, TextIO

import engine
import tables
from world import HASH_START, World

MAGIC = "plimsoll-trace/"
PROGRESS_EVERY = 1000


class Damaged(Exception):
    """A trace that cannot be read, and why."""


def lines_of(path: str) -> Iterator[str]:
    if path == "-":
        yield from sys.stdin
        return
    stream: TextIO
    with (gzip.open(path, "rt", encoding="ascii") if path.endswith(".gz")
          else open(path, encoding="ascii")) as stream:
        yield from stream


def unhex(text: str) -> bytes:
    return b"" if text == "-" else bytes.fromhex(text)


def funds_of(text: str) -> list[tuple[bytes, int]]:
    if text == "-":
        return []
    pairs = (word.split(":") for word in text.split(","))
    return [(unhex(token), int(atoms)) for token, atoms in pairs]


class Check:
    """What has been compared so far."""

    def __init__(self, path: str, shown: int):
        self.path = path
        self.worlds = 0
        self.operations = 0
        self.differences = 0
        self.codes: dict[tuple[str, str], int] = {}
        self.shown = shown
        self.started = time.monotonic()

    def play(self) -> None:
        w: World | None = None
        count, is_lost = 0, False
        for number, line in enumerate(lines_of(self.path), 1):
            words = line.split()
            if not words:
                continue
            if words[0].startswith(MAGIC):
                if int(words[-1], 16) != HASH_START:
                    raise Damaged(f"line {number}: begins in the middle of a run: record the "
                                  "trace from the first operation")
                w, count, is_lost = engine.new_world(), 0, False
                self.worlds += 1
            elif w is None:
                raise Damaged(f"line {number}: is not a trace: write one with plimsoll run "
                              "--trace")
            elif words[0] == "end":
                if int(words[1]) != count:
                    raise Damaged(f"line {number}: lines were lost: record the trace again")
                w = None
            else:
                count += 1
                self.operations += 1
                if not is_lost:
                    is_lost = not self.operation(w, words)
                self.progress()
        if w is not None:
            raise Damaged("ends without its last line: record the trace again")

    def progress(self) -> None:
        if self.operations % PROGRESS_EVERY == 0 and sys.stderr.isatty():
            rate = self.operations / max(0.001, time.monotonic() - self.started)
            print(f"\rmodel: {self.operations} operations, {rate:.0f} a second", end="",
                  file=sys.stderr)

    def operation(self, w: World, words: list[str]) -> bool:
        """Plays one line; false where the model differs: the rest of that world is not played."""
        number, block_time, height = int(words[0]), int(words[1]), int(words[2])
        caller, funds, message = unhex(words[3]), funds_of(words[4]), unhex(words[5])
        code, state = words[6], int(words[7], 16)
        told, marks = words[8], words[9:]
        if code == "E_HOST" and any(mark.startswith("fail=") for mark in marks):
            got = engine.fail(w, block_time, height, caller, message)
        elif "migrate" in marks:
            got = engine.migrate(w, block_time, height, caller, message)
        else:
            got = engine.apply(w, block_time, height, caller, funds, message)
        row = tables.OPERATIONS.get(message[0]) if message else None
        name = row["name"] if row else "-"
        self.codes[(name, got)] = self.codes.get((name, got), 0) + 1
        told_here = f"{w.told():016x}" if got == "OK" else "-"
        if got == code and w.hash == state and told_here == told:
            return True
        self.differences += 1
        if self.differences <= self.shown:
            self.report(w, number, name, words, got, told_here)
        return False

    def report(self, w: World, number: int, name: str, words: list[str], got: str,
               told: str) -> None:
        print(f"{self.path}: world {self.worlds}, operation {number}, {name}: the model says "
              f"{got}, the trace {words[6]}"
              + ("" if told == words[8] else f"; told {told}, the trace {words[8]}")
              + ("" if w.hash == int(words[7], 16) else "; the state differs"))
        print(json.dumps(describe(w, unhex(words[5]), got), indent=1))
        print(f"the other side: plimsoll replay {self.path} --world {self.worlds} "
              f"--show {number}", flush=True)


def describe(w: World, message: bytes, code: str) -> dict[str, Any]:
    """What the model made of an operation, as JSON."""
    decoded = tables.decode_message(message)
    shown: dict[str, Any] = {"time": w.time, "height": w.height}
    if isinstance(decoded, str):
        shown["message"] = decoded
    else:
        row, m = decoded
        shown["message"] = {row["name"]: tables.as_json(row["message"], m)}
    shown["code"] = code
    if code == "OK":
        shown["events"] = [
            {name: tables.as_json(tables.EVENTS[name]["fields"],
                                  tables.DECODE[tables.EVENTS[name]["fields"]](data, 0)[0])}
            for name, data in w.events]
        shown["payments"] = [[to.hex(), token.hex(), atoms, payout]
                             for to, token, atoms, payout in w.payments]
        shown["reply"] = w.answer.hex()
        shown["records"] = {key.hex(): read(key, value) for key, value in w.writes}
    return shown


def read(key: bytes, value: bytes) -> Any:
    if not value:
        return "deleted"
    kind = next(symbol for symbol, prefix in tables.PREFIX.items() if prefix == key[:1])
    return {tables.RECORD[kind]: tables.as_json(tables.RECORD[kind],
                                                tables.read_record(kind, value))}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("traces", nargs="+", metavar="TRACE", help="a trace of plimsoll run or "
                        "fuzz, plain or .gz; - reads standard input")
    parser.add_argument("--show", type=int, default=1, metavar="N",
                        help="how many differences are shown in full (default 1)")
    parser.add_argument("--codes", action="store_true",
                        help="print how often each operation had each code")
    arguments = parser.parse_args()
    checks = [Check(path, arguments.show) for path in arguments.traces]
    is_whole = True
    for check in checks:
        try:
            check.play()
        except (OSError, ValueError, IndexError, Damaged) as error:
            print(f"{check.path}: {error}", file=sys.stderr)
            is_whole = False
    if arguments.codes:
        for check in checks:
            for (name, code), count in sorted(check.codes.items()):
                print(f"{name} {code} {count}")
    total = [sum(getattr(check, what) for check in checks)
             for what in ("worlds", "operations", "differences")]
    print(f"model: {total[0]} worlds, {total[1]} operations, {total[2]} differences")
    return 0 if is_whole and total[1] and not total[2] else 1


if __name__ == "__main__":
    sys.exit(main())
