// SPDX-License-Identifier: Apache-2.0
// build: contract/core/plm_gate.c contract/core/plm_fix.c contract/core/plm_wide.c
/* Every state of the gate on small lattices against MARGIN-8, MARGIN-7 and WD-1 written down once
 * more: E, MM and IM before and after, sizes before and after, what is charged, roles, prices that
 * are good or not. [ASSURANCE 3.2]
 * The account's figures are the lattice's: plm_margin is not linked, this file answers for it. A
 * number is a * K + b with K near 2^110 and small a and b, so that products of the engine fill 256
 * bits while ours compare a polynomial in K, coefficient by coefficient. */
#include "plm_fix.h"
#include "plm_gate.h"
#include "plm_ledger.h"
#include "plm_margin.h"
#include "plm_store.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MILLION INT64_C(1000000)
#define ASSERTS 1000 /* beside the codes: the gate stops the engine */
#define DIGITS  16u

/* --- numbers: a * K + b ------------------------------------------------------------------------
 */
__extension__ typedef __int128 wide;

struct number {
    int64_t a;
    int64_t b;
};

/* 10^6 x 2^90: values of one ppm times K are whole values too. */
static wide big(void)
{
    return (wide)MILLION << 90;
}

static plm_i128 i128_of(struct number x)
{
    const wide value = (wide)x.a * big() + x.b;
    return plm_wide_i128_make((int64_t)(value >> 64), (uint64_t)value);
}

static plm_wval wval_of(struct number x)
{
    const plm_wval made = {i128_of(x)};
    return made;
}

/* A value that weighs x: x is a million of it. */
static plm_val val_of(struct number x)
{
    const wide value = ((wide)x.a * big() + x.b) / MILLION;
    const plm_val made = {plm_wide_i128_make((int64_t)(value >> 64), (uint64_t)value)};
    return made;
}

static int sign(int64_t x)
{
    return x > 0 ? 1 : (x < 0 ? -1 : 0);
}

static int compare(struct number x, struct number y)
{
    return x.a != y.a ? sign(x.a - y.a) : sign(x.b - y.b);
}

static struct number sum(struct number x, struct number y)
{
    return (struct number){x.a + y.a, x.b + y.b};
}

static struct number difference(struct number x, struct number y)
{
    return (struct number){x.a - y.a, x.b - y.b};
}

/* The sign of x * y - z * w: coefficients of K^2, K and 1 are far smaller than K. */
static int compare_products(struct number x, struct number y, struct number z, struct number w)
{
    const int64_t squares = x.a * y.a - z.a * w.a;
    const int64_t mixed = x.a * y.b + x.b * y.a - z.a * w.b - z.b * w.a;
    const int64_t rest = x.b * y.b - z.b * w.b;
    return squares != 0 ? sign(squares) : (mixed != 0 ? sign(mixed) : sign(rest));
}

static const struct number zero = {0, 0};

/* --- one state ----------------------------------------------------------------------------------
 */
struct figures {
    struct number equity;
    struct number maint;
    struct number equity_initial;
    struct number initial;
};

struct state {
    enum plm_judge role;
    struct figures before;
    struct figures after;
    struct number initial_scaled; /* IM with open interest [MARGIN-4] */
    struct number advantage;
    struct number fees;
    struct number recognised;
    int64_t lots_before[2];
    int64_t lots_after[2];
    plm_err prices;      /* of all feeds: good for risk, or why not */
    plm_err other_feed;  /* of the taker's other position */
    plm_err other_asset; /* of the taker's collateral */
    bool has_debt;
    bool has_large_quote;
    bool is_above_floor;
    bool was_called;
    /* For WD-1 alone. */
    bool asks_withdrawable;
    struct number unsettled;
    struct number withdraw_floor;
    struct number cash;
};

/* What the gate is to answer: a code or ASSERTS; and whether a margin call begins or ends. */
struct answer {
    int code;
    bool turns_call;
};

static const struct state *now;
static uint32_t events;
static jmp_buf stopped;

_Noreturn void plm_assert_fail(const char *file, int line, const char *text);

_Noreturn void plm_assert_fail(const char *file, int line, const char *text)
{
    (void)file;
    (void)line;
    (void)text;
    longjmp(stopped, 1);
}

/* --- the rules once more
 * -------------------------------------------------------------------------- */
static bool grew(int64_t before, int64_t after)
{
    const bool is_flipped = (before > 0 && after < 0) || (before < 0 && after > 0);
    return is_flipped || llabs(after) > llabs(before);
}

static bool any_grew(const struct state *x)
{
    return grew(x->lots_before[0], x->lots_after[0]) || grew(x->lots_before[1], x->lots_after[1]);
}

static bool has_lots(const struct state *x)
{
    return x->lots_after[0] != 0 || x->lots_after[1] != 0;
}

/* The upper row of errors.def wins. */
static plm_err upper(plm_err one, plm_err two)
{
    static const plm_err rows[] = {
#define X(symbol, code, class, text) PLM_##symbol,
#include "errors.def"
#undef X
    };

    if (one == PLM_OK || two == PLM_OK) {
        return one == PLM_OK ? two : one;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i] == one || rows[i] == two) {
            return rows[i];
        }
    }
    return one;
}

static plm_err when(bool fails, plm_err code)
{
    return fails ? code : PLM_OK;
}

/* MARGIN-8 (1) with MARGIN-4 and the debt limit, for who takes more risk. */
static plm_err more_risk(const struct state *x)
{
    const struct number counted = difference(x->after.equity_initial, x->advantage);
    plm_err code = x->prices;
    code = upper(code, when(x->has_large_quote, PLM_E_CAP_POSITION));
    code = upper(code, when(compare(counted, x->initial_scaled) < 0, PLM_E_BELOW_INITIAL));
    return upper(code, when(x->has_debt, PLM_E_DEBT));
}

/* MARGIN-8 (2): nothing grew and MM did not rise. */
static bool reduces(const struct state *x)
{
    const bool is_no_worse = compare(x->after.equity, x->before.equity) >= 0;
    if (compare(x->after.maint, zero) == 0) {
        return compare(x->after.equity, zero) >= 0 || is_no_worse;
    }
    if (compare(x->before.equity, zero) < 0) {
        return is_no_worse && compare(x->after.maint, x->before.maint) < 0;
    }
    return compare_products(x->after.equity, x->before.maint, x->before.equity, x->after.maint) >=
           0;
}

static plm_err of_actor(const struct state *x)
{
    const struct number counted = difference(x->after.equity_initial, x->advantage);
    if (any_grew(x) || compare(x->after.maint, x->before.maint) > 0) {
        return more_risk(x);
    }
    return when(compare(counted, x->after.initial) < 0 && !reduces(x), PLM_E_BELOW_INITIAL);
}

static plm_err of_initial(const struct state *x)
{
    plm_err code = has_lots(x) ? x->prices : PLM_OK;
    code = upper(code,
                 when(compare(x->after.equity_initial, x->after.initial) < 0, PLM_E_BELOW_INITIAL));
    return upper(code, when(x->has_debt, PLM_E_DEBT));
}

/* The feed that is traded may be anything; the taker's others are good. [LIQ-1] */
static plm_err of_taker(const struct state *x)
{
    plm_err code = upper(x->lots_after[1] != 0 ? x->other_feed : PLM_OK, x->other_asset);
    code = upper(code,
                 when(compare(x->after.equity_initial, x->after.initial) < 0, PLM_E_BELOW_INITIAL));
    return upper(code, when(x->has_debt, PLM_E_DEBT));
}

/* I09 and I10: lots shrink, MM falls (or stays where the leg rests on its floor), equity falls by
 * no more than the fees, and these are at most the share of own equity that MM fell by. */
static bool is_fair_liquidation(const struct state *x)
{
    const struct number freed = difference(x->before.maint, x->after.maint);
    const struct number own = compare(x->before.equity, zero) > 0 ? x->before.equity : zero;
    const struct number least = sum(difference(x->before.equity, x->fees), x->recognised);
    return !any_grew(x) && compare(freed, zero) >= 0 &&
           (compare(freed, zero) > 0 || !x->is_above_floor) &&
           compare(x->after.equity, least) >= 0 &&
           compare_products(x->fees, x->before.maint, own, freed) <= 0;
}

/* I08, for who acts of his own will. */
static bool keeps_equity(const struct state *x)
{
    const bool acts =
        x->role == PLM_JUDGE_ACTOR || x->role == PLM_JUDGE_INITIAL || x->role == PLM_JUDGE_TAKER;
    return !acts || compare(x->after.equity, zero) >= 0 ||
           (compare(x->before.equity, zero) < 0 && compare(x->after.equity, x->before.equity) >= 0);
}

static plm_err judged(const struct state *x)
{
    switch (x->role) {
    case PLM_JUDGE_NONE:
    case PLM_JUDGE_LIQUIDATED: return PLM_OK;
    case PLM_JUDGE_ACTOR: return of_actor(x);
    case PLM_JUDGE_INITIAL: return of_initial(x);
    case PLM_JUDGE_TAKER: return of_taker(x);
    case PLM_JUDGE_COUNTERPARTY:
        return when(any_grew(x) || compare(x->after.maint, x->before.maint) > 0,
                    PLM_E_BELOW_INITIAL);
    }
    return PLM_OK;
}

static struct answer expected(const struct state *x)
{
    const bool is_called = compare(x->after.equity_initial, x->after.initial) < 0;
    const bool is_fair = x->role != PLM_JUDGE_LIQUIDATED || is_fair_liquidation(x);
    const plm_err code = judged(x);
    struct answer answer = {(int)code, false};
    if (code == PLM_OK && (!is_fair || !keeps_equity(x))) {
        answer.code = ASSERTS;
    }
    answer.turns_call = answer.code == PLM_OK && x->prices == PLM_OK && is_called != x->was_called;
    return answer;
}

/* --- what the gate asks others
 * -------------------------------------------------------------------- */
static struct plm_scratch scratch;

void plm_margin_compute(const struct plm_scratch *s,
                        const struct plm_account *account,
                        uint32_t flags,
                        uint16_t traded,
                        struct plm_margin *out)
{
    const bool is_scaled = (flags & PLM_MARGIN_SCALED) != 0;
    (void)s;
    (void)account;
    (void)traded;
    *out = (struct plm_margin){0};
    out->equity_initial = wval_of(now->after.equity_initial);
    out->initial = wval_of(is_scaled ? now->initial_scaled : now->after.initial);
    out->equity_maint = wval_of(now->after.equity);
    out->maint = wval_of(now->after.maint);
    out->unsettled_loss = plm_val_from_quote(now->has_debt ? 2 : 1);
    if (now->asks_withdrawable) {
        out->unsettled_loss = val_of(now->unsettled);
        out->withdraw_floor = wval_of(now->withdraw_floor);
    }
}

plm_err plm_margin_check_prices(const struct plm_scratch *s, const struct plm_account *account)
{
    (void)s;
    (void)account;
    return now->prices;
}

plm_ratio plm_margin_ratio(const struct plm_market *market, plm_ratio base, plm_qty lots)
{
    (void)market;
    (void)lots;
    return base;
}

plm_wval plm_margin_requirement(const struct plm_market *market,
                                plm_qty lots,
                                plm_price price,
                                plm_ratio ratio)
{
    const plm_wval least = plm_fix_val_to_wval(market->params.floor);
    const plm_wval more = {plm_wide_i128_from_i64(1)};
    (void)lots;
    (void)price;
    (void)ratio;
    return now->is_above_floor ? plm_wval_add(least, more) : least;
}

const struct plm_market_slot *plm_store_peek_market(const struct plm_scratch *s, uint16_t id)
{
    return &s->markets[id];
}

const struct plm_asset_slot *plm_store_peek_asset(const struct plm_scratch *s, uint16_t id)
{
    return &s->assets[id];
}

const struct plm_view *plm_store_market_view(const struct plm_scratch *s, uint16_t market)
{
    return &s->feeds[s->markets[market].feed_slot].view;
}

void plm_store_event(struct plm_scratch *s,
                     enum plm_event_id id,
                     enum plm_layout_id layout,
                     const void *event)
{
    const struct plm_ev_margin_call *call = event;
    const bool is_called = compare(now->after.equity_initial, now->after.initial) < 0;
    (void)s;
    events += id == PLM_EVENT_MARGIN_CALL && layout == PLM_LAYOUT_ev_margin_call &&
                      call->open == (is_called ? 1U : 0U)
                  ? 1
                  : 1000;
}

/* Withdrawals are not tried here. */
plm_err plm_store_asset(struct plm_scratch *s, uint16_t id, struct plm_asset_slot **out)
{
    *out = &s->assets[id];
    return PLM_OK;
}

plm_err plm_ledger_withdraw(struct plm_scratch *s,
                            struct plm_account_slot *from,
                            struct plm_asset_slot *asset,
                            plm_amt atoms)
{
    (void)s;
    (void)from;
    (void)asset;
    (void)atoms;
    return PLM_OK;
}

plm_amt plm_ledger_balance(const struct plm_account *account, uint16_t asset)
{
    const plm_amt none = {0};
    (void)account;
    (void)asset;
    return none;
}

/* --- asking the gate
 * -------------------------------------------------------------------------------- */
static void fill_account(struct plm_account_slot *account, const struct state *x)
{
    const plm_val one = plm_val_from_quote(1);
    account->record.positions_count = 0;
    account->before_count = 0;
    for (uint16_t market = 0; market < 2; market++) {
        if (x->lots_before[market] != 0) {
            account->before_markets[account->before_count] = market;
            account->before_lots[account->before_count++].lots = x->lots_before[market];
        }
        if (x->lots_after[market] != 0 || (market == 0 && x->has_large_quote)) {
            struct plm_position *position =
                &account->record.positions[account->record.positions_count++];
            *position = (struct plm_position){.market = market, .lots = {x->lots_after[market]}};
            position->quote = plm_val_from_quote(INT64_C(1000000000000));
            if (x->has_large_quote) {
                position->quote = plm_val_add(position->quote, one);
            }
        }
    }
    account->record.collaterals_count = 1;
    account->record.collaterals[0].asset = 1;
    account->record.cash = one;
    account->record.margin_call = x->was_called ? 1 : 0;
    account->id = 1;
    account->changed = false;
    account->deleted = false;
    account->remembered = x->role != PLM_JUDGE_NONE;
    account->judge = (uint8_t)x->role;
    account->judge_market = 0;
    account->judge_feed = 0;
    account->fill_advantage = val_of(x->advantage);
    account->fees = val_of(x->fees);
    account->recognised = val_of(x->recognised);
    account->before = (struct plm_margin){.equity_initial = wval_of(x->before.equity_initial),
                                          .initial = wval_of(x->before.initial),
                                          .equity_maint = wval_of(x->before.equity),
                                          .maint = wval_of(x->before.maint)};
}

static struct answer asked(const struct state *x)
{
    struct plm_account_slot *account = &scratch.accounts[0];
    struct answer answer = {ASSERTS, false};
    fill_account(account, x);
    scratch.markets[0].feed_slot = 0;
    scratch.markets[1].feed_slot = 1;
    scratch.assets[1].feed_slot = 2;
    scratch.feeds[0].view.risk = x->prices;
    scratch.feeds[1].view.risk = x->other_feed;
    scratch.feeds[2].view.risk = x->other_asset;
    scratch.feed_count = 3;
    now = x;
    events = 0;
    if (setjmp(stopped) == 0) {
        const plm_err code = plm_gate_check(&scratch, account);
        answer.code = (int)code;
    }
    answer.turns_call =
        events == 1 && account->changed && (account->record.margin_call == 1) != x->was_called;
    if (events > 1) {
        answer.code = -1;
    }
    return answer;
}

/* --- every state
 * ------------------------------------------------------------------------------------ */
static uint64_t states;
static uint64_t codes[4]; /* accepted, below initial, other codes, stops */

static void print_number(const char *name, struct number x)
{
    printf(" %s %" PRId64 "K%+" PRId64, name, x.a, x.b);
}

static void check(const struct state *x)
{
    const struct answer ours = expected(x);
    const struct answer theirs = asked(x);
    states++;
    codes[ours.code == PLM_OK                ? 0
          : ours.code == PLM_E_BELOW_INITIAL ? 1
          : ours.code == ASSERTS             ? 3
                                             : 2]++;
    if (ours.code == theirs.code && ours.turns_call == theirs.turns_call) {
        return;
    }
    printf("exhaust_gate: role %d: the rules say %d (call turns %d), the gate %d (%d)\n ",
           (int)x->role,
           ours.code,
           ours.turns_call,
           theirs.code,
           theirs.turns_call);
    print_number("E", x->before.equity);
    print_number("MM", x->before.maint);
    print_number("-> E", x->after.equity);
    print_number("MM", x->after.maint);
    print_number("E_im", x->after.equity_initial);
    print_number("IM", x->after.initial);
    print_number("scaled", x->initial_scaled);
    print_number("advantage", x->advantage);
    print_number("fees", x->fees);
    print_number("recognised", x->recognised);
    printf("\n  lots %" PRId64 " %" PRId64 " -> %" PRId64 " %" PRId64
           ", prices %d %d %d, debt %d, quote %d, floor %d, called %d\n",
           x->lots_before[0],
           x->lots_before[1],
           x->lots_after[0],
           x->lots_after[1],
           (int)x->prices,
           (int)x->other_feed,
           (int)x->other_asset,
           x->has_debt,
           x->has_large_quote,
           x->is_above_floor,
           x->was_called);
    exit(1);
}

static const struct number equities[] = {
    {-1, 0}, {0, -1}, {0, 0}, {0, 1}, {1, -1}, {1, 0}, {1, 1}, {2, 0}};
static const struct number requirements[] = {{0, 0}, {0, 1}, {1, -1}, {1, 0}, {1, 1}, {2, 0}};
/* Whole values weigh a million each: what is charged, and what is made up for it. */
static const struct number charges[] = {{0, 0}, {0, 1000000}, {1, 0}, {2, 0}};

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))
#define EQUITIES     COUNT(equities)
#define REQUIREMENTS COUNT(requirements)
#define CHARGES      COUNT(charges)
#define SIZES        5u /* -2 to 2 lots */

/* An odometer: every combination of digits below their radices. */
struct odometer {
    uint32_t digits[DIGITS];
    uint32_t radices[DIGITS];
    uint32_t count;
};

static bool advance(struct odometer *o)
{
    for (uint32_t i = 0; i < o->count; i++) {
        if (++o->digits[i] < o->radices[i]) {
            return true;
        }
        o->digits[i] = 0;
    }
    return false;
}

/* False where no account can have such figures: E_im <= E_mm, MM <= IM <= IM with open interest.
 * [MARGIN-2] [MARGIN-6] */
static bool is_possible(const struct state *x)
{
    return compare(x->after.equity_initial, x->after.equity) <= 0 &&
           compare(x->after.maint, x->after.initial) <= 0 &&
           compare(x->after.initial, x->initial_scaled) <= 0;
}

/* Figures that every role looks at: E, MM before; E, MM, E_im, IM after. */
static void set_figures(struct state *x, const uint32_t *digits)
{
    x->before.equity = equities[digits[0]];
    x->before.maint = requirements[digits[1]];
    x->before.equity_initial = x->before.equity;
    x->before.initial = x->before.maint;
    x->after.equity = equities[digits[2]];
    x->after.maint = requirements[digits[3]];
    x->after.equity_initial = equities[digits[4]];
    x->after.initial = requirements[digits[5]];
    x->initial_scaled = x->after.initial;
}

#define FIGURES EQUITIES, REQUIREMENTS, EQUITIES, REQUIREMENTS, EQUITIES, REQUIREMENTS

static void try_actor(void)
{
    struct odometer o = {{0}, {FIGURES, REQUIREMENTS, 2, SIZES, SIZES, 2, 2, 2}, 13};
    do {
        struct state x = {.role = PLM_JUDGE_ACTOR};
        set_figures(&x, o.digits);
        x.initial_scaled = requirements[o.digits[6]];
        if (!is_possible(&x)) {
            continue;
        }
        x.advantage = charges[o.digits[7] * 2];
        x.lots_before[0] = (int64_t)o.digits[8] - 2;
        x.lots_after[0] = (int64_t)o.digits[9] - 2;
        x.prices = o.digits[10] == 0 ? PLM_OK : PLM_E_PRICE_STALE;
        x.has_debt = o.digits[11] != 0;
        x.was_called = o.digits[12] != 0;
        check(&x);
    } while (advance(&o));
}

/* Sizes in two markets, advantages and the bound of a quote, on the figures at their edges. */
static void try_actor_sizes(void)
{
    struct odometer o = {{0}, {3, 2, 3, 2, SIZES, SIZES, SIZES, SIZES, CHARGES, 2, 2, 2}, 12};
    do {
        struct state x = {.role = PLM_JUDGE_ACTOR};
        x.before.equity = equities[o.digits[0] + 4];
        x.before.maint = requirements[o.digits[1] + 2];
        x.after.equity = equities[o.digits[2] + 4];
        x.after.maint = requirements[o.digits[3] + 2];
        x.after.equity_initial = x.after.equity;
        x.after.initial = x.after.maint;
        x.initial_scaled = x.after.maint;
        for (uint32_t market = 0; market < 2; market++) {
            x.lots_before[market] = (int64_t)o.digits[4 + market] - 2;
            x.lots_after[market] = (int64_t)o.digits[6 + market] - 2;
        }
        x.advantage = charges[o.digits[8]];
        x.has_large_quote = o.digits[9] != 0;
        x.has_debt = o.digits[10] != 0;
        x.prices = o.digits[11] == 0 ? PLM_OK : PLM_E_PRICE_CONF;
        check(&x);
    } while (advance(&o));
}

/* Who only receives, who transfers or changes mode, who takes over, who is on the other side. */
static void try_others(enum plm_judge role)
{
    struct odometer o = {{0}, {FIGURES, 3, 3, 3, 2, 2, 2, 2}, 13};
    static const plm_err prices[] = {PLM_OK, PLM_E_PRICE_STALE, PLM_E_PRICE_CONF};

    do {
        struct state x = {.role = role};
        set_figures(&x, o.digits);
        if (!is_possible(&x)) {
            continue;
        }
        x.lots_before[0] = (int64_t)o.digits[6] - 1;
        x.lots_after[0] = (int64_t)o.digits[7] - 1;
        x.lots_before[1] = o.digits[12] != 0 ? 1 : 0;
        x.lots_after[1] = x.lots_before[1];
        x.other_feed = prices[o.digits[8]];
        x.other_asset = prices[o.digits[9]];
        x.prices = upper(x.other_feed, x.other_asset);
        x.has_debt = o.digits[10] != 0;
        x.was_called = o.digits[11] != 0;
        check(&x);
    } while (advance(&o));
}

static void try_liquidated(void)
{
    struct odometer o = {
        {0},
        {EQUITIES, REQUIREMENTS, EQUITIES, REQUIREMENTS, 1, 1, CHARGES, CHARGES, SIZES, SIZES, 2},
        11};
    do {
        struct state x = {.role = PLM_JUDGE_LIQUIDATED};
        set_figures(&x, o.digits);
        x.after.equity_initial = x.after.equity;
        x.after.initial = x.after.maint;
        x.fees = charges[o.digits[6]];
        x.recognised = charges[o.digits[7]];
        x.lots_before[0] = (int64_t)o.digits[8] - 2;
        x.lots_after[0] = (int64_t)o.digits[9] - 2;
        x.is_above_floor = o.digits[10] != 0;
        check(&x);
    } while (advance(&o));
}

/* min(cash - unsettled losses, E_im with gains at 0 - max(IM, floor of gross notional)), rounded
 * down to a value, never below 0. [WD-1] */
static bool is_withdrawable_right(const struct state *x)
{
    struct plm_account_slot *account = &scratch.accounts[0];
    const bool is_floor = compare(x->withdraw_floor, x->after.initial) > 0;
    const struct number kept = is_floor ? x->withdraw_floor : x->after.initial;
    const struct number free = difference(x->after.equity_initial, kept);
    const struct number settled = difference(x->cash, x->unsettled);
    const wide weighed = (wide)free.a * big() + free.b;
    const wide down = weighed / MILLION - (weighed % MILLION < 0 ? 1 : 0);
    const wide cash = ((wide)settled.a * big() + settled.b) / MILLION;
    const wide least = down < cash ? down : cash;
    const wide most = least < 0 ? 0 : least;
    now = x;
    account->record.cash = val_of(x->cash);
    const plm_val told = plm_gate_withdrawable_cash(&scratch, &account->record);
    return ((wide)told.wad.hi << 64 | told.wad.lo) == most;
}

static void try_withdrawable(void)
{
    struct odometer o = {{0}, {EQUITIES, REQUIREMENTS, REQUIREMENTS, CHARGES, CHARGES, 3}, 6};
    do {
        struct state x = {.asks_withdrawable = true};
        x.after.equity_initial = equities[o.digits[0]];
        x.after.initial = requirements[o.digits[1]];
        x.withdraw_floor = requirements[o.digits[2]];
        x.cash = charges[o.digits[3]];
        x.unsettled = charges[o.digits[4]];
        x.after.equity_initial.b += ((int64_t)o.digits[5] - 1) * (MILLION - 1);
        states++;
        if (!is_withdrawable_right(&x)) {
            printf("exhaust_gate: withdrawable [WD-1] differs:");
            print_number("E_im", x.after.equity_initial);
            print_number("IM", x.after.initial);
            print_number("floor", x.withdraw_floor);
            print_number("cash", x.cash);
            print_number("unsettled", x.unsettled);
            printf("\n");
            exit(1);
        }
    } while (advance(&o));
}

int main(void)
{
    static const enum plm_judge others[] = {
        PLM_JUDGE_NONE, PLM_JUDGE_INITIAL, PLM_JUDGE_TAKER, PLM_JUDGE_COUNTERPARTY};

    try_actor();
    try_actor_sizes();
    const uint64_t of_actors = states;
    for (size_t i = 0; i < COUNT(others); i++) {
        try_others(others[i]);
    }
    const uint64_t user_stops = codes[3];
    try_liquidated();
    try_withdrawable();
    if (user_stops != 0 || codes[0] == 0 || codes[1] == 0 || codes[2] == 0 || codes[3] == 0) {
        printf("exhaust_gate: a user's operation may stop the engine, or a kind of answer never "
               "came: %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
               user_stops,
               codes[0],
               codes[1],
               codes[2],
               codes[3]);
        return 1;
    }
    printf("exhaust_gate: %" PRIu64 " states (%" PRIu64 " of actors): %" PRIu64
           " accepted, %" PRIu64 " below initial margin, %" PRIu64 " other codes, %" PRIu64
           " liquidations that must not be, each stopped\n",
           states,
           of_actors,
           codes[0],
           codes[1],
           codes[2],
           codes[3]);
    return 0;
}
