# SPDX-License-Identifier: Apache-2.0
"""Funding: samples, the rate of an hour, and the index that it moves.

FUND-1 to FUND-3 of docs/SPEC.md. Rates are in 1e-9."""
from __future__ import annotations

from typing import Any

import rules_price
import tables

NANO = 10 ** 9
HOUR = tables.LIMITS["HOUR"]
INDEX_MAX = 2 ** 62 - 1  # UNIT-3
FUND = 3  # the pause bit


def clamp(x: int, low: int, high: int) -> int:
    return max(low, min(x, high))


def hourly_rate(count: int, total: int, params: Any) -> int:
    """The rate of an hour, from the samples of the hour before [FUND-2]."""
    if count == 0:
        return 0
    rate = params.funding_interest
    if count >= tables.LIMITS["SAMPLES_MIN"]:
        mean = total // count
        spread = tables.LIMITS["FUNDING_SPREAD"]
        rate = mean + clamp(params.funding_interest - mean, -spread, spread)
    bound = tables.LIMITS["FUNDING_BOUND"] * (params.initial - params.maint) * 1000
    rate = clamp(rate, -bound, bound) // tables.LIMITS["FUNDING_HOURS"]
    return clamp(rate, -params.funding_cap, params.funding_cap)


def accrue(w: Any, market: int, state: Any) -> None:
    """Moves the index to now: a pure function of the stored state and the time [FUND-1]."""
    params = w.market(market).params
    while state.funding_time < w.time:
        hour = state.funding_time // HOUR
        end = min(w.time, (hour + 1) * HOUR)
        step(state, params, end - state.funding_time)
        state.funding_time = end
        if end == (hour + 1) * HOUR:
            fix(state, params, hour, w.time // HOUR)
            if state.funding_rate == 0:  # hours without a rate change nothing
                state.funding_time = state.sample_hour * HOUR


def fix(state: Any, params: Any, ended: int, hour: int) -> None:
    """The rate of the hour that begins, from the samples of the one that ended."""
    count, total = 0, 0
    if state.sample_hour == ended and state.sample_count:
        count, total = state.sample_count, state.sample_sum
    state.funding_rate = hourly_rate(count, total, params)
    state.funding_samples = count
    state.funding_price = state.sample_price
    state.sample_hour, state.sample_count, state.sample_sum = hour, 0, 0
    state.sample_price = 0


def step(state: Any, params: Any, seconds: int) -> None:
    """One step at the rate in force; a step beyond a bound is skipped [FUND-3] [UNIT-3]."""
    unit = NANO * HOUR
    exact = state.funding_rate * state.funding_price * seconds + state.funding_rest
    move, rest = divmod(exact, unit)
    if abs(state.index_long + move) > INDEX_MAX or abs(state.index_short + move) > INDEX_MAX:
        return
    state.index_long += move
    state.index_short += move
    state.funding_rest = rest


# --- FUND-2: samples ------------------------------------------------------------------------------
def premium(bid: int, ask: int, price: int) -> int:
    """((bid - p)+ - (p - ask)+) / p, at most one either way."""
    exact = (max(0, bid - price) - max(0, price - ask)) * NANO // price
    return clamp(exact, -NANO, NANO)


def publish_impact(w: Any, m: Any) -> None:
    codes = []
    if not m.impacts:
        codes.append("E_AMOUNT_ZERO")
    if any(i.ask < i.bid for i in m.impacts):
        codes.append("E_RANGE")
    if codes:
        w.refuse(min(codes, key=w.precedence))
    for impact in m.impacts:
        sample(w, impact)


def sample(w: Any, impact: Any) -> None:
    record = w.market(impact.market)
    if record is None:
        w.refuse("E_NO_MARKET")
    rules_price.source_of(w, record.feed)
    feed = w.feed(record.feed).params
    if not feed.price_min < impact.bid or not impact.ask < feed.price_max:
        w.refuse("E_PRICE_DOMAIN")
    state = w.state(impact.market)
    if impact.time > w.time + feed.skew or impact.time <= state.sample_time:
        w.refuse("E_PRICE_TIME")
    view = rules_price.view(w, record.feed)
    hour = w.time // HOUR
    is_full = state.sample_hour == hour and state.sample_count >= tables.LIMITS["SAMPLES_MAX"]
    if view.good_for_risk is not None or w.is_paused(impact.market, FUND) \
            or w.time > impact.time + feed.age or is_full:
        return
    if state.sample_hour != hour:
        state.sample_hour, state.sample_count, state.sample_sum = hour, 0, 0
    if state.sample_count == 0:
        w.emit("FUNDING_FIXED", market=impact.market, rate=state.funding_rate,
               samples=state.funding_samples)
    state.sample_count += 1
    state.sample_sum += premium(impact.bid, impact.ask, view.p)
    state.sample_time = impact.time
    state.sample_price = view.p
