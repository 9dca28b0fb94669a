# SPDX-License-Identifier: Apache-2.0
"""The gate: which change of an account is allowed, and what is noted of it afterwards.

MARGIN-7, MARGIN-8, PRICE-4, UNIT-3, ACCT-2, LIQ-3 and LOSS-8 of docs/SPEC.md."""
from __future__ import annotations

from typing import Any

import rules_loss
import rules_margin
import rules_price
from rules_margin import PPM, WAD, Picture

NOTIONAL_MAX = 10 ** 12 * WAD  # UNIT-3: |quote| of a position that may still grow


class Stand:
    """What the gate remembers of an account before the operation changed it."""

    __slots__ = ("equity", "maint", "lots")

    def __init__(self, picture: Picture):
        self.equity = picture.equity_maint()
        self.maint = picture.maint()
        self.lots = {leg.market: leg.lots for leg in picture.legs}


def stand(w: Any, account: Any) -> Stand:
    return Stand(rules_margin.paint(w, account))


def grew(before: int, after: int) -> bool:
    """|lots| grew, or the side flipped."""
    return abs(after) > abs(before) or before * after < 0


def reduces_risk(e: int, mm: int, e_after: int, mm_after: int) -> bool:
    """Branch 2 of the gate [MARGIN-8]."""
    if mm_after > mm:
        return False
    if mm_after == 0:
        return e_after >= 0 or e_after >= e
    if e < 0:
        return e_after >= e and mm_after < mm
    return e_after * mm >= e * mm_after


def judge(w: Any, account: Any, before: Stand, better: int = 0, is_scaled: bool = True,
          has_second: bool = True) -> None:
    """MARGIN-8 for one account that acts. `better`: what its fills of this operation were
    better than the mark, taken off E_im in full [MARGIN-2]; a takeover is never scaled [LIQ-1],
    and it, set_mode and set_leverage have the first branch only."""
    w.check_tokens()
    after = rules_margin.paint(w, account)
    has_grown = any(grew(before.lots.get(leg.market, 0), leg.lots) for leg in after.legs)
    maint = after.maint()
    is_increase = has_grown or maint > before.maint
    is_fine = after.equity_initial() - better * PPM >= after.initial(is_scaled and is_increase)
    if not is_fine and has_second and not has_grown:
        is_fine = reduces_risk(before.equity, before.maint, after.equity_maint(), maint)
    if not is_fine:
        w.refuse("E_BELOW_INITIAL")
    if is_increase or not has_second:
        check_debt(w, after)


def check_debt(w: Any, after: Picture) -> None:
    """cash + sum of min(0, lots x p + quote) >= -debt_limit, which is 0 [MARGIN-8]."""
    if after.cash - after.losses() < 0:
        w.refuse("E_DEBT")


def worst_code(w: Any, codes: list[str]) -> str | None:
    """Of several refusals the upper row of abi/errors.def."""
    return min(codes, key=w.precedence) if codes else None


def check_prices(w: Any, account: Any, extra: int | None = None,
                 is_takeover: bool = False) -> None:
    """Every feed that the account uses is good for risk [PRICE-4]; a takeover is exempt from
    conf_high [LIQ-1]. `extra`: the feed of a market that it is about to enter."""
    codes = []
    feeds = rules_margin.feeds_of(w, account)
    for feed in feeds if extra is None else feeds + [extra]:
        view = rules_price.view(w, feed)
        code = view.good_for_takeover if is_takeover and feed == extra else view.good_for_risk
        if code is not None:
            codes.append(code)
    if codes:
        w.refuse(worst_code(w, codes))


def has_lots(account: Any) -> bool:
    return any(position.lots for position in account.positions)


def is_good_for_risk(w: Any, account: Any) -> bool:
    return all(rules_price.view(w, feed).good_for_risk is None
               for feed in rules_margin.feeds_of(w, account))


# --- ACCT-2, MARGIN-6: what an owner sets ---------------------------------------------------------
def set_mode(w: Any, m: Any) -> None:
    account = w.own_account(m.account)
    picture = rules_margin.paint(w, account)
    if picture.is_liquidatable():
        w.refuse("E_STATUS")
    if account.mode == m.mode:
        w.refuse("E_NOT_NEEDED")
    if m.mode == 1 and len(account.positions) > 1:
        w.refuse("E_MODE")
    w.check_tokens()
    if has_lots(account):
        check_prices(w, account)
    before = Stand(picture)
    account.mode = m.mode
    w.moved.add(("ACCOUNT", m.account))
    if account.positions:
        judge(w, account, before, is_scaled=False, has_second=False)
    w.emit("ACCOUNT_SET", account=m.account, operation=0x11)


def set_leverage(w: Any, m: Any) -> None:
    account = w.own_account(m.account)
    before = stand(w, account)
    is_raised = m.ratio > account.leverage
    account.leverage = m.ratio
    w.moved.add(("ACCOUNT", m.account))
    w.check_tokens()
    if is_raised and has_lots(account):
        check_prices(w, account)
    if is_raised and account.positions:
        judge(w, account, before, is_scaled=False, has_second=False)
    w.emit("ACCOUNT_SET", account=m.account, operation=0x14)


# --- after every operation -----------------------------------------------------------------------
def episodes(w: Any) -> None:
    """Margin calls [MARGIN-7], the liquidation clock [LIQ-3] and flagged deficits [LOSS-8] of the
    accounts that the operation loaded, in that order."""
    touched = [(number, account, rules_margin.paint(w, account))
               for number, account in w.touched_accounts()
               if account.positions or account.margin_call or account.liquidatable_since]
    for number, account, picture in touched:
        call(w, number, account, picture)
    for number, account, picture in touched:
        if not w.is_changed("ACCOUNT", number):
            continue
        if account.liquidatable_since and picture.reaches_target():
            account.liquidatable_since = 0
            w.emit("FLAGGED", account=number, since=0)
        rules_loss.book_deficits(w, account, picture)


def call(w: Any, number: int, account: Any, picture: rules_margin.Picture) -> None:
    is_good = is_good_for_risk(w, account)
    is_below = picture.equity_initial() < picture.initial()
    if is_good and is_below and not account.margin_call:
        account.margin_call = 1
        w.emit("MARGIN_CALL", account=number, open=1)
    elif account.margin_call and is_good and not is_below:
        account.margin_call = 0
        w.emit("MARGIN_CALL", account=number, open=0)


def start_clock(w: Any, number: int, account: Any) -> None:
    """A takeover, a deleverage, a resolve and a sale start the clock too [LIQ-3]."""
    if account.liquidatable_since == 0:
        account.liquidatable_since = w.time
        w.emit("FLAGGED", account=number, since=w.time)
