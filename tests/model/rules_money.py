# SPDX-License-Identifier: Apache-2.0
"""Money in and out: deposits, withdrawals, transfers, insurance, surplus, payouts.

UNIT-2, UNIT-3, ACCT-6, LEDGER-3, LEDGER-5, LEDGER-6 and WD-1 of docs/SPEC.md."""
from __future__ import annotations

from hashlib import sha256
from typing import Any

import rules_ledger
import rules_withdrawal
import tables
import world
from rules_ledger import BALANCE_MAX

ALL = 65_535
DEPOSIT, WITHDRAW = 5, 6


# --- LEDGER-5: what comes with a call -------------------------------------------------------------
def take_attached(w: Any, asset: int, atoms: int) -> None:
    """A call carries exactly the atoms that it names."""
    wanted = (w.asset(asset).token, atoms)
    if wanted not in w.funds:
        w.refuse("E_INSUFFICIENT_FUNDS_ATTACHED")
    w.funds = list(w.funds)
    w.funds.remove(wanted)


def book_surplus(w: Any) -> None:
    """What nobody asked for changes nothing but the surplus line; a token that is no asset refuses
    the call."""
    for token, atoms in w.funds:
        index = w.load("TOKEN", sha256(token).digest())
        if index is None:
            w.refuse("E_NO_ASSET")
        w.asset(index.asset)
        w.asset_state(index.asset).surplus += atoms
        w.emit("SURPLUS_BOOKED", asset=index.asset, amount=atoms)


# --- cash and collateral --------------------------------------------------------------------------
def credit(w: Any, account: Any, asset: int, atoms: int) -> None:
    if asset == 0:
        account.cash += atoms * rules_ledger.scale(w)
    else:
        rules_ledger.add_collateral(w, account, asset, atoms)


def debit(w: Any, account: Any, asset: int, atoms: int) -> None:
    if asset == 0:
        account.cash -= atoms * rules_ledger.scale(w)
    else:
        rules_ledger.take_collateral(account, asset, atoms)


def total(w: Any, asset: int, atoms: int) -> None:
    """The asset's total of all balances grows by so much [LEDGER-3]."""
    if asset == 0:
        w.ledger.vault += atoms * rules_ledger.scale(w)
    else:
        w.asset_state(asset).total += atoms


def check_amount(w: Any, asset: int, atoms: int) -> None:
    """No amount of the settlement token above the largest balance [UNIT-3]."""
    if atoms == 0:
        w.refuse("E_AMOUNT_ZERO")
    if asset == 0 and atoms * rules_ledger.scale(w) > BALANCE_MAX:
        w.refuse("E_OVERFLOW")


def is_globally_paused(w: Any, bit: int) -> bool:
    return world.is_in_force(w.config, bit, w.time)


def deposit(w: Any, m: Any) -> None:
    if m.amount == 0:
        w.refuse("E_AMOUNT_ZERO")
    account = w.account(m.account)
    if account is None:
        w.refuse("E_NO_ACCOUNT")
    record = w.asset(m.asset)
    if record is None:
        w.refuse("E_NO_ASSET")
    is_new = m.asset != 0 and rules_ledger.balance_of(account, m.asset) is None
    if is_new and account.owner != w.caller:
        w.refuse("E_AUTH")
    if is_globally_paused(w, DEPOSIT):
        w.refuse("E_PAUSED")
    if m.asset == 0:
        value = m.amount * rules_ledger.scale(w)
        if account.cash + value > BALANCE_MAX or w.ledger.vault + value > BALANCE_MAX:
            w.refuse("E_OVERFLOW")
    if is_new and len(account.collaterals) >= rules_ledger.COLLATERALS_MAX:
        w.refuse("E_COLLATERALS_MAX")
    if m.asset and w.asset_state(m.asset).total + m.amount > record.params.cap:
        w.refuse("E_CAP_DEPOSIT")
    take_attached(w, m.asset, m.amount)
    credit(w, account, m.asset, m.amount)
    total(w, m.asset, m.amount)
    w.emit("DEPOSITED", account=m.account, asset=m.asset, amount=m.amount)


def payout(w: Any, account: int, asset: int, atoms: int, to: bytes) -> int:
    """A payout has an id and a record until its outcome is reported [LEDGER-6]."""
    number = w.ledger.next_payout
    w.ledger.next_payout += 1
    w.put("PAYOUT", number, w.make("payout", account=account, asset=asset, atoms=atoms))
    w.pay(to, w.asset(asset).token, atoms, number)
    return number


def withdraw(w: Any, m: Any) -> None:
    if m.amount == 0:
        w.refuse("E_AMOUNT_ZERO")
    account = w.own_account(m.account)
    if w.asset(m.asset) is None:
        w.refuse("E_NO_ASSET")
    if is_globally_paused(w, WITHDRAW):
        w.refuse("E_PAUSED")
    value = m.amount * rules_ledger.scale(w) if m.asset == 0 else m.amount
    rules_withdrawal.check(w, m.account, account, m.asset, value)
    debit(w, account, m.asset, m.amount)
    total(w, m.asset, -m.amount)
    number = payout(w, m.account, m.asset, m.amount, w.caller_address)
    w.emit("WITHDRAWN", account=m.account, asset=m.asset, amount=m.amount, payout=number)
    w.reply("reply_payout", payout=number)


def transfer(w: Any, m: Any) -> None:
    if m.from_ == m.to:
        w.refuse("E_FIELD")
    if m.amount == 0:
        w.refuse("E_AMOUNT_ZERO")
    giver = w.own_account(m.from_)
    taker = w.account(m.to)
    if taker is None:
        w.refuse("E_NO_ACCOUNT")
    if w.asset(m.asset) is None:
        w.refuse("E_NO_ASSET")
    is_new = m.asset != 0 and rules_ledger.balance_of(taker, m.asset) is None
    if is_new and taker.owner != w.caller:
        w.refuse("E_AUTH")
    if is_globally_paused(w, WITHDRAW):
        w.refuse("E_PAUSED")
    value = m.amount * rules_ledger.scale(w) if m.asset == 0 else m.amount
    has_space = not is_new or len(taker.collaterals) < rules_ledger.COLLATERALS_MAX
    rules_withdrawal.check(w, m.from_, giver, m.asset, value, has_space)
    debit(w, giver, m.asset, m.amount)
    credit(w, taker, m.asset, m.amount)
    w.emit("TRANSFERRED", from_=m.from_, to=m.to, asset=m.asset, amount=m.amount)


def fund_insurance(w: Any, m: Any) -> None:
    check_amount(w, 0, m.amount)
    if m.market != ALL and w.market(m.market) is None:
        w.refuse("E_NO_MARKET")
    value = m.amount * rules_ledger.scale(w)
    if w.ledger.vault + value > BALANCE_MAX:
        w.refuse("E_OVERFLOW")
    take_attached(w, 0, m.amount)
    w.ledger.vault += value
    if m.market == ALL:
        w.ledger.global_ += value
    else:
        w.state(m.market).insurance += value
    w.emit("INSURANCE_FUNDED", market=m.market, amount=m.amount)


def sweep_surplus(w: Any, m: Any) -> None:
    if m.amount == 0:
        w.refuse("E_AMOUNT_ZERO")
    if w.caller != w.config.admin:
        w.refuse("E_ROLE")
    state = w.asset_state(m.asset)
    if state is None:
        w.refuse("E_NO_ASSET")
    if m.amount > state.surplus:
        w.refuse("E_BALANCE")
    state.surplus -= m.amount
    number = payout(w, 0, m.asset, m.amount, w.caller_address)
    w.emit("SURPLUS_SWEPT", asset=m.asset, amount=m.amount)
    w.reply("reply_payout", payout=number)


def settle_out(w: Any, m: Any) -> None:
    """Delivered deletes the record, failed re-credits the account or the surplus line."""
    if w.caller != w.self_hash:
        w.refuse("E_ROLE")
    record = w.load("PAYOUT", m.payout)
    if record is None:
        w.refuse("E_DUPLICATE")
    w.delete("PAYOUT", m.payout)
    if not m.ok:
        account = w.account(record.account) if record.account else None
        if account is not None and has_room(w, account, record):
            credit(w, account, record.asset, record.atoms)
            total(w, record.asset, record.atoms)
        else:
            w.asset_state(record.asset).surplus += record.atoms
    w.emit("PAYOUT_SETTLED", payout=m.payout, ok=m.ok)


def has_room(w: Any, account: Any, record: Any) -> bool:
    if record.asset == 0:
        value = record.atoms * rules_ledger.scale(w)
        return account.cash + value <= BALANCE_MAX and w.ledger.vault + value <= BALANCE_MAX
    return (rules_ledger.balance_of(account, record.asset) is not None
            or len(account.collaterals) < rules_ledger.COLLATERALS_MAX)
