// SPDX-License-Identifier: Apache-2.0
/* Exact numbers from JSON text, units of the core, and a world of one account. */
#include "plm_fix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peers.h"

static struct plm_scratch scratch;

enum peer_result peer_differs(struct peer_case *c, const char *why)
{
    (void)snprintf(c->why, sizeof c->why, "%s", why);
    return PEER_DIFFERS;
}

enum peer_result peer_fail(struct peer_case *c, const char *why)
{
    (void)snprintf(c->why, sizeof c->why, "%s", why);
    return PEER_FAILED;
}

enum peer_result peer_check(struct peer_case *c, bool holds, const char *why)
{
    return holds ? PEER_PASSED : peer_fail(c, why);
}

const char *peer_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (text == NULL) {
        (void)fprintf(stderr, "a case lacks the text '%s'\n", key);
        exit(1);
    }
    return text;
}

peer_int peer_number(const json_t *object, const char *key, unsigned decimals)
{
    const char *text = peer_text(object, key);
    const bool negative = *text == '-';
    const char *at = negative ? text + 1 : text;
    peer_int value = 0;
    unsigned left = decimals;
    bool behind = false;
    for (; *at != '\0'; at++) {
        if (*at == '.') {
            behind = true;
            continue;
        }
        if (behind && left == 0 && *at != '0') {
            (void)fprintf(stderr, "'%s' has more decimals than this test reads\n", text);
            exit(1);
        }
        if (!behind || left > 0) {
            value = value * 10 + (*at - '0');
            left -= behind ? 1U : 0U;
        }
    }
    while (left > 0) {
        value *= 10;
        left--;
    }
    return negative ? -value : value;
}

bool peer_bool(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

bool peer_is_null(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return value == NULL || json_is_null(value);
}

peer_int peer_law_number(const struct peer_case *c, const char *key)
{
    const bool has_law = c->law != NULL && json_object_get(c->law, key) != NULL;
    return peer_number(has_law ? c->law : c->expected, key, 0);
}

peer_int peer_floor_div(peer_int a, peer_int b)
{
    const peer_int quotient = a / b;
    return quotient * b > a ? quotient - 1 : quotient;
}

peer_int peer_ceil_div(peer_int a, peer_int b)
{
    return -peer_floor_div(-a, b);
}

plm_val peer_val(peer_int wad)
{
    const plm_val value = {plm_wide_i128_make((int64_t)(wad >> 64), (uint64_t)wad)};
    return value;
}

plm_wval peer_wval(peer_int wadppm)
{
    const plm_wval value = {peer_val(wadppm).wad};
    return value;
}

peer_int peer_of_val(plm_val value)
{
    return (peer_int)value.wad.hi * ((peer_int)1 << 64) + (peer_int)value.wad.lo;
}

peer_int peer_of_wval(plm_wval value)
{
    const plm_val same = {value.wadppm};
    return peer_of_val(same);
}

plm_ratio peer_ratio(peer_int ppm)
{
    const plm_ratio ratio = {(uint32_t)ppm};
    return ratio;
}

plm_price peer_price(peer_int ticks)
{
    const plm_price price = {(uint64_t)ticks};
    return price;
}

plm_qty peer_qty(peer_int lots)
{
    const plm_qty qty = {(int64_t)lots};
    return qty;
}

/* --- the world ----------------------------------------------------------------------------------
 */
struct plm_scratch *peer_world(void)
{
    memset(&scratch, 0, sizeof scratch);
    scratch.now.sec = 1000000;
    scratch.account_count = 1;
    scratch.accounts[0].id = 1;
    scratch.ledger_loaded = true;
    return &scratch;
}

struct plm_market_slot *
peer_add_market(unsigned size_decimals, peer_int ticks, peer_int initial, peer_int maint)
{
    struct plm_market_slot *market = &scratch.markets[scratch.market_count];
    struct plm_view *view = &scratch.feeds[scratch.feed_count].view;
    struct plm_market_params *params = &market->record.params;
    market->id = (uint16_t)scratch.market_count;
    market->feed_slot = (uint8_t)scratch.feed_count;
    market->record.size_decimals = (uint8_t)size_decimals;
    market->record.price_decimals = (uint8_t)(18U - size_decimals);
    market->state.status = PLM_STATUS_ACTIVE;
    params->initial = peer_ratio(initial);
    params->maint = peer_ratio(maint);
    params->gain_weight.ppm = PLM_PPM_ONE;
    params->gain_cap = plm_val_from_quote(INT64_C(1000000000000));
    params->min_order.lots = 1;
    params->max_lots.lots = INT64_MAX;
    scratch.feeds[scratch.feed_count].record.params.price_min.ticks = 1;
    scratch.feeds[scratch.feed_count].record.params.price_max.ticks = UINT64_C(1) << 62;
    view->price = peer_price(ticks);
    view->slow = view->price;
    view->lo = view->price;
    view->hi = view->price;
    view->favour_lo = view->price;
    view->favour_hi = view->price;
    scratch.market_index[scratch.market_count] = (uint8_t)(scratch.market_count + 1);
    scratch.market_count++;
    scratch.feed_count++;
    return market;
}

struct plm_scratch *peer_world_now(void)
{
    return &scratch;
}

struct plm_view *peer_view(const struct plm_market_slot *market)
{
    return &scratch.feeds[market->feed_slot].view;
}

struct plm_account_slot *peer_account(void)
{
    return &scratch.accounts[0];
}

void peer_add_leg(const struct plm_market_slot *market, peer_int lots, peer_int quote)
{
    struct plm_account *record = &scratch.accounts[0].record;
    struct plm_position *position = &record->positions[record->positions_count];
    position->market = market->id;
    position->lots = peer_qty(lots);
    position->quote = peer_val(quote);
    record->positions_count++;
}
