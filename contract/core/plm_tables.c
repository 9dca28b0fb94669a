/* SPDX-License-Identifier: Apache-2.0
 * The abi tables as constant data for the codec and the parameter rules.
 * Spec: "ABI". It must never know what a field means. */
#include "plm_tables.h"

#include "plm_assert.h"

PLM_STATIC_ASSERT(PLM_LAYOUT_COUNT <= 255, "a layout index fits a byte");
PLM_STATIC_ASSERT((unsigned)PLM_POSITIONS_MAX == (unsigned)PLM_LIMIT_POSITIONS_MAX, "limits.def");
PLM_STATIC_ASSERT((unsigned)PLM_COLLATERALS_MAX == (unsigned)PLM_LIMIT_COLLATERALS_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_CANDIDATES_MAX == (unsigned)PLM_LIMIT_CANDIDATES_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_PUBLISHERS_MAX == (unsigned)PLM_LIMIT_PUBLISHERS_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_GRANTS_MAX == (unsigned)PLM_LIMIT_GRANTS_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_GRANT_MARKETS_MAX == (unsigned)PLM_LIMIT_GRANT_MARKETS_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_ORDER_MAX == (unsigned)PLM_LIMIT_ORDER_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_PAGE_MAX == (unsigned)PLM_LIMIT_PAGE_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_FILLS_MAX == (unsigned)PLM_LIMIT_FILLS_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_PRICES_MAX == (unsigned)PLM_LIMIT_PRICES_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_FUNDS_MAX == (unsigned)PLM_LIMIT_FUNDS_MAX, "same");
PLM_STATIC_ASSERT((unsigned)PLM_BYTES_MAX == (unsigned)PLM_LIMIT_BYTES_MAX, "same");

/* Every pair of bounds of the abi tables: X(its index, its min, its max, those of a field). */
// clang-format off
#define PLM_BOUND_PAIRS(X, min, max)        \
    X(0, PLM_LO, PLM_HI, min, max)          \
    X(1, PLM_LO, 0, min, max)               \
    X(2, -10000000, 10000000, min, max)     \
    X(3, 0, 0, min, max)                    \
    X(4, 0, 1, min, max)                    \
    X(5, 0, 2, min, max)                    \
    X(6, 0, 3, min, max)                    \
    X(7, 0, 4, min, max)                    \
    X(8, 0, 18, min, max)                   \
    X(9, 0, 24, min, max)                   \
    X(10, 0, 60, min, max)                  \
    X(11, 0, 63, min, max)                  \
    X(12, 0, 255, min, max)                 \
    X(13, 0, 256, min, max)                 \
    X(14, 0, 511, min, max)                 \
    X(15, 0, 512, min, max)                 \
    X(16, 0, 3600, min, max)                \
    X(17, 0, 65535, min, max)               \
    X(18, 0, 86400, min, max)               \
    X(19, 0, 100000, min, max)              \
    X(20, 0, 500000, min, max)              \
    X(21, 0, 604800, min, max)              \
    X(22, 0, 1000000, min, max)             \
    X(23, 0, 10000000, min, max)            \
    X(24, 0, 100000000, min, max)           \
    X(25, 0, 1000000000, min, max)          \
    X(26, 0, 1000000000000, min, max)       \
    X(27, 0, 40000000000000, min, max)      \
    X(28, 0, PLM_HI, min, max)              \
    X(29, 1, 8, min, max)                   \
    X(30, 1, 32, min, max)                  \
    X(31, 1, 63, min, max)                  \
    X(32, 1, 64, min, max)                  \
    X(33, 1, 3600, min, max)                \
    X(34, 1, 86400, min, max)               \
    X(35, 1, 604800, min, max)              \
    X(36, 1, 1000000, min, max)             \
    X(37, 1, 1000000000, min, max)          \
    X(38, 1, 1000000000000000, min, max)    \
    X(39, 1, 1000000000000000000, min, max) \
    X(40, 1, 4000000000000000000, min, max) \
    X(41, 1, PLM_HI, min, max)              \
    X(42, 2, 9000000000000000000, min, max)

// clang-format on
const struct plm_bound plm_tables_bounds[PLM_BOUND_COUNT] = {
#define X(index, low, high, min, max) [index] = {(low), (high)},
    PLM_BOUND_PAIRS(X, , )
#undef X
};

/* The index of a pair; one that is not listed is no byte, and does not compile. */
// clang-format off
#define PLM_BOUND_IS(index, low, high, min, max) (min) == (low) && (max) == (high) ? (index) :
#define PLM_BOUND(min, max) (PLM_BOUND_PAIRS(PLM_BOUND_IS, min, max) 256)

// clang-format on

/* Where profit is paid without a loser, a pool goes below zero. [LEDGER-1] */
#if defined(PLM_LAB)
#define PLM_BOUND_OF(name, type, min, max)                                                         \
    (PLM_TYPE_##type == PLM_TYPE_VAL && PLM_LAYOUT_##name == PLM_LAYOUT_market_state               \
         ? PLM_BOUND(PLM_LO, max)                                                                  \
         : PLM_BOUND(min, max))
#else
#define PLM_BOUND_OF(name, type, min, max) PLM_BOUND(min, max)
#endif

const struct plm_wire plm_tables_types[PLM_TYPE_GROUP] = {
#define X(type, c_type, bytes, is_signed, unit, text) {(bytes), (is_signed) != 0},
#include "types.def"
#undef X
};

const struct plm_field plm_tables_fields[PLM_FIELD_COUNT] = {
#define PLM_FIELD(name, field, type, min, max, text)                                               \
    {PLM_TYPE_##type,                                                                              \
     0,                                                                                            \
     0,                                                                                            \
     PLM_BOUND_OF(name, type, min, max),                                                           \
     (uint16_t)offsetof(struct plm_##name, field)},
#define PLM_GROUP(name, field, group, text)                                                        \
    {PLM_TYPE_GROUP, PLM_LAYOUT_##group, 0, 0, (uint16_t)offsetof(struct plm_##name, field)},
#define PLM_LIST(name, field, element, max, text)                                                  \
    {PLM_TYPE_LIST, PLM_LAYOUT_##element, (max), 0, (uint16_t)offsetof(struct plm_##name, field)},
#include "plm_abi_tables.h"
};

#define PLM_LIST(name, field, element, max, text)                                                  \
    PLM_STATIC_ASSERT(offsetof(struct plm_##name, field) -                                         \
                              offsetof(struct plm_##name, field##_count) ==                        \
                          PLM_LIST_GAP,                                                            \
                      "where the codec finds a count");
#include "plm_abi_tables.h"

const struct plm_layout plm_tables_layouts[PLM_LAYOUT_COUNT] = {
#define PLM_BEGIN(name, text)                                                                      \
    {(uint16_t)PLM_FIRST_##name,                                                                   \
     (uint16_t)(PLM_LAST_##name - PLM_FIRST_##name + 1),                                           \
     (uint16_t)sizeof(struct plm_##name)},
#include "plm_abi_tables.h"
};

const struct plm_param plm_tables_params[PLM_PARAM_COUNT] = {
#define PLM_PARAM_MARKET(symbol, id, type, min, max, def, loose, rule, text)                       \
    {(id), PLM_FIELD_market_params_##symbol, PLM_TARGET_MARKET, PLM_LOOSEN_##loose},
#define PLM_PARAM_FEED(symbol, id, type, min, max, def, loose, rule, text)                         \
    {(id), PLM_FIELD_feed_params_##symbol, PLM_TARGET_FEED, PLM_LOOSEN_##loose},
#define PLM_PARAM_ASSET(symbol, id, type, min, max, def, loose, rule, text)                        \
    {(id), PLM_FIELD_asset_params_##symbol, PLM_TARGET_ASSET, PLM_LOOSEN_##loose},
#include "params.def"
};
