# SPDX-License-Identifier: Apache-2.0
"""Prices: quotes, aggregates, bands, the slow price, gap mode, and what a price is good for.

PRICE-1 to PRICE-6 of docs/SPEC.md. Ratios are in ppm, times in seconds."""
from __future__ import annotations

from typing import Any

import tables

PPM = 10 ** 6
NANO = 10 ** 9
LIMITS = tables.LIMITS


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


class View:
    """What an operation sees of a feed: p, c, s, and what they are good for [PRICE-6]."""

    __slots__ = ("p", "c", "s", "lo", "hi", "good_for_risk", "good_for_takeover",
                 "good_to_liquidate")

    def __init__(self, w: Any, feed: int):
        state, params = w.feed_state(feed), w.feed(feed).params
        self.p, self.c = state.price, state.conf
        self.s = slow_price(state, params, w.time)
        self.lo = max(0, min(self.p - self.c, self.s))
        self.hi = max(self.p + self.c, self.s)
        code = unusable(state, params, w.time)
        self.good_for_takeover = code
        self.good_to_liquidate = "E_GRACE" if w.time < state.grace_until else code
        is_wide = self.c > self.p * params.conf_high // PPM
        codes = [one for one in (code, "E_PRICE_CONF" if is_wide else None) if one]
        self.good_for_risk = min(codes, key=tables.PRECEDENCE.__getitem__, default=None)


def unusable(state: Any, params: Any, now: int) -> str | None:
    """Why a price may not be used: refused, stale (one never priced too; in gap mode
    by the newest candidate), in gap mode [PRICE-4]."""
    if state.refused and tables.CODE_NAMES[state.refused] != "E_GAP":
        return tables.CODE_NAMES[state.refused]
    newest = state.candidates[-1].time if state.candidates else state.time
    if now > newest + params.age:
        return "E_PRICE_STALE"
    return "E_GAP" if state.gap else None


def view(w: Any, feed: int) -> View:
    """One view a feed and operation, fixed at its start [PRICE-6]."""
    found = w.views.get(feed)
    if found is None:
        found = w.views[feed] = View(w, feed)
    return found


# --- PRICE-3: the slow price ----------------------------------------------------------------------
def slow_price(state: Any, params: Any, now: int) -> int:
    """s at a time: towards the price in force, lagging, at most slow_rate a second."""
    elapsed = min(max(0, now - state.slow_time), params.age)
    gap = abs(state.price - state.slow)
    step = min(gap * elapsed // (params.slow_tau + elapsed),
               state.slow * params.slow_rate * elapsed // NANO)
    return state.slow + step if state.price > state.slow else state.slow - step


# --- PRICE-1: the aggregate -----------------------------------------------------------------------
class Aggregate:
    """The median of the live quotes, its middles, confidence and time."""

    __slots__ = ("price", "low", "high", "conf", "time", "count")

    def __init__(self, live: list[Any], needed: int, now: int):
        self.count = len(live)
        self.low, self.price, self.high = median([s.price for s in live])
        self.conf = confidence(live, self.price)
        newest = sorted((s.time for s in live), reverse=True)
        self.time = min(now, newest[min(needed, len(newest)) - 1])


def median(values: list[int]) -> tuple[int, int, int]:
    """(lower middle, floor of their mean, upper middle)."""
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return low, (low + high) // 2, high


def confidence(live: list[Any], price: int) -> int:
    """max(median of the reported ones, 1.5 x median absolute deviation), up."""
    reported = median([s.conf for s in live])[2]
    spread = median([abs(s.price - price) for s in live])[2]
    return max(reported, ceil_div(3 * spread, 2))


def live_quotes(sources: Any, params: Any, now: int) -> list[Any]:
    return [s for s in sources.sources
            if s.price and now <= s.time + params.age and now >= s.muted_until]


def judge_publisher(source: Any, live: list[Any], found: Aggregate, params: Any, now: int) -> bool:
    """Far outside twice in a row: muted for an hour. True where he has just been muted. Too few
    quotes for an aggregate judge nobody."""
    if source not in live or found.count < max(LIMITS["FAR_SOURCES"], params.sources):
        return False
    width = LIMITS["FAR"] * max(found.conf, found.price * params.conf_high // PPM)
    if abs(source.price - found.price) <= width:
        source.strikes = 0
        return False
    source.strikes += 1
    if source.strikes < LIMITS["STRIKES"]:
        return False
    source.strikes = 0
    source.muted_until = now + LIMITS["MUTE"]
    return True


# --- PRICE-2: publish -----------------------------------------------------------------------------
def publish_price(w: Any, m: Any) -> None:
    codes = []
    if not m.quotes:
        codes.append("E_AMOUNT_ZERO")
    if len({q.feed for q in m.quotes}) < len(m.quotes):
        codes.append("E_FIELD")
    if codes:
        w.refuse(min(codes, key=w.precedence))
    for quote in m.quotes:
        record(w, quote)
        aggregate(w, quote.feed)


def source_of(w: Any, feed: int) -> Any:
    """The caller as a publisher of a feed [GOV-1]."""
    sources = w.feed_sources(feed)
    if sources is None:
        w.refuse("E_NO_MARKET")
    for source in sources.sources:
        if source.publisher == w.caller:
            return source
    w.refuse("E_ROLE")


def record(w: Any, quote: Any) -> None:
    """A malformed quote is an error, a well-formed one is recorded."""
    source = source_of(w, quote.feed)
    params = w.feed(quote.feed).params
    if not params.price_min < quote.price < params.price_max:
        w.refuse("E_PRICE_DOMAIN")
    if quote.conf >= quote.price:
        w.refuse("E_PRICE_DOMAIN")
    if quote.time > w.time + params.skew or quote.time <= source.time:
        w.refuse("E_PRICE_TIME")
    source.price, source.conf, source.time = quote.price, quote.conf, quote.time


def aggregate(w: Any, feed: int) -> None:
    """Accepts the aggregate, or says why not: the accepted price stays then."""
    state, sources, params = w.feed_state(feed), w.feed_sources(feed), w.feed(feed).params
    source = source_of(w, feed)
    live = live_quotes(sources, params, w.time)
    found = Aggregate(live, params.sources, w.time) if live else None
    if found is not None and judge_publisher(source, live, found, params, w.time):
        live = live_quotes(sources, params, w.time)
        found = Aggregate(live, params.sources, w.time) if live else None
    if found is None or found.count < params.sources:
        return refuse(w, feed, state, "E_PRICE_SOURCES", None)
    if found.conf > found.price * params.conf_max // PPM:
        return refuse(w, feed, state, "E_PRICE_CONF", found)
    if state.price == 0:
        return accept(w, feed, state, params, found)
    if not state.gap:
        is_late = w.time - state.accepted > params.gap or found.time - state.time > params.gap
        is_near = is_in_band(state, params, found.price, w.time)
        if is_near and not is_late:
            return accept(w, feed, state, params, found)
        refuse(w, feed, state, "E_GAP" if is_near else "E_PRICE_BAND", found)
        start_gap(w, feed, state)
        add_candidate(w, state, params, found)
        return None
    if add_candidate(w, state, params, found) and has_persisted(state, params, found.conf):
        return end_gap(w, feed, state, params, found)
    return refuse(w, feed, state, "E_GAP", found)


def is_in_band(state: Any, params: Any, price: int, now: int) -> bool:
    """Within the band of the accepted price and within the window's, once for every window that
    has begun, at most the whole price."""
    width = min(params.band_max, params.band + params.band_rate * (now - state.accepted))
    windows = max(1, ceil_div(now - state.anchor_time, params.window))
    reach = min(PPM, params.window_band * windows)
    return (abs(price - state.price) <= state.price * width // PPM
            and abs(price - state.anchor) <= state.anchor * reach // PPM)


def refuse(w: Any, feed: int, state: Any, code: str, found: Aggregate | None) -> None:
    state.refused = tables.ERRORS[code]
    w.emit("PRICE_REFUSED", feed=feed, code=state.refused, price=found.price if found else 0)


def accept(w: Any, feed: int, state: Any, params: Any, found: Aggregate) -> None:
    """The aggregate becomes p; s has moved towards the price that was in force until now."""
    is_first = state.price == 0
    state.slow = found.price if is_first else slow_price(state, params, w.time)
    state.slow_time = w.time
    state.price, state.conf, state.low, state.high = (found.price, found.conf, found.low,
                                                      found.high)
    state.time, state.accepted = found.time, w.time
    if is_first or w.time - state.anchor_time >= params.window:
        state.anchor, state.anchor_time = found.price, w.time
    state.refused = 0
    w.emit("PRICED", feed=feed, price=state.price, conf=state.conf, slow=state.slow)


# --- PRICE-5: gap mode ----------------------------------------------------------------------------
def start_gap(w: Any, feed: int, state: Any) -> None:
    state.gap = 1
    state.candidates = []
    w.emit("GAP_STARTED", feed=feed, price=state.price)


def add_candidate(w: Any, state: Any, params: Any, found: Aggregate) -> bool:
    """Candidates are at least a second apart: an aggregate that comes sooner is none, false. The
    first stays, for the span is counted from it: where there is no room, the second goes. One that
    does not agree with them begins anew."""
    kept = state.candidates
    if kept and w.time < kept[-1].time + LIMITS["SPACING"]:
        return False
    if len(kept) == LIMITS["CANDIDATES_MAX"]:
        kept.pop(1)
    kept.append(w.make("candidate", price=found.price, time=w.time))
    if not do_agree(kept, params):
        del kept[:-1]
    return True


def has_persisted(state: Any, params: Any, conf: int) -> bool:
    """Enough candidates, which agree, and span the time that their distance asks for."""
    kept = state.candidates
    if len(kept) < max(params.sources, LIMITS["CANDIDATES_MIN"]):
        return False
    middle = median([c.price for c in kept])[1]
    return (conf <= middle * params.conf_max // PPM
            and kept[-1].time - kept[0].time >= hold(state, params, middle))


def do_agree(kept: list[Any], params: Any) -> bool:
    prices = [c.price for c in kept]
    return max(prices) - min(prices) <= min(prices) * params.agree // PPM


def hold(state: Any, params: Any, price: int) -> int:
    """gap_hold for each band of distance, at most 300 s."""
    bands = max(1, ceil_div(abs(price - state.price) * PPM, state.price * params.band))
    return min(LIMITS["HOLD_MAX"], params.gap_hold * bands)


def end_gap(w: Any, feed: int, state: Any, params: Any, found: Aggregate) -> None:
    """Their median becomes p; s does not jump; the grace begins."""
    state.slow = slow_price(state, params, w.time)
    state.slow_time = w.time
    low, middle, high = median([c.price for c in state.candidates])
    state.price, state.low, state.high, state.conf = middle, low, high, found.conf
    state.time, state.accepted = found.time, w.time
    state.anchor, state.anchor_time = middle, w.time
    state.refused, state.gap, state.candidates = 0, 0, []
    state.grace_until = w.time + params.grace
    w.emit("GAP_ENDED", feed=feed, price=middle)
    w.emit("PRICED", feed=feed, price=state.price, conf=state.conf, slow=state.slow)
