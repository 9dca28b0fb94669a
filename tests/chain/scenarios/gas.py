#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the gas scenario for a number of positions: every operation that a scenario can make, on
accounts that each hold so many.

    gas.py POSITIONS > gas_<POSITIONS>.scn

plimsoll-vm plays its calls and keeps the dearest of each operation (docs/GAS.md)."""
import sys

FILLS = 6  # PLM_FILLS_MAX
LONGS = {"alice": 100, "carol": 10, "dave": 50, "erin": 50, "keeper": 10}  # lots in M0
HEAD = """\
# Gas: every operation once, on accounts with {n} position(s) each. Written by gas.py.
quote    USDC decimals 6
asset    WETH decimals 18 cap 1_000 weight_initial 80% weight_maint 85%
"""
ACCOUNTS = """\
account  alice  cross
account  spare  cross owner alice
account  bob    cross
account  keeper cross
account  carol  cross
account  dave   cross
account  erin   cross
account  frank  cross
deposit  bob    10_000_000 USDC -> ok
deposit  keeper 1_000_000 USDC -> ok
deposit  frank  1_000_000 USDC -> ok
fund_insurance M0 1_000 -> ok
fund_insurance global 1_000 -> ok
"""
OWNER = """\
# What an owner does, with all positions open.
deposit  alice 10 USDC -> ok
withdraw alice 10 USDC -> ok
refuse_payout alice
withdraw alice 1 USDC -> ok
refuse_payout alice off
transfer alice bob 1 USDC -> ok
transfer bob alice 1 USDC -> ok
set_leverage alice 10x -> ok
set_leverage alice 0 -> ok
set_order alice {markets} -> ok
set_delegate alice to robot expiry 8h size_cap 9_000 fill_band 1% daily_loss 9 markets M0 -> ok
set_mode spare isolated -> ok
close_account spare -> ok
impact   M0 99.9 100.1 -> ok
"""
GOVERNANCE = """\
# Governance.
set_param M0 initial 12% -> ok
set_param M0 withdraw_floor 9% -> ok
cancel   last -> ok
set_param M0 withdraw_floor 8% -> ok
set_publisher M0 oracle2 on -> ok
pause    M0 increase -> ok
pause    M0 none -> ok
set_role guardian carla -> ok
set_status M0 reduce_only -> ok
advance  2d
execute  2 -> ok
execute  3 -> ok
set_publisher M0 oracle2 off -> ok
audit    all
"""


def each(markets, line):
    return [line.format(m=market) for market in markets]


def fills(markets, side, account, price, other="bob", first=1):
    """Trades of one account in every market: six in a call while there are six, then alone."""
    lots = {market: first if market == markets[0] else 1 for market in markets}
    lines = [f"trade {account} {side} {lots[m]} {m} @ {price} with {other} taker {other}"
             for m in markets]
    out = []
    while len(lines) >= FILLS:
        out += ["batch"] + ["  " + line for line in lines[:FILLS]] + ["end -> ok"]
        lines = lines[FILLS:]
    return out + [line + " -> ok" for line in lines]


def prices(markets, price):
    return ["price WETH 2_000 -> ok"] + each(markets, "price {m} " + str(price) + " -> ok")


def scenario(n):
    markets = [f"M{i}" for i in range(n)]
    rest = n - 1
    out = [HEAD.format(n=n).rstrip()]
    out += each(markets, "market   {m} size_decimals 8 fee_taker 0.05%")
    out += prices(markets, 100) + [ACCOUNTS.rstrip()]
    # Longs against bob: so many lots of the first market, and 1 of each other.
    out += [f"deposit  alice {1150 + 10 * rest} USDC -> ok",
            "deposit  carol 1 WETH -> ok",
            "deposit  carol 10 USDC -> ok",
            f"deposit  dave {502 + 10 * rest} USDC -> ok",
            f"deposit  erin {502 + 10 * rest} USDC -> ok"]
    for account, lots in LONGS.items():
        out += fills(markets, "buy", account, 100, first=lots)
    out += ["trade alice buy 0.1 M0 @ 100 with bob -> ok", "batch"]
    out += ["  trade alice buy 0.1 M0 @ 100 with bob"] * FILLS + ["end -> ok"]
    out += [OWNER.format(markets=" ".join(markets[:16])).rstrip()]
    out += ["# A fall of 9 %: alice is liquidatable, carol closes with debts above her cash.",
            "advance 29s"]
    out += prices(markets, 91)
    out += ["flag alice -> ok", "liquidate alice M0 by keeper -> ok"]
    out += fills(markets, "sell", "frank", 91)
    out += fills(markets, "sell", "carol", 91, first=LONGS["carol"])
    out += ["settle carol M0 -> ok", "liquidate_collateral carol WETH by keeper -> ok"]
    out += ["# And of 9 % again: dave is bankrupt, erin too and closes, frank has a claim.",
            "advance 29s"]
    out += prices(markets, 83)
    out += ["deleverage dave M0 with bob -> ok"]
    out += fills(markets, "sell", "erin", 83, first=LONGS["erin"])
    out += ["resolve erin M0 -> ok"]
    out += fills(markets, "buy", "frank", 83)
    out += ["abandon_claim frank M0 -> ok", GOVERNANCE.rstrip()]
    return "\n".join(out) + "\n"


def main(words):
    if len(words) != 1 or not words[0].isdigit() or not 1 <= int(words[0]) <= 32:
        sys.stderr.write(__doc__)
        return 2
    sys.stdout.write(scenario(int(words[0])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
