# SPDX-License-Identifier: Apache-2.0
"""Governance: tightening, status, roles, publishers, pauses.

GOV-1 to GOV-4, ACCT-7 and PRICE-7 of docs/SPEC.md."""
from __future__ import annotations

from hashlib import sha256
from typing import Any

import rules_listing
import tables
import world
from rules_listing import ASSET, FEED, MARKET, admin_only

ALL = 65_535
INIT, ACTIVE, REDUCE_ONLY = 0, 1, 2
NAMES = {MARKET: "market", FEED: "feed", ASSET: "asset"}
ROLES = ("admin", "guardian", "matcher")
OFF_AT_ZERO = ("oi_lower", "scale_start")
INCREASE, REDUCE, DEPOSIT, WITHDRAW = 0, 1, 5, 6
ALL_BITS = 1 << DEPOSIT | 1 << WITHDRAW


# --- GOV-3: tighten -------------------------------------------------------------------------------
def tighten(w: Any, m: Any) -> None:
    row = tables.PARAMS.get(m.param)
    if row is None or row["target"] != NAMES[m.target]:
        w.refuse("E_FIELD")
    admin_only(w)
    record = {MARKET: w.market, FEED: w.feed, ASSET: w.asset}[m.target](m.id)
    if record is None or m.target == ASSET and m.id == 0:
        w.refuse("E_NO_ASSET" if m.target == ASSET else "E_NO_MARKET")
    name = tables.attribute(row["name"])
    field = next(f for f in tables.FIELDS[NAMES[m.target] + "_params"] if f["name"] == row["name"])
    low, high = tables.bounds(field)
    if low is not None and m.value < low or high is not None and m.value > high:
        w.refuse("E_PARAM_RANGE")
    before = getattr(record.params, name)
    way = int(row["loosening"])
    worst = rules_listing.worst_case(record.params) if m.target == FEED else (0, 0)
    setattr(record.params, name, m.value)
    code = agreement(w, m.target, m.id, record, worst)
    if code:
        w.refuse(code)
    if is_looser(row["name"], way, before, m.value):
        w.refuse("E_PARAM_LOOSENING")
    w.config.epoch += 1
    store_funding(w, m.target, m.id)
    w.emit("TIGHTENED", target=m.target, id=m.id, param=m.param, before=before, after=m.value)


def store_funding(w: Any, target: int, number: int) -> None:
    """What was accrued under the parameters of before is kept [FUND-1]."""
    markets = [number] if target == MARKET else []
    for market in markets:
        w.state(market)
        w.moved.add(("MARKET_STATE", market))


def is_looser(name: str, way: int, before: int, after: int) -> bool:
    """Against its direction, or without one; where 0 switches a bound off, 0 is the loosest."""
    if after == before:
        return False
    if name in OFF_AT_ZERO and 0 in (before, after):
        return after == 0
    return way == 0 or (after > before) == (way > 0)


def agreement(w: Any, target: int, number: int, record: Any, worst: tuple[int, int]) -> str | None:
    """The same rules as at listing; where a feed's T or move_T grows above `worst`, the envelope of
    every backed market of it, for which all markets are looked at [PRICE-7]."""
    if target == MARKET:
        feed = w.feed(record.feed).params
        code = rules_listing.market_code(record.params, record.tick, feed)
        if code is None and not record.unbacked \
                and not rules_listing.envelope(record.params, feed):
            return "E_PARAM_ENVELOPE"
        return code
    if target == ASSET:
        return rules_listing.asset_code(w.feed(record.feed), record.params, record.decimals)
    code = rules_listing.feed_code(record.params)
    if code:
        return code
    now = rules_listing.worst_case(record.params)
    grows = any(after > before for before, after in zip(worst, now))
    for market in range(w.config.market_count if grows else 0):
        one = w.market(market)
        if one.feed == number and not one.unbacked \
                and not rules_listing.envelope(one.params, record.params):
            return "E_PARAM_ENVELOPE"
    return None


# --- GOV-1: roles, publishers, status -------------------------------------------------------------
def set_status(w: Any, m: Any) -> None:
    """init -> active <-> reduce_only; settling and resolved belong to GOV-5 [ACCT-7]."""
    admin_only(w)
    if w.market(m.market) is None:
        w.refuse("E_NO_MARKET")
    state = w.state(m.market)
    if (state.status, m.status) not in ((INIT, ACTIVE), (ACTIVE, REDUCE_ONLY),
                                        (REDUCE_ONLY, ACTIVE)):
        w.refuse("E_STATUS")
    if m.status == ACTIVE and state.uncovered < 0:  # it only accepts reductions [LOSS-7]
        w.refuse("E_STATUS")
    state.status = m.status
    w.emit("STATUS_SET", market=m.market, status=m.status)


def set_role(w: Any, m: Any) -> None:
    if not m.holder:
        w.refuse("E_FIELD")
    admin_only(w)
    holder = sha256(m.holder).digest()
    setattr(w.config, ROLES[m.role], holder)
    w.config.epoch += 1
    w.emit("ROLE_SET", role=m.role, holder=holder)


def set_publisher(w: Any, m: Any) -> None:
    if not m.publisher:
        w.refuse("E_FIELD")
    admin_only(w)
    sources = w.feed_sources(m.feed)
    if sources is None:
        w.refuse("E_NO_MARKET")
    holder = sha256(m.publisher).digest()
    found = [s for s in sources.sources if s.publisher == holder]
    if m.on:
        if found:
            w.refuse("E_EXISTS")
        if len(sources.sources) >= tables.LIMITS["PUBLISHERS_MAX"]:
            w.refuse("E_PARAM_RANGE")
        sources.sources.append(w.make("source", publisher=holder))
    else:
        if not found:
            w.refuse("E_NOT_NEEDED")
        sources.sources.remove(found[0])
    w.config.epoch += 1
    w.emit("PUBLISHER_SET", feed=m.feed, publisher=holder, on=m.on)


# --- GOV-2: pauses --------------------------------------------------------------------------------
def set_pause(w: Any, m: Any) -> None:
    is_all = m.market == ALL
    if m.bits & ~ALL_BITS if is_all else m.bits & ALL_BITS:
        w.refuse("E_FIELD")
    is_admin = w.caller == w.config.admin
    if not is_admin and w.caller != w.config.guardian:
        w.refuse("E_ROLE")
    if not is_all and w.market(m.market) is None:
        w.refuse("E_NO_MARKET")
    record = w.config if is_all else w.state(m.market)
    if not record.pause_sets:
        record.pause_sets = [w.make("pause_set") for _ in range(tables.LIMITS["PAUSE_BITS"])]
    change(w, record, m.bits, is_admin, DEPOSIT if is_all else REDUCE)
    if not is_all:
        store_funding(w, MARKET, m.market)
    now = sum(1 << bit for bit in range(tables.LIMITS["PAUSE_BITS"])
              if world.is_in_force(record, bit, w.time))
    w.emit("PAUSE_SET", market=m.market, bits=now)


def change(w: Any, record: Any, wanted: int, replaces: bool, watched: int) -> None:
    """The wanted bits are set; the others stay, or are lifted by the admin. A bit in force keeps
    its clock; one that is set anew waits seven days from when it was last set, also after a lift.
    """
    for bit in range(tables.LIMITS["PAUSE_BITS"]):
        kept = record.pause_sets[bit]
        if not wanted >> bit & 1:
            if replaces and record.pauses >> bit & 1:
                record.pauses &= ~(1 << bit)
                if bit == watched:
                    end = kept.at + world.PAUSE_LENGTHS[bit]
                    record.pause_lifted = max(record.pause_lifted, min(end, w.time))
        elif not world.is_in_force(record, bit, w.time):
            if bit != INCREASE and kept.at and w.time < kept.at + tables.LIMITS["PAUSE_AGAIN"]:
                w.refuse("E_PAUSED")
            record.pauses |= 1 << bit
            kept.at = w.time
