# SPDX-License-Identifier: Apache-2.0
"""Plays traces on the reference model and compares code, state and everything told.

    python3 tests/model/check.py TRACE...|-     (plain or .gz; - reads standard input)

Exit status 0 only when every operation agrees."""
from __future__ import annotations

import argparse
import gzip
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
        print("\n".join(describe(w, unhex(words[5]), got)))
        print(f"the other side: plimsoll replay {self.path} --world {self.worlds} "
              f"--show {number}", flush=True)


def describe(w: World, message: bytes, code: str) -> list[str]:
    """What the model made of an operation, in the words of plimsoll replay --show."""
    decoded = tables.decode_message(message)
    if isinstance(decoded, str):
        return [f"  {message.hex()} -> {code}"]
    row, m = decoded
    lines = [f"  {row['name']}{words_of(row['message'], m)} -> {code}"]
    for name, data in w.events:
        fields = tables.EVENTS[name]["fields"]
        lines.append(f"  event {name}{words_of(fields, tables.DECODE[fields](data, 0)[0])}")
    for to, token, atoms, payout in w.payments:
        lines.append(f"  pays {to.hex()} {token.hex()} {atoms} payout {payout}")
    lines.append(f"  reply {w.answer.hex() or '-'}")
    for key, value in w.writes:
        kind = next(symbol for symbol, prefix in tables.PREFIX.items() if prefix == key[:1])
        number = key[1:].hex() if tables.ID_BYTES[kind] > 8 else str(int.from_bytes(key[1:], "big"))
        record = words_of(tables.RECORD[kind], tables.read_record(kind, value)) if value else ""
        lines.append(f"  wrote {kind} {number}: {record}")
    return lines


def decimal(value: int, decimals: int) -> str:
    """value x 10^-decimals, exactly, without zeros at the end."""
    whole, part = divmod(abs(value), 10 ** decimals)
    rest = f"{part:0{decimals}}".rstrip("0")
    return ("-" if value < 0 else "") + str(whole) + ("." + rest if rest else "")


SHOWN = {"VAL": (18, ""), "VAL104": (18, ""), "RATIO": (4, "%"), "RATE": (7, "%")}


def words_of(name: str, struct: Any, path: str = "") -> str:
    """A struct as ` path value`, one behind the other."""
    text = ""
    for field in tables.FIELDS[name]:
        value, kind = getattr(struct, tables.attribute(field["name"])), field["type"]
        at = path + field["name"]
        if kind == "GROUP":
            text += words_of(field["of"], value, at + ".")
        elif kind == "LIST":
            text += "".join(words_of(field["of"], item, f"{at}.{i}.")
                            for i, item in enumerate(value)) or f" {at} none"
        elif isinstance(value, bytes):
            text += f" {at} {value.hex() or '-'}"
        elif kind in SHOWN:
            decimals, unit = SHOWN[kind]
            text += f" {at} {decimal(value, decimals)}{unit}"
        else:
            text += f" {at} {value}"
    return text


def compare(paths: list[str], shown: int, has_codes: bool = False) -> int:
    """Plays traces and prints the sum; 0 where all agree."""
    checks = [Check(path, shown) for path in paths]
    is_whole = True
    for one in checks:
        try:
            one.play()
        except (OSError, ValueError, IndexError, Damaged) as error:
            print(f"{one.path}: {error}", file=sys.stderr)
            is_whole = False
    if has_codes:
        codes: dict[tuple[str, str], int] = {}
        for one in checks:
            for pair, count in one.codes.items():
                codes[pair] = codes.get(pair, 0) + count
        for (name, code), count in sorted(codes.items()):
            print(f"{name} {code} {count}")
    total = [sum(getattr(one, what) for one in checks)
             for what in ("worlds", "operations", "differences")]
    print(f"model: {total[0]} worlds, {total[1]} operations, {total[2]} differences")
    return 0 if is_whole and total[1] and not total[2] else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("traces", nargs="+", metavar="TRACE", help="a trace of plimsoll run or "
                        "fuzz, plain or .gz; - reads standard input")
    parser.add_argument("--show", type=int, default=1, metavar="N",
                        help="how many differences of a trace are shown in full (default 1)")
    parser.add_argument("--codes", action="store_true",
                        help="print how often each operation had each code")
    arguments = parser.parse_args()
    return compare(arguments.traces, arguments.show, arguments.codes)


if __name__ == "__main__":
    sys.exit(main())
