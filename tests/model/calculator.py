# SPDX-License-Identifier: Apache-2.0
"""The rules' formulas in exact rational numbers, one short function a rule.

Written from the rulebook alone, to be read next to it; it knows nothing of the contract's code.
Whole numbers are in the units of abi/types.def (wad, wad x ppm, lots, ticks, ppm, seconds, 1e-9);
a fraction is a Fraction, and a result is rounded once, where the rule says so.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, isqrt

WAD = 10 ** 18
PPM = 10 ** 6
NANO = 10 ** 9
HOUR = 3600
HOURS_OF_RATE = 8


# --- UNIT-4: rounding has a direction ------------------------------------------------------------
def part_floor(value: int, ppm: int) -> int:
    """What is received: value x ppm, down."""
    return floor(Fraction(value * ppm, PPM))


def part_ceil(value: int, ppm: int) -> int:
    """What is paid or required: value x ppm, up."""
    return ceil(Fraction(value * ppm, PPM))


def clamp(x, low, high):
    return max(low, min(x, high))


# --- the objects of the rules --------------------------------------------------------------------
M0 = {  # section 12: the market of the defaults; values in wad, ratios in ppm
    "initial": 100_000, "maint": 50_000, "floor": WAD, "min_order": 1, "imf": 0,
    "oi_lower": 0, "oi_upper": 0, "oi_cap": 10_000_000 * WAD,
    "gain_weight": PPM, "gain_cap": 10 ** 12 * WAD, "fee_maker": 0, "fee_taker": 0,
    "liq_fee": 10_000, "liq_fee_max": 25_000, "liq_fee_growth": 50, "liq_insurance_fee": 5_000,
    "liq_target": 250_000, "liq_slice": 200_000, "liq_slice_above": 100_000 * WAD,
    "liq_cooldown": 30, "call_level": 1_100_000, "fill_band": 50_000, "withdraw_floor": 100_000,
    "allotment": 2_000_000 * WAD, "draw_cap": 2_000_000 * WAD, "loss_cap": 100_000,
    "grace_pay": 600, "funding_interest": 100_000, "funding_cap": 40_000_000,
}
F0 = {
    "age": 30, "skew": 5, "sources": 1, "band": 100_000, "band_rate": 500, "band_max": 300_000,
    "window": 300, "window_band": 200_000, "conf_high": 5_000, "conf_max": 10_000,
    "slow_tau": 3600, "slow_rate": 300_000, "gap": 60, "gap_hold": 60, "agree": 20_000,
    "grace": 120,
}
A0 = {
    "weight_initial": 800_000, "weight_maint": 850_000, "scale_start": 0,
    "discount": 20_000, "discount_max": 100_000, "discount_growth": 50,
}


@dataclass
class Market:
    """A market at one view: p, c, s. Decimals of size and price add up to 18 [UNIT-1]."""

    price: int
    conf: int = 0
    slow: int | None = None
    oi: int = 0
    size_decimals: int = 8
    params: dict[str, int] = field(default_factory=dict)

    def __getattr__(self, name: str) -> int:
        params = {**M0, **self.__dict__.get("params", {})}
        if name in params:
            return params[name]
        raise AttributeError(name)

    @property
    def low(self) -> int:
        """PRICE-3: min(p - c, s), the initial price of longs and collateral."""
        slow = self.price if self.slow is None else self.slow
        return max(0, min(self.price - self.conf, slow))

    @property
    def high(self) -> int:
        """PRICE-3: max(p + c, s), the initial price of shorts and debts."""
        slow = self.price if self.slow is None else self.slow
        return max(self.price + self.conf, slow)


@dataclass
class Leg:
    """ACCT-5: lots and quote in one market, indices applied."""

    market: Market
    lots: int
    quote: int = 0

    def worth(self, price: int | None = None) -> int:
        """Unrealised profit: lots x p + quote."""
        return self.lots * (self.market.price if price is None else price) + self.quote


@dataclass
class Collateral:
    """ACCT-6: a balance of atoms, its prices and weights."""

    atoms: int
    price: int
    decimals: int
    price_decimals: int
    conf: int = 0
    slow: int | None = None
    total: int | None = None  # atoms deposited by everybody; None: these alone
    params: dict[str, int] = field(default_factory=dict)

    def __getattr__(self, name: str) -> int:
        params = {**A0, **self.__dict__.get("params", {})}
        if name in params:
            return params[name]
        raise AttributeError(name)

    def value(self, price: int | None = None, atoms: int | None = None) -> int:
        """atoms x price in wad, down: an asset is received."""
        atoms = self.atoms if atoms is None else atoms
        price = self.price if price is None else price
        return floor(Fraction(atoms * price * WAD, 10 ** (self.decimals + self.price_decimals)))

    @property
    def low(self) -> int:
        slow = self.price if self.slow is None else self.slow
        return max(0, min(self.price - self.conf, slow))

    @property
    def scaled_weight(self) -> int:
        """ACCT-6: weight x start / max(start, value of all deposits at p), down; 0 = off."""
        if self.scale_start == 0:
            return self.weight_initial
        atoms = self.atoms if self.total is None else self.total
        deposits = Fraction(atoms * self.price * WAD, 10 ** (self.decimals + self.price_decimals))
        return floor(self.weight_initial * self.scale_start / max(Fraction(self.scale_start),
                                                                  deposits))


@dataclass
class Account:
    cash: int = 0
    legs: list[Leg] = field(default_factory=list)
    collaterals: list[Collateral] = field(default_factory=list)
    leverage: int = 0  # the user's least initial ratio


# --- MARGIN-1, MARGIN-2: equities ----------------------------------------------------------------
def equity_maint(account: Account) -> int:
    """E_mm in wad x ppm: cash + collateral x weight_mm + sum of (lots x p + quote)."""
    total = account.cash * PPM
    total += sum(c.value() * c.weight_maint for c in account.collaterals)
    return total + sum(leg.worth() * PPM for leg in account.legs)


def equity_full(account: Account) -> int:
    """E_full in wad: collateral at its sale price p x (1 - d_max), weight one."""
    sales = sum(c.value(part_floor(c.price, PPM - c.discount_max)) for c in account.collaterals)
    return account.cash + sales + sum(leg.worth() for leg in account.legs)


def gain_counted(leg: Leg, no_gains: bool) -> int:
    """MARGIN-2 in wad x ppm: losses in full, gains x gain weight, at most the gain cap."""
    price = leg.market.low if leg.lots > 0 else leg.market.high
    worth = leg.worth(price)
    if worth <= 0:
        return worth * PPM
    return 0 if no_gains else min(worth * leg.market.gain_weight, leg.market.gain_cap * PPM)


def equity_initial(account: Account, no_gains: bool = False) -> int:
    """E_im in wad x ppm."""
    total = account.cash * PPM
    total += sum(c.value(c.low) * c.scaled_weight for c in account.collaterals)
    return total + sum(gain_counted(leg, no_gains) for leg in account.legs)


# --- MARGIN-3 to MARGIN-6: ratios and requirements -----------------------------------------------
def root_ceil(x: Fraction) -> int:
    """The least whole n with n x n >= x."""
    whole = ceil(x)
    root = isqrt(whole)
    return root if root * root == whole else root + 1


def size_premium(imf: int, lots: int, size_decimals: int) -> int:
    """ceil(imf x sqrt(size)) in ppm; imf is 1e-9 per root of a base unit."""
    return root_ceil(Fraction(imf * imf * abs(lots), 1000 * 1000 * 10 ** size_decimals))


def ratio(base: int, imf: int, lots: int, size_decimals: int) -> int:
    """MARGIN-3: max(r, r - floor(r / 5) + premium), at most one."""
    return min(PPM, max(base, base - base // 5 + size_premium(imf, lots, size_decimals)))


def scaled_ratio(base: int, oi_value: int, lower: int, upper: int) -> int:
    """MARGIN-4: from `base` at the lower cap linearly to one at the upper cap, up; 0 = off."""
    if lower == 0 or oi_value <= lower:
        return base
    if oi_value >= upper:
        return PPM
    return min(PPM, base + ceil(Fraction((PPM - base) * (oi_value - lower), upper - lower)))


def leg_ratios(leg: Leg, leverage: int = 0, scaled: bool = False) -> tuple[int, int]:
    """(initial, maintenance) of a leg; a user's leverage cap may only raise the initial one."""
    m = leg.market
    initial = ratio(m.initial, m.imf, leg.lots, m.size_decimals)
    if scaled:
        initial = scaled_ratio(initial, m.oi * m.price, m.oi_lower, m.oi_upper)
    return max(initial, leverage), ratio(m.maint, m.imf, leg.lots, m.size_decimals)


def requirement(lots: int, price: int, ppm: int, least: int) -> int:
    """MARGIN-6 in wad x ppm: max(floor, |lots| x price x ratio); nothing without lots."""
    return max(least * PPM, abs(lots) * price * ppm) if lots else 0


def initial(account: Account, scaled: bool = False) -> int:
    """IM: longs at p, shorts at hi [PRICE-3]."""
    total = 0
    for leg in account.legs:
        price = leg.market.price if leg.lots > 0 else leg.market.high
        total += requirement(leg.lots, price, leg_ratios(leg, account.leverage, scaled)[0],
                             leg.market.floor)
    return total


def maint(account: Account) -> int:
    """MM: every leg at p."""
    return sum(requirement(leg.lots, leg.market.price, leg_ratios(leg)[1], leg.market.floor)
               for leg in account.legs)


LEVELS = ["healthy", "margin_call", "restricted", "liquidatable", "backstop", "bankrupt"]


def is_liquidatable(equity: int, required: int) -> bool:
    """MARGIN-7: strictly below; without lots the requirement is 0."""
    return equity < required


def level(account: Account, call_level: int = M0["call_level"]) -> int:
    e_im, im, e_mm, mm = (equity_initial(account), initial(account), equity_maint(account),
                          maint(account))
    if equity_full(account) < 0:
        return LEVELS.index("bankrupt")
    if 3 * e_mm < 2 * mm:
        return LEVELS.index("backstop")
    if is_liquidatable(e_mm, mm):
        return LEVELS.index("liquidatable")
    if e_im < im:
        return LEVELS.index("restricted")
    return LEVELS.index("margin_call" if e_im * PPM < im * call_level else "healthy")


# --- MARGIN-8: the gate --------------------------------------------------------------------------
def reduces_risk(e: int, mm: int, e_after: int, mm_after: int) -> bool:
    """Branch 2 of the gate: which change an account below its initial margin may make."""
    if mm_after > mm:
        return False
    if mm_after == 0:
        return e_after >= 0 or e_after >= e
    if e < 0:
        return e_after >= e and mm_after < mm
    return e_after * mm >= e * mm_after


def fee_bound(e: int, mm: int, mm_after: int) -> int:
    """A liquidation's fees in wad: floor(max(0, E) x (MM - MM') / MM); E, MM in wad x ppm."""
    return floor(Fraction(max(0, e) * (mm - mm_after), mm * PPM))


# --- WD-1 ----------------------------------------------------------------------------------------
def withdrawable_cash(account: Account) -> int:
    """Cash in wad, down: min(cash - unsettled losses, E_im(gains 0) - max(IM, 10 % of gross))."""
    losses = sum(max(0, -leg.worth()) for leg in account.legs)
    gross = sum(abs(leg.lots) * leg.market.price * leg.market.withdraw_floor
                for leg in account.legs)
    room = equity_initial(account, no_gains=True) - max(initial(account), gross)
    return max(0, min(account.cash - losses, floor(Fraction(room, PPM))))


def withdrawable_atoms(account: Account, which: int) -> int:
    """The largest n of a collateral that may leave, by bisection on the rule itself."""
    balance = account.collaterals[which]

    def allowed(n: int) -> bool:
        total = (balance.atoms if balance.total is None else balance.total) - n
        left = Collateral(balance.atoms - n, balance.price, balance.decimals,
                          balance.price_decimals, balance.conf, balance.slow, total,
                          balance.params)
        rest = [left if i == which else c for i, c in enumerate(account.collaterals)]
        after = Account(account.cash, account.legs, rest, account.leverage)
        gross = sum(abs(leg.lots) * leg.market.price * leg.market.withdraw_floor
                    for leg in account.legs)
        losses = sum(max(0, -leg.worth()) for leg in account.legs)
        return (equity_initial(after, no_gains=True) >= max(initial(after), gross)
                and losses <= account.cash)

    low, high = -1, balance.atoms
    while low < high:
        middle = (low + high + 1) // 2
        if allowed(middle):
            low = middle
        else:
            high = middle - 1
    return max(low, 0)


# --- PRICE-1 to PRICE-3 --------------------------------------------------------------------------
def median(quotes: list[int]) -> tuple[int, int, int]:
    """(lower middle, floor of their mean, upper middle)."""
    ordered = sorted(quotes)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return low, (low + high) // 2, high


def confidence(prices: list[int], confs: list[int]) -> int:
    """c = max(median of reported confidences, 1.5 x median absolute deviation), up."""
    _, p, _ = median(prices)
    reported = median(confs)[2]
    spread = median([abs(x - p) for x in prices])[2]
    return max(reported, ceil(Fraction(3 * spread, 2)))


def band_width(price: int, seconds: int, feed: dict[str, int]) -> int:
    """PRICE-2: price x min(band_max, band + band_rate x seconds), down."""
    widened = min(feed["band_max"], feed["band"] + feed["band_rate"] * seconds)
    return part_floor(price, widened)


def is_in_band(price: int, accepted: int, seconds: int, anchor: int, feed: dict[str, int]) -> bool:
    """Within the band of the accepted price and the window's band of the anchor."""
    return (abs(price - accepted) <= band_width(accepted, seconds, feed)
            and abs(price - anchor) <= part_floor(anchor, feed["window_band"]))


def slow_step(slow: int, price: int, seconds: int, feed: dict[str, int]) -> int:
    """PRICE-3: towards the price that was in force, at most slow_rate a second; dt is at most the
    age. The exponential step is taken implicitly, dt / (tau + dt) of the distance: below the true
    1 - exp(-dt / tau) and never beyond the price; its size is rounded down."""
    dt = min(seconds, feed["age"])
    gap = abs(price - slow)
    step = min(floor(Fraction(gap * dt, feed["slow_tau"] + dt)),
               floor(Fraction(slow * feed["slow_rate"] * dt, NANO)))
    return slow + step if price > slow else slow - step


def agrees(prices: list[int], ppm: int) -> bool:
    """PRICE-5: candidates agree when the widest distance is within the share of their median."""
    _, middle, _ = median(prices)
    return (max(prices) - min(prices)) * PPM <= middle * ppm


# --- FUND-1, FUND-2 ------------------------------------------------------------------------------
def premium(bid: int, ask: int, price: int) -> int:
    """A sample in 1e-9: (max(0, bid - p) - max(0, p - ask)) / p, down."""
    return floor(Fraction((max(0, bid - price) - max(0, price - ask)) * NANO, price))


def hourly_rate(samples: list[int], market: Market) -> int:
    """The rate of one hour in 1e-9, from the samples of the hour before."""
    interest = market.funding_interest
    if not samples:
        return 0
    if len(samples) < 15:
        rate8 = interest
    else:
        mean = floor(Fraction(sum(samples), len(samples)))
        rate8 = mean + clamp(interest - mean, -500_000, 500_000)
    bound = 6 * (market.initial - market.maint) * 1000  # ppm to 1e-9
    rate8 = clamp(rate8, -bound, bound)
    return clamp(floor(Fraction(rate8, HOURS_OF_RATE)), -market.funding_cap, market.funding_cap)


def index_step(rate: int, price: int, seconds: int, rest: Fraction = Fraction(0)
               ) -> tuple[int, Fraction]:
    """FUND-1: whole ticks a lot, and the remainder that the market keeps."""
    exact = Fraction(rate * price * seconds, NANO * HOUR) + rest
    return floor(exact), exact - floor(exact)


def payment(lots: int, index_now: int, index_then: int) -> int:
    """LEDGER-2: what the effective quote loses: lots x change of its side's index."""
    return lots * (index_now - index_then)


# --- LIQ -----------------------------------------------------------------------------------------
def grown(first: int, largest: int, growth: int, since: int, now: int) -> int:
    """LIQ-3, LIQ-6: grows with the clock, no jumps."""
    return min(largest, first + growth * max(0, now - since)) if since else first


def target(account: Account) -> int:
    """LIQ-2: T = sum of MM_m + beta_m x (IM_m - MM_m), unscaled, in wad x ppm, up."""
    total = Fraction(0)
    for leg in account.legs:
        one = Account(0, [leg], [], account.leverage)
        im, mm = initial(one), maint(one)
        total += mm + Fraction((im - mm) * leg.market.liq_target, PPM)
    return ceil(total)


def with_lots(account: Account, which: int, lots: int, quote: int) -> Account:
    legs = [Leg(leg.market, lots, quote) if i == which else leg
            for i, leg in enumerate(account.legs)]
    return Account(account.cash, legs, account.collaterals, account.leverage)


def liquidation_fees(account: Account, which: int, size: int, fee_ppm: int) -> tuple[int, int]:
    """(taker's fee, insurance fee) in wad for `size` lots, both within MARGIN-8's bound."""
    leg = account.legs[which]
    value = size * leg.market.price
    left = leg.lots - size if leg.lots > 0 else leg.lots + size
    after = with_lots(account, which, left, leg.quote)
    bound = fee_bound(equity_maint(account), maint(account), maint(after))
    taker = min(part_ceil(value, fee_ppm), bound)  # paid: up
    return taker, min(part_ceil(value, leg.market.liq_insurance_fee), bound - taker)


def after_takeover(account: Account, which: int, size: int, fee_ppm: int) -> Account:
    """The account after `size` lots left it at p, both fees charged to its quote."""
    leg = account.legs[which]
    signed = size if leg.lots > 0 else -size
    fees = sum(liquidation_fees(account, which, size, fee_ppm))
    return with_lots(account, which, leg.lots - signed,
                     leg.quote + signed * leg.market.price - fees)


def takeover_size(account: Account, which: int, fee_ppm: int) -> int:
    """LIQ-2 by trying: the least size with E' >= T', and the whole leg where there is none or where
    less than the minimum order or no more than the floor's worth would remain."""
    whole = abs(account.legs[which].lots)
    market = account.legs[which].market

    def leaves_little(size: int) -> bool:
        rest = Leg(market, whole - size, 0)
        floored = maint(Account(0, [rest])) <= market.floor * PPM
        return whole - size < market.min_order or floored

    def suffices(size: int) -> bool:
        after = after_takeover(account, which, size, fee_ppm)
        return leaves_little(size) or equity_maint(after) >= target(after)

    low, high = 1, whole
    while low < high:
        middle = (low + high) // 2
        if suffices(middle):
            high = middle
        else:
            low = middle + 1
    return whole if leaves_little(low) else low


def bankruptcy_price(account: Account, which: int) -> int:
    """LIQ-7: p less the leg's share of the equity, by maintenance requirement, a lot. A sale must
    bring at least it (up), a purchase may cost at most it (down); 0 where it would be negative."""
    leg = account.legs[which]
    mm, mine = maint(account), maint(Account(0, [leg]))
    if mm == 0:
        return 0
    share = Fraction(equity_full(account)) * Fraction(mine, mm)
    exact = leg.market.price - share / leg.lots
    return max(0, ceil(exact) if leg.lots > 0 else floor(exact))


def liquidation_price(account: Account, which: int) -> int | None:
    """MARGIN-9: the price of this market alone at which E_mm < MM, so rounded that the account is
    liquidatable at it: for a long the highest such price, for a short the lowest."""
    leg = account.legs[which]
    base = leg.market

    def bad(price: int) -> bool:
        moved = Market(price, 0, price, base.oi, base.size_decimals, base.params)
        after = Account(account.cash, [Leg(moved, x.lots, x.quote) if x is leg else x
                                       for x in account.legs], account.collaterals)
        return is_liquidatable(equity_maint(after), maint(after))

    if leg.lots == 0:
        return None
    if leg.lots > 0:
        if not bad(1):
            return None
        low, high = 1, 2
        while bad(high) and high < 1 << 64:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if bad(middle) else (low, middle)
        return low
    high = 1
    while not bad(high):
        high *= 2
        if high >= 1 << 64:
            return None
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bad(middle) else (middle, high)
    return high


# --- LOSS ----------------------------------------------------------------------------------------
def market_deficit(account: Account, which: int) -> int:
    """LOSS-1: D_m = min(loss_m, ceil(D x loss_m / sum of losses)), D = -E_full."""
    deficit = -equity_full(account)
    losses = [max(0, -leg.worth()) for leg in account.legs]
    if deficit <= 0 or losses[which] == 0:
        return 0
    return min(losses[which], ceil(Fraction(deficit * losses[which], sum(losses))))


def recognised(deficit: int, size: int, whole: int) -> int:
    """LOSS-2: x = ceil(D_m x q / L)."""
    return ceil(Fraction(deficit * size, whole))


@dataclass
class Waterfall:
    """Who pays x, in wad: tranche, global tranche, opposing side, uncovered line."""

    tranche: int
    common: int
    step: int      # ticks a lot on the opposing side
    side: int      # what of x the side pays
    excess: int    # rounding, to the insurance line
    uncovered: int


def waterfall(x: int, tranche: int, common: int, room: int, room_common: int, opposing: int,
              market: Market) -> Waterfall:
    """LOSS-1, LOSS-2: insurance within its caps, then at most loss_cap x p a lot, then the line."""
    drawn = min(x, tranche, room)
    rest = x - drawn
    drawn_common = min(rest, common, room_common)
    rest -= drawn_common
    cap = part_floor(market.price, market.loss_cap)
    step = min(ceil(Fraction(rest, opposing)), cap) if opposing and rest else 0
    paid = min(rest, step * opposing)
    return Waterfall(drawn, drawn_common, step, paid, step * opposing - paid, rest - paid)


# --- PRICE-7: the envelope -----------------------------------------------------------------------
def worst_move(feed: dict[str, int]) -> tuple[int, int]:
    """(T in seconds, move in ppm): T = age + sources x 1 s + grace + 30 s, and the window's band
    for every window begun in it."""
    seconds = feed["age"] + feed["sources"] + feed["grace"] + 30
    return seconds, -(-seconds // feed["window"]) * feed["window_band"]


def envelope(market: Market, feed: dict[str, int]) -> bool:
    """oi_cap x max(0, move + funding + f_max + f_i - 2/3 maintenance) <= allotment."""
    seconds, move = worst_move(feed)
    funding = Fraction(market.funding_cap * seconds, 1000 * HOUR)  # 1e-9 an hour, as ppm
    beyond = (move + funding + market.liq_fee_max + market.liq_insurance_fee
              - Fraction(2 * market.maint, 3))
    return market.oi_cap * max(Fraction(0), beyond) <= market.allotment * PPM


# --- LOSS-9: cover -------------------------------------------------------------------------------
def stressed_loss(account: Account, index: int, feed: dict[str, int]) -> int:
    """What one account would lack after the envelope's worst move against one of its legs."""
    leg = account.legs[index]
    step = part_ceil(leg.market.price, worst_move(feed)[1])
    return max(0, abs(leg.lots) * step - equity_full(account))
