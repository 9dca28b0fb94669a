# SPDX-License-Identifier: Apache-2.0
"""Operations with numbers: settlement, funding, takeovers, deficits, collateral sales, envelope.

Every number is the calculator's, for the state that the case's lines make."""
from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import calculator as rules
from calculator import PPM, WAD, Account, Leg, Market
from vector_file import Family, decimal
from vectors_formulas import LOT, TICK, moved, opened, percent, written

ALICE, BOB, CAROL = "account alice", "account bob", "account carol"


def leg_of(lots: int, quote: int) -> dict[str, int]:
    return {"account.positions.0.lots": lots, "account.positions.0.quote": quote}


# --- LEDGER-1: settlement ------------------------------------------------------------------------
def add_settlements(family: Family) -> None:
    """Closed positions settle exactly, in both orders; a loser pays at most his cash."""
    closed = opened("buy", LOT, 100 * TICK, 20_000_000) + moved(105 * TICK) + [
        f"trade bob buy 1 M @ 105 with alice"]
    family.add("LEDGER-1", "a debt is paid exactly into the pool", before=closed,
               operation="settle bob M", reply={"value": -5 * WAD},
               events=[{"SETTLED": {"account": 2, "market": 0, "value": -5 * WAD}}],
               after={"market M": {"state.pool": 5 * WAD, "state.oi": 0},
                      BOB: {"account.cash": 9_999_995 * WAD, "account.positions": 0}})
    family.add("LEDGER-1", "a claim is paid from the pool", before=closed + ["settle bob M"],
               operation="settle alice M", reply={"value": 5 * WAD},
               after={"market M": {"state.pool": 0}, ALICE: {"account.cash": 25 * WAD,
                                                             "account.positions": 0}})
    family.add("LEDGER-7", "a claim before anybody has paid: the shortfall is recorded",
               before=closed, operation="settle alice M", reply={"value": 0},
               events=[{"SHORTFALL": {"market": 0, "account": 1, "value": 5 * WAD}}],
               after={"market M": {"state.shortfall": 5 * WAD, "state.pool": 0,
                                   "state.shortfall_account": 1}})
    family.add("LEDGER-7", "the shortfall ends when he is paid",
               before=closed + ["settle alice M", "settle bob M"], operation="settle alice M",
               reply={"value": 5 * WAD},
               after={"market M": {"state.shortfall": 0, "state.shortfall_since": 0}})
    family.add("ACCT-5", "a claim is given to the insurance line", before=closed,
               operation="abandon_claim alice M", reply={"value": 5 * WAD},
               events=[{"CLAIM_ABANDONED": {"account": 1, "market": 0, "value": 5 * WAD}}],
               after={"market M": {"state.insurance_due": 5 * WAD}})
    add_open_settlements(family)


def add_open_settlements(family: Family) -> None:
    """Open lots settle at the smaller |PnL| of p and s: s follows 105 for 30 s."""
    for case, price in (("in gain", 105), ("in loss", 95)):
        slow = rules.slow_step(100 * TICK, price * TICK, 30, rules.F0)
        change = (slow - 100 * TICK) * LOT
        loser = "bob" if price > 100 else "alice"
        before = opened("buy", LOT, 100 * TICK, 20_000_000) + moved(price * TICK) + \
            moved(price * TICK, 0, 30)
        family.add("LEDGER-1 PRICE-3", f"open lots settle at the slow price, {case}",
                   before=before, operation=f"settle {loser} M",
                   inputs={"slow": slow}, reply={"value": -abs(change)},
                   after={"market M": {"state.pool": abs(change)}})
    family.add("LEDGER-1", "p and s on two sides of the entry settle nothing", code="E_NOT_NEEDED",
               before=opened("buy", LOT, 100 * TICK, 20_000_000) + moved(105 * TICK)
               + moved(105 * TICK, 0, 30) + moved(99 * TICK, 0, 1), operation="settle alice M")


# --- FUND ----------------------------------------------------------------------------------------
def add_funding(family: Family) -> None:
    """Samples of one hour fix the rate of the next; half an hour of it is charged."""
    rows = [("no sample accrues nothing", {}, 0, 100, 100),
            ("one sample: interest alone", {}, 1, 101, 102),
            ("14 samples: interest alone", {}, 14, 101, 102),
            ("15 samples: the premium", {}, 15, 101, 102),
            ("16 samples: the premium", {}, 16, 101, 102),
            ("a negative premium", {}, 15, 98, 99),
            ("a premium within the interest band", {}, 15, "100.03", 101),
            ("bid below and ask above: none", {}, 15, 99, 101),
            ("clamped to six spreads of margin",
             {"initial": 50_100, "loss_cap": 50_000}, 15, 110, 111),
            ("clamped to the market's cap", {"funding_cap": 1_000_000}, 15, 110, 111),
            ("a rate that is no whole part of a second", {}, 15, "100.0777777777", 101)]
    for case, params, count, bid, ask in rows:
        market = Market(100 * TICK, params=params)
        sample = rules.premium(ceil(Fraction(bid) * TICK), ceil(Fraction(ask) * TICK), 100 * TICK)
        rate = rules.hourly_rate([sample] * count, market)
        step, _ = rules.index_step(rate, 100 * TICK, 1800)
        before = opened("buy", LOT, 100 * TICK, 20_000_000)
        before += [f"repeat {count}", "advance 20s", "price M 100", f"impact M {bid} {ask}",
                   "end"] if count else []
        before += [f"advance {3600 - 800 + 1800 - 20 * count}s"]
        capped = " FUND-3" if "funding_cap" in params else ""
        family.add("FUND-2 FUND-1 LEDGER-2" + capped, case, before=before,
                   parameters={"M": written(params)} if params else None,
                   inputs={"samples": count, "premium": sample, "rate": rate, "seconds": 1800},
                   after={"market M": {"state.funding_rate": rate, "state.index_long": step,
                                       "state.index_short": step},
                          "margin alice": {"legs.0.quote":
                                           -100 * WAD - rules.payment(LOT, step, 0)},
                          "margin bob": {"legs.0.quote":
                                         100 * WAD - rules.payment(-LOT, step, 0)}})


# --- LIQ -----------------------------------------------------------------------------------------
def takeover(family: Family, rule: str, case: str, *, cash: int, price: int, side: str = "buy",
             size: int = LOT, params: dict[str, int] | None = None, waited: int = 0,
             lots: int | None = None) -> None:
    """alice traded `size` at 100 with `cash` wad; carol takes over what is needed at `price`."""
    params = params or {}
    signed = size if side == "buy" else -size
    market = Market(price, 0, 100 * TICK, size, params=params)
    account = Account(cash, [Leg(market, signed, -signed * 100 * TICK)])
    fee_ppm = rules.grown(market.liq_fee, market.liq_fee_max, market.liq_fee_growth, 1,
                          1 + waited)
    most = rules.takeover_size(account, 0, fee_ppm)
    is_backstop = 3 * rules.equity_maint(account) < 2 * rules.maint(account)
    if size * price > market.liq_slice_above and not is_backstop:
        most = min(most, ceil(Fraction(size * market.liq_slice, PPM)))
    taken = most if lots is None else min(lots, most)
    taker_fee, insurance_fee = rules.liquidation_fees(account, 0, taken, fee_ppm)
    after = rules.after_takeover(account, 0, taken, fee_ppm)
    left = after.legs[0]
    moved_lots = taken if side == "buy" else -taken
    event = {"account": 1, "market": 0, "taker": 3, "lots": moved_lots, "price": price,
             "fee_taker": taker_fee, "fee_insurance": insurance_fee,
             "bankruptcy": rules.bankruptcy_price(account, 0)}
    before = ["deposit carol 1_000_000 USDC"] + opened(side, size, 100 * TICK, cash // 10 ** 12)
    before += moved(price)
    if waited:
        before += ["flag alice"] + moved(price, 0, waited)
    after_alice = leg_of(left.lots, left.quote) if left.lots or left.quote else {}
    wanted = f" {decimal(lots, 8)}" if lots is not None else ""
    family.add(rule, case, before=before, parameters={"M": written(params)} if params else None,
               inputs={"fee_ppm": fee_ppm, "equity": rules.equity_maint(account),
                       "maint": rules.maint(account), "target": rules.target(account)},
               operation=f"liquidate alice M{wanted} by carol", reply={"lots": taken},
               events=([] if waited else [{"FLAGGED": {"account": 1}}]) + [{"LIQUIDATED": event}]
               + ended(after, bool(waited)),
               after={ALICE: after_alice,
                      CAROL: leg_of(moved_lots, -moved_lots * price + taker_fee),
                      "market M": {"state.insurance_due": insurance_fee}})


def ended(after: Account, was_called: bool) -> list[dict]:
    """What is said of an account after its liquidation: a margin call while E_im < IM [MARGIN-7],
    and the end of its clock at E_mm >= T [LIQ-3]."""
    events: list[dict] = []
    if rules.equity_initial(after) < rules.initial(after) and not was_called:
        events.append({"MARGIN_CALL": {"account": 1, "open": 1}})
    if rules.equity_maint(after) >= rules.target(after):
        events.append({"FLAGGED": {"account": 1, "since": 0}})
    return events


def add_takeovers(family: Family) -> None:
    takeover(family, "LIQ-2 LIQ-3", "a long just below maintenance", cash=10 * WAD,
             price=947_368_421_052)
    takeover(family, "LIQ-2 LIQ-3", "a long at 94", cash=10 * WAD, price=94 * TICK)
    takeover(family, "LIQ-2 LIQ-3", "a short at 106", cash=10 * WAD, price=106 * TICK,
             side="sell")
    takeover(family, "LIQ-7 LIQ-2", "a bankruptcy price of a sale is rounded up",
             cash=10 * WAD, price=94 * TICK, size=LOT - 1)
    takeover(family, "LIQ-7 LIQ-2", "a bankruptcy price of a purchase is rounded down",
             cash=10 * WAD, price=106 * TICK, size=LOT - 1, side="sell")
    takeover(family, "LIQ-2", "no fees at all", cash=10 * WAD, price=94 * TICK,
             params={"liq_fee": 0, "liq_fee_max": 0, "liq_insurance_fee": 0})
    takeover(family, "LIQ-2", "target at maintenance", cash=10 * WAD, price=94 * TICK,
             params={"liq_target": 0})
    takeover(family, "LIQ-2", "target at initial: out of reach, the whole leg", cash=10 * WAD,
             price=94 * TICK, params={"liq_target": PPM})
    takeover(family, "LIQ-2", "a remainder below the minimum order is closed too",
             cash=10 * WAD, price=94 * TICK, params={"min_order": LOT * 6 // 10})
    takeover(family, "LIQ-2", "the taker takes less", cash=10 * WAD, price=94 * TICK,
             lots=LOT // 10)
    takeover(family, "LIQ-2", "the taker wants more: only what is needed", cash=10 * WAD,
             price=94 * TICK, lots=LOT)
    takeover(family, "LIQ-2 MARGIN-3", "with a size premium", cash=40 * WAD, price=94 * TICK,
             size=2 * LOT, params={"imf": 80_000_000})
    takeover(family, "LIQ-3", "the fee after 20 s", cash=10 * WAD, price=94 * TICK, waited=20)
    takeover(family, "LIQ-3", "the fee after 1 s", cash=10 * WAD, price=94 * TICK, waited=1)
    takeover(family, "LIQ-3", "the largest fee", cash=10 * WAD, price=94 * TICK, waited=20,
             params={"liq_fee_growth": 1_000})
    takeover(family, "MARGIN-8 LIQ-3", "the fee is bounded by the share of equity",
             cash=101 * WAD // 10, price=90 * TICK)
    takeover(family, "MARGIN-8 LIQ-3", "one tick of equity left", cash=10 * WAD,
             price=90 * TICK + 1)
    takeover(family, "LIQ-5", "a slice of a large position", cash=10 * WAD, price=94 * TICK,
             params={"liq_slice_above": 50 * WAD})
    takeover(family, "LIQ-5", "a position of exactly the threshold is no large one",
             cash=10 * WAD, price=94 * TICK, params={"liq_slice_above": 94 * WAD})
    takeover(family, "LIQ-5", "one wad below the threshold it is", cash=10 * WAD,
             price=94 * TICK, params={"liq_slice_above": 94 * WAD - 1})
    takeover(family, "LIQ-5", "below two thirds there is no slice", cash=10 * WAD,
             price=93 * TICK, params={"liq_slice_above": 50 * WAD})
    edge = floor(Fraction(9000, 95) * TICK)
    for name, price, code in (("one tick above", edge + 1, "E_NOT_LIQUIDATABLE"),
                              ("at the last price below", edge, "ok"),
                              ("one tick below", edge - 1, "ok")):
        family.add("MARGIN-7 LIQ-1", f"E_mm < MM: {name}", code=code,
                   before=["deposit carol 1_000 USDC"] + opened("buy", LOT, 100 * TICK,
                                                                10_000_000) + moved(price),
                   operation="liquidate alice M by carol", inputs={"price": price})
        family.add("MARGIN-7 LIQ-3", f"flag, E_mm < MM: {name}", code=code,
                   before=opened("buy", LOT, 100 * TICK, 10_000_000) + moved(price),
                   operation="flag alice", inputs={"price": price})
    add_limits(family)


def add_limits(family: Family) -> None:
    """The taker's limit, and the cooldown after a full slice."""
    account = Account(10 * WAD, [Leg(Market(94 * TICK, 0, 100 * TICK, LOT), LOT, -100 * WAD)])
    taken = rules.takeover_size(account, 0, 10_000)
    fee, _ = rules.liquidation_fees(account, 0, taken, 10_000)
    limit = ceil(Fraction(taken * 94 * TICK - fee, taken))
    before = ["deposit carol 1_000 USDC"] + opened("buy", LOT, 100 * TICK, 10_000_000) + \
        moved(94 * TICK)
    for name, price, code in (("exactly", limit, "ok"), ("one tick higher", limit + 1, "ok"),
                              ("one tick lower", limit - 1, "E_FILL_BAND")):
        family.add("LIQ-1", f"the taker's limit: {name}", before=before, code=code,
                   inputs={"limit": price},
                   operation=f"liquidate alice M by carol limit {decimal(price, 10)}")
    slices = {"M": {"liq_slice_above": "50"}}
    once = before + ["liquidate alice M by carol"]
    for name, wait, code in (("one second before", 29, "E_COOLDOWN"), ("at its end", 30, "ok"),
                             ("one second after", 31, "ok")):
        family.add("LIQ-5", f"the cooldown: {name}", parameters=slices, code=code,
                   before=once + moved(94 * TICK, 0, 15) + moved(94 * TICK, 0, wait - 15),
                   operation="liquidate alice M by carol")
    family.add("LIQ-5", "less than a full slice starts no cooldown", parameters=slices,
               before=before + ["liquidate alice M 0.1 by carol"] + moved(94 * TICK, 0, 1),
               operation="liquidate alice M by carol")


# --- LOSS ----------------------------------------------------------------------------------------
def add_losses(family: Family) -> None:
    """alice: cash 10, one coin long from 100. At 88.1234567891 E_full is -1.8765432109."""
    price = 881_234_567_891
    market = Market(price, 0, 100 * TICK, LOT)
    account = Account(10 * WAD, [Leg(market, LOT, -100 * WAD)])
    deficit = rules.market_deficit(account, 0)
    atoms = deficit // 10 ** 12
    before = ["deposit carol 1_000 USDC"] + opened("buy", LOT, 100 * TICK, 10_000_000) + \
        moved(94 * TICK) + moved(price)
    rows = [("nobody insures", 0, 0, {}), ("the tranche pays all", atoms + 10, 0, {}),
            ("one atom less than all", atoms, 0, {}), ("one atom more", atoms + 1, 0, {}),
            ("half of it", atoms // 2, 0, {}), ("the global tranche alone", 0, atoms + 5, {}),
            ("both tranches", atoms // 3, atoms // 3, {}),
            ("a draw cap", atoms + 10, 0, {"draw_cap": WAD}),
            ("a draw cap of each tranche", atoms + 10, atoms + 10, {"draw_cap": WAD // 2}),
            ("the opposing side up to loss_cap, then the line", 0, 0, {"loss_cap": 10_000}),
            ("loss_cap 0: all on the line", 0, 0, {"loss_cap": 0}),
            ("insurance, side and line", atoms // 4, 0, {"loss_cap": 10_000})]
    for case, tranche, common, params in rows:
        used = Market(price, 0, 100 * TICK, LOT, params=params)
        cap = used.draw_cap
        paid = rules.waterfall(deficit, tranche * 10 ** 12, common * 10 ** 12, cap, cap, LOT, used)
        funded = ([f"fund_insurance M {decimal(tranche, 6)}"] if tranche else []) + \
                 ([f"fund_insurance global {decimal(common, 6)}"] if common else [])
        figures = {"account": 1, "market": 0, "value": deficit, "insurance": paid.tranche,
                   "global": paid.common, "opposing": paid.side + paid.excess,
                   "uncovered": paid.uncovered, "step": paid.step}
        state = {"state.uncovered": -paid.uncovered, "state.insurance":
                 tranche * 10 ** 12 - paid.tranche, "state.index_short": -paid.step}
        where = {"parameters": {"M": written(params)} if params else None,
                 "inputs": {"deficit": deficit, "tranche": tranche * 10 ** 12,
                            "global": common * 10 ** 12}}
        excess = paid.excess
        if paid.uncovered:  # recoveries fill the line first [LOSS-7]
            state["state.uncovered"] += min(excess, paid.uncovered)
            excess -= min(excess, paid.uncovered)
        state["state.insurance_due"] = excess
        family.add("LOSS-1 LOSS-2", f"takeover: {case}", before=funded + before,
                   operation="liquidate alice M by carol", reply={"lots": LOT},
                   events=[{"FLAGGED": {"account": 1}}, {"DEFICIT": figures},
                           {"LIQUIDATED": {"account": 1, "taker": 3, "lots": LOT, "price": price,
                                           "fee_taker": 0, "fee_insurance": 0}},
                           {"FLAGGED": {"account": 1, "since": 0}}],
                   after={"market M": state,
                          CAROL: leg_of(LOT, -LOT * price)}, **where)
        family.add("LOSS-2 LIQ-11", f"forced close: {case}", before=funded + before,
                   operation="deleverage alice M with bob", reply={"lots": LOT},
                   events=[{"FLAGGED": {"account": 1}}, {"DEFICIT": figures},
                           {"DELEVERAGED": {"account": 1, "counterparty": 2, "lots": LOT,
                                            "price": price, "tip": 0}},
                           {"FLAGGED": {"account": 1, "since": 0}}],
                   after={"market M": state}, **where)
        family.add("LOSS-2", f"resolve: {case}", before=funded + before
                   + [f"trade bob buy 1 M @ {decimal(price, 10)} with alice"],
                   operation="resolve alice M", **where)
        if case == "nobody insures":
            family.cases[-1]["case"] = "resolve without an opposing side: all on the line"
            family.cases[-1]["after"] = {"market M": {"state.uncovered": str(-deficit)}}
    add_parts(family, before, account, price)


def add_parts(family: Family, before: list[str], account: Account, price: int) -> None:
    """LOSS-2: a step that takes q of the L lots recognises ceil(D_m x q / L)."""
    deficit = rules.market_deficit(account, 0)
    for q in (1, 3, LOT // 3, LOT - 1, LOT):
        x = rules.recognised(deficit, q, LOT)
        paid = rules.waterfall(x, 0, 0, 0, 0, LOT, account.legs[0].market)
        family.add("LOSS-2", f"{q} lots of a forced close", before=before,
                   operation=f"deleverage alice M with bob {decimal(q, 8)}",
                   inputs={"deficit": deficit, "recognised": x},
                   after={"market M": {"state.index_short": -paid.step,
                                       "state.insurance_due": paid.excess,
                                       "state.oi": LOT - q}})
    family.add("LOSS-8", "flagged deficits above insurance stop new risk", code="E_LOSS_PENDING",
               before=before + ["flag alice"],
               operation=f"trade carol buy 1 M @ {decimal(price, 10)} with bob")
    family.add("LOSS-8", "insured deficits do not",
               before=["fund_insurance M 2"] + before + ["flag alice"],
               operation=f"trade carol buy 1 M @ {decimal(price, 10)} with bob")
    family.add("LOSS-7 ACCT-8", "an uncovered line only reduces", code="E_REDUCE_ONLY",
               parameters={"M": {"loss_cap": "0%"}},
               before=before + ["liquidate alice M by carol"],
               operation=f"trade carol buy 1 M @ {decimal(price, 10)} with bob")


def add_cover(family: Family) -> None:
    """LOSS-9: 20 % against one coin long at 100 with its cash; bob, who is rich, lacks nothing."""
    for case, cash in (("half covered", 10_000_000), ("covered exactly", 20_000_000),
                       ("one atom short", 19_999_999), ("one atom more", 20_000_001)):
        market = Market(100 * TICK, 0, 100 * TICK, LOT)
        account = Account(cash * 10 ** 12, [Leg(market, LOT, -100 * WAD)])
        loss = rules.stressed_loss(account, 0, rules.F0)
        cover = {"move": rules.worst_move(rules.F0)[1], "loss": loss, "tranche": 5 * WAD,
                 "loss_a_lot": rules.part_floor(100 * TICK, market.loss_cap), "unbacked": 0}
        family.add("LOSS-9", f"the stressed loss, {case}",
                   before=["fund_insurance M 2", "fund_insurance global 3"]
                   + opened("buy", LOT, 100 * TICK, cash), inputs={"cash": cash * 10 ** 12},
                   after={"cover M alice bob": cover, "cover M bob alice": cover,
                          "cover M alice alice": cover})


def add_shared_deficits(family: Family) -> None:
    """LOSS-1: the deficit of two losing markets is split by their losses, each share up."""
    price_m, price_n = 87 * TICK + 1, 93 * TICK + 5
    size_n = 33_333_333
    legs = [Leg(Market(price_m, 0, 100 * TICK, LOT), LOT, -100 * WAD),
            Leg(Market(price_n, 0, 100 * TICK, size_n), size_n, -size_n * 100 * TICK)]
    account = Account(13_400_000 * 10 ** 12, legs)
    before = ["deposit alice 13.4 USDC", "deposit bob 1_000_000 USDC", "deposit carol 1_000 USDC",
              "price M 100", "price N 100", "trade alice buy 1 M @ 100 with bob",
              f"trade alice buy {decimal(size_n, 8)} N @ 100 with bob", "advance 10s",
              "price M 93", f"price N {decimal(price_n, 10)}", "advance 10s",
              f"price M {decimal(price_m, 10)}", f"price N {decimal(price_n, 10)}"]
    for i, (name, lots) in enumerate((("M", LOT), ("N", size_n))):
        for q in (lots, lots // 7):
            x = rules.recognised(rules.market_deficit(account, i), q, lots)
            paid = rules.waterfall(x, 0, 0, 0, 0, lots, legs[i].market)
            family.add("LOSS-1 LOSS-2", f"two losing markets: {q} lots of {name}", "two",
                       before=before, inputs={"deficit": -rules.equity_full(account),
                                              "share": rules.market_deficit(account, i)},
                       operation=f"deleverage alice {name} with bob {decimal(q, 8)}",
                       after={f"market {name}": {"state.index_short": -paid.step,
                                                 "state.insurance_due": paid.excess}})
        x = rules.market_deficit(account, i)
        family.add("LOSS-1", f"two losing markets: insurance of {name} pays the exact share",
                   "two", before=[f"fund_insurance {name} 5"] + before,
                   operation=f"deleverage alice {name} with bob",
                   after={f"market {name}": {"state.insurance": 5 * WAD - x,
                                             "state.index_short": 0}})


# --- LIQ-6, PRICE-7 ------------------------------------------------------------------------------
def add_sales(family: Family) -> None:
    """alice owes 4 beyond no cash at 86: 10 lost of 0.01 WETH at 2000 (worth 20)."""
    before = ["price WETH 2000", "deposit alice 0.01 WETH", "deposit bob 1_000_000 USDC",
              "deposit carol 1_000 USDC", "price M 100", "trade alice buy 1 M @ 100 with bob"]
    before += ["advance 10s", "price M 92", "price WETH 2000", "advance 10s", "price M 87",
               "price WETH 2000"]
    price = 2000 * TICK - rules.part_floor(2000 * TICK, 20_000)
    need = 13 * WAD
    atoms = ceil(Fraction(need * 10 ** 10, price))
    cash = ceil(Fraction(atoms * price, 10 ** 10))
    for case, wanted, sold in (("what is needed", "", atoms), ("one atom", " "
                               + decimal(1), 1), ("more than needed", " 1", atoms)):
        paid = ceil(Fraction(sold * price, 10 ** 10))
        family.add("LIQ-6", f"collateral: {case}", "collateral", before=before,
                   parameters={"WETH": {"price_decimals": "10"}},
                   operation=f"liquidate_collateral alice WETH{wanted} by carol",
                   inputs={"need": need, "sale_price": price}, reply={"amount": sold,
                                                                     "cash": paid})
    for name, limit, code in (("exactly", price, "ok"), ("one tick lower", price - 1,
                                                         "E_FILL_BAND"),
                              ("one tick higher", price + 1, "ok")):
        family.add("LIQ-6", f"the buyer's limit: {name}", "collateral", before=before, code=code,
                   parameters={"WETH": {"price_decimals": "10"}},
                   operation="liquidate_collateral alice WETH by carol limit "
                   + decimal(limit, 10), inputs={"limit": limit})
    assert cash >= need


def add_envelope(family: Family) -> None:
    """PRICE-7: the largest open interest cap of a market, exactly."""
    for params in ({}, {"maint": 60_000}, {"funding_cap": 12_345_678}, {"liq_fee_max": 33_333},
                   {"allotment": 1_234_567 * WAD},
                   {"maint": 60_000, "funding_cap": 36_000_000, "allotment": 191_810 * WAD}):
        seconds, move = rules.worst_move(rules.F0)
        market = Market(1, params=params)
        funding = Fraction(market.funding_cap * seconds, 1000 * rules.HOUR)
        beyond = (move + funding + market.liq_fee_max + market.liq_insurance_fee
                  - Fraction(2 * market.maint, 3))
        cap = floor(market.allotment * PPM / beyond)
        text = " ".join(f"{key} {value}" for key, value in written(params).items()
                        if key != "unbacked")
        for name, value in (("the largest", cap), ("one wad more", cap + 1),
                            ("one wad less", cap - 1)):
            held = Market(1, params={**params, "oi_cap": value})
            code = "ok" if rules.envelope(held, rules.F0) else "E_PARAM_ENVELOPE"
            family.add("PRICE-7", f"oi_cap {name}", "empty", code=code,
                       operation=f"market X oi_cap {decimal(value)} {text}".strip(),
                       inputs={"oi_cap": value, "move_ppm": move, **params})
    assert percent(1) == "0.0001%"


def add_all(made: dict[str, Family]) -> None:
    add_settlements(made["ledger"])
    add_funding(made["funding"])
    add_takeovers(made["liquidation"])
    add_losses(made["loss"])
    add_shared_deficits(made["loss"])
    add_cover(made["loss"])
    add_sales(made["liquidation"])
    add_envelope(made["governance"])
