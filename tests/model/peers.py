#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Published numeric cases of other systems, run in place through exact rational formulas.

    peers.py FOLDER

FOLDER holds one JSON file a topic (its README says what each is). Every case is computed from the
formula restated there, with that system's own rounding, and compared with its published result;
where a case also states the result under Plimsoll's rounding law, calculator.py must give it.
Prints passed and failed for each file; exit status 77 where the folder is absent.
"""
from __future__ import annotations

import json
import pathlib
import sys
from fractions import Fraction
from math import ceil, floor, isqrt
from typing import Any, Callable

import calculator as rules

PPM = 10 ** 6
Inputs = dict[str, Any]
Outputs = dict[str, Any]


def number(text: str) -> Fraction:
    return Fraction(text)


def toward_zero(x: Fraction) -> int:
    return floor(x) if x >= 0 else ceil(x)


# --- dYdX v4: bankruptcy price, insurance -------------------------------------------------------
def maint_ceil_twice(size: int, price: Fraction, initial: int, fraction: int) -> int:
    first = ceil(abs(size) * price * initial / PPM)
    return ceil(Fraction(first * fraction, PPM))


def bankruptcy(i: Inputs, delta: int) -> int | None:
    """-D - NC x M / TMM, up; None where the close is not one."""
    sizes = {p["market"]: int(p["size_base_quantums"]) for p in i["positions"]}
    size = sizes.get(i["close_market"], 0)
    if delta == 0 or size * delta >= 0 or abs(delta) > abs(size):
        return None
    worth = {m["market"]: number(m["oracle_price_quote_quantums_per_base_quantum"])
             for m in i["markets"]}
    ratios = {m["market"]: (int(m["initial_margin_ppm"]), int(m["maintenance_fraction_ppm"]))
              for m in i["markets"]}

    def maint(market: str, lots: int) -> int:
        return maint_ceil_twice(lots, worth[market], *ratios[market])

    equity = int(i["usdc_quote_quantums"])
    equity += sum(toward_zero(s * worth[m]) for m, s in sizes.items())
    total = sum(maint(m, s) for m, s in sizes.items())
    market = i["close_market"]
    change = toward_zero((size + delta) * worth[market]) - toward_zero(size * worth[market])
    share = abs(maint(market, size + delta) - maint(market, size))
    return -change - floor(Fraction(equity * share, total))


def bankruptcy_price(i: Inputs) -> Outputs:
    price = bankruptcy(i, int(i["close_delta_base_quantums"]))
    if price is None:
        return {"error": "invalid_close_size"}
    return {"bankruptcy_price_quote_quantums": price}


def insurance_delta(i: Inputs) -> Outputs:
    filled, paid = int(i["fill_base_quantums"]), int(i["fill_quote_quantums"])
    if filled == 0:
        return {"error": "invalid_fill_size"}
    sign = 1 if i["is_buy"] else -1
    price = bankruptcy(i, sign * filled)
    assert price is not None
    gain = -sign * paid - price
    if gain <= 0:
        return {"insurance_delta_quote_quantums": gain}
    return {"insurance_delta_quote_quantums":
            min(gain, floor(Fraction(paid * int(i["max_fee_ppm"]), PPM)))}


# --- dYdX v4: open interest, ordering, transitions, funding --------------------------------------
def effective_fraction(base: int, interest: int, lower: int, upper: int) -> int:
    if upper == 0 or interest <= lower:
        return base
    if interest >= upper:
        return PPM
    return base + floor(Fraction((interest - lower) * (PPM - base), upper - lower))


def quote_per_base(i: Inputs) -> Fraction:
    return (int(i["price_mantissa"]) * Fraction(10) ** int(i["price_exponent"])
            * Fraction(10) ** int(i["base_atomic_resolution"]) * PPM)


def oi_caps(i: Inputs) -> tuple[int, int]:
    return (int(i["open_interest_lower_cap_quote_quantums"]),
            int(i["open_interest_upper_cap_quote_quantums"]))


def initial_from(notional: int, ppm: int) -> int:
    return ceil(Fraction(notional * ppm, PPM))


def effective_initial_margin_fraction(i: Inputs) -> Outputs:
    interest = int(i["open_interest_notional_quote_quantums"])
    return {"effective_initial_margin_ppm":
            effective_fraction(int(i["initial_margin_ppm"]), interest, *oi_caps(i))}


def initial_margin_from_notional(i: Inputs) -> Outputs:
    ppm = effective_fraction(int(i["initial_margin_ppm"]),
                             int(i["open_interest_notional_quote_quantums"]), *oi_caps(i))
    return {"initial_margin_quote_quantums":
            initial_from(int(i["notional_quote_quantums"]), ppm)}


def position_margin(i: Inputs) -> Outputs:
    price = quote_per_base(i)
    notional = floor(abs(int(i["position_base_quantums"])) * price)
    interest = floor(int(i["open_interest_base_quantums"]) * price)
    base = int(i["initial_margin_ppm"])
    maint = ceil(Fraction(initial_from(notional, base) * int(i["maintenance_fraction_ppm"]), PPM))
    return {"initial_margin_quote_quantums":
            initial_from(notional, effective_fraction(base, interest, *oi_caps(i))),
            "maintenance_margin_quote_quantums": maint}


def maintenance_margin_fraction(i: Inputs) -> Outputs:
    return {"maintenance_margin_ppm": floor(Fraction(
        int(i["initial_margin_ppm"]) * int(i["maintenance_fraction_ppm"]), PPM))}


def trade_acceptance(i: Inputs) -> Outputs:
    price = quote_per_base(i)
    size = int(i["match_size_base_quantums"])
    interest = floor((int(i["open_interest_before_base_quantums"]) + size) * price)
    ppm = effective_fraction(int(i["initial_margin_ppm"]), interest, *oi_caps(i))
    return {"accepted":
            int(i["trader_usdc_quote_quantums"]) >= initial_from(floor(size * price), ppm)}


def compare(i: Inputs) -> Outputs:
    e1, m1 = int(i["first_net_collateral"]), int(i["first_maintenance_margin"])
    e2, m2 = int(i["second_net_collateral"]), int(i["second_maintenance_margin"])
    left, right = e2 * m1, e1 * m2
    if left != right:
        return {"order": 1 if left > right else -1}
    if m1 == 0 and m2 == 0:
        return {"order": (e1 < e2) - (e1 > e2)}
    return {"order": (m1 > m2) - (m1 < m2)}


def risk_is_liquidatable(i: Inputs) -> Outputs:
    equity, maint = int(i["net_collateral"]), int(i["maintenance_margin"])
    return {"liquidatable": maint > 0 and equity < maint}


def meets_initial(i: Inputs) -> Outputs:
    return {"meets_initial_margin": int(i["net_collateral"]) >= int(i["initial_margin"])}


def meets_maintenance(i: Inputs) -> Outputs:
    return {"meets_maintenance_margin":
            int(i["net_collateral"]) >= int(i["maintenance_margin"])}


def transition(i: Inputs) -> Outputs:
    e, mm = int(i["net_collateral_before"]), int(i["maintenance_margin_before"])
    e_after, mm_after = int(i["net_collateral_after"]), int(i["maintenance_margin_after"])
    allowed = i["initial_margin_after"] is not None and e_after >= int(i["initial_margin_after"])
    if not allowed and mm_after <= mm:
        if mm == 0 or mm_after == 0:
            allowed = mm == 0 and mm_after == 0 and e_after > e
        else:
            order = compare({"first_net_collateral": e_after, "first_maintenance_margin": mm_after,
                             "second_net_collateral": e, "second_maintenance_margin": mm})
            allowed = order["order"] <= 0
    if allowed:
        return {"allowed": True, "reason": "ok"}
    was_under = int(i["initial_margin_before"]) > e
    return {"allowed": False,
            "reason": "still_under_margined" if was_under else "newly_under_margined"}


def index_delta(i: Inputs) -> Outputs:
    step = toward_zero(int(i["rate_8h_ppm"]) * int(i["elapsed_seconds"]) * quote_per_base(i))
    return {"index_delta_ppm": toward_zero(Fraction(step, 8 * 3600))}


def index_delta_law(i: Inputs) -> Outputs:
    exact = abs(int(i["rate_8h_ppm"]) * int(i["elapsed_seconds"]) * quote_per_base(i)) / (8 * 3600)
    return {"payer_index_step_ppm": ceil(exact), "receiver_index_step_ppm": floor(exact)}


def funding_clamp(i: Inputs) -> Outputs:
    maint = floor(Fraction(int(i["initial_margin_ppm"]) * int(i["maintenance_fraction_ppm"]), PPM))
    return {"max_abs_rate_ppm": floor(Fraction(
        int(i["clamp_factor_ppm"]) * (int(i["initial_margin_ppm"]) - maint), PPM))}


def settlement(i: Inputs) -> Outputs:
    return {"settlement_quote_quantums_ppm": -rules.payment(
        int(i["position_base_quantums"]), int(i["index_now_ppm"]), int(i["index_at_entry_ppm"]))}


# --- Dango perps: schedule, liquidation price ----------------------------------------------------
def close_schedule(i: Inputs) -> Outputs:
    step, deficit = number(i["step"]), number(i["deficit_usd"])
    legs = sorted(i["positions"], reverse=True, key=lambda p: abs(number(p["size"]))
                  * number(p["price_usd"]) * number(p["maintenance_ratio"]))
    closes = []
    for leg in legs:
        size, price = number(leg["size"]), number(leg["price_usd"])
        freed = price * number(leg["maintenance_ratio"])
        if deficit <= 0:
            break
        close = min(abs(size), ceil(deficit / freed / step) * step)
        if (abs(size) - close) * price < number(leg["min_order_notional_usd"]):
            close = abs(size)
        deficit = max(Fraction(0), deficit - close * freed)
        closes.append({"market": leg["market"], "close_size": -close if size > 0 else close})
    return {"closes": closes}


def dango_is_liquidatable(i: Inputs) -> Outputs:
    equity, maint = number(i["margin_usd"]), Fraction(0)
    for p in i["positions"]:
        size, price = number(p["size"]), number(p["price_usd"])
        equity += size * (price - number(p["entry_price_usd"])) - number(p["accrued_funding_usd"])
        maint += abs(size) * price * number(p["maintenance_ratio"])
    return {"equity_usd": equity, "maintenance_margin_usd": maint,
            "liquidatable": bool(i["positions"]) and equity < maint}


def cross_account(i: Inputs) -> Outputs:
    spare, mine = number(i["margin_usd"]), None
    for p in i["positions"]:
        size, price = number(p["size"]), number(p["price_usd"])
        spare -= number(p["accrued_funding_usd"])
        if p["market"] == i["target_market"]:
            mine = p
            spare -= size * number(p["entry_price_usd"])
        else:
            spare += size * (price - number(p["entry_price_usd"]))
            spare -= abs(size) * price * number(p["maintenance_ratio"])
    if mine is None:
        return {"liquidation_price_usd": None}
    size = number(mine["size"])
    slope = abs(size) * number(mine["maintenance_ratio"]) - size
    price = spare / slope if slope else Fraction(0)
    return {"liquidation_price_usd": price if price > 0 else None}


def isolated_margin_available(i: Inputs) -> Outputs:
    side = 1 if i["side"] == "long" else -1
    price, size, r = number(i["price_usd"]), number(i["size"]), number(i["maintenance_ratio"])
    available = number(i["isolated_margin_usd"]) - size * price * r
    return {"liquidation_price_usd": price - side * available / size / (1 - r * side)}


def isolated_entry(i: Inputs) -> Outputs:
    side = 1 if i["side"] == "long" else -1
    r = number(i["maintenance_ratio"])
    return {"liquidation_price_usd":
            (number(i["entry_price_usd"]) - side * number(i["unit_margin_usd"])) / (1 - side * r)}


# --- Synthetix v3: liquidation window ------------------------------------------------------------
def window(i: Inputs) -> Outputs:
    length = int(i["window_seconds"])
    capacity = ((number(i["maker_fee"]) + number(i["taker_fee"])) * number(i["skew_scale"])
                * number(i["multiplier"]) * length)
    done: list[tuple[int, Fraction]] = []
    results = []
    for call in i["calls"]:
        now, wanted = int(call["time_seconds"]), number(call["requested"])
        counted = sum((x for t, x in done if t > now - length), Fraction(0))
        left = max(Fraction(0), capacity - counted)
        skew = abs(number(call["skew"])) / number(i["skew_scale"])
        if left == 0 and skew < number(call["max_skew_fraction"]) and \
                not any(t == now and x for t, x in done):
            left = capacity
        amount = wanted if call["endorsed"] else min(wanted, left)
        done.append((now, amount))
        results.append({"liquidated": amount})
    return {"capacity_per_window": capacity, "results": results}


# --- Drift v2: sizes, premiums, fees -------------------------------------------------------------
def drift_root(size: int) -> int:
    return isqrt(10 * size + 1)


def discounted(base: int, size: int, imf: int) -> int:
    if imf == 0:
        return base
    return min(base, 1_100_000 * 10_000 // (PPM + drift_root(size) * imf // 10 ** 5))


def asset_size_discount(i: Inputs) -> Outputs:
    return {"weight_1e4": discounted(int(i["base_weight_1e4"]), int(i["size_1e9"]),
                                     int(i["imf_factor_1e6"]))}


def pnl_size_discount(i: Inputs) -> Outputs:
    return {"weight_1e4": discounted(int(i["base_weight_1e4"]),
                                     int(i["positive_pnl_1e6_usd"]) * 1000,
                                     int(i["imf_factor_1e6"]))}


def premium_weight(base: int, size: int, imf: int) -> int:
    if imf == 0:
        return base
    return max(base, base - base // 5 + drift_root(size) * imf // 10 ** 7)


def liability_size_premium(i: Inputs) -> Outputs:
    return {"weight_1e4": premium_weight(int(i["base_weight_1e4"]), int(i["size_1e9"]),
                                         int(i["imf_factor_1e6"]))}


def perp_requirement(i: Inputs) -> Outputs:
    size = abs(int(i["position_1e9"]))
    weight = premium_weight(int(i["margin_ratio_1e4"]), size, int(i["imf_factor_1e6"]))
    value = size * int(i["oracle_price_1e6_usd"]) // 10 ** 9
    return {"margin_requirement_1e6_usd": value * weight // 10_000}


def scaled_weight(i: Inputs) -> Outputs:
    value = number(i["total_deposits"]) * number(i["price_usd"])
    base, start = int(i["base_weight_1e4"]), number(i["scale_start_usd"])
    return {"weight_1e4": base if value < start else floor(base * start / value)}


def perp_close_size(i: Inputs) -> Outputs:
    price = number(i["oracle_price_1e6_usd"])
    margin = number(i["margin_ratio_1e4"]) * 100 - number(i["liquidator_fee_1e6"])
    if price == 0 or margin <= 0:
        return {"unbounded": True}
    freed = (price * number(i["quote_price_1e6_usd"]) / PPM * margin / PPM
             - price * number(i["insurance_fee_1e6"]) / PPM)
    if freed <= 0:
        return {"unbounded": True}
    return {"close_size_1e9": floor(number(i["margin_shortage_1e6_usd"]) * 10 ** 9 / freed)}


def taken_share(i: Inputs) -> Fraction:
    """Asset weight lost for each unit of debt repaid: aw x am / lm."""
    return (number(i["asset_weight_1e4"]) / 10_000 * number(i["asset_multiplier_1e6"])
            / number(i["liability_multiplier_1e6"]))


def spot_transfer_size(i: Inputs) -> Outputs:
    owed, held = number(i["liability_weight_1e4"]), number(i["asset_weight_1e4"])
    if held >= owed:
        return {"unbounded": True}
    price = number(i["liability_price_1e6_usd"])
    freed = price * (owed / 10_000 - taken_share(i))
    freed -= price * number(i["insurance_fee_1e6"]) / PPM * owed / 10_000
    if freed <= 0:
        return {"unbounded": True}
    exact = number(i["margin_shortage_1e6_usd"]) * 10 ** int(i["liability_decimals"]) / freed
    return {"liability_transfer_native": max(1, floor(exact))}


def liability_for_asset(i: Inputs) -> Outputs:
    value = number(i["asset_amount_native"]) * number(i["asset_price_1e6_usd"])
    exact = (value * number(i["liability_multiplier_1e6"])
             / (number(i["liability_price_1e6_usd"]) * number(i["asset_multiplier_1e6"])))
    scale = Fraction(10) ** (int(i["liability_decimals"]) - int(i["asset_decimals"]))
    return {"liability_transfer_native": ceil(exact * scale)}


def asset_for_liability(i: Inputs) -> Outputs:
    value = number(i["liability_amount_native"]) * number(i["liability_price_1e6_usd"])
    price, held = number(i["asset_price_1e6_usd"]), int(i["asset_amount_native"])
    exact = (value * number(i["asset_multiplier_1e6"])
             / (price * number(i["liability_multiplier_1e6"])))
    scale = Fraction(10) ** (int(i["asset_decimals"]) - int(i["liability_decimals"]))
    amount = max(1, floor(exact * scale))
    rest = abs(held - amount) * price / Fraction(10) ** int(i["asset_decimals"])
    return {"asset_transfer_native": held if rest < PPM else amount}


def perp_insurance_fee(i: Inputs) -> Outputs:
    price = number(i["oracle_price_1e6_usd"]) * number(i["quote_price_1e6_usd"]) / PPM
    size = abs(number(i["position_1e9"])) / 10 ** 9
    margin = number(i["margin_ratio_1e4"]) * 100 - number(i["liquidator_fee_1e6"])
    if price == 0 or size == 0 or margin <= 0:
        return {"fee_1e6": 0}
    exact = margin - number(i["margin_shortage_1e6_usd"]) * PPM / (size * price)
    fee = Fraction(95, 100) * max(Fraction(0), exact)
    return {"fee_1e6": min(int(i["max_insurance_fee_1e6"]), floor(fee))}


def spot_insurance_fee(i: Inputs) -> Outputs:
    owed = number(i["liability_weight_1e4"]) / 10_000
    value = (number(i["liability_amount_native"]) * number(i["liability_price_1e6_usd"])
             / Fraction(10) ** int(i["liability_decimals"]))
    if number(i["asset_weight_1e4"]) >= number(i["liability_weight_1e4"]) or value == 0:
        return {"fee_1e6": 0}
    room = owed - taken_share(i) - number(i["margin_shortage_1e6_usd"]) / value
    fee = max(Fraction(0), room) / owed * PPM
    return {"fee_1e6": min(int(i["max_insurance_fee_1e6"]), floor(fee))}


def fee(i: Inputs) -> Outputs:
    base, largest = int(i["base_fee_1e6"]), int(i["max_fee_1e6"])
    slots, grace = int(i["slots_elapsed"]), int(i["grace_slots"])
    growth = int(i["growth_per_slot_1e6"])
    return {"fee_1e6": base if slots < grace else min(largest, base + slots * growth),
            "fee_without_jump_1e6": rules.grown(base, largest, growth, 1,
                                                1 + max(0, slots - grace))}


def share(i: Inputs) -> Outputs:
    shortage, freed = int(i["margin_shortage_1e6_usd"]), int(i["margin_freed_1e6_usd"])
    if shortage < 50 * PPM:
        return {"share_1e4": 10_000}
    part = min(10_000, int(i["slots_elapsed"]) * 10_000 // int(i["duration_slots"])
               + int(i["initial_share_1e4"]))
    freeable = max(0, (shortage + freed) * part // 10_000 - freed)
    return {"share_1e4": freeable * 10_000 // shortage}


# --- Law R, where a case states it ---------------------------------------------------------------
def law_discount(i: Inputs) -> Outputs:
    imf = int(i["imf_factor_1e6"])
    size = int(i["positive_pnl_1e6_usd"]) * 1000 if "positive_pnl_1e6_usd" in i \
        else int(i["size_1e9"])
    base = int(i.get("base_weight_1e4", "10000")) * 100
    drop = ceil(Fraction((drift_root(size) + 1) * imf, 10 ** 5))
    return {"weight_ppm": min(base, 1_100_000 * PPM // (PPM + drop)) if imf else base}


def law_premium(i: Inputs) -> Outputs:
    """The published root is taken one unit up; ours is exact, so it lies at most 1 ppm below."""
    base, imf = int(i["base_weight_1e4"]) * 100, int(i["imf_factor_1e6"])
    grown = ceil(Fraction(4 * base, 5) + Fraction((drift_root(int(i["size_1e9"])) + 1) * imf,
                                                  10 ** 5))
    exact = base - base // 5 + rules.size_premium(imf * 1000, int(i["size_1e9"]), 9)
    assert not imf or grown - 1 <= exact <= grown + 1
    return {"weight_ppm": max(base, grown) if imf else base}


def law_maintenance(i: Inputs) -> Outputs:
    return {"maintenance_margin_ppm": rules.part_ceil(int(i["initial_margin_ppm"]),
                                                      int(i["maintenance_fraction_ppm"]))}


def law_close(i: Inputs) -> Outputs:
    price = number(i["oracle_price_1e6_usd"])
    margin = number(i["margin_ratio_1e4"]) * 100 - number(i["liquidator_fee_1e6"])
    freed = (price * number(i["quote_price_1e6_usd"]) * margin / PPM / PPM
             - price * number(i["insurance_fee_1e6"]) / PPM)
    return {"close_size_1e9": ceil(number(i["margin_shortage_1e6_usd"]) * 10 ** 9 / freed)}


def law_transfer(i: Inputs) -> Outputs:
    owed, price = number(i["liability_weight_1e4"]), number(i["liability_price_1e6_usd"])
    freed = price * (owed / 10_000 - taken_share(i))
    freed -= price * number(i["insurance_fee_1e6"]) / PPM * owed / 10_000
    exact = number(i["margin_shortage_1e6_usd"]) * 10 ** int(i["liability_decimals"]) / freed
    return {"liability_transfer_native": max(1, ceil(exact))}


LAW: dict[str, Callable[[Inputs], Outputs]] = {
    "index_delta": index_delta_law, "asset_size_discount": law_discount,
    "pnl_size_discount": law_discount, "liability_size_premium": law_premium,
    "maintenance_margin_fraction": law_maintenance, "perp_close_size": law_close,
    "spot_transfer_size": law_transfer,
}

TOPICS: dict[str, dict[str, Callable[[Inputs], Outputs]]] = {
    "bankruptcy_price": {"bankruptcy_price": bankruptcy_price},
    "close_schedule": {"close_schedule": close_schedule,
                       "is_liquidatable": dango_is_liquidatable},
    "collateral_weight_scaling": {"scaled_weight": scaled_weight},
    "funding_index": {"index_delta": index_delta, "funding_clamp": funding_clamp,
                      "settlement": settlement},
    "insurance_delta": {"insurance_delta": insurance_delta},
    "less_risky_transition": {"transition": transition},
    "liquidation_price": {"cross_account": cross_account, "isolated_entry": isolated_entry,
                          "isolated_margin_available": isolated_margin_available},
    "liquidation_rate_window": {"window": window},
    "oi_scaled_initial_margin": {
        "position_margin": position_margin, "trade_acceptance": trade_acceptance,
        "initial_margin_from_notional": initial_margin_from_notional,
        "effective_initial_margin_fraction": effective_initial_margin_fraction,
        "maintenance_margin_fraction": maintenance_margin_fraction},
    "partial_liquidation_size": {
        "perp_close_size": perp_close_size, "spot_transfer_size": spot_transfer_size,
        "liability_for_asset": liability_for_asset, "asset_for_liability": asset_for_liability,
        "perp_insurance_fee": perp_insurance_fee, "spot_insurance_fee": spot_insurance_fee},
    "risk_ordering": {"compare": compare, "is_liquidatable": risk_is_liquidatable,
                      "meets_initial": meets_initial, "meets_maintenance": meets_maintenance},
    "size_premium": {"asset_size_discount": asset_size_discount,
                     "liability_size_premium": liability_size_premium,
                     "pnl_size_discount": pnl_size_discount,
                     "perp_requirement": perp_requirement},
    "time_growing_fee": {"fee": fee, "share": share},
}


# --- comparison ----------------------------------------------------------------------------------
def tolerance_of(tolerance: dict[str, Any], expected: Fraction) -> Fraction:
    value = number(tolerance.get("value", "0"))
    if tolerance["kind"] in ("relative", "relative_or_absolute"):
        return max(value * abs(expected), number(tolerance.get("absolute", "0")))
    return value if tolerance["kind"] == "absolute" else Fraction(0)


def same(expected: Any, got: Any, tolerance: dict[str, Any]) -> bool:
    if isinstance(expected, dict):
        return set(expected) <= set(got) and all(
            same(value, got[key], tolerance) for key, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(got) and all(
            same(e, g, tolerance) for e, g in zip(expected, got))
    if isinstance(expected, bool) or expected is None or isinstance(got, (bool, str)):
        return expected == got
    if got is None:
        return False
    return abs(number(expected) - got) <= tolerance_of(tolerance, number(expected))


def judge(path: pathlib.Path) -> tuple[int, int]:
    passed = failed = 0
    topic = json.loads(path.read_text(encoding="utf-8"))
    for case in topic["cases"]:
        got = TOPICS[path.stem][case["function"]](case["inputs"])
        expected = {key: value for key, value in case["expected"].items()
                    if not (key == "unbounded" and value is False)}
        fine = same(expected, got, case["tolerance"])
        law = LAW.get(case["function"])
        if law and "expected_law_r" in case:
            fine = same(case["expected_law_r"], law(case["inputs"]), {"kind": "exact"}) and fine
        passed, failed = (passed + 1, failed) if fine else (passed, failed + 1)
        if not fine:
            print(f"{path.name}: {case['id']}: expected {case['expected']}, got {got}")
    return passed, failed


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not pathlib.Path(arguments[0]).is_dir() or not arguments[0]:
        print("skipped: the peers' vectors are not here; set PLIMSOLL_SHARED")
        return 77
    failures = 0
    print(f"{'file':<28}{'passed':>8}{'failed':>8}")
    for topic in TOPICS:
        passed, failed = judge(pathlib.Path(arguments[0]) / f"{topic}.json")
        failures += failed
        print(f"{topic:<28}{passed:>8}{failed:>8}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
