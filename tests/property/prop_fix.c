// SPDX-License-Identifier: Apache-2.0
/* plm_fix against exact formulas in the compiler's own wide integers: every rounding on its side,
 * every clamp at its limit. gcc 12 has no such integers: the test is skipped there. */
#include "plm_fix.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "prop_edges.h"

#if defined(__clang__)

#define ROUNDS 60000U

__extension__ typedef _BitInt(320) oracle;

static uint64_t round_number;

static void expect(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(
            stderr, "prop_fix: %s fails in round %llu\n", what, (unsigned long long)round_number);
        exit(1);
    }
}

static oracle of(plm_i128 a)
{
    return (oracle)a.hi * ((oracle)1 << 64) + (oracle)a.lo;
}

static oracle quotient_floor(oracle n, oracle d)
{
    return n / d - (n % d < 0 ? 1 : 0);
}

static oracle quotient_ceil(oracle n, oracle d)
{
    return n / d + (n % d > 0 ? 1 : 0);
}

static oracle clamp(oracle a, oracle low, oracle high)
{
    return a < low ? low : a > high ? high : a;
}

static oracle power(uint32_t exponent)
{
    oracle made = 1;
    for (uint32_t step = 0; step < exponent; step++) {
        made *= 10;
    }
    return made;
}

static bool is_value(oracle a)
{
    const oracle limit = ((oracle)1 << 127) - 1;
    return a <= limit && a >= -limit;
}

/* Any value of up to width bits. */
static plm_val any_val(struct prop_source *source, uint32_t width)
{
    const plm_val made = {prop_i128(source, width)};
    return made;
}

static plm_price any_price(struct prop_source *source)
{
    const plm_price made = {prop_u64(source, 64)};
    return made;
}

/* A price of at least one tick. */
static plm_price some_price(struct prop_source *source)
{
    const plm_price one = {1};
    return plm_price_max(any_price(source), one);
}

static plm_qty any_qty(struct prop_source *source)
{
    const plm_qty made = {prop_i64(source)};
    return made;
}

/* A size of at least one lot. */
static plm_qty some_lots(struct prop_source *source)
{
    const plm_qty one = {1};
    return plm_qty_max(plm_qty_abs(any_qty(source)), one);
}

static plm_ratio any_ratio(struct prop_source *source)
{
    const plm_ratio made = {prop_below(source, PLM_PPM_ONE + 1)};
    return made;
}

static void try_exact(struct prop_source *source)
{
    const plm_qty qty = any_qty(source);
    const plm_price price = any_price(source);
    const plm_index delta = {prop_i64(source)};
    const plm_val value = any_val(source, 107);
    const plm_ratio ratio = any_ratio(source);
    expect(of(plm_fix_notional(qty, price).wad) == (oracle)qty.lots * (oracle)price.ticks,
           "notional");
    expect(of(plm_fix_payment(qty, delta).wad) == (oracle)qty.lots * delta.ticks, "payment");
    expect(of(plm_fix_weigh(value, ratio).wadppm) == of(value.wad) * ratio.ppm, "weighing");
    expect(of(plm_fix_val_to_wval(value).wadppm) == of(value.wad) * 1000000, "weighing by one");

    const plm_wval a = {prop_i128(source, 127)};
    const plm_wval b = {prop_i128(source, 127)};
    plm_wval c = {prop_i128(source, 127)};
    plm_wval d = {prop_i128(source, 127)};
    if (prop_below(source, 4) == 0) { /* equal products, also by double negation */
        c = plm_wval_neg(b);
        d = plm_wval_neg(a);
    }
    const oracle distance = of(a.wadppm) * of(b.wadppm) - of(c.wadppm) * of(d.wadppm);
    expect(plm_wval_cmp_products(a, b, c, d) == (distance > 0 ? 1 : 0) - (distance < 0 ? 1 : 0),
           "order of products");
}

static void try_muldiv(struct prop_source *source)
{
    const plm_val a = any_val(source, 127);
    const plm_val b = any_val(source, 127);
    plm_val c = plm_val_abs(any_val(source, 1 + prop_below(source, 127)));
    if (plm_val_is_zero(c)) {
        c.wad.lo = 1;
    }
    const plm_val poison = {{77, 77}};
    const oracle product = of(a.wad) * of(b.wad);
    const oracle down = quotient_floor(product, of(c.wad));
    const oracle up = quotient_ceil(product, of(c.wad));
    plm_val out = poison;
    plm_err err = plm_fix_muldiv_floor_checked(a, b, c, &out);
    expect((err == PLM_OK) == is_value(down), "muldiv's floor, verdict");
    expect(of(out.wad) == (err == PLM_OK ? down : of(poison.wad)), "muldiv's floor, checked");
    if (err == PLM_OK) {
        expect(of(plm_fix_muldiv_floor(a, b, c).wad) == down, "muldiv's floor");
    }
    out = poison;
    err = plm_fix_muldiv_ceil_checked(a, b, c, &out);
    expect((err == PLM_OK) == is_value(up), "muldiv's ceil, verdict");
    expect(of(out.wad) == (err == PLM_OK ? up : of(poison.wad)), "muldiv's ceil, checked");
    if (err == PLM_OK) {
        expect(of(plm_fix_muldiv_ceil(a, b, c).wad) == up, "muldiv's ceil");
    }
}

static void try_wad(struct prop_source *source)
{
    const plm_val a = any_val(source, 127);
    const plm_val factor = any_val(source, 1 + prop_below(source, 127));
    const oracle product = of(a.wad) * of(factor.wad);
    const oracle down = quotient_floor(product, power(18));
    const oracle up = quotient_ceil(product, power(18));
    if (is_value(down) && is_value(up)) {
        expect(of(plm_fix_mul_wad_floor(a, factor).wad) == down, "product of wads, floor");
        expect(of(plm_fix_mul_wad_ceil(a, factor).wad) == up, "product of wads, ceil");
    }
}

static void try_parts(struct prop_source *source)
{
    const plm_val value = any_val(source, 127);
    const plm_wval weighted = {value.wad};
    const plm_ratio ratio = any_ratio(source);
    const oracle product = of(value.wad) * ratio.ppm;
    expect(of(plm_fix_part_floor(value, ratio).wad) == quotient_floor(product, 1000000),
           "part's floor");
    expect(of(plm_fix_part_ceil(value, ratio).wad) == quotient_ceil(product, 1000000),
           "part's ceil");
    expect(of(plm_fix_wval_to_val_floor(weighted).wad) == quotient_floor(of(value.wad), 1000000),
           "weighted value's floor");
    expect(of(plm_fix_wval_to_val_ceil(weighted).wad) == quotient_ceil(of(value.wad), 1000000),
           "weighted value's ceil");

    const plm_qty whole = some_lots(source);
    const plm_qty part = {any_qty(source).lots % (whole.lots + (whole.lots < INT64_MAX ? 1 : 0))};
    const oracle shared = of(value.wad) * part.lots;
    expect(of(plm_fix_share_floor(value, part, whole).wad) == quotient_floor(shared, whole.lots),
           "share's floor");
    expect(of(plm_fix_share_ceil(value, part, whole).wad) == quotient_ceil(shared, whole.lots),
           "share's ceil");
    expect(plm_fix_qty_part_floor(part, ratio).lots ==
               quotient_floor((oracle)part.lots * ratio.ppm, 1000000),
           "size part's floor");
    expect(plm_fix_qty_part_ceil(part, ratio).lots ==
               quotient_ceil((oracle)part.lots * ratio.ppm, 1000000),
           "size part's ceil");
    const plm_val product_value = any_val(source, 70);
    const plm_rate rate = {(int64_t)prop_u64(source, 40) - (INT64_C(1) << 39)};
    const uint64_t seconds = prop_u64(source, 40);
    const oracle accrued = of(product_value.wad) * rate.nano * (oracle)seconds;
    if (is_value(quotient_floor(accrued, 1000000000)) &&
        is_value(quotient_ceil(accrued, 1000000000))) {
        expect(of(plm_fix_accrue_floor(product_value, rate, seconds).wad) ==
                   quotient_floor(accrued, 1000000000),
               "accrual's floor");
        expect(of(plm_fix_accrue_ceil(product_value, rate, seconds).wad) ==
                   quotient_ceil(accrued, 1000000000),
               "accrual's ceil");
    }
}

static void try_clamped(struct prop_source *source)
{
    const oracle top = INT64_MAX;
    const oracle top_price = UINT64_MAX;
    const plm_val value = plm_val_abs(any_val(source, 127));
    const plm_price price = some_price(source);
    const plm_qty lots = some_lots(source);
    const oracle n = of(value.wad);
    const oracle p = (oracle)price.ticks;
    expect(plm_fix_lots_floor(value, price).lots == clamp(quotient_floor(n, p), 0, top),
           "lots' floor");
    expect(plm_fix_lots_ceil(value, price).lots == clamp(quotient_ceil(n, p), 0, top),
           "lots' ceil");
    expect((oracle)plm_fix_price_per_lot_floor(value, lots).ticks ==
               clamp(quotient_floor(n, lots.lots), 0, top_price),
           "price per lot's floor");
    expect((oracle)plm_fix_price_per_lot_ceil(value, lots).ticks ==
               clamp(quotient_ceil(n, lots.lots), 0, top_price),
           "price per lot's ceil");

    const plm_val part = any_val(source, 127);
    if (plm_val_is_positive(value)) {
        const oracle ppm = of(part.wad) * 1000000;
        const oracle nano = of(part.wad) * 1000000000;
        expect(plm_fix_ratio_of_floor(part, value).ppm == clamp(quotient_floor(ppm, n), 0, 1000000),
               "ratio's floor");
        expect(plm_fix_ratio_of_ceil(part, value).ppm == clamp(quotient_ceil(ppm, n), 0, 1000000),
               "ratio's ceil");
        expect(plm_fix_rate_of_floor(part, value).nano == clamp(quotient_floor(nano, n), -top, top),
               "rate's floor");
        expect(plm_fix_rate_of_ceil(part, value).nano == clamp(quotient_ceil(nano, n), -top, top),
               "rate's ceil");
    }
    const plm_index delta = {prop_i64(source)};
    const oracle premium = (oracle)delta.ticks * 1000000000;
    expect(plm_fix_price_rate_of_floor(price, delta).nano ==
               clamp(quotient_floor(premium, p), -top, top),
           "premium's floor");
    expect(plm_fix_price_rate_of_ceil(price, delta).nano ==
               clamp(quotient_ceil(premium, p), -top, top),
           "premium's ceil");
    const plm_ratio ratio = {(uint32_t)prop_u64(source, 32)};
    expect((oracle)plm_fix_price_part_floor(price, ratio).ticks ==
               clamp(quotient_floor(p * ratio.ppm, 1000000), 0, top_price),
           "price part's floor");
    expect((oracle)plm_fix_price_part_ceil(price, ratio).ticks ==
               clamp(quotient_ceil(p * ratio.ppm, 1000000), 0, top_price),
           "price part's ceil");
    const plm_rate rate = {(int64_t)prop_u64(source, 63)};
    const uint64_t seconds = prop_u64(source, 64);
    const oracle moved = p * rate.nano * (oracle)seconds;
    expect((oracle)plm_fix_price_rate_floor(price, rate, seconds).ticks ==
               clamp(quotient_floor(moved, 1000000000), 0, top_price),
           "price move's floor");
    expect((oracle)plm_fix_price_rate_ceil(price, rate, seconds).ticks ==
               clamp(quotient_ceil(moved, 1000000000), 0, top_price),
           "price move's ceil");
}

static void try_premium(struct prop_source *source)
{
    const uint64_t imf = prop_u64(source, 1 + prop_below(source, 64));
    const plm_qty lots = {(int64_t)prop_u64(source, 1 + prop_below(source, 63))};
    const uint8_t decimals = (uint8_t)prop_below(source, 19);
    const oracle square = (oracle)imf * (oracle)imf * lots.lots;
    const oracle unit = power(6U + decimals);
    const oracle ppm = plm_fix_size_premium_ceil(imf, lots, decimals).ppm;
    expect(ppm <= 1000000, "premium's clamp");
    expect(ppm == 1000000 || ppm * ppm * unit >= square, "premium is not too small");
    expect(ppm == 0 || (ppm - 1) * (ppm - 1) * unit < square, "premium is not too large");
}

static void try_atoms(struct prop_source *source)
{
    const uint8_t decimals = (uint8_t)prop_below(source, 19);
    const uint8_t asset_decimals = (uint8_t)prop_below(source, 25);
    const uint8_t price_decimals = (uint8_t)prop_below(source, 19);
    const plm_amt atoms = {prop_i128(source, 127)};
    const plm_price price = some_price(source);
    plm_val out = {{77, 77}};
    const oracle scaled = of(atoms.atoms) * power(18U - decimals);
    const plm_err err = plm_fix_atoms_to_val_checked(atoms, decimals, &out);
    expect((err == PLM_OK) == is_value(scaled), "atoms' verdict");
    if (err == PLM_OK) {
        expect(of(out.wad) == scaled, "atoms to value");
        expect(plm_amt_cmp(plm_fix_val_to_atoms_floor(out, decimals), atoms) == 0,
               "there and back");
        expect(plm_amt_cmp(plm_fix_val_to_atoms_ceil(out, decimals), atoms) == 0, "there and back");
    }
    const plm_val value = any_val(source, 127);
    const oracle unit = power(18U - decimals);
    expect(of(plm_fix_val_to_atoms_floor(value, decimals).atoms) ==
               quotient_floor(of(value.wad), unit),
           "value to atoms, floor");
    expect(of(plm_fix_val_to_atoms_ceil(value, decimals).atoms) ==
               quotient_ceil(of(value.wad), unit),
           "value to atoms, ceil");

    const oracle up = power(18);
    const oracle down = power((uint32_t)asset_decimals + price_decimals);
    const oracle worth = of(atoms.atoms) * (oracle)price.ticks * up;
    const plm_err low =
        plm_fix_asset_value_floor_checked(atoms, price, asset_decimals, price_decimals, &out);
    expect((low == PLM_OK) == is_value(quotient_floor(worth, down)), "asset's verdict, floor");
    expect(low != PLM_OK || of(out.wad) == quotient_floor(worth, down), "asset's floor");
    const plm_err high =
        plm_fix_asset_value_ceil_checked(atoms, price, asset_decimals, price_decimals, &out);
    expect((high == PLM_OK) == is_value(quotient_ceil(worth, down)), "asset's verdict, ceil");
    expect(high != PLM_OK || of(out.wad) == quotient_ceil(worth, down), "asset's ceil");

    const plm_val asked = plm_val_abs(value);
    const oracle top = ((oracle)1 << 127) - 1;
    const oracle n = of(asked.wad) * down;
    const oracle d = (oracle)price.ticks * up;
    expect(of(plm_fix_atoms_for_value_floor(asked, price, asset_decimals, price_decimals).atoms) ==
               clamp(quotient_floor(n, d), 0, top),
           "atoms for a value, floor");
    expect(of(plm_fix_atoms_for_value_ceil(asked, price, asset_decimals, price_decimals).atoms) ==
               clamp(quotient_ceil(n, d), 0, top),
           "atoms for a value, ceil");
}

int main(void)
{
    struct prop_source source = {2};
    for (round_number = 0; round_number < ROUNDS; round_number++) {
        try_exact(&source);
        try_muldiv(&source);
        try_wad(&source);
        try_parts(&source);
        try_clamped(&source);
        try_premium(&source);
        try_atoms(&source);
    }
    return 0;
}

#else

int main(void)
{
    return 77; /* skipped */
}

#endif
