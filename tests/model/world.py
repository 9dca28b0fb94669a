# SPDX-License-Identifier: Apache-2.0
"""The world of the reference model: records as objects, and the operation that works on them.

An operation reads each record once and writes each changed record once ("Bounds" of docs/SPEC.md).
What it changes is thrown away when it is refused. It knows no rule."""
from __future__ import annotations

from hashlib import sha256
from typing import Any, Callable, NoReturn

import tables

HASH_START = 0xCBF29CE484222325
HASH_PRIME = 0x100000001B3
MASK64 = tables.MASK64


class Refusal(Exception):
    """An operation that is refused: nothing of it remains."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


def mix(start: int, data: bytes) -> int:
    """FNV-1a of 64 bits: the state hash and `told` of a trace are made of it."""
    for byte in data:
        start = (start ^ byte) * HASH_PRIME & MASK64
    return start


SLOTS = {"ACCOUNT": tables.LIMITS["ACCOUNT_SLOTS"], "MARKET": tables.LIMITS["MARKET_SLOTS"],
         "FEED": tables.LIMITS["FEED_SLOTS"], "ASSET": tables.LIMITS["ASSET_SLOTS"]}


class World:
    """The stored records, and what the operation under way has read, told and paid."""

    def __init__(self, on_market: Callable[[World, int, Any], None] | None = None):
        self.stored: dict[tuple[str, Any], bytes] = {}
        self.known: dict[tuple[str, Any], Any] = {}
        self.read: dict[tuple[str, Any], Any] = {}
        self.absent = object()
        self.on_market = on_market
        self.hash = HASH_START
        self.time = self.height = 0
        self.caller = b""
        self.caller_address = b""
        self.self_hash = b""
        self.funds: list[tuple[bytes, int]] = []
        self.begin(0, 0, b"", [])

    # --- one operation ---------------------------------------------------------------------------
    def begin(self, time: int, height: int, caller: bytes, funds: list[tuple[bytes, int]]) -> None:
        self.time, self.height = time, height
        if caller != self.caller_address or not self.caller:
            self.caller_address, self.caller = caller, sha256(caller).digest()
        self.funds = funds
        self.read = {}
        self.events: list[tuple[str, bytes]] = []
        self.payments: list[tuple[bytes, bytes, int, int]] = []
        self.answer = b""
        self.writes: list[tuple[bytes, bytes]] = []
        self.accrued: dict[tuple[str, Any], bytes] = {}  # as time alone has made them
        self.moved: set[tuple[str, Any]] = set()  # stored with what time has made of them
        self.views: dict[int, Any] = {}  # PRICE-6: one view a feed and operation
        self.touched: dict[str, set[int]] = {kind: set() for kind in SLOTS}
        self.notes: dict[str, Any] = {}  # what one chapter leaves for another

    def commit(self, opcode: int) -> list[tuple[bytes, bytes]]:
        """Writes every changed record; mixes the state hash."""
        writes = []
        for kept, record in self.read.items():
            kind, number = kept
            before = self.stored.get(kept)
            if record is self.absent:
                after = None
            else:
                after = tables.write_record(kind, record)
                self.known[kept] = record
            if after == before:
                continue
            if kept in self.accrued and after == self.accrued[kept] and kept not in self.moved:
                del self.known[kept]  # time alone changed it: a pure function, not stored [FUND-1]
                continue
            writes.append((tables.key(kind, number), after or b""))
            if after is None:
                del self.stored[kept]
                self.known.pop(kept, None)
            else:
                self.stored[kept] = after
        writes.sort()
        self.writes = writes
        self.mix(opcode, 0, writes)
        return writes

    def drop(self, opcode: int, code: str) -> None:
        """The operation was refused: what it read is read again next time."""
        for kept in self.read:
            self.known.pop(kept, None)
        self.read = {}
        self.events, self.payments, self.answer, self.writes = [], [], b"", []
        self.mix(opcode, tables.ERRORS[code], [])

    def mix(self, opcode: int, code: int, writes: list[tuple[bytes, bytes]]) -> None:
        parts = [self.hash.to_bytes(8, "little"), bytes([opcode]), code.to_bytes(2, "little")]
        for name, value in writes:
            parts += [bytes([len(name)]), name, len(value).to_bytes(4, "little"), value]
        self.hash = mix(HASH_START, b"".join(parts))

    def told(self) -> int:
        """What the operation told: events, payments and the reply."""
        parts = []
        for name, data in self.events:
            parts += [int(tables.EVENTS[name]["id"]).to_bytes(4, "big"),
                      len(data).to_bytes(4, "big"), data]
        for to, token, atoms, payout in self.payments:
            parts += [b"P", bytes([len(to)]), to, bytes([len(token)]), token,
                      atoms.to_bytes(16, "big"), payout.to_bytes(8, "big")]
        parts += [b"R", len(self.answer).to_bytes(4, "big"), self.answer]
        return mix(HASH_START, b"".join(parts))

    # --- records ---------------------------------------------------------------------------------
    def load(self, kind: str, number: int | bytes = b"") -> Any:
        """A record, or None where there is none."""
        kept = (kind, number)
        record = self.read.get(kept)
        if record is None:
            record = self.known.get(kept)
            if record is None:
                data = self.stored.get(kept)
                record = self.absent if data is None else tables.read_record(kind, data)
            self.read[kept] = record
        return None if record is self.absent else record

    def bytes_of(self, kind: str, number: int | bytes) -> bytes:
        return tables.write_record(kind, self.read[(kind, number)])

    def is_changed(self, kind: str, number: int | bytes) -> bool:
        """Whether more than time has changed a record."""
        kept = (kind, number)
        return kept in self.moved or self.bytes_of(kind, number) != self.accrued.get(
            kept, self.stored.get(kept))

    def is_as_stored(self, kind: str, number: int | bytes) -> bool:
        return self.bytes_of(kind, number) == self.stored.get((kind, number))

    def put(self, kind: str, number: int | bytes, record: Any) -> Any:
        """A new record."""
        self.read[(kind, number)] = record
        return record

    def delete(self, kind: str, number: int | bytes) -> None:
        self.read[(kind, number)] = self.absent

    def account(self, number: int) -> Any:
        """An account; with it come its markets and its collaterals, as many as an operation may
        touch ("Bounds" of docs/SPEC.md)."""
        record = self.load("ACCOUNT", number)
        if record is not None and number not in self.touched["ACCOUNT"]:
            self.touch("ACCOUNT", number)
            for position in record.positions:
                self.touch("MARKET", position.market)
            for balance in record.collaterals:
                self.touch("ASSET", balance.asset)
        return record

    def touch(self, kind: str, number: int) -> None:
        found = self.touched[kind]
        if number in found:
            return
        if len(found) >= SLOTS[kind]:
            self.refuse("E_COLLATERALS_MAX" if kind == "ASSET" else "E_POSITIONS_MAX")
        found.add(number)
        if kind in ("MARKET", "ASSET") and (kind, number) != ("ASSET", 0):
            self.touch("FEED", self.load(kind, number).feed)

    def market(self, number: int) -> Any:
        record = self.load("MARKET", number)
        if record is not None:
            self.touch("MARKET", number)
        return record

    def state(self, number: int) -> Any:
        """A market's state, its funding accrued to now [FUND-1]."""
        kept = ("MARKET_STATE", number)
        if kept in self.read:
            record = self.read[kept]
            return None if record is self.absent else record
        record = self.load("MARKET_STATE", number)
        if record is not None and self.on_market is not None:
            self.on_market(self, number, record)
            self.accrued[kept] = tables.write_record("MARKET_STATE", record)
        return record

    def feed(self, number: int) -> Any:
        return self.load("FEED", number)

    def feed_state(self, number: int) -> Any:
        return self.load("FEED_STATE", number)

    def feed_sources(self, number: int) -> Any:
        return self.load("FEED_SOURCES", number)

    def asset(self, number: int) -> Any:
        record = self.load("ASSET", number)
        if record is not None:
            self.touch("ASSET", number)
        return record

    def asset_state(self, number: int) -> Any:
        return self.load("ASSET_STATE", number)

    @property
    def config(self) -> Any:
        return self.load("CONFIG")

    @property
    def ledger(self) -> Any:
        return self.load("LEDGER")

    def touched_accounts(self) -> list[tuple[int, Any]]:
        """The accounts that the operation read and that exist, in the order it read them."""
        return [(number, record) for (kind, number), record in list(self.read.items())
                if kind == "ACCOUNT" and record is not self.absent]

    def own_account(self, number: int) -> Any:
        """An account of the caller."""
        account = self.account(number)
        if account is None:
            self.refuse("E_NO_ACCOUNT")
        if account.owner != self.caller:
            self.refuse("E_AUTH")
        return account

    # --- what comes of it ------------------------------------------------------------------------
    def refuse(self, code: str) -> NoReturn:
        raise Refusal(code)

    def emit(self, name: str, **fields: Any) -> None:
        row = tables.EVENTS[name]
        self.events.append((name, tables.ENCODE[row["fields"]](tables.make(row["fields"],
                                                                         **fields))))

    def reply(self, name: str, **fields: Any) -> None:
        self.answer = tables.ENCODE[name](tables.make(name, **fields))

    def pay(self, to: bytes, token: bytes, atoms: int, payout: int) -> None:
        self.payments.append((to, token, atoms, payout))

    @staticmethod
    def make(name: str, **fields: Any) -> Any:
        return tables.make(name, **fields)

    @staticmethod
    def precedence(code: str) -> int:
        """Of two refusals the one with the lower number is reported."""
        return tables.PRECEDENCE[code]

    def check_tokens(self) -> None:
        """A token that came along and is no asset refuses the call [LEDGER-5]."""
        for token, _ in self.funds:
            if self.load("TOKEN", sha256(token).digest()) is None:
                self.refuse("E_NO_ASSET")

    # --- GOV-2 -----------------------------------------------------------------------------------
    def is_paused(self, market: int, bit: int) -> bool:
        """Whether a pause bit of a market is in force now."""
        return is_in_force(self.state(market), bit, self.time)


PAUSE_INCREASE = 0
PAUSE_LENGTHS = {2: tables.LIMITS["PAUSE_SHORT"], 3: tables.LIMITS["PAUSE_SHORT"],
                 4: tables.LIMITS["PAUSE_SHORT"], 1: tables.LIMITS["PAUSE_LONG"],
                 5: tables.LIMITS["PAUSE_LONG"], 6: tables.LIMITS["PAUSE_LONG"],
                 7: tables.LIMITS["PAUSE_LONG"]}


def is_in_force(record: Any, bit: int, now: int) -> bool:
    """GOV-2: `increase` holds until it is lifted, the others end by themselves."""
    if not record.pauses >> bit & 1:
        return False
    if bit == PAUSE_INCREASE:
        return True
    return now < record.pause_sets[bit].at + PAUSE_LENGTHS[bit]
