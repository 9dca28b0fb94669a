# SPDX-License-Identifier: Apache-2.0
"""Accounts: opening, closing, delegates, orders, abandoned claims.

ACCT-1, ACCT-3, ACCT-4, ACCT-5 and LIQ-4 of docs/SPEC.md; set_mode and set_leverage stand with the
gate."""
from __future__ import annotations

from hashlib import sha256
from typing import Any

import rules_gate
import rules_ledger
import tables

GRANT_MARKETS_MAX = tables.LIMITS["GRANT_MARKETS_MAX"]
SET_DELEGATE, SET_ORDER = 0x12, 0x13


def owner_key(owner: bytes, number: int) -> bytes:
    return owner + number.to_bytes(4, "big")


def open_account(w: Any, m: Any) -> None:
    if w.load("OWNER", owner_key(w.caller, m.number)) is not None:
        w.refuse("E_EXISTS")
    number = w.config.next_account
    w.config.next_account += 1
    w.put("ACCOUNT", number, w.make("account", owner=w.caller, number=m.number, mode=m.mode))
    w.put("OWNER", owner_key(w.caller, m.number), w.make("owner_index", account=number))
    w.emit("ACCOUNT_OPENED", account=number, owner=w.caller, number=m.number, mode=m.mode)
    w.reply("reply_opened", account=number)


def close_account(w: Any, m: Any) -> None:
    account = w.own_account(m.account)
    if account.cash or account.positions or account.collaterals:
        w.refuse("E_BALANCE")
    w.delete("ACCOUNT", m.account)
    w.delete("OWNER", owner_key(account.owner, account.number))
    w.emit("ACCOUNT_CLOSED", account=m.account)


def set_delegate(w: Any, m: Any) -> None:
    """One delegate at most, and one budget of the owner's own [ACCT-3]."""
    if not m.holder:
        w.refuse("E_FIELD")
    if m.expiry and m.expiry < w.time:
        w.refuse("E_RANGE")
    account = w.own_account(m.account)
    holder = sha256(m.holder).digest()
    is_own = holder == account.owner
    index = next((i for i, g in enumerate(account.grants)
                  if (g.holder == account.owner) == is_own), None)
    if m.expiry == 0:
        if index is None:
            w.refuse("E_NOT_NEEDED")
        remove_grant(account, index)
    else:
        if index is not None:
            remove_grant(account, index)
        add_grant(w, account, holder, m)
    w.moved.add(("ACCOUNT", m.account))
    w.emit("ACCOUNT_SET", account=m.account, operation=SET_DELEGATE)


def remove_grant(account: Any, index: int) -> None:
    account.grants.pop(index)
    account.grant_markets = [g for g in account.grant_markets if g.grant != index]
    for item in account.grant_markets:
        item.grant = 0


def add_grant(w: Any, account: Any, holder: bytes, m: Any) -> None:
    """A grant that replaces another starts anew."""
    index = len(account.grants)
    for item in m.markets:
        if w.market(item.market) is None:
            w.refuse("E_NO_MARKET")
        if len(account.grant_markets) >= GRANT_MARKETS_MAX:
            w.refuse("E_POSITIONS_MAX")
        account.grant_markets.append(w.make("grant_market", grant=index, market=item.market))
    account.grants.append(w.make("grant", holder=holder, expiry=m.expiry, size_cap=m.size_cap,
                                 fill_band=m.fill_band, daily_loss=m.daily_loss))


def set_order(w: Any, m: Any) -> None:
    markets = [item.market for item in m.markets]
    if len(set(markets)) < len(markets):
        w.refuse("E_FIELD")
    account = w.own_account(m.account)
    if any(w.market(market) is None for market in markets):
        w.refuse("E_NO_MARKET")
    account.order = [w.make("order_item", market=market) for market in markets]
    w.moved.add(("ACCOUNT", m.account))
    w.emit("ACCOUNT_SET", account=m.account, operation=SET_ORDER)


def abandon_claim(w: Any, m: Any) -> None:
    """An owner may abandon a claim to the insurance line [ACCT-5]."""
    account = w.own_account(m.account)
    position = rules_ledger.position_of(account, m.market)
    if position is None:
        w.refuse("E_NO_MARKET")
    if position.lots != 0 or position.quote <= 0:
        w.refuse("E_NOT_NEEDED")
    before = rules_gate.stand(w, account)
    value = position.quote
    rules_ledger.change(w, account, m.market, 0, -value)
    rules_ledger.due(w, m.market, "insurance_due", value)
    rules_ledger.note_shortfall(w, m.account, m.market, 0)
    w.emit("CLAIM_ABANDONED", account=m.account, market=m.market, value=value)
    rules_gate.judge(w, account, before, is_scaled=False)
    w.reply("reply_value", value=value)
