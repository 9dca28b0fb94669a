# SPDX-License-Identifier: Apache-2.0
"""Margin: what an account is worth, what is required of it, and at which level it stands.

MARGIN-1 to MARGIN-4, MARGIN-6, MARGIN-7, ACCT-6, PRICE-3, PRICE-4 and LOSS-1 of docs/SPEC.md.
Sums of value x ppm stay whole numbers and are never divided [UNIT-4] [UNIT-5]."""
from __future__ import annotations

from math import isqrt
from typing import Any

import rules_ledger
import rules_price

WAD = 10 ** 18
PPM = 10 ** 6
COLLATERAL_VALUE_MAX = 250_000 * 10 ** 6 * WAD  # UNIT-3: what one collateral counts at most


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def effective_quote(state: Any, position: Any) -> int:
    """LEDGER-2: the quote with the index of the position's side applied."""
    if position.lots > 0:
        return position.quote - position.lots * (state.index_long - position.snapshot)
    if position.lots < 0:
        return position.quote - position.lots * (state.index_short - position.snapshot)
    return position.quote


# --- MARGIN-3, MARGIN-4, MARGIN-6: ratios and requirements ---------------------------------------
def sized_ratio(base: int, imf: int, lots: int, size_decimals: int) -> int:
    """max(r, r - floor(r/5) + ceil(imf x root of the size)), at most one [MARGIN-3]."""
    if imf == 0 or lots == 0:
        return min(PPM, base)
    square = ceil_div(imf * imf * abs(lots), PPM * 10 ** size_decimals)
    root = isqrt(square)
    premium = root if root * root == square else root + 1
    return min(PPM, max(base, base - base // 5 + premium))


def scaled_ratio(base: int, value: int, lower: int, upper: int) -> int:
    """From the lower to the upper open interest linearly to one, up; 0 = off [MARGIN-4]."""
    if lower == 0 or value <= lower:
        return base
    if value >= upper:
        return PPM
    return min(PPM, base + ceil_div((PPM - base) * (value - lower), upper - lower))


class Leg:
    """A position at one view, its index applied."""

    __slots__ = ("market", "lots", "quote", "price", "low", "high", "params", "decimals", "oi",
                 "mark", "moved")

    def __init__(self, market: int, lots: int, quote: int, view: Any, record: Any, oi: int):
        self.market = market
        self.lots = lots
        self.quote = quote
        self.price = self.mark = view.p
        self.low = view.lo
        self.high = view.hi
        self.params = record.params
        self.decimals = record.size_decimals
        self.oi = oi
        self.moved = False

    def worth(self) -> int:
        return self.lots * self.mark + self.quote

    def maint(self) -> int:
        """In wad x ppm [MARGIN-6]."""
        return self.maint_at(self.mark)

    def maint_at(self, price: int) -> int:
        if self.lots == 0:
            return 0
        p = self.params
        ratio = sized_ratio(p.maint, p.imf, self.lots, self.decimals)
        return max(p.floor * PPM, abs(self.lots) * price * ratio)

    def initial(self, leverage: int, is_scaled: bool) -> int:
        if self.lots == 0:
            return 0
        p = self.params
        ratio = sized_ratio(p.initial, p.imf, self.lots, self.decimals)
        if is_scaled:
            ratio = scaled_ratio(ratio, self.oi * self.price, p.oi_lower, p.oi_upper)
        ratio = max(ratio, leverage)
        price = self.price if self.lots > 0 else self.high
        return max(p.floor * PPM, abs(self.lots) * price * ratio)

    def own_ratios(self) -> tuple[int, int]:
        """(maintenance, initial) of the market at this size."""
        p = self.params
        return (sized_ratio(p.maint, p.imf, self.lots, self.decimals),
                sized_ratio(p.initial, p.imf, self.lots, self.decimals))

    def own_initial(self) -> int:
        """At p and the market's own ratio: what targets are made of [LIQ-2]."""
        if self.lots == 0:
            return 0
        return max(self.params.floor * PPM, abs(self.lots) * self.price * self.own_ratios()[1])

    def gain(self, has_gains: bool) -> int:
        """Losses in full, gains weighted and capped [MARGIN-2]."""
        price = self.low if self.lots > 0 else self.high
        worth = self.lots * price + self.quote
        if worth <= 0:
            return worth * PPM
        if not has_gains:
            return 0
        return min(worth * self.params.gain_weight, self.params.gain_cap * PPM)


class Holding:
    """A collateral balance at one view [ACCT-6]."""

    __slots__ = ("asset", "atoms", "price", "mark", "low", "params", "scale", "total")

    def __init__(self, asset: int, atoms: int, view: Any, record: Any, total: int):
        self.asset = asset
        self.atoms = atoms
        self.mark = view.p  # p, or moved in the account's favour
        self.price = view.p
        self.low = view.lo
        self.params = record.params
        self.scale = 10 ** (record.decimals + record.price_decimals)
        self.total = total

    def value(self, price: int) -> int:
        return min(self.atoms * price * WAD // self.scale, COLLATERAL_VALUE_MAX)

    def initial_weight(self) -> int:
        """weight x start / max(start, value of all deposits at p), down; 0 = off [ACCT-6]."""
        p = self.params
        if p.scale_start == 0:
            return p.weight_initial
        start = p.scale_start
        deposits = ceil_div(self.total * self.price * WAD, self.scale)
        if deposits <= start:
            return p.weight_initial
        return p.weight_initial * start // deposits


class Picture:
    """An account at the operation's views: everything that the rules of margin look at."""

    __slots__ = ("cash", "leverage", "legs", "holdings")

    def __init__(self, cash: int, leverage: int, legs: list[Leg], holdings: list[Holding]):
        self.cash = cash
        self.leverage = leverage
        self.legs = legs
        self.holdings = holdings

    def leg(self, market: int) -> Leg | None:
        for leg in self.legs:
            if leg.market == market:
                return leg
        return None

    def equity_maint(self) -> int:
        """E_mm in wad x ppm [MARGIN-1]."""
        total = self.cash + sum(leg.worth() for leg in self.legs)
        total *= PPM
        for held in self.holdings:
            total += held.value(held.mark) * held.params.weight_maint
        return total

    def maint(self) -> int:
        return sum(leg.maint() for leg in self.legs)

    def equity_initial(self, has_gains: bool = True) -> int:
        """E_im in wad x ppm [MARGIN-2]."""
        total = self.cash * PPM + sum(leg.gain(has_gains) for leg in self.legs)
        for held in self.holdings:
            total += held.value(held.low) * held.initial_weight()
        return total

    def initial(self, is_scaled: bool = False) -> int:
        return sum(leg.initial(self.leverage, is_scaled) for leg in self.legs)

    def equity_full(self) -> int:
        """E_full in wad: collateral at its sale price [MARGIN-1]."""
        total = self.cash + sum(leg.worth() for leg in self.legs)
        for held in self.holdings:
            total += held.value(held.mark * (PPM - held.params.discount_max) // PPM)
        return total

    def equity_plain(self) -> int:
        """Collateral at p, weight 1: what LOSS-1 measures a deficit by."""
        total = self.cash + sum(leg.worth() for leg in self.legs)
        return total + sum(held.value(held.mark) for held in self.holdings)

    def target(self) -> int:
        """T = sum of MM_m + liq_target_m x (IM_m - MM_m), unscaled, at p and the markets' own
        ratios, what is above MM rounded up, in wad x ppm [LIQ-2]."""
        total = 0
        for leg in self.legs:
            maint = leg.maint()
            above = leg.own_initial() - leg.maint_at(leg.price)
            total += maint + ceil_div(above * leg.params.liq_target, PPM)
        return total

    def reaches_target(self) -> bool:
        return self.equity_maint() >= self.target()

    def losses(self) -> int:
        """Sum of unsettled losses at p, in wad, positive."""
        return sum(max(0, -leg.worth()) for leg in self.legs)

    def is_liquidatable(self) -> bool:
        return self.equity_maint() < self.maint()

    def has_risk(self) -> bool:
        """WD-2: lots, or a debt."""
        return any(leg.lots != 0 or leg.quote < 0 for leg in self.legs)

    def deficit(self, market: int, equity: int | None = None) -> int:
        """D_m = min(loss_m, ceil(D x loss_m / sum of losses)), D = what the equity lacks: with
        collateral at p [LOSS-1], or the one that is given."""
        missing = -(self.equity_plain() if equity is None else equity)
        leg = self.leg(market)
        if missing <= 0 or leg is None:
            return 0
        loss = max(0, -leg.worth())
        if loss == 0:
            return 0
        return min(loss, ceil_div(missing * loss, self.losses()))


def paint(w: Any, account: Any, in_favour: int | None = None) -> Picture:
    """The picture of an account. With `in_favour`, a feed: all other feeds that are not good for
    a liquidation count at their last price moved in the account's favour [PRICE-4]."""
    rules_ledger.apply_indices(w, account)
    legs = []
    for position in account.positions:
        record = w.market(position.market)
        state = w.state(position.market)
        view = rules_price.view(w, record.feed)
        leg = Leg(position.market, position.lots, position.quote, view, record, state.oi)
        if in_favour is not None and record.feed != in_favour and position.lots != 0 \
                and view.good_to_liquidate is not None:
            widen(w, leg, record.feed, view, position.lots)
        legs.append(leg)
    holdings = []
    for balance in account.collaterals:
        record = w.asset(balance.asset)
        view = rules_price.view(w, record.feed)
        held = Holding(balance.asset, balance.atoms, view, record,
                       w.asset_state(balance.asset).total)
        if in_favour is not None and record.feed != in_favour \
                and view.good_to_liquidate is not None:
            widen(w, held, record.feed, view, 1)
        holdings.append(held)
    return Picture(account.cash, account.leverage, legs, holdings)


def widen(w: Any, item: Any, feed: int, view: Any, side: int) -> None:
    """The price moved by (window band + c) towards what the account hopes for, in what it is
    worth and in MM; the rest of what is required stays at p [PRICE-4]."""
    move = ceil_div(view.p * w.feed(feed).params.window_band, PPM) + view.c
    item.mark = view.p + move if side > 0 else max(0, view.p - move)


def feeds_of(w: Any, account: Any) -> list[int]:
    """Every feed the account uses: of its lots and of its collaterals; claims and debts need no
    price [PRICE-4]."""
    found = [w.market(p.market).feed for p in account.positions if p.lots != 0]
    for balance in account.collaterals:
        found.append(w.asset(balance.asset).feed)
    return found
