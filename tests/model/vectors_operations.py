# SPDX-License-Identifier: Apache-2.0
"""Operation cases: every refusal that an operation can return, in the order of abi/errors.def.

Two people trade one coin at 100: alice (10 or more of cash) is long, bob is short and rich. At 94
alice is liquidatable (E 4, MM 4.7), at 92 below two thirds of MM, at 89 bankrupt."""
from __future__ import annotations

from typing import Any

from vector_file import Family, decimal

RICH = "deposit bob 1_000_000 USDC"
START = ["deposit alice 20 USDC", RICH, "price M 100", "trade alice buy 1 M @ 100 with bob"]
POOR = ["deposit alice 10 USDC", RICH, "deposit carol 1_000 USDC", "price M 100",
        "trade alice buy 1 M @ 100 with bob"]
SICK = POOR + ["advance 10s", "price M 94"]
BROKE = SICK + ["advance 10s", "price M 89"]
NOBODY = "77"
GAP = "advance 61s"


def prices(now: str, feed: str = "M") -> dict[str, list[str]]:
    """How a feed stops being good, by the code it then gives."""
    wide = decimal(int(now) * 11, 3)
    return {
        "E_PRICE_SOURCES": ["advance 31s",
                            f"price {feed} {now} sources 1 -> refused E_PRICE_SOURCES"],
        "E_PRICE_CONF": ["advance 1s", f"price {feed} {now} conf {wide} -> refused E_PRICE_CONF"],
        "E_PRICE_BAND": ["advance 1s", f"price {feed} {now}0 -> refused E_PRICE_BAND"],
        "E_PRICE_STALE": ["advance 31s"],
        "E_GAP": [GAP, f"price {feed} {now} -> refused E_GAP"],
    }


def after_gap(now: str, feed: str = "M") -> list[str]:
    """Gap mode, then three candidates a minute apart in all: the grace begins."""
    return [GAP, f"price {feed} {now} -> refused E_GAP", "advance 30s",
            f"price {feed} {now} -> refused E_GAP", "advance 30s", f"price {feed} {now}"]


def send(name: str, caller: str = "admin", funds: dict[str, str] | None = None,
         **fields: str) -> dict[str, Any]:
    operation: dict[str, Any] = {"send": name, "as": caller}
    operation["fields"] = {key.replace("__", "."): value for key, value in fields.items()}
    if funds:
        operation["funds"] = funds
    return operation


def refuse(family: Family, rules: str, rows: list[tuple], world: str = "one",
           parameters: Any = None) -> None:
    """Rows of (case, code, before, operation)."""
    for case, code, before, operation in rows:
        family.add(rules, case, world, before=before, operation=operation, code=code,
                   parameters=parameters)


def refuse_prices(family: Family, name: str, before: list[str], now: str, operation: Any) -> None:
    for code, lines in prices(now).items():
        family.add("PRICE-4", f"{name}: {code}", before=before + lines, operation=operation,
                   code=code, parameters={"M": {"sources": "2", "unbacked": ""}}
                   if code == "E_PRICE_SOURCES" else None)


def add_listing(family: Family) -> None:
    refuse(family, "GOV-1", [
        ("the engine is created once", "E_EXISTS", [],
         send("initialise", token="USDC", decimals="6", admin="actor:admin"))], "empty")
    refuse(family, "GOV-1", [
        ("an admin without an address", "E_FIELD", [],
         send("initialise", token="USDC", decimals="6", admin=""))], "nothing")
    refuse(family, "ACCT-6 GOV-1", [
        ("an asset without a token", "E_FIELD", [], send("add_asset", decimals="18", feed="0")),
        ("only the admin lists assets", "E_ROLE", [],
         send("add_asset", "mallory", token="X", decimals="18", feed="0")),
        ("an asset on a feed that is not there", "E_NO_MARKET", [],
         send("add_asset", token="X", decimals="18", feed="9")),
        ("a token is listed once", "E_EXISTS", [],
         send("add_asset", token="USDC", decimals="18", feed="0")),
        ("initial weight above maintenance weight", "E_PARAM_RANGE", [],
         "asset X decimals 18 weight_initial 90%"),
        ("discount above 1 - maintenance weight", "E_PARAM_RANGE", [],
         "asset X decimals 18 discount_max 15.0001%"),
        ("discount and confidence beyond the haircut", "E_PARAM_ENVELOPE", [],
         "asset X decimals 18 discount_max 15%")])
    refuse(family, "PRICE-2 GOV-1", [
        ("only the admin creates feeds", "E_ROLE", [],
         send("add_feed", "mallory", price_decimals="10")),
        ("band above its maximum", "E_PARAM_RANGE", [], "feed F band 30.0001%"),
        ("conf_high above conf_max", "E_PARAM_RANGE", [], "feed F conf_high 1.0001%")])
    refuse(family, "PRICE-7 GOV-1", [
        ("only the admin lists markets", "E_ROLE", [],
         send("add_market", "mallory", feed="0", size_decimals="8", tick="1")),
        ("a market on a feed that is not there", "E_NO_MARKET", [],
         send("add_market", feed="9", size_decimals="8", tick="1")),
        ("maintenance above initial", "E_PARAM_RANGE", [], "market X maint 10.0001%"),
        ("loss_cap above initial", "E_PARAM_RANGE", [], "market X loss_cap 10.0001%"),
        ("fees above maintenance", "E_PARAM_RANGE", [], "market X liq_fee_max 4.5001%"),
        ("outside the envelope", "E_PARAM_ENVELOPE", [], "market X oi_cap 10_100_000")])


def add_governance(family: Family) -> None:
    refuse(family, "GOV-3", [
        ("no such parameter", "E_FIELD", [],
         send("set_param", target="0", id="0", param="5000", value="1")),
        ("only the admin sets parameters", "E_ROLE", [], "as mallory set_param M initial 12%"),
        ("no such asset", "E_NO_ASSET", [],
         send("set_param", target="2", id="9", param="96", value="1")),
        ("no such market", "E_NO_MARKET", [],
         send("set_param", target="0", id="9", param="1", value="120000")),
        ("beyond the parameter's range", "E_PARAM_RANGE", [], "set_param M maint 10.0001%"),
        ("more than a fifth looser", "E_PARAM_STEP", START, "set_param M withdraw_floor 7.9999%"),
        ("more than a fifth of the whole from nothing", "E_PARAM_STEP",
         START + ["set_param M liq_slice 16%", "advance 2d", "execute 1"],
         "set_param M liq_slice 19.2001%")])
    family.add("GOV-3", "one ppm tighter", operation="set_param M initial 10.0001%",
               events=[{"PARAM_SET": {"target": 0, "id": 0, "param": 1, "before": 100_000,
                                      "after": 100_001}}],
               after={"market M": {"market.params.initial": 100_001},
                      "parameters 0 0 1": {"value": 100_001}})
    add_proposals(family)
    refuse(family, "GOV-4", [
        ("migration to the version that is", "ok", [], {"migrate": ""}),
        ("migration takes no message", "E_LENGTH", [], {"migrate": "00"})])
    family.add("GOV-3", "the same again changes nothing", operation="set_param M initial 10%",
               after={"parameters 0 0 1": {"value": 100_000}})
    refuse(family, "GOV-1 ACCT-7", [
        ("only the admin sets a status", "E_ROLE", [], "as mallory set_status M reduce_only"),
        ("no such market", "E_NO_MARKET", [], send("set_status", market="9", status="1")),
        ("settling belongs to a later stage", "E_STATUS", [], "set_status M settling"),
        ("nobody without an address", "E_FIELD", [], send("set_role", role="0")),
        ("only the admin names roles", "E_ROLE", [], "as mallory set_role admin mallory"),
        ("a publisher without an address", "E_FIELD", [],
         send("set_publisher", feed="0", on="1")),
        ("only the admin names publishers", "E_ROLE", [],
         "as mallory set_publisher M mallory on"),
        ("no such feed", "E_NO_MARKET", [],
         send("set_publisher", feed="9", publisher="actor:x", on="1")),
        ("he is a publisher", "E_EXISTS", [], "set_publisher M oracle1 on"),
        ("he is not a publisher", "E_NOT_NEEDED", [], "set_publisher M nobody off"),
        ("a ninth publisher", "E_PARAM_RANGE",
         [f"set_publisher M extra{i} on" for i in range(1, 8)], "set_publisher M extra8 on")])
    refuse(family, "GOV-2", [
        ("bits of one market for all", "E_FIELD", [], "pause all liquidate"),
        ("neither guardian nor admin", "E_ROLE", [], "as mallory pause M increase"),
        ("no such market", "E_NO_MARKET", [], send("set_pause", market="9", bits="1")),
        ("again before seven days are over", "E_PAUSED",
         ["as guardian pause M liquidate", "advance 5h"], "as guardian pause M liquidate")])
    family.add("GOV-2", "again when seven days are over",
               before=["as guardian pause M liquidate", "advance 604_800s"],
               operation="as guardian pause M liquidate",
               after={"market M": {"state.pauses": 4}})
    family.add("GOV-2", "one second before that", code="E_PAUSED",
               before=["as guardian pause M liquidate", "advance 604_799s"],
               operation="as guardian pause M liquidate")


def add_proposals(family: Family) -> None:
    """What waits once the first fill has been made [GOV-3]."""
    looser = START + ["set_param M withdraw_floor 8%"]
    due = looser + ["advance 172_800s"]
    parameter = "parameters 0 0 27"
    family.add("GOV-3", "before the first fill a loosening is done at once",
               operation="set_param M withdraw_floor 1%", reply={"proposal": 0},
               after={parameter: {"value": 10_000}})
    family.add("GOV-3", "a fifth looser is proposed", before=START,
               operation="set_param M withdraw_floor 8%", reply={"proposal": 1},
               events=[{"PROPOSED": {"proposal": 1, "change": 0, "target": 0, "id": 0, "param": 27,
                                     "before": 100_000, "after": 80_000}}],
               after={parameter: {"value": 100_000}})
    family.add("GOV-3", "tighter is done at once", before=START,
               operation="set_param M withdraw_floor 20%", reply={"proposal": 0},
               after={parameter: {"value": 200_000}})
    family.add("GOV-3", "maintenance waits both ways", before=START,
               operation="set_param M maint 5.1%", reply={"proposal": 1},
               after={"parameters 0 0 2": {"value": 50_000}})
    family.add("GOV-3", "after two days it is executed", before=due, operation="execute 1",
               events=[{"PROPOSAL_ENDED": {"proposal": 1, "executed": 1}},
                       {"PARAM_SET": {"target": 0, "id": 0, "param": 27, "before": 100_000,
                                      "after": 80_000}}],
               after={parameter: {"value": 80_000}})
    family.add("GOV-3", "on the last second of the seventh day too",
               before=looser + ["advance 604_800s"], operation="execute 1",
               after={parameter: {"value": 80_000}})
    family.add("GOV-3", "a new admin takes his role himself",
               before=START + ["set_role admin heir", "advance 2d"],
               operation="as heir execute 1",
               events=[{"PROPOSAL_ENDED": {"proposal": 1, "executed": 1}}, "ROLE_SET"])
    family.add("GOV-3", "the guardian cancels", before=due, operation="as guardian cancel 1",
               events=[{"PROPOSAL_ENDED": {"proposal": 1, "executed": 0}}])
    family.add("GOV-3", "a market is opened again by proposal",
               before=START + ["set_status M reduce_only"], operation="set_status M active",
               reply={"proposal": 1}, after={"market M": {"state.status": 2}})
    family.add("GOV-3", "a publisher is added by proposal", before=START,
               operation="set_publisher M second on", reply={"proposal": 1})
    family.add("GOV-3", "and removed at once", before=START,
               operation="set_publisher M oracle1 off", reply={"proposal": 0})
    refuse(family, "GOV-3", [
        ("one second too early", "E_PARAM_DELAY", looser + ["advance 172_799s"], "execute 1"),
        ("one second too late", "E_PROPOSAL_VOID", looser + ["advance 604_801s"], "execute 1"),
        ("not twice", "E_NO_PROPOSAL", due + ["execute 1"], "execute 1"),
        ("another change came first", "E_PROPOSAL_VOID",
         looser + ["set_param M withdraw_floor 8.0001%", "advance 2d", "execute 1"], "execute 2"),
        ("somebody else's", "E_ROLE", due, "as mallory execute 1"),
        ("the old admin for the new one", "E_ROLE",
         START + ["set_role admin heir", "advance 2d"], "execute 1"),
        ("an opening that has happened", "E_STATUS",
         START + ["set_status M reduce_only", "set_status M active", "set_status M active",
                  "advance 2d", "execute 1"], "execute 2"),
        ("a publisher who is there", "E_EXISTS",
         START + ["set_publisher M second on", "set_publisher M second on", "advance 2d",
                  "execute 1"], "execute 2"),
        ("no longer consistent", "E_PARAM_RANGE",
         START + ["set_param M loss_cap 6%", "set_param M initial 8%", "set_param M maint 6%",
                  "advance 2d", "execute 1", "execute 2", "set_param M initial 6.4%",
                  "set_param M maint 7%", "advance 2d", "execute 4"], "execute 3"),
        ("no longer within the envelope", "E_PARAM_ENVELOPE",
         START + ["set_param M liq_fee_max 2.6%", "set_param M allotment 1_990_000", "advance 2d"],
         "execute 1"),
        ("only guardian and admin cancel", "E_ROLE", due, "as mallory cancel 1"),
        ("nothing to cancel", "E_NO_PROPOSAL", START, "cancel 1"),
        ("a new collateral counts for nothing", "E_PARAM_DELAY", START,
         "asset NEW decimals 6 weight_initial 0% weight_maint 0% cap 1")])


def add_accounts(family: Family) -> None:
    two = ["deposit alice 100 USDC", RICH, "price M 100", "price N 100",
           "trade alice buy 1 M @ 100 with bob", "trade alice sell 1 N @ 100 with bob"]
    refuse(family, "ACCT-1", [
        ("the owner's number is taken", "E_EXISTS", [],
         "account dave cross owner alice number 0")])
    family.add("ACCT-1", "ids are sequential", operation="account dave isolated owner alice",
               reply={"account": 4}, events=[{"ACCOUNT_OPENED": {"account": 4, "number": 1,
                                                                 "mode": 1}}])
    refuse(family, "ACCT-2", [
        ("somebody else's account", "E_AUTH", [], "as bob set_mode alice isolated"),
        ("no such account", "E_NO_ACCOUNT", [],
         send("set_mode", "alice", account=NOBODY, mode="1")),
        ("not while liquidatable", "E_STATUS", SICK, "set_mode alice isolated"),
        ("below initial", "E_BELOW_INITIAL",
         POOR + ["advance 10s", "price M 99"], "set_mode alice isolated"),
        ("it is cross", "E_NOT_NEEDED", [], "set_mode alice cross")])
    family.add("ACCT-2", "two markets are not isolated", "two", before=two,
               operation="set_mode alice isolated", code="E_MODE")
    refuse_prices(family, "set_mode", START, "100", "set_mode alice isolated")
    refuse(family, "ACCT-3", [
        ("a delegate without an address", "E_FIELD", [],
         send("set_delegate", "alice", account="1", expiry="1800000000")),
        ("an expiry in the past", "E_RANGE", ["advance 10s"],
         send("set_delegate", "alice", account="1", holder="actor:dan", expiry="1700000000")),
        ("somebody else's account", "E_AUTH", [],
         "as bob set_delegate alice to dan expiry 1000s"),
        ("no such account", "E_NO_ACCOUNT", [],
         send("set_delegate", "alice", account=NOBODY, holder="actor:dan",
              expiry="1800000000")),
        ("a market that is not there", "E_NO_MARKET", [],
         send("set_delegate", "alice", account="1", holder="actor:dan", expiry="1800000000",
              markets="1", markets__0__market="9")),
        ("seventeen markets named", "E_POSITIONS_MAX",
         ["set_delegate alice to alice expiry 1000s markets" + " M" * 16],
         "set_delegate alice to dan expiry 1000s markets M"),
        ("there is no delegate to remove", "E_NOT_NEEDED", [],
         "set_delegate alice to dan expiry 0")])
    refuse(family, "LIQ-4", [
        ("a market twice", "E_FIELD", [], "set_order alice M M"),
        ("somebody else's account", "E_AUTH", [], "as bob set_order alice M"),
        ("no such account", "E_NO_ACCOUNT", [], send("set_order", "alice", account=NOBODY)),
        ("no such market", "E_NO_MARKET", [],
         send("set_order", "alice", account="1", markets="1", markets__0__market="9"))])
    refuse(family, "MARGIN-6", [
        ("somebody else's account", "E_AUTH", [], "as bob set_leverage alice 20%"),
        ("no such account", "E_NO_ACCOUNT", [],
         send("set_leverage", "alice", account=NOBODY, ratio="1")),
        ("the cap would put it below initial", "E_BELOW_INITIAL", START,
         "set_leverage alice 20.0001%")])
    family.add("MARGIN-6", "the cap is met exactly", before=START,
               operation="set_leverage alice 20%")
    refuse_prices(family, "set_leverage", START, "100", "set_leverage alice 11%")
    refuse(family, "ACCT-5", [
        ("somebody else's account", "E_AUTH", [], "as bob close_account alice"),
        ("no such account", "E_NO_ACCOUNT", [], send("close_account", "alice", account=NOBODY)),
        ("an account with cash", "E_BALANCE", START[:1], "close_account alice"),
        ("an account with a position", "E_BALANCE", START, "close_account alice")])
    family.add("ACCT-5", "an empty account closes", operation="close_account alice",
               events=[{"ACCOUNT_CLOSED": {"account": 1}}],
               after={"account alice": "E_NO_ACCOUNT"})


def add_money(family: Family) -> None:
    full = ["quote USDC decimals 6", "account alice cross", "account bob cross"]
    for i in range(1, 10):
        full += [f"asset A{i} decimals 6 cap 1_000", f"deposit bob 1 A{i}"] if i == 9 else \
                [f"asset A{i} decimals 6 cap 1_000", f"deposit alice 1 A{i}"]
    refuse(family, "UNIT-2", [
        ("nothing", "E_AMOUNT_ZERO", [], "deposit alice 0 USDC"),
        ("no such account", "E_NO_ACCOUNT", [],
         send("deposit", "alice", {"USDC": "5"}, account=NOBODY, amount="5")),
        ("no such asset", "E_NO_ASSET", [],
         send("deposit", "alice", {"USDC": "5"}, account="1", asset="9", amount="5")),
        ("deposits are paused", "E_PAUSED", ["pause all deposit"], "deposit alice 1 USDC"),
        ("the call carries nothing", "E_INSUFFICIENT_FUNDS_ATTACHED", [],
         send("deposit", "alice", account="1", amount="5")),
        ("the call carries one atom less", "E_INSUFFICIENT_FUNDS_ATTACHED", [],
         send("deposit", "alice", {"USDC": "4"}, account="1", amount="5"))])
    for name, amount, code in (("exactly", "1_000_000", "ok"),
                               ("one atom more", "1_000_000.000000000000000001",
                                "E_CAP_DEPOSIT"),
                               ("one atom less", "999_999.999999999999999999", "ok")):
        family.add("ACCT-6", f"the deposit cap: {name}", "collateral",
                   operation=f"deposit alice {amount} WETH", code=code)
    family.add("ACCT-6", "a new kind of collateral by a stranger", "nothing", before=full[:4],
               operation="as bob deposit alice 1 A1", code="E_AUTH")
    family.add("UNIT-3 ACCT-4 LIQ-9", "a ninth collateral", "nothing", before=full[:-1],
               operation="deposit alice 1 A9", code="E_COLLATERALS_MAX")
    refuse(family, "WD-1", [
        ("nothing", "E_AMOUNT_ZERO", [], "withdraw alice 0 USDC"),
        ("more than any balance", "E_OVERFLOW", [],
         send("withdraw", "alice", account="1", amount=str(2 ** 126))),
        ("somebody else's account", "E_AUTH", START[:1], "as bob withdraw alice 1 USDC"),
        ("no such account", "E_NO_ACCOUNT", [],
         send("withdraw", "alice", account=NOBODY, amount="5")),
        ("no such asset", "E_NO_ASSET", START[:1],
         send("withdraw", "alice", account="1", asset="9", amount="5")),
        ("withdrawals are paused", "E_PAUSED", START[:1] + ["pause all withdraw"],
         "withdraw alice 1 USDC")])
    refuse_prices(family, "withdraw", START, "100", "withdraw alice 1 USDC")
    family.add("WD-2 PRICE-4", "without risk cash leaves whatever the price",
               before=START[:1] + ["price M 100", "advance 1d"],
               operation="withdraw alice 20 USDC", reply={"payout": 1})
    gain = ["deposit alice 20 USDC", RICH, "price M 100", "trade alice buy 1 M @ 100 with bob",
            "advance 10s", "price M 109"]
    refuse(family, "WD-1 LEDGER-3", [
        ("to itself", "E_FIELD", [], "transfer alice alice 1 USDC"),
        ("nothing", "E_AMOUNT_ZERO", [], "transfer alice bob 0 USDC"),
        ("more than any balance", "E_OVERFLOW", [],
         send("transfer", "alice", **{"from": "1"}, to="2", amount=str(2 ** 126))),
        ("somebody else's account", "E_AUTH", START[:1], "as bob transfer alice bob 1 USDC"),
        ("no such account", "E_NO_ACCOUNT", START[:1],
         send("transfer", "alice", **{"from": "1"}, to=NOBODY, amount="5")),
        ("no such asset", "E_NO_ASSET", START[:1],
         send("transfer", "alice", **{"from": "1"}, to="2", asset="9", amount="5")),
        ("withdrawals are paused", "E_PAUSED", START[:1] + ["pause all withdraw"],
         "transfer alice bob 1 USDC"),
        ("more than it has", "E_BALANCE", START[:1], "transfer alice bob 20.000001 USDC"),
        ("a profit that nobody has paid", "E_PROFIT_UNPAID", gain,
         "transfer alice bob 21 USDC"),
        ("below initial", "E_BELOW_INITIAL", START, "transfer alice bob 10.000001 USDC")])
    family.add("WD-1 LEDGER-3 LEDGER-4", "all of it", before=START[:1],
               operation="transfer alice bob 20 USDC",
               events=[{"TRANSFERRED": {"from": 1, "to": 2, "asset": 0, "amount": 20_000_000}}],
               after={"account alice": {"account.cash": 0},
                      "account bob": {"account.cash": 20 * 10 ** 18}})
    both = [line.replace("account bob cross", "account bob cross owner alice number 1")
            for line in full]
    family.add("UNIT-3 ACCT-4", "a ninth collateral by transfer", "nothing", before=both,
               operation="transfer bob alice 1 A9", code="E_COLLATERALS_MAX")
    refuse_prices(family, "transfer", START, "100", "transfer alice bob 1 USDC")
    refuse(family, "LOSS-1", [
        ("nothing into insurance", "E_AMOUNT_ZERO", [], "fund_insurance M 0"),
        ("more than any balance into insurance", "E_OVERFLOW", [],
         send("fund_insurance", market="0", amount=str(2 ** 126))),
        ("no such market", "E_NO_MARKET", [],
         send("fund_insurance", "admin", {"USDC": "5"}, market="9", amount="5")),
        ("the call carries nothing", "E_INSUFFICIENT_FUNDS_ATTACHED", [],
         send("fund_insurance", market="0", amount="5"))])
    family.add("LOSS-1", "insurance is funded", operation="fund_insurance M 7",
               after={"market M": {"state.insurance": 7 * 10 ** 18}})
    family.add("LOSS-1", "the global tranche is funded", operation="fund_insurance global 7",
               after={"configuration": {"ledger.global": 7 * 10 ** 18}})
    refuse(family, "LEDGER-5", [
        ("nothing to sweep", "E_AMOUNT_ZERO", [], "sweep_surplus USDC 0"),
        ("only the admin sweeps", "E_ROLE", [], "as mallory sweep_surplus USDC 1"),
        ("no such asset", "E_NO_ASSET", [], send("sweep_surplus", asset="9", amount="5")),
        ("more than came unasked", "E_BALANCE", [], "sweep_surplus USDC 1")])
    refuse(family, "LEDGER-6", [
        ("only the contract reports a payout", "E_ROLE", START[:1] + ["withdraw alice 1 USDC"],
         send("settle_out", "alice", payout="1", ok="1")),
        ("a payout is reported once", "E_DUPLICATE", START[:1] + ["withdraw alice 1 USDC"],
         send("settle_out", "contract", payout="1", ok="1")),
        ("a payout that was never made", "E_DUPLICATE", [],
         send("settle_out", "contract", payout="5", ok="1"))])


def add_trades(family: Family) -> None:
    ready = START[:3]
    fill = {"fills": "1", "fills.0.id": "1", "fills.0.market": "0", "fills.0.buyer": "1",
            "fills.0.seller": "2", "fills.0.lots": "1000", "fills.0.price": str(100 * 10 ** 10)}

    def raw(**changes: str) -> dict[str, Any]:
        changed = {**fill, **{"fills.0." + key: value for key, value in changes.items()}}
        return {"send": "trade", "as": "matcher", "fields": changed}

    refuse(family, "ACCT-5 ACCT-7", [
        ("an account with itself", "E_FIELD", ready, raw(seller="1")),
        ("no lots", "E_AMOUNT_ZERO", ready, raw(lots="0")),
        ("a fill that no position can hold", "E_OVERFLOW", ready,
         raw(lots=str(5 * 10 ** 18), price=str(10 ** 18))),
        ("only the matcher fills", "E_ROLE", ready,
         "as mallory trade alice buy 1 M @ 100 with bob"),
        ("no such account", "E_NO_ACCOUNT", ready, raw(seller=NOBODY)),
        ("no such market", "E_NO_MARKET", ready, raw(market="9")),
        ("a fill id twice", "E_DUPLICATE", ready + ["trade alice buy 0.1 M @ 100 with bob"],
         raw()),
        ("increases are paused", "E_PAUSED", ready + ["pause M increase"],
         "trade alice buy 1 M @ 100 with bob"),
        ("reductions are paused", "E_PAUSED", START + ["pause M reduce"],
         "trade bob buy 1 M @ 100 with alice"),
        ("the market only reduces", "E_REDUCE_ONLY", ready + ["set_status M reduce_only"],
         "trade alice buy 1 M @ 100 with bob"),
        ("a delegate without a grant", "E_BUDGET", ready,
         "trade alice buy 1 M @ 100 with bob by delegate")])
    family.add("ACCT-7", "a price off the tick", before=ready, code="E_RANGE",
               parameters={"M": {"tick": "0.01"}},
               operation="trade alice buy 1 M @ 100.001 with bob")
    for name, lots, code in (("exactly", "0.1", "ok"), ("one lot more", "0.10000001", "ok"),
                             ("one lot less", "0.09999999", "E_MIN_ORDER")):
        family.add("ACCT-7", f"the minimum order: {name}", before=ready, code=code,
                   parameters={"M": {"min_order": "10_000_000"}},
                   operation=f"trade alice buy {lots} M @ 100 with bob")
    refuse(family, "ACCT-2", [
        ("an isolated account has one market", "E_MODE",
         ["set_mode alice isolated", "deposit alice 100 USDC", RICH, "price M 100",
          "price N 100", "trade alice buy 1 M @ 100 with bob"],
         "trade alice buy 1 N @ 100 with bob")], "two")
    for name, price, code in (("at the upper edge", "105", "ok"),
                              ("one tick above", "105.0000000001", "E_FILL_BAND"),
                              ("one tick below the edge", "104.9999999999", "ok"),
                              ("at the lower edge", "95", "ok"),
                              ("one tick below it", "94.9999999999", "E_FILL_BAND")):
        family.add("PRICE-6", f"the fill band: {name}", code=code,
                   before=["deposit alice 100 USDC"] + ready[1:],
                   operation=f"trade alice buy 1 M @ {price} with bob")
    for name, lots, code in (("exactly", "10", "ok"), ("one lot more", "10.00000001", "E_CAP_OI"),
                             ("one lot less", "9.99999999", "ok")):
        family.add("PRICE-7", f"the open interest cap: {name}", code=code,
                   parameters={"M": {"oi_cap": "1_000"}},
                   before=["deposit alice 1_000 USDC"] + ready[1:],
                   operation=f"trade alice buy {lots} M @ 100 with bob")
        family.add("UNIT-3", f"the position cap: {name}",
                   code="E_CAP_POSITION" if code == "E_CAP_OI" else code,
                   parameters={"M": {"position_cap": "1_000"}},
                   before=["deposit alice 1_000 USDC"] + ready[1:],
                   operation=f"trade alice buy {lots} M @ 100 with bob")
    refuse_prices(family, "a trade that grows", ready, "100",
                  "trade alice buy 1 M @ 100 with bob")
    family.add("PRICE-4", "a reduction needs no price", before=START + ["advance 40s"],
               operation="trade bob buy 1 M @ 100 with alice",
               after={"account alice": {"account.positions": 0}})
    family.add("PRICE-4", "conf at conf_high is good", before=ready[:2] + ["price M 100 conf 0.5"],
               operation="trade alice buy 1 M @ 100 with bob")
    family.add("PRICE-4", "conf one tick above conf_high is not", code="E_PRICE_CONF",
               before=ready[:2] + ["price M 100 conf 0.5000000001"],
               operation="trade alice buy 1 M @ 100 with bob")
    family.add("PRICE-4", "a price of exactly the age is good", before=ready + ["advance 30s"],
               operation="trade alice buy 1 M @ 100 with bob")


def add_publishing(family: Family) -> None:
    refuse(family, "PRICE-2", [
        ("not a publisher", "E_ROLE", [], "price M 100 by mallory"),
        ("no such feed", "E_NO_MARKET", [],
         send("publish_price", "oracle1", quotes="1", quotes__0__feed="9",
              quotes__0__price="5", quotes__0__time="1700000000")),
        ("no quotes", "E_AMOUNT_ZERO", [], send("publish_price", "oracle1")),
        ("equal to the lower bound", "E_PRICE_DOMAIN", [], "price M 0.0000000001"),
        ("equal to the upper bound", "E_PRICE_DOMAIN", [], "price M 200_000"),
        ("later than now and skew", "E_PRICE_TIME", [], "price M 100 published +6s"),
        ("not newer than the last", "E_PRICE_TIME", ["price M 100"], "price M 100")])
    family.add("PRICE-2", "one tick inside the lower bound", operation="price M 0.0000000002")
    family.add("PRICE-2", "one tick inside the upper bound",
               operation="price M 199_999.9999999999")
    family.add("PRICE-2", "exactly now and skew", operation="price M 100 published +5s")
    refuse(family, "FUND-2", [
        ("a bid above the ask", "E_RANGE", ["price M 100"], "impact M 101 100"),
        ("no samples", "E_AMOUNT_ZERO", [], send("publish_impact", "oracle1")),
        ("not a publisher", "E_ROLE", ["price M 100"], "impact M 99 101 by mallory"),
        ("no such market", "E_NO_MARKET", [],
         send("publish_impact", "oracle1", impacts="1", impacts__0__market="9",
              impacts__0__bid="5", impacts__0__ask="6", impacts__0__time="1700000000")),
        ("a bid equal to the bound", "E_PRICE_DOMAIN", ["price M 100"],
         "impact M 0.0000000001 100"),
        ("later than now and skew", "E_PRICE_TIME", ["price M 100"],
         "impact M 99 101 published +6s"),
        ("not newer than the last", "E_PRICE_TIME", ["price M 100", "impact M 99 101"],
         "impact M 99 101")])


def add_settling(family: Family) -> None:
    won = START + ["advance 10s", "price M 105"]
    refuse(family, "LEDGER-1", [
        ("no such account", "E_NO_ACCOUNT", [], send("settle", account=NOBODY, market="0")),
        ("no such position", "E_NO_MARKET", START, "settle carol M"),
        ("settling is paused", "E_PAUSED", won + ["pause M settle"], "settle bob M"),
        ("nothing to settle", "E_NOT_NEEDED", START, "settle alice M"),
        ("a grace after a gap", "E_GRACE", won + after_gap("105"), "settle bob M")])
    refuse_prices(family, "settle", won, "105", "settle bob M")
    refuse(family, "ACCT-5", [
        ("somebody else's claim", "E_AUTH", START, "as bob abandon_claim alice M"),
        ("no such account", "E_NO_ACCOUNT", [],
         send("abandon_claim", "alice", account=NOBODY, market="0")),
        ("no such position", "E_NO_MARKET", [], "abandon_claim alice M"),
        ("open lots are no claim", "E_NOT_NEEDED", START, "abandon_claim alice M")])


def add_liquidations(family: Family) -> None:
    paused = ["pause M liquidate"]
    refuse(family, "LIQ-3", [
        ("no such account", "E_NO_ACCOUNT", [], send("flag", account=NOBODY)),
        ("liquidations are paused", "E_PAUSED", SICK + paused, "flag alice"),
        ("a grace after a gap", "E_GRACE", SICK + after_gap("94"), "flag alice"),
        ("healthy", "E_NOT_LIQUIDATABLE", START, "flag alice"),
        ("flagged already", "E_NOT_NEEDED", SICK + ["flag alice"], "flag alice")])
    refuse_prices(family, "flag", SICK, "94", "flag alice")
    family.add("ACCT-9", "a fill far from the price stays when the price moves away",
               before=START[:-1] + ["trade alice buy 1 M @ 104 with bob", "advance 10s"],
               operation="price M 99",
               after={"account alice": {"account.positions.0.lots": 10 ** 8,
                                        "account.positions.0.quote": -104 * 10 ** 18}})
    take = "liquidate alice M by carol"
    refuse(family, "LIQ-1", [
        ("somebody else's taker", "E_AUTH", SICK, "as bob " + take),
        ("no such account", "E_NO_ACCOUNT", SICK,
         send("liquidate", "carol", account=NOBODY, market="0", taker="3")),
        ("no such position", "E_NO_MARKET", SICK, "liquidate carol M by bob"),
        ("liquidations are paused", "E_PAUSED", SICK + paused, take),
        ("a grace after a gap", "E_GRACE", SICK + after_gap("94"), take),
        ("a limit below the best price", "E_FILL_BAND", SICK, take + " limit 90"),
        ("healthy", "E_NOT_LIQUIDATABLE", START, take),
        ("the taker would be below initial", "E_BELOW_INITIAL",
         ["deposit alice 10 USDC", RICH, "deposit carol 0.1 USDC", "price M 100",
          "trade alice buy 1 M @ 100 with bob", "advance 10s", "price M 94"], take),
        ("his own account", "E_SELF_LIQUIDATION",
         SICK + ["account alice2 cross owner alice", "deposit alice2 100 USDC"],
         "liquidate alice M by alice2")])
    refuse_prices(family, "liquidate", SICK, "94", take)
    family.add("LIQ-2", "fewer lots than the minimum order", code="E_MIN_ORDER", before=SICK,
               parameters={"M": {"min_order": "1_000_000"}},
               operation="liquidate alice M 0.00999999 by carol")
    family.add("LIQ-1", "the taker is isolated in another market", "two", code="E_MODE",
               before=["set_mode carol isolated", "deposit carol 1_000 USDC",
                       "deposit alice 10 USDC", RICH, "price M 100", "price N 100",
                       "trade carol buy 1 N @ 100 with bob", "trade alice buy 1 M @ 100 with bob",
                       "advance 10s", "price M 94"], operation=take)
    refuse(family, "LIQ-11", [
        ("no such account", "E_NO_ACCOUNT", BROKE,
         send("deleverage", account=NOBODY, market="0", counterparty="2")),
        ("no such position", "E_NO_MARKET", BROKE, "deleverage alice M with carol"),
        ("forced closes are paused", "E_PAUSED", BROKE + ["pause M deleverage"],
         "deleverage alice M with bob"),
        ("a grace after a gap", "E_GRACE", BROKE + after_gap("89"),
         "deleverage alice M with bob"),
        ("not yet due", "E_NOT_LIQUIDATABLE", SICK, "deleverage alice M with bob"),
        ("with itself", "E_SELF_LIQUIDATION", BROKE, "deleverage alice M with alice"),
        ("with somebody on the same side", "E_NOT_NEEDED",
         POOR + ["trade carol buy 1 M @ 100 with bob", "advance 10s", "price M 94",
                 "advance 10s", "price M 89"], "deleverage alice M with carol")])
    refuse_prices(family, "deleverage", BROKE, "89", "deleverage alice M with bob")
    family.add("LIQ-11", "fewer lots than the minimum order", code="E_MIN_ORDER", before=BROKE,
               parameters={"M": {"min_order": "1_000_000"}},
               operation="deleverage alice M with bob 0.00999999")
    refuse(family, "LOSS-2", [
        ("no such account", "E_NO_ACCOUNT", [], send("resolve", account=NOBODY, market="0")),
        ("no such position", "E_NO_MARKET", BROKE, "resolve carol M"),
        ("liquidations are paused", "E_PAUSED", BROKE + paused, "resolve alice M"),
        ("not bankrupt", "E_NOT_LIQUIDATABLE", SICK, "resolve alice M"),
        ("it has lots", "E_NOT_NEEDED", BROKE, "resolve alice M")])


def add_collateral_sales(family: Family) -> None:
    lent = ["price WETH 2000", "deposit alice 0.01 WETH", RICH, "deposit carol 1_000 USDC",
            "price M 100", "trade alice buy 1 M @ 100 with bob", "advance 10s", "price M 91",
            "price WETH 2000", "advance 10s", "price M 86", "price WETH 2000"]
    sale = "liquidate_collateral alice WETH by carol"
    refuse(family, "LIQ-6", [
        ("somebody else's taker", "E_AUTH", lent, "as bob " + sale),
        ("no such account", "E_NO_ACCOUNT", lent,
         send("liquidate_collateral", "carol", account=NOBODY, asset="1", taker="3",
              market="65535")),
        ("no such asset", "E_NO_ASSET", lent,
         send("liquidate_collateral", "carol", account="1", asset="9", taker="3",
              market="65535")),
        ("no such market", "E_NO_MARKET", lent,
         send("liquidate_collateral", "carol", account="1", asset="1", taker="3", market="9")),
        ("liquidations are paused", "E_PAUSED", lent + ["pause M liquidate"], sale),
        ("a limit below the price", "E_FILL_BAND", lent, sale + " limit 1_900"),
        ("healthy", "E_NOT_LIQUIDATABLE", lent[:6], sale),
        ("his own account", "E_SELF_LIQUIDATION",
         lent + ["account alice2 cross owner alice", "deposit alice2 100 USDC"],
         "liquidate_collateral alice WETH by alice2"),
        ("the taker has no cash", "E_BALANCE", lent + ["account dave cross"],
         "liquidate_collateral alice WETH by dave"),
        ("no shortfall has waited", "E_NOT_NEEDED", lent, sale + " for M")], "collateral",
        {"WETH": {"price_decimals": "10"}})
    for code, lines in {**prices("2000", "WETH"), "E_GRACE": after_gap("2000", "WETH")}.items():
        sources = {"sources": "2"} if code == "E_PRICE_SOURCES" else {}
        family.add("PRICE-4 LIQ-6", f"collateral is not sold: {code}", "collateral", code=code,
                   before=lent + lines, operation=sale,
                   parameters={"WETH": {"price_decimals": "10", **sources}})
    full = ["account dave cross", "deposit dave 1_000 USDC"]
    for i in range(1, 9):
        full += [f"asset A{i} decimals 6 cap 1_000", f"deposit dave 1 A{i}"]
    family.add("UNIT-3", "the buyer has eight collaterals", "collateral",
               code="E_COLLATERALS_MAX", parameters={"WETH": {"price_decimals": "10"}},
               before=full + lent, operation="liquidate_collateral alice WETH by dave")


def add_debts(family: Family) -> None:
    """Collateral covers the margin, but a loss stands above the cash: risk may not grow."""
    lent = ["price WETH 2000", "deposit alice 1 WETH", RICH, "price M 100",
            "trade alice buy 1 M @ 100 with bob", "advance 10s", "price WETH 2000", "price M 95"]
    decimals = {"WETH": {"price_decimals": "10"}}
    refuse(family, "MARGIN-8", [
        ("a debt: set_mode", "E_DEBT", lent, "set_mode alice isolated"),
        ("a debt: set_leverage", "E_DEBT", lent, "set_leverage alice 11%"),
        ("a debt: a trade that grows", "E_DEBT", lent, "trade alice buy 1 M @ 95 with bob"),
        ("a debt: a takeover", "E_DEBT",
         ["price WETH 2000", "deposit carol 1 WETH", "deposit alice 10 USDC", RICH, "price M 100",
          "trade alice buy 1 M @ 100 with bob", "trade carol buy 1 M @ 100 with bob",
          "advance 10s", "price WETH 2000", "price M 94"], "liquidate alice M by carol")],
        "collateral", decimals)
    family.add("MARGIN-8", "a debt: reducing is free", "collateral", before=lent,
               parameters=decimals, operation="trade bob buy 0.5 M @ 95 with alice")
    family.add("MARGIN-8", "the cash covers the loss exactly", "collateral", parameters=decimals,
               before=lent[:1] + ["deposit alice 5 USDC"] + lent[1:],
               operation="set_mode alice isolated")
    family.add("MARGIN-8", "one atom of cash less than the loss", "collateral", code="E_DEBT",
               before=lent[:1] + ["deposit alice 4.999999 USDC"] + lent[1:],
               parameters=decimals, operation="set_mode alice isolated")
    for case, code, funds in (("buying collateral leaves a debt", "E_DEBT",
                               ["deposit carol 15 USDC", "deposit carol 1 WETH"]),
                              ("buying collateral falls below initial", "E_BELOW_INITIAL",
                               ["deposit carol 23 USDC"])):
        family.add("MARGIN-8 LIQ-6", case, "collateral", code=code, parameters=decimals,
                   before=["price WETH 2000", "deposit alice 0.01 WETH", RICH] + funds
                   + ["price M 100", "trade alice buy 1 M @ 100 with bob",
                      "trade carol buy 1 M @ 100 with bob", "advance 10s", "price M 92",
                      "price WETH 2000", "advance 10s", "price M 87", "price WETH 2000"],
                   operation="liquidate_collateral alice WETH by carol")


def add_gaps(family: Family, sick: Family) -> None:
    """PRICE-5: how long candidates must agree, how closely, and how long liquidations then wait."""
    gap = ["price M 100", GAP, "price M 100 -> refused E_GAP", "advance 30s",
           "price M 100 -> refused E_GAP"]
    for seconds, code in ((29, "refused E_GAP"), (30, "ok"), (31, "ok")):
        family.add("PRICE-5", f"candidates span {30 + seconds} s", code=code,
                   before=gap + [f"advance {seconds}s"], operation="price M 100",
                   after={"feed M": {"state.gap": 0 if code == "ok" else 1}})
    for name, price, code in (("within 2 %", "101", "ok"), ("beyond 2 %", "103",
                                                            "refused E_GAP")):
        family.add("PRICE-5", f"candidates agree {name}", code=code,
                   before=gap + ["advance 30s"], operation=f"price M {price}")
    ended = SICK + after_gap("94")
    for seconds, code in ((119, "E_GRACE"), (120, "ok"), (121, "ok")):
        waits = ["advance 30s", "price M 94"] * 3 + [f"advance {seconds - 90}s", "price M 94"]
        sick.add("PRICE-5 PRICE-4", f"the grace after a gap: {seconds} s", code=code,
                 before=ended + waits, operation="liquidate alice M by carol")
    legs = ["deposit alice 15 USDC", RICH, "deposit carol 1_000 USDC", "price M 100",
            "price N 100", "trade alice buy 1 M @ 100 with bob",
            "trade alice buy 0.5 N @ 100 with bob", "advance 20s", "price M 91.5", "advance 11s",
            "price M 91.5"]
    sick.add("PRICE-4", "a stale feed counts in the account's favour", "two", before=legs,
             operation="liquidate alice M by carol", code="E_NOT_LIQUIDATABLE")
    sick.add("PRICE-4", "a good feed counts as it is", "two", before=legs + ["price N 100"],
             operation="liquidate alice M by carol")


def add_rest(made: dict[str, Family]) -> None:
    """What needs a world of its own."""
    legs = ["deposit alice 15 USDC", RICH, "deposit carol 1_000 USDC", "price M 100",
            "price N 100", "trade alice buy 1 M @ 100 with bob",
            "trade alice buy 0.5 N @ 100 with bob", "advance 10s", "price M 91.5", "price N 100"]
    made["liquidation"].add("LIQ-4", "the larger requirement goes first", "two", before=legs,
                            operation="liquidate alice N by carol", code="E_NOT_NEEDED")
    made["liquidation"].add("LIQ-4", "the owner's order goes first", "two",
                            before=legs + ["set_order alice N"],
                            operation="liquidate alice N by carol")
    made["liquidation"].add(
        "UNIT-3 LIQ-1", "a takeover within the taker's position cap only", code="E_CAP_POSITION",
        parameters={"M": {"position_cap": "100"}}, operation="liquidate alice M by carol",
        before=["account dave cross", "deposit dave 1_000 USDC"] + POOR
        + ["trade carol buy 1 M @ 100 with dave", "advance 10s", "price M 94"])
    fill = {"fills": "1", "fills.0.id": "1", "fills.0.market": "1", "fills.0.buyer": "1",
            "fills.0.seller": "2", "fills.0.lots": "1000", "fills.0.price": str(100 * 10 ** 10)}
    made["gate"].add("ACCT-7", "a market that was never opened", code="E_STATUS",
                     before=START[:3] + [send("add_market", feed="0", size_decimals="8",
                                              tick="1")],
                     operation={"send": "trade", "as": "matcher", "fields": fill})
    made["price"].add("PRICE-2", "a feed twice in one batch", code="E_FIELD",
                      operation=send("publish_price", "oracle1", quotes="2", quotes__0__feed="0",
                                     quotes__0__price="1000000", quotes__0__time="1700000000",
                                     quotes__1__feed="0", quotes__1__price="1000000",
                                     quotes__1__time="1700000000"))
    closed = BROKE + ["trade bob buy 1 M @ 89 with alice"]
    made["loss"].add("GOV-2 LOSS-2", "a grace after a pause of reductions", code="E_GRACE",
                     before=closed + ["as guardian pause M reduce", "as admin pause M none"],
                     operation="resolve alice M")
    made["ledger"].add(
        "ACCT-5 MARGIN-8", "a claim that initial margin rests on is kept", "two",
        code="E_BELOW_INITIAL", operation="abandon_claim alice M",
        before=["deposit alice 10 USDC", RICH, "price M 100", "price N 100",
                "trade alice buy 1 M @ 100 with bob", "advance 10s", "price M 105", "price N 100",
                "trade bob buy 1 M @ 105 with alice", "trade alice buy 1.4 N @ 100 with bob"])
    made["governance"].add("PRICE-7 GOV-3", "an allotment that no longer covers the market",
                           code="E_PARAM_ENVELOPE", operation="set_param M allotment 1_900_000")
    for case, code, message in (("no bytes", "E_LENGTH", ""), ("no such opcode", "E_FIELD", "ff"),
                                ("a byte short", "E_LENGTH", "24" + "01" + "00" * 6),
                                ("a byte long", "E_LENGTH", "24" + "01" + "00" * 8),
                                ("account 0 does not exist", "E_RANGE", "24" + "00" * 8)):
        made["unit"].add("UNIT-3", f"message bytes: {case}", code=code,
                         operation={"bytes": message, "as": "alice"})


def add_all(made: dict[str, Family]) -> None:
    add_listing(made["governance"])
    add_governance(made["governance"])
    add_accounts(made["account"])
    add_money(made["ledger"])
    add_trades(made["gate"])
    add_publishing(made["price"])
    add_settling(made["ledger"])
    add_liquidations(made["liquidation"])
    add_collateral_sales(made["liquidation"])
    add_debts(made["gate"])
    add_gaps(made["price"], made["liquidation"])
    add_rest(made)
