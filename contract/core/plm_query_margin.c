// SPDX-License-Identifier: Apache-2.0
/* Queries that compute: the margin receipt, pages of accounts, what may be withdrawn, liquidation
 * prices, cover. [MARGIN-9] [WD-1] [LOSS-9] Ratios are unscaled: what holds an account, not what
 * one more trade would need. They store nothing. */
#include "plm_assert.h"
#include "plm_codec.h"
#include "plm_fix.h"
#include "plm_gate.h"
#include "plm_insurance.h"
#include "plm_ledger.h"
#include "plm_liquidate.h"
#include "plm_margin.h"
#include "plm_operations.h"
#include "plm_params.h"
#include "plm_store.h"

#define PLM_QUERY_BYTE_BITS 8U
#define PLM_QUERY_ID_BYTES  8U

/* What set a leg's initial requirement: the field `bound` of margin_leg. */
enum plm_query_bound {
    PLM_QUERY_BOUND_MARKET,
    PLM_QUERY_BOUND_PREMIUM,
    PLM_QUERY_BOUND_LEVERAGE,
    PLM_QUERY_BOUND_FLOOR,
};

/* The largest call level of the account's markets with lots; 0 without any. [MARGIN-7] */
static plm_ratio plm_query_margin_call_level(const struct plm_scratch *s,
                                             const struct plm_account *account)
{
    plm_ratio level = {0};
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        if (!plm_qty_is_zero(position->lots)) {
            const struct plm_market_slot *market = plm_store_peek_market(s, position->market);
            level = plm_ratio_max(level, market->record.params.call_level);
        }
    }
    return level;
}

/* Risk is open: lots, or a debt. Then what leaves needs good prices. [PRICE-4] [WD-2] */
static bool plm_query_margin_has_risk(const struct plm_account *account)
{
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        if (!plm_qty_is_zero(position->lots) || plm_val_is_negative(position->quote)) {
            return true;
        }
    }
    return false;
}

static bool plm_query_margin_may_leave(const struct plm_scratch *s,
                                       const struct plm_account *account)
{
    return !plm_query_margin_has_risk(account) || plm_margin_check_prices(s, account) == PLM_OK;
}

/* Cash that a withdrawal would accept, pauses aside. Settling losses first, as a withdrawal does,
 * changes no figure: cash and the debt fall by the same. [WD-1] */
static plm_val plm_query_margin_cash(const struct plm_scratch *s, const struct plm_account *account)
{
    plm_val cash = {0};
    if (plm_query_margin_may_leave(s, account)) {
        cash = plm_gate_withdrawable_cash(s, account);
    }
    PLM_ASSERT(!plm_val_is_negative(cash));
    return cash;
}

/* --- the margin receipt [MARGIN-9] --- */

/* The largest loss that one step may charge to a leg: |lots| x floor(loss_cap x p). [LOSS-2] */
static plm_price plm_query_margin_step(const struct plm_market_slot *market,
                                       const struct plm_view *view)
{
    const plm_price step = plm_fix_price_part_floor(view->price, market->record.params.loss_cap);
    PLM_ASSERT(plm_price_cmp(step, view->price) <= 0);
    return step;
}

/* Ratios and prices of a leg with lots. */
static void plm_query_margin_fill_leg(const struct plm_market_slot *market,
                                      const struct plm_view *view,
                                      plm_ratio leverage,
                                      struct plm_margin_leg *leg)
{
    const struct plm_market_params *params = &market->record.params;
    const bool is_long = plm_qty_is_long(leg->lots);
    const plm_price notional_price = is_long ? view->price : view->hi;
    const plm_ratio sized = plm_margin_ratio(&market->record, params->initial, leg->lots);
    leg->price_initial = is_long ? view->lo : view->hi;
    leg->maint = plm_margin_ratio(&market->record, params->maint, leg->lots);
    leg->initial = plm_margin_initial_ratio(market, view, leg->lots, leverage, false);
    leg->bound = PLM_QUERY_BOUND_MARKET;
    if (plm_ratio_cmp(sized, params->initial) > 0) {
        leg->bound = PLM_QUERY_BOUND_PREMIUM;
    }
    if (plm_ratio_cmp(leg->initial, sized) > 0) {
        leg->bound = PLM_QUERY_BOUND_LEVERAGE;
    }
    const plm_qty size = plm_qty_abs(leg->lots);
    const plm_wval share = plm_fix_weigh(plm_fix_notional(size, notional_price), leg->initial);
    if (plm_wval_cmp(share, plm_fix_val_to_wval(params->floor)) < 0) {
        leg->bound = PLM_QUERY_BOUND_FLOOR;
    }
    leg->mutual_loss = plm_fix_notional(size, plm_query_margin_step(market, view));
    PLM_ASSERT(plm_ratio_cmp(leg->maint, leg->initial) <= 0);
    PLM_ASSERT(!plm_val_is_negative(leg->mutual_loss));
}

static void plm_query_margin_list_legs(struct plm_scratch *s,
                                       struct plm_account_slot *account,
                                       struct plm_reply_margin *reply)
{
    const struct plm_account *record = &account->record;
    PLM_ASSERT(record->positions_count <= PLM_POSITIONS_MAX);
    for (uint32_t i = 0; i < record->positions_count; i++) {
        const struct plm_position *position = &record->positions[i];
        const struct plm_market_slot *market = plm_store_peek_market(s, position->market);
        const struct plm_view *view = plm_store_market_view(s, position->market);
        struct plm_margin_leg *leg = &reply->legs[i];
        const struct plm_margin_leg bare = {.market = position->market,
                                            .lots = position->lots,
                                            .quote = position->quote,
                                            .price = view->price};
        *leg = bare;
        if (plm_qty_is_zero(position->lots)) {
            continue;
        }
        plm_query_margin_fill_leg(market, view, record->leverage, leg);
        plm_price trigger = {0};
        if (plm_liquidate_price(s, account, position->market, &trigger)) {
            leg->liquidation_price = trigger;
        }
    }
    reply->legs_count = record->positions_count;
    PLM_ASSERT(record->positions_count == reply->legs_count);
}

static void plm_query_margin_list_collaterals(const struct plm_scratch *s,
                                              const struct plm_account *account,
                                              struct plm_reply_margin *reply)
{
    PLM_ASSERT(account->collaterals_count <= PLM_COLLATERALS_MAX);
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        const struct plm_collateral *collateral = &account->collaterals[i];
        const struct plm_asset_slot *asset = plm_store_peek_asset(s, collateral->asset);
        const struct plm_view *view = plm_store_asset_view(s, collateral->asset);
        const struct plm_margin_collateral shown = {
            .asset = collateral->asset,
            .atoms = collateral->atoms,
            .price = view->price,
            .price_initial = view->lo,
            .weight_initial = plm_margin_weight_initial(s, asset),
            .weight_maint = asset->record.params.weight_maint,
        };
        reply->collaterals[i] = shown;
    }
    reply->collaterals_count = account->collaterals_count;
    PLM_ASSERT(reply->collaterals_count <= PLM_COLLATERALS_MAX);
}

/* Little-endian, as every number of the wire. */
static uint32_t plm_query_margin_put_u64(struct plm_scratch *s, uint32_t at, uint64_t number)
{
    PLM_ASSERT(at + PLM_QUERY_ID_BYTES <= sizeof s->buffer);
    for (uint32_t i = 0; i < PLM_QUERY_ID_BYTES; i++) {
        s->buffer[at + i] = (uint8_t)(number >> (PLM_QUERY_BYTE_BITS * i) & UINT8_MAX);
    }
    return at + PLM_QUERY_ID_BYTES;
}

/* Feed id, p, c and s: the fields of the event that announced the price, in its layout. */
static uint32_t plm_query_margin_put_feed(struct plm_scratch *s, uint32_t at, uint8_t slot)
{
    PLM_ASSERT(slot < s->feed_count);
    PLM_ASSERT(at < sizeof s->buffer);
    const struct plm_feed_slot *feed = &s->feeds[slot];
    const struct plm_ev_priced prices = {.feed = feed->id,
                                         .price = feed->view.price,
                                         .conf = feed->view.conf,
                                         .slow = feed->view.slow};
    const uint32_t room = (uint32_t)sizeof s->buffer - at;
    return at + plm_codec_encode(PLM_LAYOUT_ev_priced, &prices, &s->buffer[at], room);
}

/* SHA-256 of: account id (8 bytes), parameter epoch (8), the record with its indices applied, then
 * feed, p, c and s of every position and every collateral in their order. Two engines that agree on
 * it have computed from the same. */
static void plm_query_margin_hash_inputs(struct plm_scratch *s,
                                         const struct plm_account_slot *account,
                                         struct plm_hash *out)
{
    const struct plm_account *record = &account->record;
    PLM_ASSERT(record->positions_count <= PLM_POSITIONS_MAX);
    PLM_ASSERT(record->collaterals_count <= PLM_COLLATERALS_MAX);
    uint32_t at = plm_query_margin_put_u64(s, 0, account->id);
    at = plm_query_margin_put_u64(s, at, s->config.epoch);
    const uint32_t room = (uint32_t)sizeof s->buffer - at;
    at += plm_codec_encode(PLM_LAYOUT_account, record, &s->buffer[at], room);
    for (uint32_t i = 0; i < record->positions_count; i++) {
        const uint16_t market = record->positions[i].market;
        at = plm_query_margin_put_feed(s, at, plm_store_peek_market(s, market)->feed_slot);
    }
    for (uint32_t i = 0; i < record->collaterals_count; i++) {
        const uint16_t asset = record->collaterals[i].asset;
        at = plm_query_margin_put_feed(s, at, plm_store_peek_asset(s, asset)->feed_slot);
    }
    plm_host_sha256(s->host, s->buffer, at, out->bytes);
}

/* plm_query_get_margin: the receipt. Errors: E_NO_ACCOUNT. Cost: one margin, and a bisection a leg.
 */
plm_err plm_query_get_margin(struct plm_scratch *s, const struct plm_get_margin *args)
{
    struct plm_account_slot *account = NULL;
    PLM_TRY(plm_store_account(s, args->account, &account));
    const struct plm_account *record = &account->record;
    struct plm_margin margin = {0};
    plm_margin_compute(s, record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
    struct plm_reply_margin reply = {
        .account = account->id,
        .epoch = s->config.epoch,
        .cash = record->cash,
        .equity_initial = margin.equity_initial,
        .initial = margin.initial,
        .equity_maint = margin.equity_maint,
        .maint = margin.maint,
        .equity_full = margin.equity_full,
        .level = plm_margin_level(&margin, plm_query_margin_call_level(s, record)),
        .withdrawable = plm_query_margin_cash(s, record),
    };
    PLM_ASSERT(plm_val_cmp(reply.withdrawable, record->cash) <= 0);
    plm_query_margin_list_legs(s, account, &reply);
    plm_query_margin_list_collaterals(s, record, &reply);
    plm_query_margin_hash_inputs(s, account, &reply.inputs);
    plm_store_reply(s, PLM_LAYOUT_reply_margin, &reply);
    return PLM_OK;
}

/* --- pages of accounts --- */

/* False where a price that the account uses was never published. */
static bool plm_query_margin_is_priced(const struct plm_scratch *s,
                                       const struct plm_account *account)
{
    PLM_ASSERT(account->positions_count <= PLM_POSITIONS_MAX);
    PLM_ASSERT(account->collaterals_count <= PLM_COLLATERALS_MAX);
    for (uint32_t i = 0; i < account->positions_count; i++) {
        const struct plm_position *position = &account->positions[i];
        const plm_price price = plm_store_market_view(s, position->market)->price;
        if (!plm_qty_is_zero(position->lots) && plm_price_is_zero(price)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < account->collaterals_count; i++) {
        const uint16_t asset = account->collaterals[i].asset;
        if (plm_price_is_zero(plm_store_asset_view(s, asset)->price)) {
            return false;
        }
    }
    return true;
}

/* Forgets what is loaded, so that a page may touch more records than one operation. */
static void plm_query_margin_forget(struct plm_scratch *s)
{
    plm_store_forget_accounts(s);
    PLM_ASSERT(s->account_count == 0);
    for (uint32_t i = 0; i < s->market_count; i++) {
        PLM_ASSERT(!s->markets[i].record_changed);
        s->market_index[s->markets[i].id] = 0;
    }
    s->market_count = 0;
    s->asset_count = 0;
    s->feed_count = 0;
}

/* The next account of a page, in the place of the last one. Markets, feeds and assets stay for
 * those that follow, until they do not fit: then all are forgotten, and one account always fits. */
static plm_err
plm_query_margin_next(struct plm_scratch *s, uint64_t id, struct plm_account_slot **account)
{
    plm_store_forget_accounts(s);
    const plm_err code = plm_store_account(s, id, account);
    if (code != PLM_E_POSITIONS_MAX) {
        return code;
    }
    plm_query_margin_forget(s);
    return plm_store_account(s, id, account);
}

static void plm_query_margin_add_account(struct plm_scratch *s,
                                         const struct plm_account_slot *account,
                                         struct plm_reply_accounts *reply)
{
    const struct plm_account *record = &account->record;
    struct plm_account_line line = {.account = account->id, .mode = record->mode};
    PLM_ASSERT(reply->accounts_count < PLM_PAGE_MAX);
    if (plm_query_margin_is_priced(s, record)) {
        struct plm_margin margin = {0};
        plm_margin_compute(s, record, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
        line.priced = 1;
        line.level = plm_margin_level(&margin, plm_query_margin_call_level(s, record));
        line.equity_maint = plm_fix_wval_to_val_floor(margin.equity_maint);
        line.maint = plm_fix_wval_to_val_ceil(margin.maint);
        PLM_ASSERT(!plm_val_is_negative(line.maint));
    }
    reply->accounts[reply->accounts_count] = line;
    reply->accounts_count++;
}

/* plm_query_get_accounts: those of the ids [from, from + limit) that exist. `next` is the id to go
 * on from, 0 where no later one was ever given out. Errors: E_VERSION. Cost: PAGE_MAX accounts. */
plm_err plm_query_get_accounts(struct plm_scratch *s, const struct plm_get_accounts *args)
{
    struct plm_reply_accounts reply = {0};
    PLM_ASSERT(args->limit <= PLM_PAGE_MAX);
    PLM_ASSERT(args->from > 0);
    const uint64_t end = s->config.next_account;
    uint64_t id = args->from;
    for (uint32_t i = 0; i < args->limit && id < end; i++) {
        struct plm_account_slot *account = NULL;
        const plm_err loaded = plm_query_margin_next(s, id, &account);
        if (loaded == PLM_OK) {
            plm_query_margin_add_account(s, account, &reply);
        } else if (loaded != PLM_E_NO_ACCOUNT) {
            return loaded;
        }
        id++;
    }
    reply.next = id < end ? id : 0;
    plm_store_reply(s, PLM_LAYOUT_reply_accounts, &reply);
    return PLM_OK;
}

/* --- single figures --- */

/* plm_query_get_withdrawable: atoms that a withdrawal would accept, pauses aside; one more would be
 * refused. [WD-1] Errors: E_NO_ACCOUNT, E_NO_ASSET. */
plm_err plm_query_get_withdrawable(struct plm_scratch *s, const struct plm_get_withdrawable *args)
{
    struct plm_account_slot *account = NULL;
    struct plm_asset_slot *asset = NULL;
    PLM_TRY(plm_store_account(s, args->account, &account));
    PLM_TRY(plm_store_asset(s, args->asset, &asset));
    struct plm_reply_withdrawable reply = {0};
    if (args->asset == 0) {
        const plm_val cash = plm_query_margin_cash(s, &account->record);
        reply.amount = plm_fix_val_to_atoms_floor(cash, asset->record.decimals);
    } else if (plm_query_margin_may_leave(s, &account->record)) {
        reply.amount = plm_gate_withdrawable_atoms(s, account, args->asset);
    }
    PLM_ASSERT(!plm_amt_is_negative(reply.amount));
    plm_store_reply(s, PLM_LAYOUT_reply_withdrawable, &reply);
    return PLM_OK;
}

/* plm_query_get_liquidation_price: Errors: E_NO_ACCOUNT; E_NO_MARKET no position there. */
plm_err plm_query_get_liquidation_price(struct plm_scratch *s,
                                        const struct plm_get_liquidation_price *args)
{
    struct plm_account_slot *account = NULL;
    PLM_TRY(plm_store_account(s, args->account, &account));
    if (plm_ledger_peek_position(&account->record, args->market) == NULL) {
        return PLM_E_NO_MARKET;
    }
    struct plm_reply_liquidation_price reply = {0};
    plm_price price = {0};
    if (plm_liquidate_price(s, account, args->market, &price)) {
        reply.exists = 1;
        reply.price = price;
    }
    PLM_ASSERT(reply.exists != 0 || plm_price_is_zero(reply.price));
    plm_store_reply(s, PLM_LAYOUT_reply_liquidation_price, &reply);
    return PLM_OK;
}

/* --- cover [LOSS-9] --- */

/* What is missing after the worst move against the account's leg: max(0, |lots| x step - E_full),
 * other markets as they are; 0 without lots here. */
static plm_val plm_query_margin_stress(const struct plm_scratch *s,
                                       const struct plm_account *account,
                                       uint16_t market,
                                       plm_price step)
{
    plm_val missing = {0};
    const plm_val none = {0};
    const struct plm_position *position = plm_ledger_peek_position(account, market);
    if (position != NULL && !plm_qty_is_zero(position->lots)) {
        struct plm_margin margin = {0};
        plm_margin_compute(s, account, PLM_MARGIN_PLAIN, PLM_NO_MARKET, &margin);
        const plm_val loss = plm_fix_notional(plm_qty_abs(position->lots), step);
        missing = plm_val_max(none, plm_val_sub(loss, margin.equity_full));
    }
    PLM_ASSERT(!plm_val_is_negative(missing));
    return missing;
}

/* plm_query_get_cover: the loss of two accounts beyond their equity at the envelope's worst move,
 * against what both tranches would pay now. The same account twice counts once.
 * Errors: E_NO_ACCOUNT, E_NO_MARKET. */
plm_err plm_query_get_cover(struct plm_scratch *s, const struct plm_get_cover *args)
{
    struct plm_market_slot *market = NULL;
    struct plm_account_slot *first = NULL;
    struct plm_account_slot *second = NULL;
    PLM_TRY(plm_store_account(s, args->first, &first));
    PLM_TRY(plm_store_account(s, args->second, &second));
    PLM_TRY(plm_store_market(s, args->market, &market));
    PLM_TRY(plm_store_ledger(s));
    const struct plm_feed_slot *feed = &s->feeds[market->feed_slot];
    struct plm_reply_cover reply = {
        .move = plm_params_worst_move(&feed->record),
        .loss_a_lot = plm_query_margin_step(market, &feed->view),
        .unbacked = market->record.unbacked,
    };
    const plm_price step = plm_fix_price_part_ceil(feed->view.price, reply.move);
    reply.loss = plm_query_margin_stress(s, &first->record, args->market, step);
    if (first->id != second->id) {
        const plm_val more = plm_query_margin_stress(s, &second->record, args->market, step);
        plm_val_add_to(&reply.loss, more);
    }
    reply.tranche = plm_val_add(plm_insurance_available(s, market, false),
                                plm_insurance_available(s, market, true));
    PLM_ASSERT(!plm_val_is_negative(reply.loss));
    plm_store_reply(s, PLM_LAYOUT_reply_cover, &reply);
    return PLM_OK;
}
