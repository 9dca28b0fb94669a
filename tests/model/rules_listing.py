# SPDX-License-Identifier: Apache-2.0
"""Listing: the engine's start, feeds, assets and markets, and what their parameters must keep.

ACCT-6, ACCT-7, UNIT-1, UNIT-3, PRICE-7 and GOV-1 of docs/SPEC.md."""
from __future__ import annotations

from hashlib import sha256
from typing import Any

import tables

PPM = 10 ** 6
WAD = tables.WAD
LIMITS = tables.LIMITS
NOTIONAL_MAX = LIMITS["NOTIONAL_MAX"] * 10 ** 6 * WAD
BALANCE_MAX = LIMITS["BALANCE_MAX"] * 10 ** 6
MARKET, FEED, ASSET = 0, 1, 2
HOUR = LIMITS["HOUR"]


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


# --- what parameters must keep --------------------------------------------------------------------
def feed_code(params: Any) -> str | None:
    p = params
    if p.band > p.band_max or p.conf_high > p.conf_max or p.price_min >= p.price_max:
        return "E_PARAM_RANGE"
    return None


def asset_code(feed: Any, params: Any, decimals: int) -> str | None:
    """ACCT-6, the largest balance [UNIT-3] and the collateral's part of the envelope [PRICE-7]."""
    p = params
    if p.weight_initial > p.weight_maint or p.discount > p.discount_max \
            or p.discount_max > PPM - p.weight_maint:
        return "E_PARAM_RANGE"
    one = 10 ** (decimals + feed.price_decimals)  # atoms x price that are a quote unit
    if p.cap * feed.params.price_max > BALANCE_MAX * one:
        return "E_PARAM_RANGE"
    if feed.params.conf_max + p.discount_max > PPM - p.weight_maint:
        return "E_PARAM_ENVELOPE"
    return None


def market_code(params: Any, tick: int, feed: Any) -> str | None:
    """ACCT-7, UNIT-3: parameters must agree."""
    p = params
    agrees = (p.max_lots * feed.price_max <= NOTIONAL_MAX and p.min_order <= p.max_lots
              and tick < feed.price_max and p.maint <= p.initial and p.loss_cap <= p.initial
              and p.liq_fee <= p.liq_fee_max
              and p.liq_fee_max + p.liq_insurance_fee <= p.maint and p.oi_lower <= p.oi_upper)
    return None if agrees else "E_PARAM_RANGE"


def worst_case(feed: Any) -> tuple[int, int]:
    """T and move_T of a feed [PRICE-7]."""
    seconds = feed.age + feed.sources * LIMITS["SPACING"] + feed.grace + LIMITS["BLOCK_BOUND"]
    return seconds, ceil_div(seconds, feed.window) * feed.window_band


def envelope(params: Any, feed: Any) -> bool:
    """oi_cap x (move_T + funding_T + fees - two thirds of maint)+ <= allotment [PRICE-7]; times
    3 x 1000 x 3600, so that nothing is divided."""
    seconds, move = worst_case(feed)
    unit = 3 * 1000 * HOUR
    beyond = (move + params.liq_fee_max + params.liq_insurance_fee) * unit
    beyond += params.funding_cap * seconds * 3 - 2 * params.maint * (unit // 3)
    return params.oi_cap * max(0, beyond) <= params.allotment * PPM * unit


# --- operations -----------------------------------------------------------------------------------
def admin_only(w: Any) -> None:
    if w.caller != w.config.admin:
        w.refuse("E_ROLE")


def initialise(w: Any, m: Any) -> None:
    if not m.token or not m.admin:
        w.refuse("E_FIELD")
    if w.config is not None:
        w.refuse("E_EXISTS")
    admin = sha256(m.admin).digest()
    w.put("CONFIG", b"", w.make("config", admin=admin, guardian=admin, matcher=admin,
                                next_account=1, asset_count=1, epoch=1))
    w.put("LEDGER", b"", w.make("ledger", next_payout=1))
    add_token(w, 0, w.make("asset", token=m.token, decimals=m.decimals))
    w.emit("INITIALISED", token=m.token, decimals=m.decimals)


def add_token(w: Any, number: int, record: Any) -> None:
    w.put("ASSET", number, record)
    w.put("ASSET_STATE", number, w.make("asset_state"))
    w.put("TOKEN", sha256(record.token).digest(), w.make("token_index", asset=number))


def add_feed(w: Any, m: Any) -> None:
    number = w.config.feed_count
    if number >= LIMITS["FEEDS_MAX"]:
        w.refuse("E_OVERFLOW")
    admin_only(w)
    code = feed_code(m.params)
    if code:
        w.refuse(code)
    w.put("FEED", number, w.make("feed", price_decimals=m.price_decimals, params=m.params))
    w.put("FEED_STATE", number, w.make("feed_state"))
    w.put("FEED_SOURCES", number, w.make("feed_sources"))
    w.config.feed_count += 1
    listed(w, FEED, number, 0)


def add_asset(w: Any, m: Any) -> None:
    if not m.token:
        w.refuse("E_FIELD")
    number = w.config.asset_count
    if number >= LIMITS["ASSETS_MAX"]:
        w.refuse("E_OVERFLOW")
    admin_only(w)
    feed = w.feed(m.feed)
    if feed is None:
        w.refuse("E_NO_MARKET")
    if w.load("TOKEN", sha256(m.token).digest()) is not None:
        w.refuse("E_EXISTS")
    code = asset_code(feed, m.params, m.decimals)
    if code:
        w.refuse(code)
    counted = m.params.weight_initial or m.params.weight_maint or m.params.cap
    if w.config.live and counted:  # it counts for nothing until proposals say so [GOV-3]
        w.refuse("E_PARAM_DELAY")
    add_token(w, number, w.make("asset", token=m.token, decimals=m.decimals, feed=m.feed,
                                price_decimals=feed.price_decimals, params=m.params))
    w.config.asset_count += 1
    listed(w, ASSET, number, 0)


def add_market(w: Any, m: Any) -> None:
    number = w.config.market_count
    if number >= LIMITS["MARKETS_MAX"]:
        w.refuse("E_OVERFLOW")
    admin_only(w)
    feed = w.feed(m.feed)
    if feed is None:
        w.refuse("E_NO_MARKET")
    if m.size_decimals + feed.price_decimals != LIMITS["DECIMALS"]:
        w.refuse("E_PARAM_RANGE")
    code = market_code(m.params, m.tick, feed.params)
    if code:
        w.refuse(code)
    if not m.unbacked and not envelope(m.params, feed.params):
        w.refuse("E_PARAM_ENVELOPE")
    w.put("MARKET", number, w.make(
        "market", kind=m.kind, feed=m.feed, size_decimals=m.size_decimals,
        price_decimals=feed.price_decimals, tick=m.tick, unbacked=m.unbacked, params=m.params))
    w.put("MARKET_STATE", number, w.make("market_state", funding_time=w.time))
    w.config.market_count += 1
    listed(w, MARKET, number, m.unbacked)


def listed(w: Any, target: int, number: int, unbacked: int) -> None:
    w.config.epoch += 1
    w.emit("LISTED", target=target, id=number, unbacked=unbacked)
    w.reply("reply_listed", id=number)
