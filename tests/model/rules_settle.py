# SPDX-License-Identifier: Apache-2.0
"""The operation settle [LEDGER-1, LEDGER-7, PRICE-4 of docs/SPEC.md]."""
from __future__ import annotations

from typing import Any

import rules_ledger
import rules_price

SETTLE = 7


def settle(w: Any, m: Any) -> None:
    account = w.account(m.account)
    if account is None:
        w.refuse("E_NO_ACCOUNT")
    position = rules_ledger.position_of(account, m.market)
    if position is None:
        w.refuse("E_NO_MARKET")
    if w.is_paused(m.market, SETTLE):
        w.refuse("E_PAUSED")
    if position.lots != 0:
        code = rules_price.view(w, w.market(m.market).feed).good_to_liquidate
        if code is not None:
            w.refuse(code)
    state = w.state(m.market)
    before = besides(state)
    value = rules_ledger.settle(w, m.account, m.market)
    if value == 0 and before == besides(state):
        w.refuse("E_NOT_NEEDED")
    w.reply("reply_value", value=value)


def besides(state: Any) -> tuple[int, ...]:
    """What a settlement may change besides the account: the shortfall, and lines that are paid."""
    return state.shortfall, state.shortfall_account, state.fees, state.insurance
