# SPDX-License-Identifier: Apache-2.0
"""Who pays: draws, deficits, the charge on a side, the uncovered line, flagged deficits, resolve.

LOSS-1, LOSS-2, LOSS-7 and LOSS-8 of docs/SPEC.md."""
from __future__ import annotations

from typing import Any

import rules_collateral
import rules_gate
import rules_ledger
import rules_liquidation
import rules_margin
import rules_trade
from rules_margin import PPM, Picture, ceil_div

DAY = 86_400
INDEX_MAX = 2 ** 62 - 1  # UNIT-3


def room(w: Any, window: Any, length: int, cap: int) -> int:
    """What the rolling window still allows: the cap less this fixed window and the one before
    [LOSS-1]."""
    number = w.time // length
    used = 0
    if window.number == number:
        used = window.current + window.previous
    elif window.number + 1 == number:
        used = window.current
    return max(0, cap - used)


def use(w: Any, window: Any, length: int, value: int) -> None:
    """Counts what was used; a window that nothing uses stays as it is."""
    if value == 0:
        return
    number = w.time // length
    if window.number != number:
        window.previous = window.current if window.number + 1 == number else 0
        window.current = 0
        window.number = number
    window.current += value


def could_pay(w: Any, market: int) -> int:
    """What both tranches would pay now [LOSS-8]."""
    state = w.state(market)
    cap = w.market(market).params.draw_cap
    return (min(state.insurance, room(w, state.draws, DAY, cap))
            + min(w.ledger.global_, room(w, state.global_draws, DAY, cap)))


def recognise(w: Any, number: int, market: int, value: int, side: int, price: int) -> None:
    """Recognises `value` of an account's loss: insurance, the global tranche, the opposing side up
    to loss_cap, the uncovered line [LOSS-1] [LOSS-2]. `side`: lots of the bankrupt leg, 0 where it
    has none; `price`: p."""
    state = w.state(market)
    params = w.market(market).params
    drawn = common = step = opposing = 0
    drawn = min(value, state.insurance, room(w, state.draws, DAY, params.draw_cap))
    common = min(value - drawn, w.ledger.global_,
                 room(w, state.global_draws, DAY, params.draw_cap))
    rest = value - drawn - common
    use(w, state.draws, DAY, drawn)
    use(w, state.global_draws, DAY, common)
    state.insurance -= drawn
    w.ledger.global_ -= common
    state.pool += drawn + common
    if side and rest and state.oi:
        step = min(ceil_div(rest, state.oi), price * params.loss_cap // PPM)
        if not step_fits(state, side, step):
            step = 0
        if side > 0:
            state.index_short -= step
        else:
            state.index_long += step
    opposing = step * state.oi
    excess = max(0, opposing - rest)
    uncovered = max(0, rest - opposing)
    account = w.account(number)
    rules_ledger.change(w, account, market, 0, value)
    state.uncovered -= uncovered
    rules_ledger.due(w, market, "insurance_due", excess)
    w.emit("DEFICIT", account=number, market=market, value=value, insurance=drawn,
           **{"global": common}, opposing=opposing, uncovered=uncovered, step=step)


def step_fits(state: Any, side: int, step: int) -> bool:
    """UNIT-3: a loss step that leaves the index bound is booked to the uncovered line."""
    index = state.index_short - step if side > 0 else state.index_long + step
    return abs(index) <= INDEX_MAX


def book_deficits(w: Any, account: Any, picture: Picture) -> None:
    """The account's share in the flagged deficits of its markets: empty unless it is flagged and
    bankrupt, by its E_full [LOSS-8]."""
    wanted = {}
    equity = picture.equity_full()
    if account.liquidatable_since and equity < 0:
        for leg in picture.legs:
            value = picture.deficit(leg.market, equity)
            if value:
                wanted[leg.market] = value
    for row in account.deficits:
        w.state(row.market).deficits -= row.value
        w.moved.add(("MARKET_STATE", row.market))
    account.deficits = [w.make("deficit", market=market, value=value)
                        for market, value in sorted(wanted.items())]
    for row in account.deficits:
        w.state(row.market).deficits += row.value


# --- resolve -------------------------------------------------------------------------------------
def resolve(w: Any, m: Any) -> None:
    """Recognises the deficit of a debtor without lots and without collateral [LOSS-2]."""
    account = w.account(m.account)
    if account is None:
        w.refuse("E_NO_ACCOUNT")
    position = rules_ledger.position_of(account, m.market)
    if position is None:
        w.refuse("E_NO_MARKET")
    code = rules_liquidation.stops(w, m.market)
    if code is not None:
        w.refuse(code)
    picture = rules_margin.paint(w, account, rules_liquidation.NOBODYS_FEED)
    if picture.equity_plain() >= 0:
        w.refuse("E_NOT_LIQUIDATABLE")
    has_lots = any(leg.lots for leg in picture.legs)
    if has_lots or position.quote >= 0 or is_sellable(w, account, picture):
        w.refuse("E_NOT_NEEDED")
    rules_trade.settle_losses(w, m.account, account)
    rules_gate.start_clock(w, m.account, account)
    value = rules_margin.paint(w, account, rules_liquidation.NOBODYS_FEED).deficit(m.market)
    if value == 0:
        w.refuse("E_NOT_NEEDED")
    recognise(w, m.account, m.market, value, 0, 0)
    w.reply("reply_value", value=value)


def is_sellable(w: Any, account: Any, picture: Picture) -> bool:
    """A sale would turn some collateral into cash: it goes first, but for a trace and for what
    never had a price [LOSS-2]."""
    return any(held.value(rules_collateral.sale_price(w, account, held.asset)) > 0
               for held in picture.holdings)
