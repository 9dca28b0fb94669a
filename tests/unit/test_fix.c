// SPDX-License-Identifier: Apache-2.0
/* plm_fix: worked examples with signs, boundary triples and every assertion. The properties compare
 * all of it with exact formulas. Order follows the header. */
#include "plm_cmocka.h"
#include "plm_fix.h"

#include <stdbool.h>
#include <stdint.h>

static plm_val val(int64_t wad)
{
    const plm_val made = {plm_wide_i128_from_i64(wad)};
    return made;
}

static plm_wval wval(int64_t wadppm)
{
    const plm_wval made = {plm_wide_i128_from_i64(wadppm)};
    return made;
}

static plm_amt amt(int64_t atoms)
{
    const plm_amt made = {plm_wide_i128_from_i64(atoms)};
    return made;
}

static plm_qty qty(int64_t lots)
{
    const plm_qty made = {lots};
    return made;
}

static plm_price price(uint64_t ticks)
{
    const plm_price made = {ticks};
    return made;
}

static plm_index indexed(int64_t ticks)
{
    const plm_index made = {ticks};
    return made;
}

static plm_ratio ratio(uint32_t ppm)
{
    const plm_ratio made = {ppm};
    return made;
}

static plm_rate rate(int64_t nano)
{
    const plm_rate made = {nano};
    return made;
}

static bool is_val(plm_val a, int64_t wad)
{
    return plm_val_cmp(a, val(wad)) == 0;
}

static bool is_amt(plm_amt a, int64_t atoms)
{
    return plm_amt_cmp(a, amt(atoms)) == 0;
}

/* 2^127 - 1, the largest value. */
static plm_val top(void)
{
    const plm_val made = {plm_wide_i128_make(INT64_MAX, UINT64_MAX)};
    return made;
}

static void test_values_have_signs_and_order(void **state)
{
    (void)state;
    assert_true(plm_val_is_zero(val(0)));
    assert_true(plm_val_is_negative(val(-1)));
    assert_true(plm_val_is_positive(val(1)));
    assert_int_equal(plm_val_cmp(val(-1), val(1)), -1);
    assert_int_equal(plm_val_cmp(val(1), val(-1)), 1);
    assert_true(is_val(plm_val_min(val(-1), val(1)), -1));
    assert_true(is_val(plm_val_max(val(-1), val(1)), 1));
    assert_true(is_val(plm_val_abs(val(-5)), 5));
    assert_true(is_val(plm_val_neg(val(5)), -5));
    assert_true(is_val(plm_val_sub(val(5), val(7)), -2));
    assert_true(plm_val_cmp(plm_val_from_quote(-2), plm_val_from_quote(-1)) < 0);
    assert_true(is_val(plm_val_from_quote(3), INT64_C(3000000000000000000)));
}

static void test_sums_are_refused_above_the_top(void **state)
{
    (void)state;
    plm_val out = val(7);
    assert_int_equal(plm_val_add_checked(top(), val(0), &out), PLM_OK);
    assert_int_equal(plm_val_cmp(out, top()), 0);
    out = val(7);
    assert_int_equal(plm_val_add_checked(top(), val(1), &out), PLM_E_OVERFLOW);
    assert_int_equal(plm_val_sub_checked(plm_val_neg(top()), val(1), &out), PLM_E_OVERFLOW);
    assert_true(is_val(out, 7));
    expect_assert_failure((void)plm_val_add(top(), val(1)));
    expect_assert_failure((void)plm_val_sub(plm_val_neg(top()), val(1)));
}

static void test_sums_in_place_stop_where_the_others_do(void **state)
{
    (void)state;
    plm_val sum = val(7);
    plm_val_add_to(&sum, val(-10));
    assert_true(is_val(sum, -3));
    plm_val_sub_from(&sum, val(-5));
    assert_true(is_val(sum, 2));
    plm_wval weighted = wval(2);
    plm_wval_add_to(&weighted, wval(3));
    plm_wval_sub_from(&weighted, wval(6));
    assert_int_equal(plm_wval_cmp(weighted, wval(-1)), 0);
    plm_amt atoms = plm_amt_from_u64(2);
    plm_amt_add_to(&atoms, plm_amt_from_u64(3));
    plm_amt_sub_from(&atoms, plm_amt_from_u64(1));
    assert_int_equal(plm_amt_cmp(atoms, plm_amt_from_u64(4)), 0);

    sum = top();
    expect_assert_failure(plm_val_add_to(&sum, val(1)));
    sum = plm_val_neg(top());
    expect_assert_failure(plm_val_sub_from(&sum, val(1)));
}

static void test_weighted_values_and_amounts_are_alike(void **state)
{
    (void)state;
    plm_amt amount = amt(7);
    const plm_amt most = {top().wad};
    assert_int_equal(plm_amt_add_checked(most, amt(1), &amount), PLM_E_OVERFLOW);
    assert_true(is_amt(amount, 7));
    assert_true(is_amt(plm_amt_sub(plm_amt_from_u64(9), amt(4)), 5));
    assert_true(is_amt(plm_amt_min(amt(-3), plm_amt_abs(amt(-3))), -3));
    assert_true(is_amt(plm_amt_max(amt(-3), plm_amt_neg(amt(-3))), 3));
    assert_int_equal(plm_wval_cmp(plm_wval_add(wval(2), wval(3)), wval(5)), 0);
    assert_int_equal(plm_wval_cmp(plm_wval_abs(wval(-2)), plm_wval_max(wval(2), wval(1))), 0);
    assert_true(plm_wval_is_negative(plm_wval_min(wval(-2), wval(1))));
    assert_false(plm_wval_is_positive(plm_wval_sub(wval(2), wval(2))));
    assert_true(plm_wval_is_zero(plm_wval_neg(wval(0))));
}

static void test_sizes_are_symmetric(void **state)
{
    (void)state;
    plm_qty out = qty(7);
    assert_true(plm_qty_is_long(qty(1)));
    assert_true(plm_qty_is_short(qty(-1)));
    assert_true(plm_qty_is_zero(plm_qty_add(qty(1), qty(-1))));
    assert_int_equal(plm_qty_cmp(qty(-2), qty(1)), -1);
    assert_int_equal(plm_qty_sub(qty(1), qty(3)).lots, -2);
    assert_int_equal(plm_qty_abs(qty(-INT64_MAX)).lots, INT64_MAX);
    assert_int_equal(plm_qty_min(qty(-2), qty(1)).lots, -2);
    assert_int_equal(plm_qty_max(qty(-2), qty(1)).lots, 1);
    assert_int_equal(plm_qty_add_checked(qty(-INT64_MAX), qty(-1), &out), PLM_E_OVERFLOW);
    assert_int_equal(plm_qty_sub_checked(qty(INT64_MAX), qty(-1), &out), PLM_E_OVERFLOW);
    assert_int_equal(out.lots, 7);
    expect_assert_failure((void)plm_qty_add(qty(INT64_MAX), qty(1)));
    expect_assert_failure((void)plm_qty_sub(qty(-INT64_MAX), qty(1)));
    expect_assert_failure((void)plm_qty_neg(qty(INT64_MIN)));
}

static void test_prices_stop_at_their_edges(void **state)
{
    (void)state;
    plm_price out = price(7);
    plm_index difference = indexed(7);
    assert_int_equal(plm_price_add_checked(price(UINT64_MAX), price(1), &out), PLM_E_OVERFLOW);
    assert_true(out.ticks == 7);
    assert_true(plm_price_add_or_max(price(UINT64_MAX), price(1)).ticks == UINT64_MAX);
    assert_true(plm_price_add_or_max(price(2), price(1)).ticks == 3);
    assert_true(plm_price_is_zero(plm_price_sub_or_zero(price(2), price(3))));
    assert_true(plm_price_sub_or_zero(price(3), price(2)).ticks == 1);
    assert_int_equal(plm_price_cmp(price(UINT64_MAX), price(1)), 1);
    assert_true(plm_price_min(price(2), price(1)).ticks == 1);
    assert_true(plm_price_max(price(2), price(1)).ticks == 2);
    assert_int_equal(plm_price_difference_checked(price(1), price(3), &difference), PLM_OK);
    assert_int_equal(difference.ticks, -2);
    assert_int_equal(plm_price_difference_checked(price(0), price((uint64_t)1 << 63), &difference),
                     PLM_E_OVERFLOW);
    assert_int_equal(difference.ticks, -2);
}

static void test_index_keeps_every_difference_within_reach(void **state)
{
    (void)state;
    /* [UNIT-3]: the boundary triple, on both sides */
    const plm_index most = indexed(PLM_INDEX_MAX);
    plm_index out = indexed(7);
    assert_int_equal(plm_index_add_checked(most, indexed(-1), &out), PLM_OK);
    assert_int_equal(plm_index_add_checked(most, indexed(0), &out), PLM_OK);
    assert_int_equal(plm_index_add_checked(most, indexed(1), &out), PLM_E_OVERFLOW);
    assert_int_equal(out.ticks, PLM_INDEX_MAX);
    assert_int_equal(plm_index_add_checked(plm_index_neg(most), indexed(-1), &out), PLM_E_OVERFLOW);
    assert_int_equal(plm_index_add_checked(indexed(INT64_MAX), indexed(1), &out), PLM_E_OVERFLOW);
    assert_int_equal(plm_index_sub(most, plm_index_neg(most)).ticks, INT64_MAX - 1);
    assert_true(plm_index_is_zero(plm_index_sub(most, most)));
    assert_int_equal(plm_index_cmp(plm_index_neg(most), most), -1);
    expect_assert_failure((void)plm_index_sub(indexed(INT64_MAX), indexed(-1)));
    expect_assert_failure((void)plm_index_neg(indexed(INT64_MIN)));
}

static void test_ratios_rates_and_times(void **state)
{
    (void)state;
    const plm_time now = {100};
    const plm_time later = {130};
    assert_true(plm_time_since(later, now) == 30);
    assert_true(plm_time_since(now, later) == 0);
    assert_int_equal(plm_time_cmp(now, later), -1);
    assert_int_equal(plm_rate_cmp(rate(1), rate(-1)), 1);
    assert_int_equal(plm_ratio_cmp(ratio(1), ratio(2)), -1);
    assert_int_equal(plm_ratio_min(ratio(1), ratio(2)).ppm, 1);
    assert_int_equal(plm_ratio_max(ratio(1), ratio(2)).ppm, 2);
    assert_int_equal(plm_fix_ratio_add_clamped(ratio(999999), ratio(1)).ppm, 1000000);
    assert_int_equal(plm_fix_ratio_add_clamped(ratio(999998), ratio(1)).ppm, 999999);
    assert_int_equal(plm_fix_ratio_add_clamped(ratio(UINT32_MAX), ratio(UINT32_MAX)).ppm, 1000000);
    assert_int_equal(plm_fix_ratio_sub_or_zero(ratio(3), ratio(5)).ppm, 0);
    assert_int_equal(plm_fix_ratio_sub_or_zero(ratio(5), ratio(3)).ppm, 2);
    assert_int_equal(plm_fix_ratio_part_floor(ratio(3), ratio(500000)).ppm, 1);
    assert_int_equal(plm_fix_ratio_part_ceil(ratio(3), ratio(500000)).ppm, 2);
    /* All of one is one, and no part is more. */
    assert_int_equal(plm_fix_ratio_part_floor(ratio(1000000), ratio(1000000)).ppm, 1000000);
    assert_int_equal(plm_fix_ratio_part_ceil(ratio(1000000), ratio(999999)).ppm, 999999);
    assert_int_equal(plm_fix_ratio_part_ceil(ratio(999999), ratio(999999)).ppm, 999999);
    assert_int_equal(plm_fix_ratio_part_floor(ratio(2000000), ratio(1000000)).ppm, 1000000);
    assert_int_equal(plm_fix_ratio_part_ceil(ratio(2000000), ratio(1000000)).ppm, 1000000);
    const plm_val two = plm_val_from_quote(2);
    const plm_val three = plm_val_from_quote(3);
    assert_int_equal(plm_fix_ratio_scale_floor(ratio(1000000), three, two).ppm, 1000000);
    assert_int_equal(plm_fix_ratio_scale_ceil(ratio(1000000), three, two).ppm, 1000000);
    assert_int_equal(plm_fix_ratio_div_floor(ratio(54), 5).ppm, 10);
}

static void test_a_short_times_a_price_is_exact(void **state)
{
    (void)state;
    assert_true(is_val(plm_fix_notional(qty(-3), price(7)), -21));
    assert_true(is_val(plm_fix_payment(qty(-3), indexed(-7)), 21));
    const plm_val most = plm_fix_notional(qty(-INT64_MAX), price(UINT64_MAX));
    assert_true(plm_val_is_negative(most));
    assert_true(plm_val_cmp(most, plm_val_neg(top())) > 0);
    assert_int_equal(plm_wval_cmp(plm_fix_weigh(val(-3), ratio(50000)), wval(-150000)), 0);
    assert_int_equal(plm_wval_cmp(plm_fix_val_to_wval(val(3)), wval(3000000)), 0);
    expect_assert_failure((void)plm_fix_weigh(top(), ratio(2)));
    expect_assert_failure((void)plm_fix_notional(qty(INT64_MIN), price(1)));
}

static void test_products_are_ranked_with_their_signs(void **state)
{
    (void)state;

    static const struct {
        int64_t a;
        int64_t b;
        int64_t c;
        int64_t d;
        int order;
    } rows[] = {
        {2, 6, 3, 4, 0},
        {2, 6, 3, 5, -1},
        {-2, 6, -3, 5, 1},
        {-2, -6, 3, 4, 0},
        {0, 6, -3, 5, 1},
        {0, 6, 3, 5, -1},
        {0, -6, 3, 0, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        /* [UNIT-5] ratios are compared by products, never divided. */
        assert_int_equal(plm_wval_cmp_products(
                             wval(rows[i].a), wval(rows[i].b), wval(rows[i].c), wval(rows[i].d)),
                         rows[i].order);
    }
}

static void test_rounding_keeps_its_direction_below_zero(void **state)
{
    (void)state;

    /* a * 7 / 2: the negative operands come first */
    static const struct {
        int64_t a;
        int64_t floor;
        int64_t ceil;
    } rows[] = {{-3, -11, -10}, {-2, -7, -7}, {0, 0, 0}, {2, 7, 7}, {3, 10, 11}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const plm_val a = val(rows[i].a);
        plm_val out = val(99);
        assert_true(is_val(plm_fix_muldiv_floor(a, val(7), val(2)), rows[i].floor));
        assert_true(is_val(plm_fix_muldiv_ceil(a, val(7), val(2)), rows[i].ceil));
        assert_true(is_val(plm_fix_share_floor(a, qty(7), qty(2)), rows[i].floor));
        assert_true(is_val(plm_fix_share_ceil(a, qty(7), qty(2)), rows[i].ceil));
        assert_int_equal(plm_fix_muldiv_floor_checked(a, val(7), val(2), &out), PLM_OK);
        assert_true(is_val(out, rows[i].floor));
        assert_int_equal(plm_fix_muldiv_ceil_checked(a, val(7), val(2), &out), PLM_OK);
        assert_true(is_val(out, rows[i].ceil));
    }
    assert_true(is_val(plm_fix_part_floor(val(-3), ratio(500000)), -2));
    assert_true(is_val(plm_fix_part_ceil(val(-3), ratio(500000)), -1));
    assert_true(is_val(plm_fix_wval_to_val_floor(wval(-1)), -1));
    assert_true(is_val(plm_fix_wval_to_val_ceil(wval(-1)), 0));
    assert_int_equal(plm_fix_qty_part_floor(qty(-3), ratio(500000)).lots, -2);
    assert_int_equal(plm_fix_qty_part_ceil(qty(-3), ratio(500000)).lots, -1);
    assert_true(is_val(plm_fix_mul_wad_floor(val(-3), val(INT64_C(500000000000000000))), -2));
    assert_true(is_val(plm_fix_mul_wad_ceil(val(-3), val(INT64_C(500000000000000000))), -1));
    assert_true(is_val(plm_fix_accrue_floor(val(-3), rate(500000000), 1), -2));
    assert_true(is_val(plm_fix_accrue_ceil(val(3), rate(500000000), 1), 2));
}

static void test_quotients_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    plm_val out = val(7);
    assert_int_equal(plm_fix_muldiv_floor_checked(top(), top(), val(1), &out), PLM_E_OVERFLOW);
    assert_int_equal(plm_fix_muldiv_ceil_checked(top(), val(2), val(1), &out), PLM_E_OVERFLOW);
    assert_true(is_val(out, 7));
    assert_int_equal(plm_val_cmp(plm_fix_muldiv_floor(top(), top(), top()), top()), 0);
    expect_assert_failure((void)plm_fix_muldiv_floor(top(), top(), val(1)));
    expect_assert_failure((void)plm_fix_muldiv_floor(val(1), val(1), val(0)));
    expect_assert_failure((void)plm_fix_muldiv_ceil(val(1), val(1), val(-1)));
    expect_assert_failure((void)plm_fix_mul_wad_floor(top(), top()));
    expect_assert_failure((void)plm_fix_share_floor(val(1), qty(1), qty(0)));
    expect_assert_failure((void)plm_fix_part_ceil(top(), ratio(1000001)));
}

static void test_lots_and_prices_clamp(void **state)
{
    (void)state;
    assert_int_equal(plm_fix_lots_floor(val(7), price(2)).lots, 3);
    assert_int_equal(plm_fix_lots_ceil(val(7), price(2)).lots, 4);
    assert_int_equal(plm_fix_lots_floor(top(), price(1)).lots, INT64_MAX);
    assert_int_equal(plm_fix_lots_ceil(top(), price(1)).lots, INT64_MAX);
    assert_true(plm_fix_price_per_lot_floor(val(7), qty(2)).ticks == 3);
    assert_true(plm_fix_price_per_lot_ceil(val(7), qty(2)).ticks == 4);
    assert_true(plm_fix_price_per_lot_floor(top(), qty(1)).ticks == UINT64_MAX);
    assert_true(plm_fix_price_part_floor(price(7), ratio(500000)).ticks == 3);
    assert_true(plm_fix_price_part_ceil(price(7), ratio(500000)).ticks == 4);
    assert_true(plm_fix_price_rate_floor(price(7), rate(250000000), 2).ticks == 3);
    assert_true(plm_fix_price_rate_ceil(price(7), rate(250000000), 2).ticks == 4);
    assert_true(plm_fix_price_rate_ceil(price(UINT64_MAX), rate(INT64_MAX), UINT64_MAX).ticks ==
                UINT64_MAX);
    expect_assert_failure((void)plm_fix_lots_floor(val(-1), price(1)));
    expect_assert_failure((void)plm_fix_lots_floor(val(1), price(0)));
    expect_assert_failure((void)plm_fix_price_per_lot_ceil(val(1), qty(0)));
    expect_assert_failure((void)plm_fix_price_rate_floor(price(1), rate(-1), 1));
}

static void test_ratios_and_rates_of_two_numbers(void **state)
{
    (void)state;
    assert_int_equal(plm_fix_ratio_of_floor(val(1), val(3)).ppm, 333333);
    assert_int_equal(plm_fix_ratio_of_ceil(val(1), val(3)).ppm, 333334);
    assert_int_equal(plm_fix_ratio_of_floor(val(-1), val(3)).ppm, 0);
    assert_int_equal(plm_fix_ratio_of_ceil(val(-1), val(3)).ppm, 0);
    assert_int_equal(plm_fix_ratio_of_ceil(top(), val(1)).ppm, 1000000);
    assert_int_equal(plm_fix_rate_of_floor(val(-1), val(3)).nano, -333333334);
    assert_int_equal(plm_fix_rate_of_ceil(val(-1), val(3)).nano, -333333333);
    assert_int_equal(plm_fix_price_rate_of(price(3), indexed(-1)).nano, -333333334);
    assert_int_equal(plm_fix_price_rate_of_ceil(price(3), indexed(1)).nano, 333333334);
    assert_int_equal(plm_fix_price_rate_of(price(1), indexed(-INT64_MAX)).nano, -INT64_MAX);
    expect_assert_failure((void)plm_fix_ratio_of_floor(val(1), val(0)));
    expect_assert_failure((void)plm_fix_rate_of_floor(val(1), val(-1)));
    expect_assert_failure((void)plm_fix_price_rate_of(price(0), indexed(1)));
}

static void test_size_premium_is_the_exact_ceil(void **state)
{
    (void)state;
    /* [MARGIN-3]: imf 0.003 per root of a base unit is 3 000 000 nano; 4 units give 0.006. */
    assert_int_equal(plm_fix_size_premium_ceil(3000000, qty(400), 2).ppm, 6000);
    assert_int_equal(plm_fix_size_premium_ceil(3000000, qty(401), 2).ppm, 6008);
    assert_int_equal(plm_fix_size_premium_ceil(3000000, qty(399), 2).ppm, 5993);
    assert_int_equal(plm_fix_size_premium_ceil(0, qty(INT64_MAX), 0).ppm, 0);
    assert_int_equal(plm_fix_size_premium_ceil(3000000, qty(0), 0).ppm, 0);
    assert_int_equal(plm_fix_size_premium_ceil(1, qty(1), 18).ppm, 1);
    assert_int_equal(plm_fix_size_premium_ceil(1000000000, qty(1), 0).ppm, 1000000);
    assert_int_equal(plm_fix_size_premium_ceil(UINT64_MAX, qty(INT64_MAX), 0).ppm, 1000000);
    expect_assert_failure((void)plm_fix_size_premium_ceil(1, qty(-1), 0));
    expect_assert_failure((void)plm_fix_size_premium_ceil(1, qty(1), 19));
}

static void test_atoms_cross_the_boundary_exactly(void **state)
{
    (void)state;
    plm_val out = val(7);
    assert_true(is_val(plm_fix_atoms_to_val(amt(-5), 6), INT64_C(-5000000000000)));
    assert_true(is_val(plm_fix_atoms_to_val(amt(5), 18), 5));
    const plm_amt most = {top().wad};
    assert_int_equal(plm_fix_atoms_to_val_checked(most, 18, &out), PLM_OK);
    out = val(7);
    assert_int_equal(plm_fix_atoms_to_val_checked(most, 17, &out), PLM_E_OVERFLOW);
    assert_true(is_val(out, 7));
    assert_true(is_amt(plm_fix_val_to_atoms_floor(val(-1), 6), -1));
    assert_true(is_amt(plm_fix_val_to_atoms_ceil(val(-1), 6), 0));
    assert_true(is_amt(plm_fix_val_to_atoms_floor(val(1999999999999), 6), 1));
    assert_true(is_amt(plm_fix_val_to_atoms_ceil(val(1000000000001), 6), 2));
    expect_assert_failure((void)plm_fix_atoms_to_val(most, 17));
    expect_assert_failure((void)plm_fix_atoms_to_val(amt(1), 19));
    expect_assert_failure((void)plm_fix_val_to_atoms_floor(val(1), 19));
}

static void test_assets_are_worth_their_price(void **state)
{
    (void)state;
    plm_val out = val(7);
    /* Half a coin of 8 decimals at 20 000.0000000000 quote: 10 000 quote units. */
    const plm_val worth =
        plm_fix_asset_value_floor(amt(50000000), price(UINT64_C(200000000000000)), 8, 10);
    assert_int_equal(plm_val_cmp(worth, plm_val_from_quote(10000)), 0);
    assert_true(is_val(plm_fix_asset_value_floor(amt(-1), price(1), 24, 18), -1));
    assert_true(is_val(plm_fix_asset_value_ceil(amt(-1), price(1), 24, 18), 0));
    assert_true(is_val(plm_fix_asset_value_ceil(amt(3), price(5), 18, 1), 2));
    assert_true(is_val(plm_fix_asset_value_floor(amt(3), price(5), 0, 17), 150));
    const plm_amt most = {top().wad};
    assert_int_equal(plm_fix_asset_value_floor_checked(most, price(10), 18, 0, &out),
                     PLM_E_OVERFLOW);
    assert_int_equal(plm_fix_asset_value_ceil_checked(most, price(10), 0, 0, &out), PLM_E_OVERFLOW);
    assert_true(is_val(out, 7));
    assert_int_equal(plm_fix_asset_value_floor_checked(most, price(10), 18, 1, &out), PLM_OK);
    assert_int_equal(plm_val_cmp(out, top()), 0);
    expect_assert_failure((void)plm_fix_asset_value_floor(most, price(10), 18, 0));
    expect_assert_failure((void)plm_fix_asset_value_ceil(amt(1), price(1), 25, 0));
    expect_assert_failure((void)plm_fix_asset_value_floor(amt(1), price(1), 0, 19));
}

static void test_atoms_for_a_value_undo_its_worth(void **state)
{
    (void)state;
    const plm_price coin = price(UINT64_C(200000000000000));
    assert_true(
        is_amt(plm_fix_atoms_for_value_floor(plm_val_from_quote(10000), coin, 8, 10), 50000000));
    assert_true(is_amt(plm_fix_atoms_for_value_floor(val(1), coin, 8, 10), 0));
    assert_true(is_amt(plm_fix_atoms_for_value_ceil(val(1), coin, 8, 10), 1));
    assert_true(is_amt(plm_fix_atoms_for_value_floor(val(299), price(1), 8, 8), 2));
    assert_true(is_amt(plm_fix_atoms_for_value_ceil(val(299), price(1), 8, 8), 3));
    const plm_amt most = plm_fix_atoms_for_value_ceil(top(), price(1), 24, 18);
    assert_int_equal(plm_wide_i128_cmp(most.atoms, top().wad), 0);
    expect_assert_failure((void)plm_fix_atoms_for_value_floor(val(-1), coin, 8, 10));
    expect_assert_failure((void)plm_fix_atoms_for_value_ceil(val(1), price(0), 8, 10));
    expect_assert_failure((void)plm_fix_atoms_for_value_ceil(val(1), coin, 25, 10));
    expect_assert_failure((void)plm_fix_atoms_for_value_ceil(val(1), coin, 8, 19));
}

static plm_rate rate_from(int64_t nano)
{
    const plm_rate made = {nano};
    return made;
}

static void test_means_and_distances_of_prices_never_wrap(void **state)
{
    (void)state;
    assert_int_equal(plm_price_mean_floor(price(2), price(5)).ticks, 3);
    assert_int_equal(plm_price_mean_floor(price(5), price(2)).ticks, 3);
    assert_true(plm_price_mean_floor(price(UINT64_MAX), price(UINT64_MAX - 1)).ticks ==
                UINT64_MAX - 1);
    assert_true(plm_price_distance(price(0), price(UINT64_MAX)).ticks == UINT64_MAX);
    assert_int_equal(plm_price_distance(price(7), price(3)).ticks, 4);
}

static void test_an_end_of_time_is_never_passed(void **state)
{
    (void)state;
    const plm_time late = {(uint64_t)INT64_MAX - 1};
    assert_true(plm_time_add(late, 1).sec == (uint64_t)INT64_MAX);
    assert_true(plm_time_add(late, 2).sec == (uint64_t)INT64_MAX);
    assert_true(plm_time_add(late, UINT64_MAX).sec == (uint64_t)INT64_MAX);
    assert_true(plm_time_add(late, 0).sec == late.sec);
}

static void test_rates_add_scale_and_clamp_exactly(void **state)
{
    (void)state;
    assert_int_equal(plm_rate_clamp(rate_from(6), rate_from(5)).nano, 5);
    assert_int_equal(plm_rate_clamp(rate_from(5), rate_from(5)).nano, 5);
    assert_int_equal(plm_rate_clamp(rate_from(-6), rate_from(5)).nano, -5);
    assert_int_equal(plm_fix_rate_div_floor(rate_from(-7), 2).nano, -4);
    assert_int_equal(plm_fix_rate_div_floor(rate_from(7), 2).nano, 3);
    assert_int_equal(plm_fix_rate_times(rate_from(-3), 4).nano, -12);
    const plm_ratio ratio = {50000};
    assert_int_equal(plm_fix_ratio_to_rate(ratio).nano, 50000000);
    expect_assert_failure((void)plm_rate_add(rate_from(INT64_MAX), rate_from(1)));
    expect_assert_failure((void)plm_rate_sub(rate_from(-INT64_MAX), rate_from(1)));
    expect_assert_failure((void)plm_fix_rate_times(rate_from(INT64_MAX), 2));
    expect_assert_failure((void)plm_rate_clamp(rate_from(1), rate_from(-1)));
}

static void test_a_ratio_grows_up_to_its_bound(void **state)
{
    (void)state;
    const plm_ratio start = {100};
    const plm_ratio step = {7};
    const plm_ratio most = {170};
    assert_int_equal(plm_fix_ratio_grow_clamped(start, step, 9, most).ppm, 163);
    assert_int_equal(plm_fix_ratio_grow_clamped(start, step, 10, most).ppm, 170);
    assert_int_equal(plm_fix_ratio_grow_clamped(start, step, 11, most).ppm, 170);
    assert_int_equal(plm_fix_ratio_grow_clamped(start, step, UINT64_MAX, most).ppm, 170);
}

static void test_rated_values_are_compared_without_a_division(void **state)
{
    (void)state;
    const plm_val big = plm_val_from_quote(1000000000000);
    assert_int_equal(plm_fix_cmp_rated(big, rate_from(3), big, rate_from(3)), 0);
    assert_int_equal(plm_fix_cmp_rated(big, rate_from(INT64_MAX), big, rate_from(3)), 1);
    assert_int_equal(plm_fix_cmp_rated(val(10), rate_from(-3), val(10), rate_from(-2)), -1);
}

static void test_shares_and_bands_of_a_price_round_as_their_names_say(void **state)
{
    (void)state;
    const plm_ratio tenth = {100000};
    assert_int_equal(plm_fix_price_share_floor(price(10), 2, 3).ticks, 6);
    assert_true(plm_fix_price_share_floor(price(UINT64_MAX), 5, 5).ticks == UINT64_MAX);
    assert_int_equal(plm_fix_price_bands_ceil(price(20), price(100), tenth), 2);
    assert_int_equal(plm_fix_price_bands_ceil(price(21), price(100), tenth), 3);
    assert_int_equal(plm_fix_price_bands_ceil(price(0), price(100), tenth), 0);
    const plm_ratio least = {1};
    assert_true(plm_fix_price_bands_ceil(price(UINT64_MAX), price(1), least) == UINT64_MAX);
    expect_assert_failure((void)plm_fix_price_share_floor(price(1), 4, 3));
}

static void test_index_steps_of_any_split_add_up(void **state)
{
    (void)state;
    plm_val rest = val(0);
    assert_int_equal(plm_fix_index_step_floor(price(7), rate_from(-1), 1, 1, &rest).ticks, -1);
    assert_int_equal(rest.wad.lo, 999999993);
    assert_int_equal(plm_fix_index_step_floor(price(7), rate_from(1), 1, 1, &rest).ticks, 1);
    assert_true(plm_val_is_zero(rest));
    const uint64_t high = UINT64_C(9000000000000000000);
    assert_true(
        plm_fix_index_step_floor(price(high), rate_from(100000000), 3600, 3600, &rest).ticks ==
        INT64_C(900000000000000000));
    plm_val wrong = val(1000000000);
    expect_assert_failure((void)plm_fix_index_step_floor(price(1), rate_from(1), 1, 1, &wrong));
    wrong = val(-1);
    expect_assert_failure((void)plm_fix_index_step_floor(price(1), rate_from(1), 1, 1, &wrong));
}

static void test_checked_sums_are_exact_at_the_top_and_refused_above(void **state)
{
    (void)state;
    const plm_wval most = {top().wad};
    const plm_amt most_atoms = {top().wad};
    plm_val value = val(7);
    plm_wval weighted = wval(7);
    plm_amt atoms = amt(7);
    plm_price ticks = price(7);
    assert_int_equal(plm_val_sub_checked(plm_val_neg(top()), val(0), &value), PLM_OK);
    assert_int_equal(plm_val_cmp(value, plm_val_neg(top())), 0);
    assert_int_equal(plm_wval_add_checked(most, wval(1), &weighted), PLM_E_OVERFLOW);
    assert_int_equal(plm_wval_sub_checked(plm_wval_neg(most), wval(1), &weighted), PLM_E_OVERFLOW);
    assert_int_equal(plm_wval_cmp(weighted, wval(7)), 0);
    assert_int_equal(plm_wval_add_checked(most, wval(0), &weighted), PLM_OK);
    assert_int_equal(plm_wval_cmp(weighted, most), 0);
    assert_int_equal(plm_wval_sub_checked(wval(2), wval(5), &weighted), PLM_OK);
    assert_int_equal(plm_wval_cmp(weighted, wval(-3)), 0);
    assert_int_equal(plm_amt_sub_checked(plm_amt_neg(most_atoms), amt(1), &atoms), PLM_E_OVERFLOW);
    assert_true(is_amt(atoms, 7));
    assert_int_equal(plm_amt_sub_checked(amt(2), amt(5), &atoms), PLM_OK);
    assert_true(is_amt(atoms, -3));
    assert_int_equal(plm_price_add_checked(price(UINT64_MAX - 1), price(1), &ticks), PLM_OK);
    assert_true(ticks.ticks == UINT64_MAX);
}

static void test_the_other_of_two_numbers_is_chosen_too(void **state)
{
    (void)state;
    assert_true(is_amt(plm_amt_abs(amt(3)), 3));
    assert_true(is_amt(plm_amt_max(amt(3), amt(-3)), 3));
    assert_int_equal(plm_wval_cmp(plm_wval_abs(wval(2)), wval(2)), 0);
    assert_int_equal(plm_ratio_min(ratio(2), ratio(1)).ppm, 1);
}

static void test_a_quotient_just_below_2_128_does_not_wrap_when_it_is_rounded_up(void **state)
{
    (void)state; /* (2^65 - 1)(2^65 + 1) / 4 = 2^128 - 1/4 */
    const plm_val below = {{UINT64_MAX, 1}};
    const plm_val above = {{1, 2}};
    plm_val out = val(7);
    assert_int_equal(plm_fix_muldiv_ceil_checked(below, above, val(4), &out), PLM_E_OVERFLOW);
    assert_int_equal(plm_fix_muldiv_floor_checked(plm_val_neg(below), above, val(4), &out),
                     PLM_E_OVERFLOW);
    assert_true(is_val(out, 7));
}

static void test_a_fee_grows_with_its_clock_and_no_further(void **state)
{
    (void)state; /* [LIQ-3] [LIQ-6]: from 100 by 7 a second to at most 170 */
    assert_int_equal(plm_fix_ratio_grow(ratio(100), ratio(7), 9, ratio(170)).ppm, 163);
    assert_int_equal(plm_fix_ratio_grow(ratio(100), ratio(7), 10, ratio(170)).ppm, 170);
    assert_int_equal(plm_fix_ratio_grow(ratio(100), ratio(7), UINT64_MAX, ratio(170)).ppm, 170);
    assert_int_equal(plm_fix_ratio_grow(ratio(100), ratio(0), UINT64_MAX, ratio(170)).ppm, 100);
    assert_int_equal(plm_fix_ratio_grow(ratio(170), ratio(7), 0, ratio(170)).ppm, 170);
    /* the product alone fits 64 bits, the sum does not */
    assert_int_equal(plm_fix_ratio_grow_clamped(ratio(1), ratio(1), UINT64_MAX, ratio(170)).ppm,
                     170);
}

static void test_whether_a_premium_binds_is_exact_with_wide_numbers_too(void **state)
{
    (void)state; /* [MARGIN-3]: 0.003 x sqrt(4) = 0.006, sizes of 18 decimals; a rate of 5 */
    const int64_t four = INT64_C(4000000000000000000);
    const plm_rate small = rate(3000000);
    const plm_rate large = rate(INT64_C(5000000000));
    assert_true(plm_fix_size_premium_is_within(small, qty(four), 18, ratio(6000)));
    assert_false(plm_fix_size_premium_is_within(small, qty(four + 1), 18, ratio(6000)));
    assert_true(plm_fix_size_premium_is_within(large, qty(1), 0, ratio(5000000)));
    assert_false(plm_fix_size_premium_is_within(large, qty(1), 0, ratio(4999999)));
    assert_true(plm_fix_size_premium_is_within(small, qty(400), 2, ratio(6000)));
    assert_false(plm_fix_size_premium_is_within(small, qty(401), 2, ratio(6000)));
}

static void test_an_index_step_beyond_its_numbers_is_our_bug(void **state)
{
    (void)state; /* [UNIT-3]: rate x price x seconds at and above 2^127, and above 2^128 */
    plm_val rest = val(0);
    const plm_rate most = rate(INT64_MAX);
    expect_assert_failure((void)plm_fix_index_step_floor(price(UINT64_MAX), most, 2, 3600, &rest));
    expect_assert_failure(
        (void)plm_fix_index_step_floor(price(UINT64_MAX), most, UINT64_MAX, 3600, &rest));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_have_signs_and_order),
        cmocka_unit_test(test_sums_are_refused_above_the_top),
        cmocka_unit_test(test_sums_in_place_stop_where_the_others_do),
        cmocka_unit_test(test_weighted_values_and_amounts_are_alike),
        cmocka_unit_test(test_sizes_are_symmetric),
        cmocka_unit_test(test_prices_stop_at_their_edges),
        cmocka_unit_test(test_index_keeps_every_difference_within_reach),
        cmocka_unit_test(test_ratios_rates_and_times),
        cmocka_unit_test(test_a_short_times_a_price_is_exact),
        cmocka_unit_test(test_products_are_ranked_with_their_signs),
        cmocka_unit_test(test_rounding_keeps_its_direction_below_zero),
        cmocka_unit_test(test_quotients_that_do_not_fit_are_refused),
        cmocka_unit_test(test_lots_and_prices_clamp),
        cmocka_unit_test(test_ratios_and_rates_of_two_numbers),
        cmocka_unit_test(test_size_premium_is_the_exact_ceil),
        cmocka_unit_test(test_atoms_cross_the_boundary_exactly),
        cmocka_unit_test(test_assets_are_worth_their_price),
        cmocka_unit_test(test_atoms_for_a_value_undo_its_worth),
        cmocka_unit_test(test_means_and_distances_of_prices_never_wrap),
        cmocka_unit_test(test_an_end_of_time_is_never_passed),
        cmocka_unit_test(test_rates_add_scale_and_clamp_exactly),
        cmocka_unit_test(test_a_ratio_grows_up_to_its_bound),
        cmocka_unit_test(test_rated_values_are_compared_without_a_division),
        cmocka_unit_test(test_shares_and_bands_of_a_price_round_as_their_names_say),
        cmocka_unit_test(test_index_steps_of_any_split_add_up),
        cmocka_unit_test(test_checked_sums_are_exact_at_the_top_and_refused_above),
        cmocka_unit_test(test_the_other_of_two_numbers_is_chosen_too),
        cmocka_unit_test(test_a_quotient_just_below_2_128_does_not_wrap_when_it_is_rounded_up),
        cmocka_unit_test(test_a_fee_grows_with_its_clock_and_no_further),
        cmocka_unit_test(test_whether_a_premium_binds_is_exact_with_wide_numbers_too),
        cmocka_unit_test(test_an_index_step_beyond_its_numbers_is_our_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
