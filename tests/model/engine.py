# SPDX-License-Identifier: Apache-2.0
"""The engine of the reference model: decode, funds, operate, episodes, commit.

Every rule stands in a rules_ file; this one knows only their order."""
from __future__ import annotations

from hashlib import sha256
from typing import Any, Callable

import rules_account
import rules_collateral
import rules_deleverage
import rules_funding
import rules_gate
import rules_governance
import rules_liquidation
import rules_listing
import rules_loss
import rules_money
import rules_price
import rules_settle
import rules_trade
import tables
from world import Refusal, World

SELF = sha256(b"contract").digest()[:20]  # the contract in the simulator: an actor of that name

OPERATIONS: dict[str, Callable[[Any, Any], None]] = {
    "initialise": rules_listing.initialise, "add_asset": rules_listing.add_asset,
    "add_feed": rules_listing.add_feed, "add_market": rules_listing.add_market,
    "set_param": rules_governance.set_param, "set_status": rules_governance.set_status,
    "set_role": rules_governance.set_role, "set_publisher": rules_governance.set_publisher,
    "execute": rules_governance.execute, "cancel": rules_governance.cancel,
    "set_pause": rules_governance.set_pause, "fund_insurance": rules_money.fund_insurance,
    "sweep_surplus": rules_money.sweep_surplus, "open_account": rules_account.open_account,
    "set_mode": rules_gate.set_mode, "set_delegate": rules_account.set_delegate,
    "set_order": rules_account.set_order, "set_leverage": rules_gate.set_leverage,
    "close_account": rules_account.close_account, "deposit": rules_money.deposit,
    "withdraw": rules_money.withdraw, "transfer": rules_money.transfer,
    "abandon_claim": rules_account.abandon_claim, "trade": rules_trade.trade,
    "publish_price": rules_price.publish_price, "publish_impact": rules_funding.publish_impact,
    "settle": rules_settle.settle, "flag": rules_liquidation.flag,
    "liquidate": rules_liquidation.liquidate,
    "liquidate_collateral": rules_collateral.liquidate_collateral,
    "deleverage": rules_deleverage.deleverage, "resolve": rules_loss.resolve,
    "settle_out": rules_money.settle_out,
}


def new_world(own_address: bytes = SELF) -> World:
    w = World(on_market=rules_funding.accrue)
    w.self_hash = sha256(own_address).digest()
    return w


def apply(w: World, time: int, height: int, caller: bytes, funds: list[tuple[bytes, int]],
          message: bytes) -> str:
    """One operation: its code. The world is changed only where that is OK."""
    w.begin(time, height, caller, funds)
    opcode = message[0] if message else 0
    try:
        operate(w, message)
    except Refusal as refusal:
        w.drop(opcode, refusal.code)
        return refusal.code
    w.commit(opcode)
    return "OK"


def operate(w: World, message: bytes) -> None:
    decoded = tables.decode_message(message)
    if isinstance(decoded, str):
        w.refuse(decoded)
    row, m = decoded
    if row["name"] != "initialise":
        if w.config is None:
            w.refuse("E_STATUS")
    OPERATIONS[row["name"]](w, m)
    rules_money.book_surplus(w)
    rules_gate.episodes(w)


def migrate(w: World, time: int, height: int, caller: bytes, message: bytes) -> str:
    """Records of this version stay as they are [GOV-4]."""
    w.begin(time, height, caller, [])
    if message:
        w.drop(0, "E_LENGTH")
        return "E_LENGTH"
    w.commit(0)
    return "OK"


def fail(w: World, time: int, height: int, caller: bytes, message: bytes) -> str:
    """A call of the host failed: nothing remains of the operation."""
    w.begin(time, height, caller, [])
    w.drop(message[0] if message else 0, "E_HOST")
    return "E_HOST"
