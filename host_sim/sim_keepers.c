/* SPDX-License-Identifier: Apache-2.0
 * keepers: liquidators with capital, delay and greed. After each price they flag accounts, take
 * over lots, buy collateral, close what is bankrupt against winners, settle, and sell what they
 * took, slowly. Spec: docs/SCENARIOS.md, "Keepers". The engine decides; they only try. */
#include "sim_actors.h"
#include "sim_error.h"
#include "sim_units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_WAD           ((sim_int)1000000000000000000)
#define SIM_STEPS_A_PRICE 6u  /* takeovers of one account after one price */
#define SIM_WINNERS       4u  /* counterparties tried for one bankrupt leg after one price */
#define SIM_SETTLED       24u /* losers, and winners, settled in a round */
#define SIM_WAIT_MAX      600u

/* --- the verb ----------------------------------------------------------------------------------
 */
/* Reads "5s..30s" as two durations. */
static bool
sim_keepers_range(const struct sim_args *args, const char *key, bool is_ratio, sim_int out[2])
{
    const char *text = sim_args_value(args, key);
    if (text == NULL) {
        return true;
    }
    const char *dots = strstr(text, "..");
    char low[32] = "";
    size_t length = dots != NULL ? (size_t)(dots - text) : strlen(text);
    const char *high = dots != NULL ? dots + 2 : text;
    if (length < sizeof(low)) {
        (void)snprintf(low, sizeof(low), "%.*s", (int)length, text);
        enum sim_units_result first =
            is_ratio ? sim_units_ratio(low, &out[0]) : sim_units_duration(low, &out[0]);
        enum sim_units_result second =
            is_ratio ? sim_units_ratio(high, &out[1]) : sim_units_duration(high, &out[1]);
        if (first == SIM_UNITS_OK && second == SIM_UNITS_OK && out[0] >= 0 && out[0] <= out[1] &&
            out[1] <= (sim_int)100 * SIM_PPM_ONE) {
            return true;
        }
    }
    return sim_args_refuse(args,
                           "%s '%.40s': write %s, from small to large",
                           key,
                           text,
                           is_ratio ? "1%..2%" : "5s..30s");
}

bool sim_workload_keepers(const struct sim_args *args)
{
    static const char *const keys[] = {"capital", "delay", "greed", "unwind", "name"};
    sim_int count = 0;
    sim_int capital = 1000000 * SIM_WAD;
    sim_int delay[2] = {1, 20};
    sim_int greed[2] = {0, 12000};
    uint64_t unwind = 300;
    const char *base = sim_args_value(args, "name");
    base = base != NULL ? base : "keeper";
    if (args->count == 0 || sim_units_decimal(args->words[0], 0, &count) != SIM_UNITS_OK ||
        count < 1 || count > 1000) {
        return sim_args_refuse(args, "write how many first, up to a thousand: `keepers 8 ...`");
    }
    if (!sim_actors_known(args, 1, keys, sizeof(keys) / sizeof(keys[0])) ||
        !sim_actors_value(args, "capital", &capital) ||
        !sim_keepers_range(args, "delay", false, delay) ||
        !sim_keepers_range(args, "greed", true, greed) ||
        !sim_actors_duration(args, "unwind", &unwind)) {
        return false;
    }
    if (strlen(base) > 40u || !sim_names_is_valid(base)) {
        return sim_args_refuse(args, "'%.40s' is no name", base);
    }
    struct sim_workload *w = args->scenario->workload;
    if (args->scenario->world != NULL) {
        sim_actors_begin(w, args);
    }
    bool is_good = true;
    for (sim_int i = 0; is_good && i < count; i++) {
        char name[SIM_NAME_BYTES];
        struct sim_trader who = {0};
        (void)snprintf(name, sizeof(name), "%s%d", base, (int)i + 1);
        is_good =
            sim_actors_is_free(args, name) && sim_actors_open(args, name, PLM_MODE_CROSS, &who);
        if (!is_good || args->scenario->world == NULL) {
            continue;
        }
        w->keepers = sim_bytes_grow(
            w->keepers, &w->keeper_capacity, w->keeper_count + 1u, sizeof(*w->keepers));
        w->keepers[w->keeper_count++] = (struct sim_keeper){
            .owner = who.owner,
            .account = who.account,
            .unwind = unwind,
            .delay = sim_random_between(&w->random, (uint64_t)delay[0], (uint64_t)delay[1]),
            .greed =
                (uint32_t)sim_random_between(&w->random, (uint64_t)greed[0], (uint64_t)greed[1])};
        is_good =
            sim_actors_deposit_cash(w, &who, capital) &&
            (w->code == PLM_OK ||
             sim_args_refuse(
                 args, "%s cannot deposit its capital: %s", name, sim_abi_code_name(w->code)));
    }
    if (args->scenario->world != NULL) {
        sim_actors_end(w);
    }
    return is_good;
}

/* --- one account in trouble --------------------------------------------------------------------
 */
static uint64_t sim_keepers_now(const struct sim_workload *w)
{
    return sim_world_time(w->world);
}

/* A refused attempt: wait, longer each time. */
static void sim_keepers_wait(struct sim_workload *w, struct sim_case *c)
{
    c->refusals++;
    uint64_t wait = (uint64_t)c->refusals * c->refusals * 5u;
    c->wait_until = sim_keepers_now(w) + (wait < SIM_WAIT_MAX ? wait : SIM_WAIT_MAX);
}

/* The leg with the largest requirement whose feed is good. */
static const struct sim_leg *sim_keepers_leg(const struct sim_workload *w,
                                             const struct sim_mirrored *account)
{
    const struct sim_leg *best = NULL;
    sim_int most = 0;
    for (uint32_t i = 0; i < account->leg_count; i++) {
        const struct sim_leg *leg = &account->legs[i];
        sim_int size = leg->lots < 0 ? -(sim_int)leg->lots : leg->lots;
        sim_int need = size * (sim_int)sim_mirror_price(w->mirror, leg->market) *
                       w->mirror->markets[leg->market].cold.params.maint.ppm;
        if (need > most && sim_mirror_is_tradable(w->mirror, leg->market)) {
            best = leg;
            most = need;
        }
    }
    return best;
}

/* The fee that a taker would get now, ppm. */
static uint64_t
sim_keepers_fee(const struct sim_workload *w, const struct sim_mirrored *account, uint16_t market)
{
    const struct plm_market_params *params = &w->mirror->markets[market].cold.params;
    uint64_t now = sim_keepers_now(w);
    uint64_t waited = account->since != 0 && now > account->since ? now - account->since : 0;
    uint64_t fee = params->liq_fee.ppm + waited * params->liq_fee_growth.ppm;
    return fee < params->liq_fee_max.ppm ? fee : params->liq_fee_max.ppm;
}

/* How many lots a keeper's free margin carries, with a little to spare. */
static int64_t
sim_keepers_room(const struct sim_workload *w, const struct sim_keeper *keeper, uint16_t market)
{
    const struct sim_mirrored *account = sim_mirror_account(w->mirror, keeper->account);
    const struct plm_market_params *params = &w->mirror->markets[market].cold.params;
    struct sim_figures figures = {0};
    if (account == NULL || !sim_mirror_figures(w->mirror, account, &figures)) {
        return 0;
    }
    sim_int spare = figures.equity - figures.initial - figures.initial / 10;
    sim_int each = (sim_int)sim_mirror_price(w->mirror, market) *
                   (params->initial.ppm + params->initial.ppm / 5u);
    sim_int lots = spare > 0 && each > 0 ? spare / each : 0;
    return lots > params->max_lots.lots / 2 ? params->max_lots.lots / 2 : (int64_t)lots;
}

/* The next keeper that wants this leg and can carry some of it; *lots of it. */
static const struct sim_keeper *sim_keepers_pick(struct sim_workload *w,
                                                 const struct sim_case *c,
                                                 const struct sim_mirrored *account,
                                                 const struct sim_leg *leg,
                                                 int64_t *lots)
{
    uint64_t fee = sim_keepers_fee(w, account, leg->market);
    int64_t least = w->mirror->markets[leg->market].cold.params.min_order.lots;
    for (uint32_t i = 0; i < w->keeper_count; i++) {
        const struct sim_keeper *keeper = &w->keepers[(w->next_keeper + i) % w->keeper_count];
        *lots = 0;
        if (sim_keepers_now(w) >= c->seen + keeper->delay && fee >= keeper->greed) {
            *lots = sim_keepers_room(w, keeper, leg->market);
        }
        if (*lots >= least && *lots > 0) {
            w->next_keeper = (w->next_keeper + i + 1u) % w->keeper_count;
            return keeper;
        }
    }
    return NULL;
}

/* Takes lots over. *again: something moved, look once more. */
static bool sim_keepers_take(struct sim_workload *w,
                             struct sim_case *c,
                             const struct sim_mirrored *account,
                             const struct sim_leg *leg,
                             bool *again)
{
    int64_t lots = 0;
    const struct sim_keeper *keeper = sim_keepers_pick(w, c, account, leg, &lots);
    if (keeper == NULL) {
        return true;
    }
    struct plm_liquidate message = {.account = c->account,
                                    .market = leg->market,
                                    .taker = keeper->account,
                                    .lots = {.lots = lots}};
    if (!sim_actors_send(w, &keeper->owner, PLM_OP_LIQUIDATE, &message, NULL)) {
        return false;
    }
    *again = w->code == PLM_OK;
    return true;
}

/* The opposing account with the largest profit in a market that is not `but`. */
static uint64_t
sim_keepers_winner(const struct sim_workload *w, const struct sim_leg *leg, uint64_t below_rank)
{
    uint64_t best = 0;
    sim_int most = 0;
    sim_int bound = -1;
    for (uint64_t rank = 0; rank <= below_rank; rank++) {
        best = 0;
        most = 0;
        for (uint64_t i = 0; i < w->mirror->count; i++) {
            const struct sim_mirrored *account = &w->mirror->accounts[i];
            const struct sim_leg *other =
                account->id != 0 ? sim_mirror_leg(account, leg->market) : NULL;
            if (other == NULL || other->lots == 0 || (other->lots > 0) == (leg->lots > 0)) {
                continue;
            }
            sim_int profit = sim_mirror_profit(w->mirror, other);
            if (profit > most && (bound < 0 || profit < bound)) {
                most = profit;
                best = account->id;
            }
        }
        bound = most;
    }
    return best;
}

/* Closes a bankrupt leg against winners. */
static bool sim_keepers_deleverage(struct sim_workload *w,
                                   struct sim_case *c,
                                   const struct sim_leg *leg,
                                   bool *again)
{
    const struct sim_keeper *keeper =
        w->keeper_count != 0 ? &w->keepers[w->next_keeper % w->keeper_count] : NULL;
    for (uint32_t rank = 0; keeper != NULL && rank < SIM_WINNERS; rank++) {
        uint64_t winner = sim_keepers_winner(w, leg, rank);
        struct plm_deleverage message = {.account = c->account,
                                         .market = leg->market,
                                         .counterparty = winner,
                                         .tip = keeper->account};
        if (winner == 0) {
            return true;
        }
        if (!sim_actors_send(w, &keeper->owner, PLM_OP_DELEVERAGE, &message, NULL)) {
            return false;
        }
        if (w->code == PLM_OK) {
            *again = true;
            return true;
        }
    }
    return true;
}

/* Sells collateral of an account to the keeper with the most cash. */
static bool sim_keepers_sell(struct sim_workload *w,
                             struct sim_case *c,
                             const struct sim_mirrored *account,
                             bool *again)
{
    const struct sim_keeper *richest = NULL;
    sim_int most = 0;
    for (uint32_t i = 0; i < w->keeper_count; i++) {
        const struct sim_mirrored *at = sim_mirror_account(w->mirror, w->keepers[i].account);
        if (at != NULL && at->cash > most) {
            most = at->cash;
            richest = &w->keepers[i];
        }
    }
    if (richest == NULL || account->pledge_count == 0) {
        return true;
    }
    struct plm_liquidate_collateral message = {.account = c->account,
                                               .asset = account->pledges[0].asset,
                                               .taker = richest->account,
                                               .market = PLM_NO_MARKET};
    if (!sim_actors_send(w, &richest->owner, PLM_OP_LIQUIDATE_COLLATERAL, &message, NULL)) {
        return false;
    }
    *again = w->code == PLM_OK;
    return true;
}

/* A debtor without lots: what it has pays, then its collateral, then insurance and the rest. While
 * claims in other markets make up for its debts there is nothing to resolve: they pay. */
static bool sim_keepers_collect(struct sim_workload *w,
                                struct sim_case *c,
                                struct sim_mirrored *account,
                                bool is_bankrupt,
                                bool *again)
{
    for (uint32_t i = 0; i < account->leg_count; i++) {
        uint16_t market = account->legs[i].market;
        bool is_debt = account->legs[i].quote < 0;
        if (!is_debt || account->cash <= 0) {
            continue;
        }
        if (!sim_actors_settle(w, c->account, market)) {
            return false;
        }
        if (w->code == PLM_OK) {
            *again = true;
            return true; /* the legs have changed */
        }
    }
    if (account->pledge_count != 0) {
        return sim_keepers_sell(w, c, account, again);
    }
    for (uint32_t i = 0; is_bankrupt && i < account->leg_count; i++) {
        struct plm_resolve message = {.account = c->account, .market = account->legs[i].market};
        if (account->legs[i].lots != 0 || account->legs[i].quote >= 0) {
            continue;
        }
        if (!sim_actors_send(w, &w->matcher, PLM_OP_RESOLVE, &message, NULL)) {
            return false;
        }
        *again = w->code == PLM_OK;
        return true;
    }
    return true;
}

static bool sim_keepers_flag(struct sim_workload *w, struct sim_case *c, bool *again)
{
    struct plm_flag message = {.account = c->account};
    if (!sim_actors_send(w, &w->matcher, PLM_OP_FLAG, &message, NULL)) {
        return false;
    }
    *again = w->code == PLM_OK;
    return true;
}

/* One attempt at one account. *again: it moved something. *done: nothing is left to do. */
static bool sim_keepers_try(struct sim_workload *w, struct sim_case *c, bool *again, bool *done)
{
    struct sim_mirrored *account = sim_mirror_account(w->mirror, c->account);
    struct sim_figures figures = {0};
    *again = false;
    *done = account == NULL || !sim_mirror_figures(w->mirror, account, &figures);
    if (*done) {
        return true;
    }
    bool owes = !figures.has_lots && figures.debts > (account->cash > 0 ? account->cash : 0);
    *done = !sim_mirror_is_liquidatable(&figures) && !owes;
    if (*done) {
        return true;
    }
    if (!figures.has_lots) {
        return sim_keepers_collect(w, c, account, figures.full < 0, again);
    }
    const struct sim_leg *leg = sim_keepers_leg(w, account);
    if (leg == NULL) {
        return true; /* no price is good enough: wait for the next one */
    }
    if (account->since == 0) {
        return sim_keepers_flag(w, c, again);
    }
    bool is_deep = figures.equity * 3 < figures.maint * 2;
    if (account->cooldown > sim_keepers_now(w) && !is_deep) {
        return true;
    }
    if (figures.full >= 0 && !sim_keepers_take(w, c, account, leg, again)) {
        return false;
    }
    uint32_t grace = w->mirror->feeds[w->mirror->markets[leg->market].cold.feed].cold.params.grace;
    bool is_late = sim_keepers_now(w) >= account->since + grace;
    if (!*again && (figures.full < 0 || (is_late && figures.equity * 3 < figures.maint))) {
        return sim_keepers_deleverage(w, c, leg, again);
    }
    return true;
}

static bool sim_keepers_work(struct sim_workload *w, struct sim_case *c, bool *done)
{
    bool again = true;
    *done = false;
    if (sim_keepers_now(w) < c->wait_until) {
        return true;
    }
    for (uint32_t i = 0; again && !*done && i < SIM_STEPS_A_PRICE; i++) {
        w->code = PLM_OK;
        if (!sim_keepers_try(w, c, &again, done)) {
            return false;
        }
    }
    if (w->code != PLM_OK) {
        sim_keepers_wait(w, c);
    } else {
        c->refusals = 0;
    }
    return true;
}

/* --- finding them ------------------------------------------------------------------------------
 */
static void sim_keepers_find(struct sim_workload *w)
{
    sim_mirror_renew(w->mirror);
    for (uint64_t i = 0; i < w->mirror->count; i++) {
        struct sim_mirrored *account = &w->mirror->accounts[i];
        struct sim_figures figures = {0};
        if (account->id == 0 || account->is_known ||
            !sim_mirror_may_be_liquidatable(w->mirror, account, &figures)) {
            continue;
        }
        account->is_known = true;
        w->cases =
            sim_bytes_grow(w->cases, &w->case_capacity, w->case_count + 1u, sizeof(*w->cases));
        w->cases[w->case_count++] =
            (struct sim_case){.account = account->id, .seen = sim_keepers_now(w)};
    }
}

/* --- selling what was taken --------------------------------------------------------------------
 */
/* Who takes the other side: an actor that this fill would bring nearer to flat, else a maker. */
static uint64_t
sim_keepers_counter(struct sim_workload *w, uint16_t market, int64_t lots, uint64_t but)
{
    for (uint32_t i = 0; i < w->keeper_count + w->maker_count; i++) {
        uint64_t id =
            i < w->keeper_count ? w->keepers[i].account : w->makers[i - w->keeper_count].account;
        const struct sim_mirrored *account = sim_mirror_account(w->mirror, id);
        const struct sim_leg *leg = account != NULL ? sim_mirror_leg(account, market) : NULL;
        if (id != but && leg != NULL && leg->lots != 0 && (leg->lots > 0) != (lots > 0)) {
            return id;
        }
    }
    if (w->maker_count == 0) {
        return 0;
    }
    w->next_maker = (w->next_maker + 1u) % w->maker_count;
    return w->makers[w->next_maker].account;
}

/* Closes part of a position at the price: an eighth, or all of a small one. */
static bool sim_keepers_reduce(
    struct sim_workload *w, uint64_t account, uint16_t market, int64_t lots, int64_t part)
{
    const struct plm_market_params *params = &w->mirror->markets[market].cold.params;
    uint64_t other = sim_keepers_counter(w, market, lots, account);
    int64_t size = lots < 0 ? -lots : lots;
    int64_t least = params->min_order.lots;
    int64_t step = size / part;
    if (other == 0 || other == account || !sim_mirror_is_tradable(w->mirror, market)) {
        return true;
    }
    step = step < least || size - step < least ? size : step;
    sim_int value = (sim_int)size * (sim_int)sim_mirror_price(w->mirror, market);
    step = value < 5000 * SIM_WAD ? size : step;
    return sim_actors_trade(
        w, market, lots > 0 ? other : account, lots > 0 ? account : other, step);
}

static bool sim_keepers_unwind(struct sim_workload *w)
{
    for (uint32_t i = 0; i < w->keeper_count; i++) {
        struct sim_keeper *keeper = &w->keepers[i];
        const struct sim_mirrored *account = sim_mirror_account(w->mirror, keeper->account);
        if (account == NULL || sim_keepers_now(w) < keeper->rested + keeper->unwind) {
            continue;
        }
        keeper->rested = sim_keepers_now(w);
        for (uint32_t k = 0; k < account->leg_count; k++) {
            struct sim_leg leg = account->legs[k];
            if (leg.lots != 0 && !sim_keepers_reduce(w, keeper->account, leg.market, leg.lots, 4)) {
                return false;
            }
            account = sim_mirror_account(w->mirror, keeper->account);
            if (account == NULL) {
                break;
            }
        }
    }
    return true;
}

bool sim_keepers_step(struct sim_workload *w)
{
    sim_keepers_find(w);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < w->case_count; i++) {
        struct sim_case c = w->cases[i];
        bool done = false;
        if (!sim_keepers_work(w, &c, &done)) {
            return false;
        }
        struct sim_mirrored *account = sim_mirror_account(w->mirror, c.account);
        if (!done) {
            w->cases[kept++] = c;
        } else if (account != NULL) {
            account->is_known = false;
        }
    }
    w->case_count = kept;
    return sim_keepers_unwind(w);
}

/* --- now and then ------------------------------------------------------------------------------
 */
/* An account's profit in a market, to be sorted. */
struct sim_ranked {
    uint64_t account;
    sim_int profit;
};

static int sim_keepers_compare(const void *left, const void *right)
{
    const struct sim_ranked *a = left;
    const struct sim_ranked *b = right;
    if (a->profit != b->profit) {
        return a->profit < b->profit ? -1 : 1;
    }
    return a->account < b->account ? -1 : a->account > b->account ? 1 : 0;
}

/* The largest losers pay first, then the largest winners are paid. */
static bool sim_keepers_settle_market(struct sim_workload *w, uint16_t market, uint32_t most)
{
    struct sim_ranked *rows = sim_bytes_alloc(w->mirror->count + 1u, sizeof(*rows));
    size_t count = 0;
    for (uint64_t i = 0; i < w->mirror->count; i++) {
        const struct sim_mirrored *account = &w->mirror->accounts[i];
        const struct sim_leg *leg = account->id != 0 ? sim_mirror_leg(account, market) : NULL;
        sim_int profit = leg != NULL ? sim_mirror_payable(w->mirror, leg) : 0;
        if ((profit < 0 && account->cash > 0) || profit > 0) {
            rows[count++] = (struct sim_ranked){.account = account->id, .profit = profit};
        }
    }
    qsort(rows, count, sizeof(*rows), sim_keepers_compare);
    bool is_good = true;
    for (size_t i = 0; is_good && i < count && i < most && rows[i].profit < 0; i++) {
        is_good = sim_actors_settle(w, rows[i].account, market);
    }
    const plm_val *pool = &w->mirror->markets[market].state.pool;
    for (size_t i = 0; is_good && i < count && i < most && rows[count - 1u - i].profit > 0 &&
                       sim_abi_int_of(pool->wad) > 0;
         i++) {
        is_good = sim_actors_settle(w, rows[count - 1u - i].account, market);
    }
    free(rows);
    return is_good;
}

/* Takes half of what may leave, if it is worth the call. */
static bool sim_keepers_cash_out(struct sim_workload *w, const struct sim_trader *trader)
{
    struct plm_get_withdrawable ask = {.account = trader->account, .asset = 0};
    struct plm_reply_withdrawable got = {0};
    const struct sim_named_asset *quote = sim_actors_quote(w->args);
    sim_int unit = 1;
    for (uint32_t i = 0; i < quote->decimals; i++) {
        unit *= 10;
    }
    if (sim_world_ask(w->world, PLM_QUERY_WITHDRAWABLE, &ask, &got) != PLM_OK) {
        return true;
    }
    sim_int atoms = sim_abi_int_of(got.amount.atoms) / 2;
    struct plm_withdraw message = {
        .account = trader->account, .asset = 0, .amount = {.atoms = sim_abi_i128_of(atoms)}};
    return atoms < 10 * unit || sim_actors_send(w, &trader->owner, PLM_OP_WITHDRAW, &message, NULL);
}

static bool sim_keepers_behave(struct sim_workload *w, const struct sim_trader *trader)
{
    const struct sim_mirrored *account = sim_mirror_account(w->mirror, trader->account);
    struct sim_figures figures = {0};
    if (account == NULL || account->leg_count == 0 ||
        !sim_mirror_figures(w->mirror, account, &figures) || !figures.has_lots) {
        return true;
    }
    struct sim_leg leg = account->legs[0];
    sim_int profit = sim_mirror_profit(w->mirror, &leg);
    int64_t eighth = leg.lots / 8;
    switch (trader->habit) {
    case SIM_HABIT_CASHER:
        return profit * 20 < figures.notional ||
               (sim_actors_settle(w, trader->account, leg.market) &&
                sim_keepers_cash_out(w, trader));
    case SIM_HABIT_RELEVER:
        if (profit * 20 < figures.notional || eighth == 0 || w->maker_count == 0 ||
            !sim_mirror_is_tradable(w->mirror, leg.market) ||
            figures.equity < figures.initial * 3 / 2) {
            return true;
        }
        w->next_maker = (w->next_maker + 1u) % w->maker_count;
        return sim_actors_trade(w,
                                leg.market,
                                eighth > 0 ? trader->account : w->makers[w->next_maker].account,
                                eighth > 0 ? w->makers[w->next_maker].account : trader->account,
                                eighth > 0 ? eighth : -eighth);
    case SIM_HABIT_SCARED:
        return figures.equity > figures.maint * 8 / 5 || figures.equity <= figures.maint ||
               sim_keepers_reduce(w, trader->account, leg.market, leg.lots, 2);
    case SIM_HABIT_NONE: break;
    }
    return true;
}

bool sim_keepers_round(struct sim_workload *w)
{
    for (uint32_t market = 0; market < w->mirror->market_count; market++) {
        if (!w->mirror->markets[market].exists ||
            !sim_mirror_is_tradable(w->mirror, (uint16_t)market)) {
            continue;
        }
        bool waits = w->mirror->markets[market].state.shortfall_account != 0;
        if (!sim_keepers_settle_market(
                w, (uint16_t)market, waits ? SIM_SETTLED * 4u : SIM_SETTLED)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < w->trader_count; i++) {
        if (w->traders[i].habit != SIM_HABIT_NONE && !sim_keepers_behave(w, &w->traders[i])) {
            return false;
        }
    }
    return true;
}
