# SPDX-License-Identifier: Apache-2.0
"""What may leave an account [WD-1, WD-2, LEDGER-1, PRICE-4 of docs/SPEC.md]."""
from __future__ import annotations

from typing import Any

import rules_gate
import rules_margin
import rules_trade
from rules_margin import PPM, Picture

VALUE_MAX = 2 ** 127 - 1  # what a value holds [UNIT-3]


def least_equity(picture: Picture) -> int:
    """max(IM, withdraw_floor of gross notional), in wad x ppm."""
    gross = sum(abs(leg.lots) * leg.price * leg.params.withdraw_floor for leg in picture.legs)
    return max(picture.initial(), gross)


def check(w: Any, number: int, account: Any, asset: int, value: int,
          room: bool | None = None) -> None:
    """`value`: cash in wad, or atoms of a collateral. Losing markets are settled first. `room`: of
    a transfer, whether who receives has room for the collateral; its total stays."""
    if rules_margin.paint(w, account).has_risk():
        rules_gate.check_prices(w, account)
    rules_trade.settle_losses(w, number, account)
    picture = rules_margin.paint(w, account)
    if asset == 0 and value > VALUE_MAX:
        w.refuse("E_OVERFLOW")
    if asset == 0:
        check_cash(w, account, picture, value)
    else:
        check_collateral(w, account, picture, asset, value, room)


def profit_code(picture: Picture) -> str:
    has_profit = any(leg.worth() > 0 for leg in picture.legs)
    return "E_PROFIT_UNPAID" if has_profit else "E_BALANCE"


def check_cash(w: Any, account: Any, picture: Picture, value: int) -> None:
    if value > account.cash - picture.losses():
        w.refuse(profit_code(picture))
    if picture.has_risk() and picture.equity_initial(False) - value * PPM < least_equity(picture):
        w.refuse("E_BELOW_INITIAL")


def check_collateral(w: Any, account: Any, picture: Picture, asset: int, atoms: int,
                     room: bool | None) -> None:
    held = next((h for h in picture.holdings if h.asset == asset), None)
    if held is None or atoms > held.atoms:
        w.refuse("E_BALANCE")
    if room is False:
        w.refuse("E_COLLATERALS_MAX")
    if not picture.has_risk():
        return
    held.atoms -= atoms
    held.total -= atoms if room is None else 0
    if picture.losses() > account.cash:
        w.refuse(profit_code(picture))
    if picture.equity_initial(False) < least_equity(picture):
        w.refuse("E_BELOW_INITIAL")
