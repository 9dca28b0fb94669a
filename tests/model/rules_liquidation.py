# SPDX-License-Identifier: Apache-2.0
"""Liquidation: the clock, the order of markets, sizes, slices, windows, fees and takeovers.

LIQ-1 to LIQ-5, LIQ-7, GOV-2 and PRICE-4 of docs/SPEC.md."""
from __future__ import annotations

from typing import Any, Callable

import rules_gate
import rules_ledger
import rules_loss
import rules_margin
import rules_price
import rules_trade
from rules_margin import PPM, WAD, Leg, Picture, ceil_div

REDUCE, LIQUIDATE, DELEVERAGE, DEPOSIT = 1, 2, 4, 5
PAUSE_SHORT, PAUSE_LONG = 14_400, 86_400
NOBODYS_FEED = -1


# --- GOV-2: what stops liquidations ---------------------------------------------------------------
def pause_end(record: Any, bit: int, length: int) -> int:
    """When a pause bit that is set ends; 0 where it is not set."""
    if not record.pauses >> bit & 1 or not record.pause_sets:
        return 0
    return record.pause_sets[bit].at + length


def stops(w: Any, market: int, is_forced_close: bool = False) -> str | None:
    """E_PAUSED while takeovers in a market are paused, E_GRACE a grace of its feed after
    reductions or deposits were [GOV-2]."""
    state = w.state(market)
    if w.time < pause_end(state, LIQUIDATE, PAUSE_SHORT):
        return "E_PAUSED"
    if is_forced_close and w.time < pause_end(state, DELEVERAGE, PAUSE_SHORT):
        return "E_PAUSED"
    grace = w.feed(w.market(market).feed).params.grace
    ends = [(pause_end(state, REDUCE, PAUSE_LONG), state.pause_lifted),
            (pause_end(w.config, DEPOSIT, PAUSE_LONG), w.config.pause_lifted)]
    if any(w.time < end for end, _ in ends):
        return "E_PAUSED"
    for end, lifted in ends:
        if end and w.time < end + grace or lifted and w.time < lifted + grace:
            return "E_GRACE"
    return None


def trade_code(w: Any, market: int, is_forced_close: bool = False) -> str | None:
    """Why lots of a market cannot be taken over now, or None [PRICE-4] [GOV-2]."""
    code = stops(w, market, is_forced_close)
    if code is not None:
        return code
    return rules_price.view(w, w.market(market).feed).good_to_liquidate


# --- LIQ-4: the order of markets ------------------------------------------------------------------
def due_market(w: Any, account: Any, picture: Picture) -> int | None:
    """The market whose lots go first: the owner's order, then the largest requirement."""
    maint = picture.maint()
    legs = {leg.market: leg for leg in picture.legs
            if leg.lots != 0 and trade_code(w, leg.market) is None}
    for item in account.order:
        leg = legs.get(item.market)
        if leg is not None and leg.maint() * 16 >= maint:
            return leg.market
    best = None
    for leg in legs.values():
        if best is None or leg.maint() > best.maint():
            best = leg
    return best.market if best else None


# --- LIQ-2, LIQ-3: sizes and fees -----------------------------------------------------------------
def grown(first: int, largest: int, growth: int, since: int, now: int) -> int:
    return min(largest, first + growth * (now - since)) if since else min(first, largest)


class Takeover:
    """A leg that is taken over: what a size costs, and what it leaves."""

    def __init__(self, picture: Picture, plain: Picture, leg: Leg, fee_ppm: int,
                 deficit: int | None):
        self.picture = picture
        self.leg = leg
        self.whole = abs(leg.lots)
        self.sign = 1 if leg.lots > 0 else -1
        self.fee_ppm = fee_ppm
        self.deficit = deficit  # D_m of a bankrupt account: no fee in its steps [LOSS-2]
        self.equity = picture.equity_maint()  # sizes: with other feeds in the account's favour
        self.equity_now, self.maint_now = plain.equity_maint(), plain.maint()  # fees: as it is
        self.start = (leg.lots, leg.quote)

    def recognised(self, size: int) -> int:
        return ceil_div(self.deficit * size, self.whole) if self.deficit else 0

    def fees(self, size: int) -> tuple[int, int]:
        """(taker's fee, insurance fee), within MARGIN-8's bound; they are paid: up."""
        if self.deficit is not None:
            return 0, 0
        value = size * self.leg.price
        lots, _ = self.start
        before = self.leg.maint()
        self.leg.lots = lots - self.sign * size
        after = self.leg.maint()
        self.leg.lots = lots
        bound = max(0, self.equity_now) * (before - after) // (self.maint_now * PPM)
        bound = max(0, bound)
        taker = min(ceil_div(value * self.fee_ppm, PPM), bound)
        insurance = min(ceil_div(value * self.leg.params.liq_insurance_fee, PPM), bound - taker)
        return taker, insurance

    def cures(self, size: int) -> bool:
        """E' >= T' after so many lots left at p [LIQ-2]."""
        lots, quote = self.start
        fees = sum(self.fees(size))
        self.leg.lots = lots - self.sign * size
        self.leg.quote = quote + self.sign * size * self.leg.price - fees + self.recognised(size)
        cured = self.picture.reaches_target()
        self.leg.lots, self.leg.quote = lots, quote
        return cured

    def is_small(self, size: int) -> bool:
        """Nothing, less than the minimum order or a requirement on its floor would remain."""
        p, rest = self.leg.params, self.whole - size
        if rest < p.min_order:
            return True
        ratio = rules_margin.sized_ratio(p.maint, p.imf, rest, self.leg.decimals)
        return rest * self.leg.price * ratio <= p.floor * PPM

    def needed(self) -> int:
        """The least size that cures; the whole leg where it would leave too little or none does."""
        size = first(1, self.whole, lambda s: self.is_small(s) or self.cures(s))
        return self.whole if self.is_small(size) else size


def first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first size at which a test holds that goes on holding; high + 1 where there is none."""
    high += 1
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def bankruptcy_price(picture: Picture, leg: Leg) -> int:
    """p less the leg's share of the equity by maintenance requirement, a lot [LIQ-7]."""
    maint = picture.maint()
    if maint == 0:
        return 0
    share = picture.equity_full() * leg.maint()
    if leg.lots > 0:
        exact = ceil_div(leg.price * maint * leg.lots - share, maint * leg.lots)
    else:
        exact = (leg.price * maint * -leg.lots + share) // (maint * -leg.lots)
    return max(0, exact)


def account_code(w: Any, account: Any, lots_code: Callable[[Any, int], str | None]) -> str | None:
    """Why no market of an account permits that it is flagged or its collateral sold, or None: one
    with lots does, of an account without lots one with a debt; for a sale either."""
    codes = [lots_code(w, p.market) for p in account.positions if p.lots != 0]
    if not codes or lots_code is stops:
        codes += [stops(w, p.market) for p in account.positions if p.lots == 0 and p.quote < 0]
    return rules_gate.worst_code(w, codes) if codes and all(codes) else None


# --- operations -----------------------------------------------------------------------------------
def flag(w: Any, m: Any) -> None:
    account = w.account(m.account)
    if account is None:
        w.refuse("E_NO_ACCOUNT")
    code = account_code(w, account, trade_code)
    if code is not None:
        w.refuse(code)
    picture = rules_margin.paint(w, account, NOBODYS_FEED)
    if not picture.is_liquidatable():
        w.refuse("E_NOT_LIQUIDATABLE")
    if account.liquidatable_since:
        w.refuse("E_NOT_NEEDED")
    rules_gate.start_clock(w, m.account, account)


def accounts_of(w: Any, m: Any) -> tuple[Any, Any]:
    """The account of a takeover or a sale, and the taker, who is the caller's own."""
    taker = w.own_account(m.taker)
    account = w.account(m.account)
    if account is None:
        w.refuse("E_NO_ACCOUNT")
    return account, taker


def is_beyond(limit: int, price: int, taken: int) -> bool:
    """A taker's limit, 0 = none, against the price of lots that are bought (> 0) or sold."""
    return limit > 0 and (price > limit if taken > 0 else price < limit)


def liquidate(w: Any, m: Any) -> None:
    account, taker = accounts_of(w, m)
    if w.market(m.market) is None or rules_ledger.position_of(account, m.market) is None:
        w.refuse("E_NO_MARKET")
    feed = w.market(m.market).feed
    params = w.market(m.market).params
    code = trade_code(w, m.market)
    if code == "E_PAUSED":
        w.refuse(code)
    if taker.mode == 1 and any(p.market != m.market for p in taker.positions):
        w.refuse("E_MODE")
    if code is not None:
        w.refuse(code)
    picture = rules_margin.paint(w, account, feed)
    leg = picture.leg(m.market)
    fee_ppm = grown(params.liq_fee, params.liq_fee_max, params.liq_fee_growth,
                    account.liquidatable_since, w.time)
    part = leg.price * fee_ppm // PPM
    price = leg.price - part if leg.lots > 0 else leg.price + part
    if leg.lots and is_beyond(m.limit, price, leg.lots):
        w.refuse("E_FILL_BAND")
    if rules_ledger.position_of(taker, m.market) is None \
            and len(taker.positions) >= rules_ledger.POSITIONS_MAX:
        w.refuse("E_POSITIONS_MAX")
    if not picture.is_liquidatable():
        w.refuse("E_NOT_LIQUIDATABLE")
    if account.owner == taker.owner:
        w.refuse("E_SELF_LIQUIDATION")
    is_backstop = 3 * picture.equity_maint() < 2 * picture.maint()
    if leg.lots == 0:
        w.refuse("E_NOT_NEEDED")
    is_bankrupt = picture.equity_full() < 0
    plain = rules_margin.paint(w, account)
    deficit = plain.deficit(m.market, picture.equity_plain()) if is_bankrupt else None
    step = Takeover(picture, plain, leg, fee_ppm, deficit)
    size, is_slice = sliced(w, account, step, is_backstop)
    if size == 0:
        w.refuse("E_COOLDOWN")
    if due_market(w, account, picture) != m.market:
        w.refuse("E_NOT_NEEDED")
    taken = min(size, m.lots) if m.lots else size
    fee_taker, fee_insurance = step.fees(taken)
    value = taken * leg.price
    if m.limit:
        is_worse = (value - fee_taker > m.limit * taken if step.sign > 0
                    else value + fee_taker < m.limit * taken)
        if is_worse:
            w.refuse("E_FILL_BAND")
    own = rules_ledger.position_of(taker, m.market)
    held = own.lots if own else 0
    grown_to = abs(held + step.sign * taken)
    if rules_gate.grew(held, held + step.sign * taken) \
            and (grown_to * leg.price > params.position_cap or grown_to > params.max_lots):
        w.refuse("E_CAP_POSITION")
    if taken < min(size, params.min_order):
        w.refuse("E_MIN_ORDER")
    rules_gate.check_prices(w, taker, feed, is_takeover=True)
    before = rules_gate.stand(w, taker)
    rules_gate.start_clock(w, m.account, account)
    bankruptcy = bankruptcy_price(plain, plain.leg(m.market))
    if step.deficit:
        rules_loss.recognise(w, m.account, m.market, step.recognised(taken), leg.lots, leg.price)
    signed = step.sign * taken
    rules_ledger.change(w, account, m.market, -signed, signed * leg.price - fee_taker
                        - fee_insurance)
    rules_ledger.change(w, taker, m.market, signed, -signed * leg.price + fee_taker)
    rules_ledger.due(w, m.market, "insurance_due", fee_insurance)
    w.emit("LIQUIDATED", account=m.account, market=m.market, taker=m.taker, lots=signed,
           price=leg.price, fee_taker=fee_taker, fee_insurance=fee_insurance,
           bankruptcy=bankruptcy)
    if params.liq_window and not is_backstop:
        rules_loss.use(w, w.state(m.market).taken, params.liq_window, value)
    if is_slice and taken == size:
        account.cooldown_until = w.time + params.liq_cooldown
    rules_trade.settle_losses(w, m.taker, taker)
    rules_gate.judge(w, taker, before, is_scaled=False, has_second=False)
    w.reply("reply_lots", lots=taken)


def sliced(w: Any, account: Any, step: Takeover, is_backstop: bool) -> tuple[int, bool]:
    """(most lots now, none in a cooldown; whether they are a full slice) [LIQ-5]."""
    params = step.leg.params
    size, is_slice = step.needed(), False
    if is_backstop:
        return size, False
    if step.whole * step.leg.price > params.liq_slice_above:
        if w.time < account.cooldown_until:
            return 0, False
        part = ceil_div(step.whole * params.liq_slice, PPM)
        if part <= size:
            size, is_slice = part, True
    if params.liq_window:
        room = window_room(w, account, step.leg) // step.leg.price
        if room < size:
            size, is_slice = room, False
    return size, is_slice


def window_room(w: Any, account: Any, leg: Leg) -> int:
    """What the market's window still admits: half of its cap is kept for accounts that were
    flagged longer than a window ago [LIQ-5]."""
    length, cap = leg.params.liq_window, leg.params.liq_window_cap
    since = account.liquidatable_since
    if not since or w.time <= since + length:
        cap //= 2
    return rules_loss.room(w, w.state(leg.market).taken, length, cap)
