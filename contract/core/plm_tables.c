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

const struct plm_field plm_tables_fields[PLM_FIELD_COUNT] = {
#define PLM_FIELD(name, field, type, min, max, text)                                               \
    {PLM_TYPE_##type, 0, 0, 0, (uint16_t)offsetof(struct plm_##name, field), 0},
#define PLM_GROUP(name, field, group, text)                                                        \
    {PLM_TYPE_GROUP, PLM_LAYOUT_##group, 0, 0, (uint16_t)offsetof(struct plm_##name, field), 0},
#define PLM_LIST(name, field, element, max, text)                                                  \
    {PLM_TYPE_LIST,                                                                                \
     PLM_LAYOUT_##element,                                                                         \
     (max),                                                                                        \
     0,                                                                                            \
     (uint16_t)offsetof(struct plm_##name, field),                                                 \
     (uint16_t)offsetof(struct plm_##name, field##_count)},
#include "plm_abi_tables.h"
};

const struct plm_bound plm_tables_bounds[PLM_BOUND_COUNT] = {
#if defined(PLM_LAB) /* where profit is paid without a loser, a pool goes below zero [LEDGER-1] */
#define PLM_FIELD(name, field, type, min, max, text)                                               \
    {PLM_TYPE_##type == PLM_TYPE_VAL && PLM_LAYOUT_##name == PLM_LAYOUT_market_state ? PLM_LO      \
                                                                                     : (min),      \
     (max)},
#else
#define PLM_FIELD(name, field, type, min, max, text) {(min), (max)},
#endif
#define PLM_GROUP(name, field, group, text)       {PLM_LO, PLM_HI},
#define PLM_LIST(name, field, element, max, text) {PLM_LO, PLM_HI},
#include "plm_abi_bounded.h"
};

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
