# SPDX-License-Identifier: Apache-2.0
"""Forced closes against an opposing winner [LIQ-11 of docs/SPEC.md]."""
from __future__ import annotations

from typing import Any

import rules_gate
import rules_ledger
import rules_liquidation
import rules_loss
import rules_margin
from rules_margin import PPM, Picture, ceil_div


def is_due(w: Any, account: Any, picture: Picture, grace: int) -> bool:
    """Liquidatable, and bankrupt or below a third of MM a grace after it was flagged."""
    if not picture.is_liquidatable():
        return False
    if picture.equity_full() < 0:
        return True
    is_waited = account.liquidatable_since and w.time >= account.liquidatable_since + grace
    return bool(is_waited) and 3 * picture.equity_maint() < picture.maint()


def deleverage(w: Any, m: Any) -> None:
    account, winner = w.account(m.account), w.account(m.counterparty)
    if account is None or winner is None or m.tip and w.account(m.tip) is None:
        w.refuse("E_NO_ACCOUNT")
    for one in (account, winner):
        position = rules_ledger.position_of(one, m.market)
        if position is None:
            w.refuse("E_NO_MARKET")
    feed = w.market(m.market).feed
    params = w.market(m.market).params
    code = rules_liquidation.trade_code(w, m.market, is_forced_close=True)
    if code is not None:
        w.refuse(code)
    picture = rules_margin.paint(w, account, feed)
    if not is_due(w, account, picture, w.feed(feed).params.grace):
        w.refuse("E_NOT_LIQUIDATABLE")
    if account.owner == winner.owner:
        w.refuse("E_SELF_LIQUIDATION")
    leg = picture.leg(m.market)
    theirs = rules_margin.paint(w, winner).leg(m.market)
    if leg.lots * theirs.lots >= 0 or theirs.worth() <= 0:
        w.refuse("E_NOT_NEEDED")
    size = min(abs(leg.lots), abs(theirs.lots))
    taken = min(size, m.lots) if m.lots else size
    if taken < min(size, params.min_order):
        w.refuse("E_MIN_ORDER")
    rules_gate.start_clock(w, m.account, account)
    if picture.equity_full() < 0:
        deficit = rules_margin.paint(w, account).deficit(m.market, picture.equity_plain())
        if deficit:
            rules_loss.recognise(w, m.account, m.market,
                                 ceil_div(deficit * taken, abs(leg.lots)), leg.lots, leg.price)
    signed = taken if leg.lots > 0 else -taken
    rules_ledger.change(w, account, m.market, -signed, signed * leg.price)
    rules_ledger.change(w, winner, m.market, signed, -signed * leg.price)
    tip = pay_tip(w, m, taken * leg.price * params.liq_fee // PPM)
    w.emit("DELEVERAGED", account=m.account, market=m.market, counterparty=m.counterparty,
           lots=signed, price=leg.price, tip=tip)
    w.reply("reply_lots", lots=taken)


def pay_tip(w: Any, m: Any, most: int) -> int:
    """From the market's tranche, within its draw cap."""
    if m.tip == 0:
        return 0
    state = w.state(m.market)
    room = rules_loss.room(w, state.draws, rules_loss.DAY, w.market(m.market).params.draw_cap)
    tip = min(most, state.insurance, room)
    rules_loss.use(w, state.draws, rules_loss.DAY, tip)
    state.insurance -= tip
    w.account(m.tip).cash += tip
    w.moved.add(("ACCOUNT", m.tip))
    return tip
