# SPDX-License-Identifier: Apache-2.0
"""The tables of abi/ as Python: classes of messages, records, events and replies with their bytes.

Everything here is a fact of abi/plm_abi.json, which a check keeps equal to the tables. Attributes
are named as the fields; a Python keyword gets an underscore behind it (`global_`, `from_`)."""
from __future__ import annotations

import json
import keyword
import struct
from pathlib import Path
from typing import Any, Callable

WAD = 10 ** 18
MASK64 = 2 ** 64 - 1
SOURCE = Path(__file__).resolve().parents[2] / "abi" / "plm_abi.json"

with SOURCE.open(encoding="utf-8") as stream:
    ABI = json.load(stream)

# --- scalars: how they are packed, and what their type allows ------------------------------------
SIMPLE = {"U8": "B", "U16": "H", "U32": "I", "U64": "Q", "ACCOUNT": "Q", "MARKET": "H",
          "ASSET": "H", "FEED": "H", "QTY": "q", "PRICE": "Q", "INDEX": "q", "RATIO": "I",
          "RATE": "q", "TIME": "Q", "HASH": "32s"}
WIDE = {"VAL": "Qq", "WVAL": "Qq", "AMT": "QQ"}
PACKED = {"VAL104": "13s"}
TEXTS = {"ADDR": 1, "TOKEN": 1, "BYTES": 2}  # bytes of the length in front
TYPE_MAX = {"AMT": 2 ** 127 - 1, "INDEX": 2 ** 62}
TYPE_MIN = {"INDEX": -2 ** 62}
VAL104_BOUND = 2 ** 103

ERRORS = {row["symbol"]: int(row["code"]) for row in ABI["errors"]}
PRECEDENCE = {row["symbol"]: index for index, row in enumerate(ABI["errors"])}
CODE_NAMES = {int(row["code"]): row["symbol"] for row in ABI["errors"]}
LIMITS = {row["symbol"]: int(row["value"]) for row in ABI["limits"]}
OPERATIONS = {int(row["opcode"]): row for row in ABI["operations"]}
OPCODES = {row["symbol"]: int(row["opcode"]) for row in ABI["operations"]}
EVENTS = {row["name"].upper(): row for row in ABI["events"]}
KEYS = {row["symbol"]: row for row in ABI["keys"]}
PARAMS = {int(row["id"]): row for row in ABI["params"]}
RECORD_VERSION = next(int(row["value"]) for row in ABI["versions"]
                      if row["symbol"] == "RECORD_VERSION")
ADDR_MAX = LIMITS["ADDR_MAX"]


class Malformed(Exception):
    """A message that cannot be read: E_LENGTH."""


def attribute(name: str) -> str:
    return name + "_" if keyword.iskeyword(name) else name


def bounds(field: dict[str, str]) -> tuple[int | None, int | None]:
    """(least, largest) that a field may hold; None where its bytes alone bound it."""
    kind = field["type"]
    scale = WAD if kind in ("VAL", "VAL104") else 1
    low = int(field["min"]) * scale if "min" in field else TYPE_MIN.get(kind)
    high = TYPE_MAX.get(kind)
    if "max" in field and kind != "AMT":  # of an AMT only the sign is bounded by a table
        high = int(field["max"]) * scale
    return low, high


# --- one class a struct, its code written once from the table ------------------------------------
CLASSES: dict[str, type] = {}
DECODE: dict[str, Callable[[bytes, int], tuple[Any, int]]] = {}
ENCODE: dict[str, Callable[[Any], bytes]] = {}
CHECK: dict[str, Callable[[Any], bool]] = {}


def read_text(data: bytes, at: int, width: int) -> tuple[bytes, int]:
    end = at + width
    length = int.from_bytes(data[at:end], "little")
    if len(data) < end + length or width == 1 and length > ADDR_MAX:
        raise Malformed
    return data[end:end + length], end + length


def read_list(data: bytes, at: int, largest: int, one: Callable) -> tuple[list[Any], int]:
    if len(data) <= at or data[at] > largest:
        raise Malformed
    count, at, found = data[at], at + 1, []
    for _ in range(count):
        item, at = one(data, at)
        found.append(item)
    return found, at


class Writer:
    """Collects the source of a struct's functions: runs of scalars become one struct.Struct."""

    def __init__(self, name: str, names: dict[str, Any]):
        self.names = names
        self.name = name
        self.read: list[str] = []
        self.write: list[str] = []
        self.checks: list[str] = []
        self.run: list[tuple[str, str]] = []

    def flush(self) -> None:
        if not self.run:
            return
        packer = struct.Struct("<" + "".join({**SIMPLE, **WIDE, **PACKED}[kind]
                                             for _, kind in self.run))
        symbol = f"S{len(self.names)}"
        self.names[symbol] = packer
        targets, sets, values = [], [], []
        for index, (field, kind) in enumerate(self.run):
            if kind in WIDE:
                targets += [f"l{index}", f"h{index}"]
                sets.append(f"o.{field} = l{index} | h{index} << 64")
                values += [f"o.{field} & M", f"o.{field} >> 64"]
            elif kind in PACKED:
                targets.append(f"v{index}")
                sets.append(f"o.{field} = int.from_bytes(v{index}, 'little', signed=True)")
                values.append(f"o.{field}.to_bytes(13, 'little', signed=True)")
            else:
                targets.append(f"o.{field}")
                values.append(f"o.{field}")
        self.read += [f"{', '.join(targets)}, = {symbol}.unpack_from(b, at)", *sets,
                      f"at += {packer.size}"]
        self.write.append(f"{symbol}.pack({', '.join(values)})")
        self.run = []

    def add(self, field: dict[str, str]) -> None:
        name, kind = attribute(field["name"]), field["type"]
        if kind in SIMPLE or kind in WIDE or kind in PACKED:
            self.run.append((name, kind))
            low, high = bounds(field)
            if low is not None and not (low == 0 and kind in SIMPLE and SIMPLE[kind].isupper()):
                self.checks.append(f"{low} <= o.{name}")
            if high is not None:
                self.checks.append(f"o.{name} <= {high}")
            return
        self.flush()
        if kind in TEXTS:
            width = TEXTS[kind]
            self.read.append(f"o.{name}, at = read_text(b, at, {width})")
            self.write.append(f"len(o.{name}).to_bytes({width}, 'little') + o.{name}")
        elif kind == "GROUP":
            self.read.append(f"o.{name}, at = DECODE['{field['of']}'](b, at)")
            self.write.append(f"ENCODE['{field['of']}'](o.{name})")
            self.checks.append(f"CHECK['{field['of']}'](o.{name})")
        else:
            of = field["of"]
            self.read.append(
                f"o.{name}, at = read_list(b, at, {field['count_max']}, DECODE['{of}'])")
            self.write.append(f"bytes((len(o.{name}),)) + b''.join(map(ENCODE['{of}'], o.{name}))")
            self.checks.append(f"all(map(CHECK['{of}'], o.{name}))")

    def finish(self) -> None:
        self.flush()
        read = "\n    ".join(self.read)
        text = (f"def decode(b, at):\n    o = C()\n    {read}\n    return o, at\n"
                f"def encode(o):\n    return {' + '.join(self.write) or 'b' + repr('')}\n"
                f"def check(o):\n    return {' and '.join(self.checks) or 'True'}\n")
        self.names.update(C=CLASSES[self.name], M=MASK64, DECODE=DECODE, ENCODE=ENCODE,
                          CHECK=CHECK, read_text=read_text, read_list=read_list)
        exec(compile(text, f"<{self.name}>", "exec"), self.names)
        DECODE[self.name] = self.names["decode"]
        ENCODE[self.name] = self.names["encode"]
        CHECK[self.name] = self.names["check"]


def start_value(field: dict[str, str]) -> Any:
    """Zero of a field, as C's {0}."""
    kind = field["type"]
    if kind == "GROUP":
        return make(field["of"])
    if kind == "LIST":
        return []
    if kind == "HASH":
        return bytes(32)
    return b"" if kind in TEXTS else 0


def define(row: dict[str, Any]) -> None:
    fields = row["fields"]
    names = [attribute(field["name"]) for field in fields]

    def build(self: Any, **values: Any) -> None:
        for name, field in zip(names, fields):
            setattr(self, name, values.pop(name) if name in values else start_value(field))
        if values:
            raise TypeError(f"{row['name']} has no field {', '.join(values)}")

    made = type(row["name"], (), {"__slots__": tuple(names), "fill": build})
    CLASSES[row["name"]] = made
    writer = Writer(row["name"], {})
    for field in fields:
        writer.add(field)
    writer.finish()


for struct_row in ABI["structs"]:
    define(struct_row)
FIELDS = {row["name"]: row["fields"] for row in ABI["structs"]}


def make(name: str, **values: Any) -> Any:
    """A new struct; fields that are not named are zero. A keyword may be written plainly."""
    made = CLASSES[name]()
    made.fill(**{attribute(key): value for key, value in values.items()})
    return made


def as_json(name: str, value: Any) -> Any:
    """A struct as plain data, for messages to people."""
    shown: dict[str, Any] = {}
    for field in FIELDS[name]:
        got = getattr(value, attribute(field["name"]))
        if field["type"] == "GROUP":
            got = as_json(field["of"], got)
        elif field["type"] == "LIST":
            got = [as_json(field["of"], item) for item in got]
        elif isinstance(got, bytes):
            got = got.hex()
        shown[field["name"]] = got
    return shown


# --- messages ------------------------------------------------------------------------------------
def decode_message(data: bytes) -> tuple[dict[str, Any], Any] | str:
    """(row of the operation, message), or the code that says why there is none."""
    if not data or len(data) > LIMITS["MESSAGE_MAX"]:
        return "E_LENGTH"
    row = OPERATIONS.get(data[0])
    if row is None:
        return "E_FIELD"
    try:
        message, end = DECODE[row["message"]](data, 1)
    except (Malformed, struct.error):
        return "E_LENGTH"
    if end != len(data):
        return "E_LENGTH"
    return (row, message) if CHECK[row["message"]](message) else "E_RANGE"


# --- keys and records ----------------------------------------------------------------------------
PREFIX = {symbol: bytes([int(row["prefix"])]) for symbol, row in KEYS.items()}
ID_BYTES = {symbol: int(row["id_bytes"]) for symbol, row in KEYS.items()}
RECORD = {symbol: row["record"] for symbol, row in KEYS.items()}
VERSION = bytes([RECORD_VERSION])


def key(kind: str, number: int | bytes) -> bytes:
    if isinstance(number, bytes):
        return PREFIX[kind] + number
    return PREFIX[kind] + number.to_bytes(ID_BYTES[kind], "big")


def read_record(kind: str, data: bytes) -> Any:
    return DECODE[RECORD[kind]](data, 1)[0]


def write_record(kind: str, record: Any) -> bytes:
    name = RECORD[kind]
    data = VERSION + ENCODE[name](record)
    if not CHECK[name](record):
        raise AssertionError(f"{kind} outside its bounds: {as_json(name, record)}")
    return data
