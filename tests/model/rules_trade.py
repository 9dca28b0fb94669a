# SPDX-License-Identifier: Apache-2.0
"""Trades: matched fills with their settlements, budgets, fees, caps and bands.

ACCT-3, ACCT-5, ACCT-7, LEDGER-1, PRICE-4, PRICE-6, MARGIN-2 and LOSS-8 of docs/SPEC.md."""
from __future__ import annotations

from typing import Any

import rules_gate
import rules_ledger
import rules_loss
import rules_margin
import rules_price
from rules_margin import PPM, WAD, ceil_div

DAY = 86_400
FILL_MAX = 4 * 10 ** 12 * WAD  # value of one fill: no position is above 1e12 [UNIT-3]
LOTS_MAX = 2 ** 63 - 1
POSITIONS_MAX = 64
INIT, ACTIVE, REDUCE_ONLY = 0, 1, 2
INCREASE, REDUCE = 0, 1


class Side:
    """One side of a fill: who, how many lots, whose order, at which fee."""

    __slots__ = ("number", "account", "lots", "by", "fee", "before", "after", "grows")

    def __init__(self, number: int, lots: int, by: int, fee: int):
        self.number = number
        self.lots = lots
        self.by = by
        self.fee = fee


def trade(w: Any, m: Any) -> None:
    if not m.fills:
        w.refuse("E_AMOUNT_ZERO")
    for fill in m.fills:
        check_shape(w, fill)
    if w.caller != w.config.matcher:
        w.refuse("E_ROLE")
    before: dict[int, rules_gate.Stand] = {}
    better: dict[int, int] = {}
    for fill in m.fills:
        load(w, fill, before, better)
        apply_fill(w, fill, before, better)
    w.config.live = 1  # from here on what lowers safety waits [GOV-3]
    for number, one in before.items():
        rules_gate.judge(w, w.account(number), one, better[number])


def check_shape(w: Any, fill: Any) -> None:
    """What no state but the market's identity could make valid."""
    if fill.buyer == fill.seller:
        w.refuse("E_FIELD")
    record = w.market(fill.market)
    if record is not None and fill.price % record.tick:
        w.refuse("E_RANGE")
    if fill.lots == 0:
        w.refuse("E_AMOUNT_ZERO")
    if fill.lots * fill.price > FILL_MAX:
        w.refuse("E_OVERFLOW")


def load(w: Any, fill: Any, before: dict[int, rules_gate.Stand],
         better: dict[int, int]) -> None:
    for number in (fill.buyer, fill.seller):
        if w.account(number) is None:
            w.refuse("E_NO_ACCOUNT")
    if w.market(fill.market) is None:
        w.refuse("E_NO_MARKET")
    for number in (fill.buyer, fill.seller):
        if number not in before:
            before[number] = rules_gate.stand(w, w.account(number))
            better[number] = 0


def sides_of(w: Any, fill: Any) -> tuple[Side, Side]:
    """Fees: taker and maker, up [ACCT-5]."""
    params = w.market(fill.market).params
    value = fill.lots * fill.price
    taker, maker = (ceil_div(value * ppm, PPM) for ppm in (params.fee_taker, params.fee_maker))
    buyer = Side(fill.buyer, fill.lots, fill.buyer_by, taker if fill.taker == 0 else maker)
    seller = Side(fill.seller, -fill.lots, fill.seller_by, maker if fill.taker == 0 else taker)
    for side in (buyer, seller):
        side.account = w.account(side.number)
        position = rules_ledger.position_of(side.account, fill.market)
        side.before = position.lots if position else 0
        side.after = side.before + side.lots
        side.grows = rules_gate.grew(side.before, side.after)
    return buyer, seller


def apply_fill(w: Any, fill: Any, before: dict[int, rules_gate.Stand],
               better: dict[int, int]) -> None:
    record, state = w.market(fill.market), w.state(fill.market)
    params = record.params
    view = rules_price.view(w, record.feed)
    sides = sides_of(w, fill)
    for side in sides:
        if abs(side.after) > LOTS_MAX:
            w.refuse("E_OVERFLOW")
    grants = [check_budget(w, fill, side, view) for side in sides]
    check_status(w, fill, sides, state)
    check_mode(w, fill, sides)
    has_room = check_room(fill, sides)
    for side in sides:
        if side.grows:
            settle_losses(w, side.number, side.account)
    for side in sides:
        if side.grows:
            rules_gate.check_prices(w, side.account, record.feed)
    check_fill_band(w, fill, sides, view, params, before)
    check_caps(w, fill, sides, view, params)
    if not has_room:
        w.refuse("E_POSITIONS_MAX")
    if fill.lots < params.min_order and all(side.after for side in sides):
        w.refuse("E_MIN_ORDER")
    if any(side.grows for side in sides) and state.deficits > rules_loss.could_pay(w, fill.market):
        w.refuse("E_LOSS_PENDING")
    for grant in grants:
        if grant is not None:
            grant[0].day, grant[0].lost_today = w.time // DAY, grant[1]
    for side in sides:
        rules_ledger.change(w, side.account, fill.market, side.lots,
                            -side.lots * fill.price - side.fee)
        rules_ledger.due(w, fill.market, "fees_due", side.fee)
        better[side.number] += max(0, side.lots * (view.p - fill.price))
    state.last_fill = fill.id
    w.emit("FILLED", id=fill.id, market=fill.market, buyer=fill.buyer, seller=fill.seller,
           lots=fill.lots, price=fill.price, fee_buyer=sides[0].fee, fee_seller=sides[1].fee)


def settle_losses(w: Any, number: int, account: Any) -> None:
    """The actor's losing markets whose price allows it are settled first [LEDGER-1]."""
    for market in [p.market for p in account.positions]:
        position = rules_ledger.position_of(account, market)
        if position is None:
            continue
        feed = w.market(market).feed
        if position.lots != 0 and rules_price.view(w, feed).good_to_liquidate is not None:
            continue
        if rules_ledger.amount(w, w.state(market), position, feed) < 0:
            rules_ledger.settle(w, number, market)


def check_status(w: Any, fill: Any, sides: tuple[Side, Side], state: Any) -> None:
    """Fill ids grow; pauses by what each side does; the market's status [ACCT-7] [GOV-2]."""
    grows = any(side.grows for side in sides)
    if fill.id <= state.last_fill:
        w.refuse("E_DUPLICATE")
    if grows and w.is_paused(fill.market, INCREASE):
        w.refuse("E_PAUSED")
    if not all(side.grows for side in sides) and w.is_paused(fill.market, REDUCE):
        w.refuse("E_PAUSED")
    if state.status not in (ACTIVE, REDUCE_ONLY):
        w.refuse("E_STATUS")
    if grows and (state.status == REDUCE_ONLY or state.uncovered < 0):
        w.refuse("E_REDUCE_ONLY")


def check_mode(w: Any, fill: Any, sides: tuple[Side, Side]) -> None:
    """Isolated admits no second market, claims and debts included [ACCT-2]."""
    for side in sides:
        if side.account.mode == 1 and any(p.market != fill.market
                                          for p in side.account.positions):
            w.refuse("E_MODE")


def check_room(fill: Any, sides: tuple[Side, Side]) -> bool:
    """Whether both have room for another position."""
    return all(rules_ledger.position_of(side.account, fill.market) is not None
               or len(side.account.positions) < POSITIONS_MAX for side in sides)


def check_caps(w: Any, fill: Any, sides: tuple[Side, Side], view: Any, params: Any) -> None:
    more = sum(max(0, side.after) - max(0, side.before) for side in sides)
    oi = w.state(fill.market).oi + more
    if more > 0 and (oi > LOTS_MAX or oi * view.p > params.oi_cap):
        w.refuse("E_CAP_OI")
    for side in sides:
        if side.grows and (abs(side.after) * view.p > params.position_cap
                           or abs(side.after) > params.max_lots):
            w.refuse("E_CAP_POSITION")


def check_fill_band(w: Any, fill: Any, sides: tuple[Side, Side], view: Any, params: Any,
                    before: dict[int, rules_gate.Stand]) -> None:
    """Within fill_band of p; a liquidatable account's own reduction at p -/+ c at worst
    [PRICE-6]."""
    if abs(fill.price - view.p) > view.p * params.fill_band // PPM:
        w.refuse("E_FILL_BAND")
    for side in sides:
        if side.grows:
            continue
        one = before[side.number]
        if one.equity < one.maint:
            if side.lots < 0 and fill.price < view.p - view.c \
                    or side.lots > 0 and fill.price > view.p + view.c:
                w.refuse("E_FILL_BAND")


def check_budget(w: Any, fill: Any, side: Side, view: Any) -> tuple[Any, int] | None:
    """The delegate's grant, or the owner's own budget while it is in force; what is lost today with
    this fill [ACCT-3]."""
    account = side.account
    is_own = side.by == 0
    found = [(i, g) for i, g in enumerate(account.grants)
             if (g.holder == account.owner) == is_own]
    if not found or w.time > found[0][1].expiry:
        if is_own:
            return None
        w.refuse("E_BUDGET")
    index, grant = found[0]
    named = [g.market for g in account.grant_markets if g.grant == index]
    loss = max(0, side.lots * (fill.price - view.p)) + side.fee
    lost = loss + (grant.lost_today if grant.day == w.time // DAY else 0)
    if named and fill.market not in named:
        w.refuse("E_BUDGET")
    if side.grows and abs(side.after) * view.p > grant.size_cap:
        w.refuse("E_BUDGET")
    if view.p and (abs(fill.price - view.p) > view.p * grant.fill_band // PPM
                   or lost > grant.daily_loss):
        w.refuse("E_BUDGET")
    return grant, lost
