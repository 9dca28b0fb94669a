# SPDX-License-Identifier: Apache-2.0
"""Governance: parameters, status, roles, publishers, proposals, pauses.

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
PARAM, STATUS, ROLE, PUBLISHER = 0, 1, 2, 3
PPM = 10 ** 6
INCREASE, REDUCE, DEPOSIT, WITHDRAW = 0, 1, 5, 6
ALL_BITS = 1 << DEPOSIT | 1 << WITHDRAW


# --- GOV-3: what waits ----------------------------------------------------------------------------
def at_once(w: Any) -> bool:
    """Nothing is at risk before the first fill."""
    return w.config.live == 0


def propose(w: Any, change: int, **fields: Any) -> None:
    w.config.last_proposal += 1
    number = w.config.last_proposal
    w.put("PROPOSAL", number, w.make("proposal", change=change, since=w.time, **fields))
    w.emit("PROPOSED", proposal=number, change=change, **fields)
    w.reply("reply_proposal", proposal=number)


def done(w: Any, is_executed: bool) -> None:
    """The four operations answer with the number of their proposal, 0 where it was done at once."""
    if not is_executed:
        w.reply("reply_proposal", proposal=0)


def is_safe(name: str, way: int, before: int, after: int) -> bool:
    """Against its loosening direction; without one either way can hurt. Where 0 switches a bound
    off, 0 is the loosest."""
    if after == before:
        return True
    if name in OFF_AT_ZERO and 0 in (before, after):
        return after != 0
    return way != 0 and (after < before) == (way > 0)


def is_a_step(kind: str, before: int, after: int) -> bool:
    """At most a fifth of what it was, or one; a ratio from nothing to a fifth of the whole."""
    if before == 0:
        return kind != "RATIO" or after <= tables.LIMITS["STEP"]
    return abs(after - before) <= max(1, abs(before) * tables.LIMITS["STEP"] // PPM)


# --- GOV-3: parameters ----------------------------------------------------------------------------
def set_param(w: Any, m: Any) -> None:
    row = tables.PARAMS.get(m.param)
    if row is None or row["target"] != NAMES[m.target]:
        w.refuse("E_FIELD")
    admin_only(w)
    change_param(w, m.target, m.id, m.param, m.value, None)


def change_param(w: Any, target: int, number: int, param: int, after: int, executed: Any) -> None:
    """`executed`: the proposal, whose value of before must still stand."""
    row = tables.PARAMS[param]
    record = {MARKET: w.market, FEED: w.feed, ASSET: w.asset}[target](number)
    if record is None or target == ASSET and number == 0:
        w.refuse("E_NO_ASSET" if target == ASSET else "E_NO_MARKET")
    name = tables.attribute(row["name"])
    field = next(f for f in tables.FIELDS[NAMES[target] + "_params"] if f["name"] == row["name"])
    low, high = tables.bounds(field)
    if low is not None and after < low or high is not None and after > high:
        w.refuse("E_PARAM_RANGE")
    before = getattr(record.params, name)
    setattr(record.params, name, after)
    code = agreement(w, target, number, record)
    if code:
        w.refuse(code)
    if executed is not None and executed.before != before:
        w.refuse("E_PROPOSAL_VOID")
    if executed is None and not at_once(w) \
            and not is_safe(row["name"], int(row["loosening"]), before, after):
        if not is_a_step(field["type"], before, after):
            w.refuse("E_PARAM_STEP")
        setattr(record.params, name, before)
        propose(w, PARAM, target=target, id=number, param=param, before=before, after=after)
        return
    w.config.epoch += 1
    store_funding(w, target, number)
    w.emit("PARAM_SET", target=target, id=number, param=param, before=before, after=after)
    done(w, executed is not None)


def store_funding(w: Any, target: int, number: int) -> None:
    """What was accrued under the parameters of before is kept [FUND-1]."""
    markets = [number] if target == MARKET else []
    for market in markets:
        w.state(market)
        w.moved.add(("MARKET_STATE", market))


def agreement(w: Any, target: int, number: int, record: Any) -> str | None:
    """The same rules as at listing; of a feed for every market and asset on it too [PRICE-7]."""
    if target == MARKET:
        return market_agreement(record, w.feed(record.feed).params)
    if target == ASSET:
        return rules_listing.asset_code(w.feed(record.feed), record.params, record.decimals)
    code = rules_listing.feed_code(record.params)
    for market in range(w.config.market_count):
        one = w.load("MARKET", market)
        if code is None and one.feed == number:
            code = market_agreement(one, record.params)
    for asset in range(1, w.config.asset_count):
        coin = w.load("ASSET", asset)
        if code is None and coin.feed == number:
            code = rules_listing.asset_code(record, coin.params, coin.decimals)
    return code


def market_agreement(market: Any, feed: Any) -> str | None:
    code = rules_listing.market_code(market.params, market.tick, feed)
    if code is None and not market.unbacked and not rules_listing.envelope(market.params, feed):
        return "E_PARAM_ENVELOPE"
    return code


# --- GOV-1: roles, publishers, status -------------------------------------------------------------
def set_status(w: Any, m: Any) -> None:
    admin_only(w)
    change_status(w, m.market, m.status, False)


def change_status(w: Any, market: int, status: int, is_executed: bool) -> None:
    """init -> active <-> reduce_only; settling and resolved belong to GOV-5 [ACCT-7]."""
    if w.market(market) is None:
        w.refuse("E_NO_MARKET")
    state = w.state(market)
    if (state.status, status) not in ((INIT, ACTIVE), (ACTIVE, REDUCE_ONLY),
                                      (REDUCE_ONLY, ACTIVE)):
        w.refuse("E_STATUS")
    if status == ACTIVE and state.uncovered < 0:  # it only accepts reductions [LOSS-7]
        w.refuse("E_STATUS")
    if status == ACTIVE and not is_executed and not at_once(w):
        propose(w, STATUS, id=market, state=status)
        return
    state.status = status
    w.emit("STATUS_SET", market=market, status=status)
    done(w, is_executed)


def set_role(w: Any, m: Any) -> None:
    if not m.holder:
        w.refuse("E_FIELD")
    admin_only(w)
    change_role(w, m.role, sha256(m.holder).digest(), False)


def change_role(w: Any, role: int, holder: bytes, is_executed: bool) -> None:
    if not is_executed and not at_once(w):
        propose(w, ROLE, id=role, holder=holder)
        return
    setattr(w.config, ROLES[role], holder)
    w.config.epoch += 1
    w.emit("ROLE_SET", role=role, holder=holder)
    done(w, is_executed)


def set_publisher(w: Any, m: Any) -> None:
    if not m.publisher:
        w.refuse("E_FIELD")
    admin_only(w)
    change_publisher(w, m.feed, sha256(m.publisher).digest(), m.on, False)


def change_publisher(w: Any, feed: int, holder: bytes, on: int, is_executed: bool) -> None:
    """Taking one out never waits: his key may be stolen."""
    sources = w.feed_sources(feed)
    if sources is None:
        w.refuse("E_NO_MARKET")
    found = [s for s in sources.sources if s.publisher == holder]
    if on and found:
        w.refuse("E_EXISTS")
    if on and len(sources.sources) >= tables.LIMITS["PUBLISHERS_MAX"]:
        w.refuse("E_PARAM_RANGE")
    if not on and not found:
        w.refuse("E_NOT_NEEDED")
    if on and not is_executed and not at_once(w):
        propose(w, PUBLISHER, id=feed, state=1, holder=holder)
        return
    if on:
        sources.sources.append(w.make("source", publisher=holder))
    else:
        sources.sources.remove(found[0])
    w.config.epoch += 1
    w.emit("PUBLISHER_SET", feed=feed, publisher=holder, on=on)
    done(w, is_executed)


# --- GOV-3: proposals -----------------------------------------------------------------------------
def execute(w: Any, m: Any) -> None:
    """By the admin; the hand-over of his role by the new one alone."""
    proposal = w.load("PROPOSAL", m.proposal)
    who = w.config.admin
    if proposal is not None and (proposal.change, proposal.id) == (ROLE, ROLES.index("admin")):
        who = proposal.holder
    if w.caller != who:
        w.refuse("E_ROLE")
    if proposal is None:
        w.refuse("E_NO_PROPOSAL")
    waited = w.time - proposal.since
    if waited > tables.LIMITS["PROPOSAL_LIFE"]:
        w.refuse("E_PROPOSAL_VOID")
    if waited < tables.LIMITS["NOTICE"]:
        w.refuse("E_PARAM_DELAY")
    w.delete("PROPOSAL", m.proposal)
    w.emit("PROPOSAL_ENDED", proposal=m.proposal, executed=1)
    if proposal.change == PARAM:
        change_param(w, proposal.target, proposal.id, proposal.param, proposal.after, proposal)
    elif proposal.change == STATUS:
        change_status(w, proposal.id, proposal.state, True)
    elif proposal.change == ROLE:
        change_role(w, proposal.id, proposal.holder, True)
    else:
        change_publisher(w, proposal.id, proposal.holder, 1, True)


def cancel(w: Any, m: Any) -> None:
    if w.caller not in (w.config.guardian, w.config.admin):
        w.refuse("E_ROLE")
    if w.load("PROPOSAL", m.proposal) is None:
        w.refuse("E_NO_PROPOSAL")
    w.delete("PROPOSAL", m.proposal)
    w.emit("PROPOSAL_ENDED", proposal=m.proposal, executed=0)


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
