# SPDX-License-Identifier: Apache-2.0
"""Formula cases: a state, and the figures of it that the calculator gives, read by queries."""
from __future__ import annotations

import calculator as rules
from calculator import PPM, WAD, Account, Collateral, Leg, Market
from vector_file import Family, decimal

LOT = 10 ** 8        # lots of one coin: size_decimals 8
TICK = 10 ** 10      # ticks of one quote unit: price_decimals 10
BOUND = ["market", "premium", "user", "floor"]


def percent(ppm: int) -> str:
    return decimal(ppm, 4) + "%"


def written(params: dict[str, int]) -> dict[str, str]:
    """Parameters as a scenario writes them."""
    values = {"floor", "gain_cap", "oi_lower", "oi_upper", "oi_cap", "liq_slice_above",
              "liq_window_cap", "draw_cap", "allotment", "position_cap"}
    plain = {"min_order", "max_lots"}
    seconds = {"liq_cooldown", "liq_window", "grace_pay"}
    rates = {"imf", "funding_interest", "funding_cap"}
    out: dict[str, str] = {"unbacked": ""}
    for name, value in params.items():
        if name in values:
            out[name] = decimal(value)
        elif name in plain:
            out[name] = str(value)
        elif name in seconds:
            out[name] = f"{value}s"
        elif name in rates:
            out[name] = decimal(value, 7) + "%" if value else "0"
        else:
            out[name] = percent(value)
    return out


def opened(side: str, lots: int, entry: int, cash: int, conf: int = 0) -> list[str]:
    """alice has `cash` atoms and trades `lots` with bob, who has plenty, at the first price."""
    lines = [f"deposit alice {decimal(cash, 6)} USDC"] if cash else []
    confidence = f" conf {decimal(conf, 10)}" if conf else ""
    return lines + ["deposit bob 10_000_000 USDC", f"price M {decimal(entry, 10)}{confidence}",
                    f"trade alice {side} {decimal(lots, 8)} M @ {decimal(entry, 10)} with bob"]


def moved(price: int, conf: int = 0, seconds: int = 10) -> list[str]:
    confidence = f" conf {decimal(conf, 10)}" if conf else ""
    return [f"advance {seconds}s", f"price M {decimal(price, 10)}{confidence}"]


def receipt(account: Account) -> dict[str, int]:
    """What the margin receipt of an account with one leg shows."""
    figures = {
        "cash": account.cash, "equity_initial": rules.equity_initial(account),
        "initial": rules.initial(account), "equity_maint": rules.equity_maint(account),
        "maint": rules.maint(account), "equity_full": rules.equity_full(account),
        "level": rules.level(account), "withdrawable": rules.withdrawable_cash(account),
        "legs": len(account.legs), "collaterals": len(account.collaterals),
    }
    for i, leg in enumerate(account.legs):
        ratios = rules.leg_ratios(leg, account.leverage)
        price = rules.liquidation_price(account, i)
        figures |= {f"legs.{i}.lots": leg.lots, f"legs.{i}.quote": leg.quote,
                    f"legs.{i}.price": leg.market.price,
                    f"legs.{i}.price_initial":
                        leg.market.low if leg.lots > 0 else leg.market.high,
                    f"legs.{i}.initial": ratios[0], f"legs.{i}.maint": ratios[1],
                    f"legs.{i}.liquidation_price": price or 0}
    return figures


def add_receipts(family: Family) -> None:
    """Side, size, entry and present price, cash and parameters, each with its whole receipt."""
    rows = [
        ("MARGIN-1 MARGIN-6", "a long at its entry price", {}, "buy", LOT, 100, 100, 20, 0),
        ("MARGIN-1 MARGIN-2", "a long in gain: lo is the slow price", {}, "buy", LOT, 100, 105,
         20, 0),
        ("MARGIN-1 MARGIN-2", "a long in loss", {}, "buy", LOT, 100, 95, 20, 0),
        ("MARGIN-1 MARGIN-2", "a short in gain: hi is the slow price", {}, "sell", LOT, 100, 95,
         20, 0),
        ("MARGIN-1 MARGIN-2", "a short in loss", {}, "sell", LOT, 100, 105, 20, 0),
        ("MARGIN-2", "gains at half weight", {"gain_weight": 500_000}, "buy", LOT, 100, 105, 20,
         0),
        ("MARGIN-2", "gains at a third of weight, an odd number of ppm",
         {"gain_weight": 333_333}, "sell", 3 * LOT + 1, 100, 95, 60, 0),
        ("MARGIN-2", "gains up to the cap", {"gain_cap": 2 * WAD}, "sell", LOT, 100, 95, 20, 0),
        ("PRICE-3 MARGIN-2", "confidence lowers a long", {}, "buy", LOT, 100, 100, 20, TICK // 4),
        ("PRICE-3 MARGIN-2", "confidence raises a short", {}, "sell", LOT, 100, 100, 20,
         TICK // 4),
        ("MARGIN-3", "premium below the fifth does not bind", {"imf": 2_000_000}, "buy", 4 * LOT,
         100, 100, 400, 0),
        ("MARGIN-3", "premium binds the maintenance ratio alone", {"imf": 8_000_000}, "buy",
         4 * LOT, 100, 100, 400, 0),
        ("MARGIN-3", "premium binds both ratios", {"imf": 20_000_000}, "buy", 4 * LOT, 100, 100,
         400, 0),
        ("MARGIN-3", "premium of an irrational root, up", {"imf": 20_000_000}, "sell", 3 * LOT,
         100, 100, 400, 0),
        ("MARGIN-3", "premium of one lot more than a square", {"imf": 20_000_000}, "buy",
         4 * LOT + 1, 100, 100, 400, 0),
        ("MARGIN-3", "clamped to one", {"imf": 900_000_000}, "buy", 2 * LOT, 100, 100, 400, 0),
        ("MARGIN-6", "the floor of a small position", {}, "buy", LOT // 100, 100, 100, 20, 0),
        ("MARGIN-6", "one lot pays the floor", {}, "buy", 1, 100, 100, 20, 0),
        ("MARGIN-6", "the floor is met exactly by the initial ratio", {}, "buy", LOT // 10, 100,
         100, 20, 0),
        ("MARGIN-6", "one lot above that", {}, "buy", LOT // 10 + 1, 100, 100, 20, 0),
        ("MARGIN-6", "one lot below that", {}, "buy", LOT // 10 - 1, 100, 100, 20, 0),
        ("MARGIN-6", "160 000 at 1934.40 and 2 %",
         {"initial": 20_000, "maint": 10_000, "oi_cap": 400_000_000 * WAD, "loss_cap": 20_000,
          "liq_fee": 2_000, "liq_fee_max": 5_000, "liq_insurance_fee": 1_000},
         "buy", 160_000 * LOT, 1934.4, 1934.4, 9_000_000, 0),
    ]
    for rule, case, params, side, lots, entry, price, cash, conf in rows:
        entry, price = round(entry * TICK), round(price * TICK)
        size = lots if side == "buy" else -lots
        market = Market(price, conf, entry, lots, params=params)
        account = Account(cash * WAD, [Leg(market, size, -size * entry)])
        before = opened(side, lots, entry, cash * 10 ** 6, conf if price == entry else 0)
        if cash * 20 > 100_000_000:
            before = ["deposit bob 400_000_000 USDC"] + before
        if price != entry:
            before += moved(price, conf)
        family.add(rule + " MARGIN-9", case,
                   parameters={"M": written(params)} if params else None,
                   before=before, after={"margin alice": receipt(account)},
                   inputs={"lots": size, "entry": entry, "price": price, "cash": cash * WAD,
                           **params})


def add_levels(family: Family) -> None:
    """MARGIN-7: each border of a level exactly at, one atom of cash below and above. One coin long
    from 100, now at 95: loss 5; MM 4.75, IM 9.5; lo 95."""
    price, lots = 95 * TICK, LOT
    market = Market(price, 0, 100 * TICK, lots, params={"liq_fee": 10_000})
    borders = [("healthy: E_im = 110 % of IM", "15.45"), ("margin call: E_im = IM", "14.5"),
               ("restricted: E_mm = MM", "9.75")]
    for case, cash_text in borders:
        exact = round(float(cash_text) * 10 ** 6)
        for name, cash in (("at", exact), ("one atom above", exact + 1),
                           ("one atom below", exact - 1)):
            add = max(0, 12_000_000 - cash)  # the trade itself needs 10
            account = Account(cash * 10 ** 12, [Leg(market, lots, -lots * 100 * TICK)])
            before = opened("buy", lots, 100 * TICK, cash + add)
            if add:
                before.append(f"withdraw alice {decimal(add, 6)} USDC -> ok"
                              if cash >= 10_000_000 else "")
            if add and cash < 10_000_000:
                continue
            family.add("MARGIN-7", f"{case}, {name}", before=[x for x in before if x]
                       + moved(price), inputs={"cash": cash * 10 ** 12},
                       after={"margin alice": {"level": rules.level(account),
                                               "equity_initial": rules.equity_initial(account),
                                               "initial": rules.initial(account),
                                               "equity_maint": rules.equity_maint(account),
                                               "maint": rules.maint(account)}})
    add_low_levels(family)


def add_low_levels(family: Family) -> None:
    """The lower borders by price: cash 10, one coin long from 100: E_mm = p - 90 (p in quote),
    MM = 0.05 p: liquidatable below 94.736842..., backstop below 93.103448..., bankrupt below 90."""
    borders = [("liquidatable", rules.Fraction(90 * 100, 95)),
               ("backstop", rules.Fraction(90 * 3 * 100, 300 - 10)),
               ("bankrupt", rules.Fraction(90))]
    for name, exact in borders:
        at = rules.floor(exact * TICK)
        for case, price in (("at or just below", at), ("one tick above", at + 1),
                            ("one tick below", at - 1)):
            market = Market(price, 0, 100 * TICK, LOT)
            account = Account(10 * WAD, [Leg(market, LOT, -100 * WAD)])
            family.add("MARGIN-7 UNIT-5", f"{name}: {case}",
                       before=opened("buy", LOT, 100 * TICK, 10_000_000)
                       + moved(price), inputs={"price": price},
                       after={"margin alice": {"level": rules.level(account),
                                               "equity_maint": rules.equity_maint(account),
                                               "maint": rules.maint(account),
                                               "equity_full": rules.equity_full(account)}})


def add_weights(family: Family) -> None:
    """ACCT-6: collateral of 18 decimals at a price of 2000."""
    rows = [("below the start of scaling", 1_000_000 * WAD, 10 * WAD, 2000),
            ("at the start", 20_000 * WAD, 10 * WAD, 2000),
            ("one atom above the start", 20_000 * WAD, 10 * WAD + 1, 2000),
            ("one atom below the start", 20_000 * WAD, 10 * WAD - 1, 2000),
            ("half of it", 10_000 * WAD, 10 * WAD, 2000),
            ("an odd third", 6_667 * WAD, 10 * WAD + 7, 2000),
            ("scaling off", 0, 10 * WAD, 2000),
            ("one atom is worth less than a wad at this price", 0, 1, 2000)]
    for case, start, atoms, price in rows:
        params = {"scale_start": start}
        held = Collateral(atoms, price * TICK, 18, 10, params=params)
        account = Account(5 * WAD, [], [held])
        family.add("ACCT-6 MARGIN-1 MARGIN-2", case, "collateral",
                   parameters={"WETH": {"scale_start": decimal(start), "price_decimals": "10"}},
                   before=["price WETH 2000", "deposit alice 5 USDC",
                           f"deposit alice {decimal(atoms)} WETH"],
                   inputs={"atoms": atoms, "price": price * TICK, **params},
                   after={"margin alice": {
                       "equity_maint": rules.equity_maint(account),
                       "equity_initial": rules.equity_initial(account),
                       "equity_full": rules.equity_full(account),
                       "collaterals.0.weight_initial": held.scaled_weight,
                       "collaterals.0.weight_maint": held.weight_maint}})


def add_prices(family: Family) -> None:
    """PRICE-1: medians and confidence of several publishers."""
    sets = [([100], [0]), ([100, 102], [0, 0]), ([100, 101], [0, 0]), ([99, 100, 103], [0, 0, 0]),
            ([100, 100, 100], [0, 0, 0]), ([99.5, 100, 100.3, 100.4], [0, 0, 0, 0]),
            ([100, 100.1, 100.2, 100.3, 100.4], [0, 0, 0, 0, 0])]
    for prices, _ in sets:
        ticks = [round(p * TICK) + (i % 2) for i, p in enumerate(prices)]
        low, middle, high = rules.median(ticks)
        conf = rules.confidence(ticks, [0] * len(ticks))
        k = len(ticks)
        usable = conf * PPM <= middle * 50_000
        family.add("PRICE-1", f"median and confidence of {k} quotes",
                   parameters={"M": {"sources": str(k), "conf_max": "5%", "unbacked": ""}},
                   operation="feed_quotes M " + " ".join(decimal(t, 10) for t in ticks),
                   inputs={"quotes": ticks},
                   after={"feed M": {"state.price": middle if usable else 0,
                                     "state.conf": conf if usable else 0,
                                     "state.low": low, "state.high": high, "state.refused": 0}})


def add_slow(family: Family) -> None:
    """PRICE-3: the slow price after a price was in force for some time."""
    for case, price, seconds in (("up, dt below the age", 105, 20), ("down", 95, 20),
                                 ("at most slow_rate a second", 109, 25),
                                 ("dt counts at most the age", 105, 50),
                                 ("one tick of distance moves nothing", 100 + 1e-10, 20)):
        ticks = round(price * TICK)
        slow = rules.slow_step(100 * TICK, ticks, seconds, rules.F0)
        family.add("PRICE-3", f"slow price {case}",
                   before=["price M 100", "advance 1s", f"price M {decimal(ticks, 10)}",
                           f"advance {seconds}s"],
                   operation=f"price M {decimal(ticks, 10)}",
                   inputs={"price": ticks, "seconds": seconds},
                   after={"feed M": {"state.price": ticks, "state.slow": slow}})


def add_bands(family: Family) -> None:
    """PRICE-2: the border of the band and of confidence, exactly at and one tick beyond."""
    for seconds in (1, 10):
        width = rules.band_width(100 * TICK, seconds, rules.F0)
        for name, price, inside in (
                ("at the upper edge", 100 * TICK + width, True),
                ("one tick above it", 100 * TICK + width + 1, False),
                ("one tick below it", 100 * TICK + width - 1, True),
                ("at the lower edge", 100 * TICK - width, True),
                ("one tick below the lower edge", 100 * TICK - width - 1, False),
                ("one tick above the lower edge", 100 * TICK - width + 1, True)):
            family.add("PRICE-2", f"band after {seconds} s, {name}",
                       before=["price M 100", f"advance {seconds}s"],
                       operation=f"price M {decimal(price, 10)}",
                       code="ok" if inside else "refused E_PRICE_BAND",
                       inputs={"price": price, "seconds": seconds, "width": width},
                       after={"feed M": {"state.price": price if inside else 100 * TICK,
                                         "state.refused": 0 if inside else 505,
                                         "state.gap": 0 if inside else 1}})
    for name, conf, inside in (("at conf_max", TICK, True), ("one tick above", TICK + 1, False),
                               ("one tick below", TICK - 1, True)):
        family.add("PRICE-2", f"confidence {name}", before=["price M 100", "advance 1s"],
                   operation=f"price M 100 conf {decimal(conf, 10)}",
                   code="ok" if inside else "refused E_PRICE_CONF", inputs={"conf": conf},
                   after={"feed M": {"state.conf": conf if inside else 0,
                                     "state.refused": 0 if inside else 504}})


def add_withdrawals(family: Family) -> None:
    """WD-1: what may leave, and that it may: the maximum succeeds, one atom more fails."""
    rows = [("no risk open", None, 100, 100, 0), ("a long at its price", "buy", 100, 100, 0),
            ("gains weigh nothing", "buy", 100, 105, 0), ("a loss counts twice over", "buy", 100,
                                                          95, 0),
            ("a short in loss", "sell", 100, 105, 0), ("a short in gain", "sell", 100, 95, 0),
            ("a floor above initial", "buy", 100, 95, 200_000),
            ("a floor below initial", "sell", 100, 105, 50_000)]
    for case, side, entry, price, least in rows:
        params = {"withdraw_floor": least} if least else {}
        where = {"parameters": {"M": written(params)}} if params else {}
        cash = 50 * 10 ** 6
        if side is None:
            account = Account(cash * 10 ** 12)
            before = [f"deposit alice {decimal(cash, 6)} USDC"]
        else:
            lots = LOT if side == "buy" else -LOT
            market = Market(price * TICK, 0, entry * TICK, LOT, params=params)
            account = Account(cash * 10 ** 12, [Leg(market, lots, -lots * entry * TICK)])
            before = opened(side, LOT, entry * TICK, cash)
            before += moved(price * TICK) if price != entry else []
        most = rules.withdrawable_cash(account) // 10 ** 12
        after = {"withdrawable alice USDC": {"amount": most}}
        family.add("WD-1", f"{case}: the figure", before=before, after=after, **where)
        family.add("WD-1", f"{case}: the maximum leaves", before=before, **where,
                   operation=f"withdraw alice {decimal(most, 6)} USDC")
        family.add("WD-1", f"{case}: one atom less leaves", before=before, **where,
                   operation=f"withdraw alice {decimal(most - 1, 6)} USDC")
        family.add("WD-1", f"{case}: one atom more does not", before=before, **where,
                   operation=f"withdraw alice {decimal(most + 1, 6)} USDC",
                   code="E_BALANCE" if side is None else "E_BELOW_INITIAL")
    family.add("WD-1", "a profit that nobody has paid does not leave",
               before=opened("buy", 2 * LOT, 100 * TICK, 40_000_000) + moved(108 * TICK),
               operation="withdraw alice 41 USDC", code="E_PROFIT_UNPAID")
    add_collateral_withdrawals(family)


def add_collateral_withdrawals(family: Family) -> None:
    held = Collateral(10 * WAD, 2000 * TICK, 18, 10)
    market = Market(100 * TICK, 0, 100 * TICK, 200 * LOT)
    account = Account(0, [Leg(market, 200 * LOT, -20_000 * WAD)], [held])
    most = rules.withdrawable_atoms(account, 0)
    before = ["price WETH 2000", "deposit alice 10 WETH", "deposit bob 10_000_000 USDC",
              "price M 100", "trade alice buy 200 M @ 100 with bob"]
    where = {"parameters": {"WETH": {"price_decimals": "10"}}}
    family.add("WD-1", "collateral: the figure", "collateral", before=before, **where,
               after={"withdrawable alice WETH": {"amount": most}})
    for name, n, code in (("the maximum leaves", most, "ok"),
                          ("one atom less leaves", most - 1, "ok"),
                          ("one atom more does not", most + 1, "E_BELOW_INITIAL")):
        family.add("WD-1", f"collateral: {name}", "collateral", before=before, **where,
                   operation=f"withdraw alice {decimal(n)} WETH", code=code)


def add_gate(family: Family) -> None:
    """MARGIN-8: cash exactly at IM, one atom below, one above; the same with scaling, leverage
    and an unfavourable fill."""
    rows = [("10 % of 100", {}, LOT, 100 * TICK, [], 10_000_000),
            ("the fill is worse than p: its loss counts", {}, LOT, 102 * TICK, [], 12_000_000),
            ("a better fill gives no credit", {}, LOT, 98 * TICK, [], 10_000_000),
            ("20 % by the user's cap", {}, LOT, 100 * TICK, ["set_leverage alice 20%"],
             20_000_000)]
    for case, params, lots, price, more, cash in rows:
        for name, atoms, code in (("exactly", cash, "ok"), ("one atom more", cash + 1, "ok"),
                                  ("one atom less", cash - 1, "E_BELOW_INITIAL")):
            family.add("MARGIN-8", f"{case}: {name}",
                       parameters={"M": written(params)} if params else None,
                       before=[f"deposit alice {decimal(atoms, 6)} USDC",
                               "deposit bob 1_000_000 USDC", "price M 100"] + more,
                       operation=f"trade alice buy {decimal(lots, 8)} M @ {decimal(price, 10)} "
                                 "with bob", code=code)
    for oi, upper in ((9_999, 20_000), (10_000, 20_000), (10_001, 20_000), (12_345, 20_000),
                      (19_999, 20_000), (20_000, 20_000), (20_001, 20_000), (12_345, 17_001),
                      (10_001, 17_001)):
        ppm = rules.scaled_ratio(100_000, oi * WAD, 10_000 * WAD, upper * WAD)
        need = rules.ceil(rules.Fraction(oi * WAD * ppm, PPM * 10 ** 12))
        for name, atoms, code in (("enough", need, "ok"),
                                  ("one atom less", need - 1, "E_BELOW_INITIAL")):
            family.add("MARGIN-4", f"open interest {oi} between 10 000 and {upper}: {name}",
                       parameters={"M": {"oi_lower": "10_000", "oi_upper": str(upper)}},
                       before=[f"deposit alice {decimal(atoms, 6)} USDC",
                               "deposit bob 1_000_000 USDC", "price M 100"],
                       inputs={"open_interest": oi * WAD, "ratio_ppm": ppm},
                       operation=f"trade alice buy {decimal(oi, 2)} M @ 100 with bob", code=code)
    add_reductions(family)


def add_reductions(family: Family) -> None:
    """Below IM only what helps: alice is 1 coin long from 100 with 10.5 cash; at 99 E_im = 9.5 and
    IM = 9.9."""
    base = opened("buy", LOT, 100 * TICK, 10_500_000) + moved(99 * TICK)
    family.add("MARGIN-8", "a restricted account may reduce at p", before=base,
               operation="trade bob buy 0.5 M @ 99 with alice")
    family.add("MARGIN-8", "a restricted account may not grow", before=base,
               operation="trade alice buy 0.01 M @ 99 with bob", code="E_BELOW_INITIAL")
    family.add("MARGIN-8", "a restricted account may not flip, not even to the same size",
               before=base, operation="trade bob buy 2 M @ 99 with alice",
               code="E_BELOW_INITIAL")
    # Selling 0.5 at f: E' = 9.5 - 0.5 (99 - f), MM' = 2.475 against E 9.5, MM 4.95: E' >= 4.75.
    edge = rules.ceil((rules.Fraction(99) - rules.Fraction(475, 50)) * TICK)
    for name, price, code in (("E'/MM' = E/MM", edge, "ok"), ("one tick better", edge + 1, "ok"),
                              ("one tick worse", edge - 1, "E_BELOW_INITIAL")):
        family.add("MARGIN-8 UNIT-5", f"a reduction whose fill costs half the equity: {name}",
                   parameters={"M": {"fill_band": "50%", "unbacked": ""}}, before=base,
                   operation=f"trade bob buy 0.5 M @ {decimal(price, 10)} with alice", code=code)


def add_units(family: Family) -> None:
    for decimals in (0, 6, 18):
        one = 10 ** decimals
        for atoms in (1, 7 * one, 123 * one + (one > 1)):
            family.add("UNIT-2", f"{decimals} decimals: {atoms} atoms are exact", "nothing",
                       before=[f"quote USD decimals {decimals}", "account alice cross"],
                       operation=f"deposit alice {decimal(atoms, decimals)} USD",
                       inputs={"atoms": atoms, "decimals": decimals},
                       after={"account alice": {"account.cash": atoms * 10 ** (18 - decimals)},
                              "withdrawable alice USD": {"amount": atoms}})
    for size in (0, 8, 18):
        family.add("UNIT-1", f"size_decimals {size} with price_decimals {18 - size}", "empty",
                   operation=f"market X size_decimals {size} max_lots 1 price_max 1_000 unbacked",
                   after={"market X": {"market.size_decimals": size,
                                       "market.price_decimals": 18 - size}})
    family.add("UNIT-1", "decimals that do not add up to 18", "empty",
               operation="market X size_decimals 8 price_decimals 9 unbacked",
               code="E_PARAM_RANGE")
    for name, lots, code in (("exactly 1e12", 500_000_000_000_000, "ok"),
                             ("one lot more", 500_000_000_000_001, "E_PARAM_RANGE"),
                             ("one lot less", 499_999_999_999_999, "ok")):
        family.add("UNIT-3", f"max_lots x price_max: {name}", "empty",
                   operation=f"market X max_lots {lots}", code=code)
    for name, atoms, code in (("exactly 4e13", 4 * 10 ** 19, "ok"),
                              ("one atom more", 4 * 10 ** 19 + 1, "E_OVERFLOW"),
                              ("one atom less", 4 * 10 ** 19 - 1, "ok")):
        family.add("UNIT-3", f"a balance of {name}",
                   operation=f"deposit alice {decimal(atoms, 6)} USDC", code=code)
    # UNIT-4: a fee of 0.0001 % on one lot at 100.0000000001 is not whole: up.
    ticks = 100 * TICK + 1
    fee = rules.part_ceil(ticks, 333)
    family.add("UNIT-4 ACCT-5", "a fee is rounded up",
               parameters={"M": {"fee_taker": "0.0333%", "unbacked": ""}},
               before=["deposit alice 100 USDC", "deposit bob 100 USDC",
                       f"price M {decimal(ticks, 10)}"],
               operation=f"trade alice buy 0.00000001 M @ {decimal(ticks, 10)} with bob",
               inputs={"notional": ticks, "fee_ppm": 333, "fee": fee},
               events=[{"FILLED": {"fee_buyer": fee, "fee_seller": 0}}],
               after={"account alice": {"account.positions.0.quote": -ticks - fee}})
