# SPDX-License-Identifier: Apache-2.0
"""Sales of collateral for cash [LIQ-6 of docs/SPEC.md]."""
from __future__ import annotations

from typing import Any

import rules_gate
import rules_ledger
import rules_liquidation
import rules_margin
import rules_price
import rules_trade
from rules_margin import PPM, WAD, Holding, Picture, ceil_div

NO_MARKET = 65_535
SETTLE = 7
COLLATERALS_MAX = 8


def discount(w: Any, account: Any, asset: int) -> int:
    """d, growing with the seller's own liquidation clock."""
    p = w.asset(asset).params
    return rules_liquidation.grown(p.discount, p.discount_max, p.discount_growth,
                                   account.liquidatable_since, w.time)


def sale_price(w: Any, account: Any, asset: int) -> int:
    """p x (1 - d)."""
    mark = rules_price.view(w, w.asset(asset).feed).p
    return mark - mark * discount(w, account, asset) // PPM


def stop_code(w: Any, account: Any, market: int) -> str | None:
    """What stops a sale: in the market whose shortfall it pays, settlements too; otherwise in all
    markets of the account [GOV-2]."""
    if market == NO_MARKET:
        return rules_liquidation.account_code(w, account, rules_liquidation.stops)
    if w.is_paused(market, SETTLE):
        return "E_PAUSED"
    return rules_liquidation.stops(w, market)


def need_to_recover(w: Any, account: Any, picture: Picture, asset: int) -> int:
    """Lots that nobody can take over now: the cash that brings E_mm back to MM, up. Collateral that
    is worth v brings v x (1 - d) of it and takes v x weight away. 0: no sale helps."""
    p = w.asset(asset).params
    kept = PPM - discount(w, account, asset)
    gained = kept - p.weight_maint
    missing = ceil_div(picture.maint() - picture.equity_maint(), PPM)
    return ceil_div(missing * kept, gained) if gained > 0 else 0


def need_of(w: Any, number: int, account: Any, picture: Picture, market: int,
            asset: int) -> tuple[str | None, int]:
    """(refusal, cash that is needed)."""
    if market == NO_MARKET:
        need = picture.losses() - account.cash
        has_lots = any(leg.lots for leg in picture.legs)
        if not picture.is_liquidatable() and (has_lots or need <= 0):
            return "E_NOT_LIQUIDATABLE", 0
        if need <= 0 and rules_liquidation.due_market(w, account, picture) is None:
            need = need_to_recover(w, account, picture, asset)
        return (None, need) if need > 0 else ("E_NOT_NEEDED", 0)
    state = w.state(market)
    waits = w.market(market).params.grace_pay
    if state.shortfall == 0 or w.time <= state.shortfall_since + waits:
        return "E_NOT_NEEDED", 0
    leg = picture.leg(market)
    if leg is None:
        return "E_NO_MARKET", 0
    for waiting in (number, state.shortfall_account):
        code = settle_first(w, waiting, market)
        if code is not None:
            return code, 0
    left = rules_ledger.position_of(account, market)
    loss = -rules_ledger.amount(w, state, left, w.market(market).feed) if left else 0
    need = min(loss - account.cash, state.shortfall)
    return (None, need) if need > 0 else ("E_NOT_NEEDED", 0)


def settle_first(w: Any, number: int, market: int) -> str | None:
    """What can be paid without a sale: of the loser, then of the account that waits."""
    account = w.account(number)
    position = rules_ledger.position_of(account, market) if account is not None else None
    if position is None:
        rules_ledger.note_shortfall(w, number, market, 0)
        return None
    code = rules_price.view(w, w.market(market).feed).good_to_liquidate
    if position.lots and code is not None:
        return code
    rules_ledger.settle(w, number, market)
    return None


def first_asset(w: Any, account: Any, picture: Picture) -> int | None:
    """The highest maintenance weight among those that can be sold now for at least the smallest
    value."""
    best: Holding | None = None
    for held in picture.holdings:
        feed = w.asset(held.asset).feed
        if rules_price.view(w, feed).good_to_liquidate is not None:
            continue
        if held.atoms * sale_price(w, account, held.asset) * WAD // held.scale == 0:
            continue
        if best is None or held.params.weight_maint > best.params.weight_maint:
            best = held
    return best.asset if best else None


def liquidate_collateral(w: Any, m: Any) -> None:
    account, taker = rules_liquidation.accounts_of(w, m)
    record = w.asset(m.asset)
    if record is None:
        w.refuse("E_NO_ASSET")
    if m.market != NO_MARKET and w.market(m.market) is None:
        w.refuse("E_NO_MARKET")
    codes = [stop_code(w, account, m.market), rules_price.view(w, record.feed).good_to_liquidate]
    code = rules_gate.worst_code(w, [code for code in codes if code is not None])
    if code is not None:
        w.refuse(code)
    picture = rules_margin.paint(w, account, record.feed)
    price = sale_price(w, account, m.asset)
    if m.limit and price > m.limit:
        w.refuse("E_FILL_BAND")
    if rules_ledger.balance_of(taker, m.asset) is None \
            and len(taker.collaterals) >= COLLATERALS_MAX:
        w.refuse("E_COLLATERALS_MAX")
    code, need = need_of(w, m.account, account, picture, m.market, m.asset)
    if code is not None:
        w.refuse(code)
    if account.owner == taker.owner:
        w.refuse("E_SELF_LIQUIDATION")
    if first_asset(w, account, picture) != m.asset:
        w.refuse("E_NOT_NEEDED")
    held = next(h for h in picture.holdings if h.asset == m.asset)
    atoms = min(held.atoms, ceil_div(need * held.scale, price * WAD))
    if m.amount:
        atoms = min(atoms, m.amount)
    cash = ceil_div(atoms * price * WAD, held.scale)
    if m.limit and cash > atoms * m.limit * WAD // held.scale:
        w.refuse("E_FILL_BAND")
    if cash > taker.cash:
        w.refuse("E_BALANCE")
    before = rules_gate.stand(w, taker)
    if picture.is_liquidatable():
        rules_gate.start_clock(w, m.account, account)
    taker.cash -= cash
    account.cash += cash
    rules_ledger.move_collateral(w, account, taker, m.asset, atoms)
    w.emit("COLLATERAL_SOLD", account=m.account, asset=m.asset, taker=m.taker, amount=atoms,
           cash=cash)
    if m.market == NO_MARKET:
        rules_trade.settle_losses(w, m.account, account)
    else:
        rules_ledger.settle(w, m.account, m.market)
        rules_ledger.settle(w, w.state(m.market).shortfall_account, m.market)
    w.check_tokens()
    rules_gate.check_prices(w, taker, record.feed, is_takeover=True)
    rules_gate.judge(w, taker, before, is_scaled=False, has_second=False)
    w.reply("reply_amount", amount=atoms, cash=cash)
