# SPDX-License-Identifier: Apache-2.0
"""The ledger: positions with their indices, settlements, lines, balances of collateral.

LEDGER-1 to LEDGER-7, ACCT-5, ACCT-8 and LOSS-7 of docs/SPEC.md."""
from __future__ import annotations

from typing import Any

import rules_price
import tables

WAD = tables.WAD
BALANCE_MAX = tables.LIMITS["BALANCE_MAX"] * 10 ** 6 * WAD
POSITIONS_MAX = tables.LIMITS["POSITIONS_MAX"]
COLLATERALS_MAX = tables.LIMITS["COLLATERALS_MAX"]


def position_of(account: Any, market: int) -> Any:
    for position in account.positions:
        if position.market == market:
            return position
    return None


def index_of(state: Any, lots: int) -> int:
    if lots == 0:
        return 0
    return state.index_long if lots > 0 else state.index_short


def apply_index(state: Any, position: Any) -> None:
    """Its quote pays what its side's index has moved; A is unchanged [LEDGER-2]."""
    index = index_of(state, position.lots)
    position.quote -= position.lots * (index - position.snapshot)
    position.snapshot = index


def apply_indices(w: Any, account: Any) -> None:
    """All of an account's positions with their indices. As with funding, time alone stores
    nothing [FUND-1]."""
    moved = [(w.state(p.market), p) for p in account.positions]
    if all(p.snapshot == index_of(state, p.lots) for state, p in moved):
        return
    kept = next(kept for kept, record in w.read.items() if record is account)
    is_untouched = w.is_as_stored(*kept)
    for state, position in moved:
        apply_index(state, position)
    if is_untouched:
        w.accrued[kept] = w.bytes_of(*kept)


def change(w: Any, account: Any, market: int, lots: int, quote: int) -> None:
    """Lots and quote of a position, its index applied first [ACCT-5] [LEDGER-2]. The open interest
    is the sum of the long side."""
    state = w.state(market)
    position = position_of(account, market)
    if position is None:
        if len(account.positions) >= POSITIONS_MAX:
            w.refuse("E_POSITIONS_MAX")
        position = w.make("position", market=market)
        account.positions.append(position)
        account.positions.sort(key=lambda p: p.market)
    apply_index(state, position)
    state.accrued -= position.quote + position.lots * position.snapshot
    w.moved.add(("MARKET_STATE", market))
    state.oi += max(0, position.lots + lots) - max(0, position.lots)
    position.lots += lots
    position.quote += quote
    position.snapshot = index_of(state, position.lots)
    state.accrued += position.quote + position.lots * position.snapshot
    if position.lots == 0 and position.quote == 0:
        account.positions.remove(position)


def due(w: Any, market: int, line: str, value: int) -> None:
    """A claim of a line on the pool; a negative uncovered line is filled first [LOSS-7]."""
    state = w.state(market)
    filled = min(value, -state.uncovered)
    state.uncovered += filled
    setattr(state, line, getattr(state, line) + value - filled)


# --- LEDGER-1: settle -----------------------------------------------------------------------------
def amount(w: Any, state: Any, position: Any, feed: int) -> int:
    """What a position has to settle: lots at the smaller |PnL| of p and s, 0 where they differ in
    sign; claims and debts exactly."""
    if position.lots == 0:
        return position.quote
    view = rules_price.view(w, feed)
    quote = position.quote - position.lots * (index_of(state, position.lots) - position.snapshot)
    at_price, at_slow = position.lots * view.p + quote, position.lots * view.s + quote
    if at_price * at_slow <= 0:
        return 0
    return min(at_price, at_slow, key=abs)


def settle(w: Any, number: int, market: int) -> int:
    """A loser pays the pool, a winner is paid from it; the cash gained or paid."""
    account, state = w.account(number), w.state(market)
    w.moved.add(("ACCOUNT", number))
    position = position_of(account, market)
    wanted = amount(w, state, position, w.market(market).feed)
    if wanted < 0:
        value = -min(-wanted, account.cash)
    else:
        value = min(wanted, state.pool)
    account.cash += value
    state.pool -= value
    change(w, account, market, 0, -value)
    if value:
        w.emit("SETTLED", account=number, market=market, value=value)
    note_shortfall(w, number, market, max(0, wanted) - max(0, value))
    pay_lines(w, market)
    return value


def note_shortfall(w: Any, number: int, market: int, unpaid: int) -> None:
    """The unpaid profit of the largest claimant, whose it is, and since when [LEDGER-7]."""
    state = w.state(market)
    is_his = state.shortfall_account == number
    if unpaid == 0:
        if is_his:
            state.shortfall = state.shortfall_since = state.shortfall_account = 0
            w.emit("SHORTFALL", market=market, account=number, value=0)
        return
    if not is_his and unpaid <= state.shortfall:
        return
    if state.shortfall_since == 0 or unpaid > 2 * state.shortfall:
        state.shortfall_since = w.time
    if unpaid != state.shortfall or not is_his:
        state.shortfall, state.shortfall_account = unpaid, number
        w.emit("SHORTFALL", market=market, account=number, value=unpaid)


def pay_lines(w: Any, market: int) -> None:
    """Fee and insurance claims become cash, last: from pool - shortfall [LEDGER-7]; a negative
    uncovered line takes them first [LOSS-7]."""
    state = w.state(market)
    for line in ("fees_due", "insurance_due"):
        claim = getattr(state, line)
        setattr(state, line, 0)
        due(w, market, line, claim)
    free = max(0, state.pool - state.shortfall)
    fees = min(state.fees_due, free)
    insurance = min(state.insurance_due, free - fees)
    if fees == 0 and insurance == 0:
        return
    state.fees_due -= fees
    state.fees += fees
    state.insurance_due -= insurance
    state.insurance += insurance
    state.pool -= fees + insurance
    w.emit("LINES_PAID", market=market, fees=fees, insurance=insurance)


# --- collateral and tokens ------------------------------------------------------------------------
def balance_of(account: Any, asset: int) -> Any:
    for balance in account.collaterals:
        if balance.asset == asset:
            return balance
    return None


def add_collateral(w: Any, account: Any, asset: int, atoms: int) -> None:
    balance = balance_of(account, asset)
    if balance is None:
        if len(account.collaterals) >= COLLATERALS_MAX:
            w.refuse("E_COLLATERALS_MAX")
        balance = w.make("collateral", asset=asset)
        account.collaterals.append(balance)
        account.collaterals.sort(key=lambda b: b.asset)
    balance.atoms += atoms


def take_collateral(account: Any, asset: int, atoms: int) -> None:
    balance = balance_of(account, asset)
    balance.atoms -= atoms
    if balance.atoms == 0:
        account.collaterals.remove(balance)


def move_collateral(w: Any, giver: Any, taker: Any, asset: int, atoms: int) -> None:
    """Between two accounts: the asset's total stays."""
    take_collateral(giver, asset, atoms)
    add_collateral(w, taker, asset, atoms)


def scale(w: Any) -> int:
    """Wad of one atom of the settlement token [UNIT-2]."""
    return 10 ** (18 - w.asset(0).decimals)
