/* SPDX-License-Identifier: Apache-2.0
 * build: sim native
 * Tiny worlds, every sequence: from a prepared state each choice of an alphabet is tried, then each
 * choice from every state so reached, to a depth. The auditor follows each operation, and every
 * state that is new is recomputed from all records. [ASSURANCE 3.2]
 *     exhaust_world [WORLD [DEPTH]]      WORLD: duel, waterfall, debtor or all
 * A refused operation has changed nothing (the auditor compares the bytes, I47), so what follows it
 * is what follows the state before it. Two states of equal records and equal time have the same
 * future, for the engine reads nothing else (I50); the numbers of the last fill and of the next
 * payout only name what comes, and are left out. So a state is expanded once for each depth that it
 * has not been expanded to, and all sequences are covered. */
#include "sim_audit.h"
#include "sim_scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASH       INT64_C(1000000)     /* atoms of a quote unit */
#define UNIT       INT64_C(100000000)   /* lots of a base unit */
#define TICKS      INT64_C(10000000000) /* ticks of a quote unit */
#define MILLION    INT64_C(1000000)
#define COIN       INT64_C(1000000000)  /* atoms of a billionth of a collateral's unit */
#define STEP       10u                  /* seconds that a price brings */
#define FEEDS_MAX  4u
#define NAMES_MAX  5u
#define CHOICES    31u
#define DEPTH_MAX  8u
#define SEEN_START 65536u

enum kind {
    PRICE, /* who: the feed; amount: ticks, or below two million parts per million of its price */
    BUY,   /* who buys `amount` lots from with, at p + p * edge / 100 */
    DEPOSIT,
    WITHDRAW,
    WITHDRAW_MOST, /* one atom more is tried first, and must be refused [WD-1] */
    TRANSFER,
    SETTLE,
    FLAG,
    LIQUIDATE, /* with: the taker */
    SELL,      /* collateral of who to with; market: whose shortfall, or PLM_NO_MARKET */
    DELEVERAGE,
    RESOLVE,
    INSURE,
    ABANDON,
    WAIT, /* amount seconds, every feed published again */
};

struct choice {
    enum kind kind;
    uint8_t who; /* account ids */
    uint8_t with;
    int8_t edge;
    uint16_t market;
    int64_t amount;
};

struct tiny {
    const char *name;
    uint32_t depth;
    const char *text; /* the prepared state, as a scenario */
    const char *owners[NAMES_MAX];
    uint32_t feed_count;
    uint16_t market_feed; /* of market 0; the next market's is one more */
    struct choice choices[CHOICES];
};

/* Two accounts, one market, five prices, three sizes: a long and a short at ten times their money.
 */
static const struct tiny duel = {
    "duel",
    4,
    "quote   USDC decimals 6\n"
    "market  ETH-PERP\n"
    "account ann cross\n"
    "account bob cross\n"
    "deposit ann 100 USDC -> ok\n"
    "deposit bob 100 USDC -> ok\n"
    "price   ETH-PERP 2_000 -> ok\n"
    "trade   ann buy 0.5 ETH-PERP @ 2_000 with bob -> ok\n",
    {"", "ann", "bob", "", ""},
    1,
    0,
    {
        {PRICE, 0, 0, 0, 0, 1656 * TICKS},
        {PRICE, 0, 0, 0, 0, 1820 * TICKS},
        {PRICE, 0, 0, 0, 0, 2000 * TICKS},
        {PRICE, 0, 0, 0, 0, 2180 * TICKS},
        {PRICE, 0, 0, 0, 0, 2376 * TICKS},
        {BUY, 1, 2, 0, 0, UNIT / 20},
        {BUY, 1, 2, 0, 0, UNIT / 4},
        {BUY, 1, 2, 0, 0, UNIT / 2},
        {BUY, 2, 1, 0, 0, UNIT / 20},
        {BUY, 2, 1, 0, 0, UNIT / 4},
        {BUY, 2, 1, 0, 0, UNIT / 2},
        {BUY, 1, 2, 4, 0, UNIT / 4},
        {BUY, 1, 2, -4, 0, UNIT / 4},
        {BUY, 2, 1, 4, 0, UNIT / 4},
        {BUY, 2, 1, -4, 0, UNIT / 4},
        {DEPOSIT, 1, 0, 0, 0, 50 * CASH},
        {DEPOSIT, 2, 0, 0, 0, 1},
        {WITHDRAW, 1, 0, 0, 0, 50 * CASH},
        {WITHDRAW, 2, 0, 0, 0, 1},
        {WITHDRAW_MOST, 1, 0, 0, 0, 0},
        {WITHDRAW_MOST, 2, 0, 0, 0, 0},
        {TRANSFER, 1, 2, 0, 0, 40 * CASH},
        {TRANSFER, 2, 1, 0, 0, 1},
        {SETTLE, 1, 0, 0, 0, 0},
        {SETTLE, 2, 0, 0, 0, 0},
        {FLAG, 1, 0, 0, 0, 0},
        {FLAG, 2, 0, 0, 0, 0},
        {LIQUIDATE, 1, 2, 0, 0, 0},
        {LIQUIDATE, 2, 1, 0, 0, 0},
        {DELEVERAGE, 1, 2, 0, 0, 0},
        {DELEVERAGE, 2, 1, 0, 0, 0},
    },
};

/* One account in trouble in two markets, with a little collateral; its winner; a keeper; insurance
 * that does not suffice. */
static const struct tiny waterfall = {
    "waterfall",
    3,
    "quote   USDC decimals 6\n"
    "asset   WETH decimals 18 cap 1_000\n"
    "market  ETH-PERP grace_pay 60s\n"
    "market  BTC-PERP\n"
    "account lena cross\n"
    "account sam cross\n"
    "account kim cross\n"
    "deposit lena 130 USDC -> ok\n"
    "deposit sam 400 USDC -> ok\n"
    "deposit kim 900 USDC -> ok\n"
    "fund_insurance ETH-PERP 15 -> ok\n"
    "fund_insurance global 5 -> ok\n"
    "price   WETH 2_000 -> ok\n"
    "price   ETH-PERP 2_000 -> ok\n"
    "price   BTC-PERP 60_000 -> ok\n"
    "deposit lena 0.01 WETH -> ok\n"
    "trade   lena buy 0.5 ETH-PERP @ 2_000 with sam -> ok\n"
    "trade   lena sell 0.005 BTC-PERP @ 60_000 with sam -> ok\n"
    "advance 30s\n"
    "price   WETH 1_990 -> ok\n"
    "price   ETH-PERP 1_830 -> ok\n"
    "price   BTC-PERP 62_000 -> ok\n"
    "flag    lena -> ok\n"
    "repeat  5\n"
    "  advance 29s\n"
    "  price WETH 1_990 -> ok\n"
    "  price ETH-PERP 1_830 -> ok\n"
    "  price BTC-PERP 62_000 -> ok\n"
    "end\n",
    {"", "lena", "sam", "kim", ""},
    3,
    1,
    {
        {PRICE, 1, 0, 0, 0, 910000},
        {PRICE, 1, 0, 0, 0, 970000},
        {PRICE, 1, 0, 0, 0, 1080000},
        {PRICE, 2, 0, 0, 0, 905000},
        {WAIT, 0, 0, 0, 0, 29},
        {FLAG, 1, 0, 0, 0, 0},
        {LIQUIDATE, 1, 3, 0, 0, 0},
        {LIQUIDATE, 1, 3, 0, 0, UNIT / 50},
        {LIQUIDATE, 1, 2, 0, 0, 0},
        {LIQUIDATE, 1, 3, 0, 1, 0},
        {DELEVERAGE, 1, 2, 0, 0, 0},
        {DELEVERAGE, 1, 2, 0, 0, UNIT / 5},
        {DELEVERAGE, 1, 2, 0, 1, 0},
        {DELEVERAGE, 1, 2, 0, 1, UNIT / 1000},
        {PRICE, 2, 0, 0, 0, 1050000},
        {SELL, 1, 3, 0, PLM_NO_MARKET, 0},
        {SELL, 1, 3, 0, PLM_NO_MARKET, 1},
        {BUY, 3, 1, 0, 0, UNIT / 4},
        {SETTLE, 1, 0, 0, 0, 0},
        {SETTLE, 2, 0, 0, 0, 0},
        {SETTLE, 1, 0, 0, 1, 0},
        {SETTLE, 2, 0, 0, 1, 0},
        {BUY, 2, 1, 0, 0, UNIT / 2},
        {BUY, 1, 2, 0, 1, UNIT / 200},
        {BUY, 3, 2, 0, 0, UNIT / 10},
        {DEPOSIT, 1, 0, 0, 0, 40 * CASH},
        {WITHDRAW_MOST, 2, 0, 0, 0, 0},
        {WITHDRAW_MOST, 3, 0, 0, 0, 0},
        {TRANSFER, 3, 1, 0, 0, 20 * CASH},
        {INSURE, 0, 0, 0, 0, 10 * CASH},
        {WITHDRAW, 2, 0, 0, 0, 1},
    },
};

/* After the fall: one who owes more than his cash and has collateral, one who has nothing left, a
 * winner who waits for his profit, a keeper, and insurance for a part of it. */
static const struct tiny debtor = {
    "debtor",
    3,
    "quote   USDC decimals 6\n"
    "asset   WETH decimals 18 cap 1_000\n"
    "market  ETH-PERP grace_pay 60s\n"
    "account lena cross\n"
    "account sam cross\n"
    "account kim cross\n"
    "account dora cross\n"
    "deposit lena 100 USDC -> ok\n"
    "deposit sam 500 USDC -> ok\n"
    "deposit kim 900 USDC -> ok\n"
    "deposit dora 50 USDC -> ok\n"
    "fund_insurance ETH-PERP 15 -> ok\n"
    "fund_insurance global 5 -> ok\n"
    "price   WETH 2_000 -> ok\n"
    "price   ETH-PERP 2_000 -> ok\n"
    "deposit lena 0.05 WETH -> ok\n"
    "trade   lena buy 0.6 ETH-PERP @ 2_000 with sam -> ok\n"
    "trade   dora buy 0.2 ETH-PERP @ 2_000 with sam -> ok\n"
    "advance 29s\n"
    "price   WETH 1_990 -> ok\n"
    "price   ETH-PERP 1_820 -> ok\n"
    "advance 29s\n"
    "price   WETH 1_990 -> ok\n"
    "price   ETH-PERP 1_660 -> ok\n"
    "trade   lena sell 0.6 ETH-PERP @ 1_660 with kim taker kim -> ok\n"
    "trade   dora sell 0.2 ETH-PERP @ 1_660 with kim taker kim -> ok\n"
    "trade   sam buy 0.8 ETH-PERP @ 1_660 with kim -> ok\n"
    "settle  lena ETH-PERP -> ok\n"
    "settle  dora ETH-PERP -> ok\n"
    "settle  sam ETH-PERP -> ok\n"
    "repeat  3\n"
    "  advance 29s\n"
    "  price WETH 1_990 -> ok\n"
    "  price ETH-PERP 1_660 -> ok\n"
    "end\n",
    {"", "lena", "sam", "kim", "dora"},
    2,
    1,
    {
        {SELL, 1, 3, 0, PLM_NO_MARKET, 0},
        {SELL, 1, 3, 0, PLM_NO_MARKET, 1},
        {SELL, 1, 3, 0, 0, 0},
        {SELL, 1, 2, 0, 0, 0},
        {RESOLVE, 1, 0, 0, 0, 0},
        {RESOLVE, 4, 0, 0, 0, 0},
        {SETTLE, 1, 0, 0, 0, 0},
        {SETTLE, 4, 0, 0, 0, 0},
        {SETTLE, 2, 0, 0, 0, 0},
        {FLAG, 1, 0, 0, 0, 0},
        {FLAG, 4, 0, 0, 0, 0},
        {DEPOSIT, 1, 0, 0, 0, 40 * CASH},
        {DEPOSIT, 4, 0, 0, 0, 10 * CASH},
        {INSURE, 0, 0, 0, 0, 10 * CASH},
        {ABANDON, 2, 0, 0, 0, 0},
        {BUY, 3, 2, 0, 0, UNIT / 10},
        {BUY, 2, 3, 0, 0, UNIT / 10},
        {BUY, 1, 3, 0, 0, UNIT / 100},
        {BUY, 4, 3, 0, 0, UNIT / 100},
        {WITHDRAW_MOST, 1, 0, 0, 0, 0},
        {WITHDRAW_MOST, 2, 0, 0, 0, 0},
        {WITHDRAW_MOST, 3, 0, 0, 0, 0},
        {WITHDRAW, 2, 0, 0, 0, 50 * CASH},
        {TRANSFER, 3, 1, 0, 0, 60 * CASH},
        {TRANSFER, 3, 4, 0, 0, 30 * CASH},
        {TRANSFER, 2, 3, 0, 0, 50 * CASH},
        {PRICE, 0, 0, 0, 0, 910000},
        {PRICE, 0, 0, 0, 0, 1090000},
        {PRICE, 1, 0, 0, 0, 950000},
        {PRICE, 1, 0, 0, 0, 1050000},
        {WAIT, 0, 0, 0, 0, 29},
    },
};

/* --- states that were seen ----------------------------------------------------------------- */
struct seen {
    uint64_t word[2]; /* of the digest; both 0: empty */
    uint32_t left;    /* the most further steps it was expanded to */
};

struct search {
    const struct tiny *tiny;
    struct plm_addr owners[NAMES_MAX];
    struct plm_addr quote;
    struct seen *seen;
    size_t seen_capacity;
    size_t seen_count;
    uint64_t operations;
    uint64_t accepted;
    uint64_t expanded;
    uint64_t checks;
    uint64_t taken[CHOICES];     /* how often each choice was accepted */
    uint32_t path[DEPTH_MAX];
    struct sim_buffer canonical; /* of one state */
    bool has_failed;
};

static struct seen *slot_of(struct search *s, const uint64_t *word)
{
    size_t at = (size_t)word[0] & (s->seen_capacity - 1);
    while ((s->seen[at].word[0] | s->seen[at].word[1]) != 0 &&
           (s->seen[at].word[0] != word[0] || s->seen[at].word[1] != word[1])) {
        at = (at + 1) & (s->seen_capacity - 1);
    }
    return &s->seen[at];
}

static void grow_seen(struct search *s)
{
    struct seen *old = s->seen;
    const size_t count = s->seen_capacity;
    s->seen_capacity = count == 0 ? SEEN_START : 2 * count;
    s->seen = (struct seen *)sim_bytes_alloc(s->seen_capacity, sizeof *s->seen);
    for (size_t i = 0; i < count; i++) {
        if ((old[i].word[0] | old[i].word[1]) != 0) {
            *slot_of(s, old[i].word) = old[i];
        }
    }
    free(old);
}

/* All records in order of their keys, without the numbers that only name what comes. */
static void write_canonical(struct search *s, struct sim_world *world)
{
    static struct plm_market_state market;
    static struct plm_ledger ledger;
    struct sim_cursor at = sim_store_scan(sim_world_store(world), (struct sim_span){NULL, 0});
    const uint64_t now = sim_world_time(world);
    s->canonical.length = 0;
    sim_bytes_add_integer(&s->canonical, (sim_int)now, sizeof now);
    while (sim_store_next(&at)) {
        sim_bytes_add(&s->canonical, at.key.bytes, at.key.length);
        if (at.key.bytes[0] == PLM_KEY_MARKET_STATE &&
            sim_abi_decode_record(PLM_LAYOUT_market_state, at.value, &market)) {
            market.last_fill = 0;
            sim_abi_encode_record(PLM_LAYOUT_market_state, &market, &s->canonical);
        } else if (at.key.bytes[0] == PLM_KEY_LEDGER &&
                   sim_abi_decode_record(PLM_LAYOUT_ledger, at.value, &ledger)) {
            ledger.next_payout = 0;
            sim_abi_encode_record(PLM_LAYOUT_ledger, &ledger, &s->canonical);
        } else {
            sim_bytes_add(&s->canonical, at.value.bytes, at.value.length);
        }
    }
}

/* Notes that a state is expanded to `left` further steps. *is_new: it was never seen. False where
 * it was expanded as far already. */
static bool enter_state(struct search *s, struct sim_world *world, uint32_t left, bool *is_new)
{
    uint8_t digest[32];
    uint64_t word[2] = {0};
    write_canonical(s, world);
    sim_bytes_sha256(s->canonical.bytes, s->canonical.length, digest);
    memcpy(word, digest, sizeof word);
    if (2 * (s->seen_count + 1) > s->seen_capacity) {
        grow_seen(s);
    }
    struct seen *seen = slot_of(s, word);
    *is_new = (seen->word[0] | seen->word[1]) == 0;
    if (!*is_new && seen->left >= left) {
        return false;
    }
    s->seen_count += *is_new ? 1 : 0;
    *seen = (struct seen){{word[0], word[1]}, left};
    return true;
}

/* --- findings ------------------------------------------------------------------------------ */
static void fail(struct search *s, uint32_t length, const char *what)
{
    printf("exhaust_world %s: %s\n  choices from the prepared state:", s->tiny->name, what);
    for (uint32_t i = 0; i < length; i++) {
        printf(" %u", s->path[i]);
    }
    printf("\n  (numbers of the table of choices in tests/exhaustive/exhaust_world.c, from 0)\n");
    s->has_failed = true;
}

/* --- choices ------------------------------------------------------------------------------- */
static plm_amt amount_of(int64_t atoms)
{
    const plm_amt amount = {{(uint64_t)atoms, 0}};
    return amount;
}

static uint64_t price_of(struct sim_world *world, uint16_t feed)
{
    static struct plm_feed_state state;
    return sim_world_read_id(world, PLM_KEY_FEED_STATE, feed, &state) ? state.price.ticks : 0;
}

/* Every feed again at its accepted price, that of `moved` at another one. */
static const struct sim_outcome *
publish(const struct search *s, struct sim_world *world, const struct choice *choice)
{
    const struct plm_addr oracle = sim_world_actor("oracle1");
    const uint16_t moved = choice->kind == WAIT ? PLM_NO_MARKET : choice->who;
    struct plm_publish_price message = {.quotes_count = s->tiny->feed_count};
    sim_world_advance(world, choice->kind == WAIT ? (uint64_t)choice->amount : STEP);
    for (uint16_t feed = 0; feed < s->tiny->feed_count; feed++) {
        uint64_t ticks = price_of(world, feed);
        if (feed == moved && choice->amount < 2 * MILLION) {
            ticks = ticks / (uint64_t)MILLION * (uint64_t)choice->amount;
        } else if (feed == moved) {
            ticks = (uint64_t)choice->amount;
        }
        message.quotes[feed] =
            (struct plm_quote){.feed = feed, .price = {ticks}, .time = {sim_world_time(world)}};
    }
    return sim_world_send(world, &oracle, NULL, 0, PLM_OP_PUBLISH_PRICE, &message);
}

static const struct sim_outcome *
buy(const struct search *s, struct sim_world *world, const struct choice *choice)
{
    static struct plm_market_state state;
    const struct plm_addr matcher = sim_world_actor("matcher");
    const int64_t p = (int64_t)price_of(world, (uint16_t)(s->tiny->market_feed + choice->market));
    struct plm_trade message = {.fills_count = 1};
    if (!sim_world_read_id(world, PLM_KEY_MARKET_STATE, choice->market, &state)) {
        return NULL;
    }
    message.fills[0] = (struct plm_fill){.id = state.last_fill + 1,
                                         .market = choice->market,
                                         .buyer = choice->who,
                                         .seller = choice->with,
                                         .lots = {choice->amount},
                                         .price = {(uint64_t)(p + p / 100 * choice->edge)}};
    return sim_world_send(world, &matcher, NULL, 0, PLM_OP_TRADE, &message);
}

static const struct sim_outcome *
withdraw(struct search *s, struct sim_world *world, const struct choice *choice, uint32_t depth)
{
    struct plm_withdraw message = {.account = choice->who, .amount = amount_of(choice->amount)};
    const struct plm_addr *owner = &s->owners[choice->who];
    if (choice->kind == WITHDRAW_MOST) {
        const struct plm_get_withdrawable ask = {.account = choice->who};
        struct plm_reply_withdrawable most = {0};
        if (sim_world_ask(world, PLM_QUERY_WITHDRAWABLE, &ask, &most) != PLM_OK) {
            return NULL;
        }
        message.amount = amount_of((int64_t)sim_abi_int_of(most.amount.atoms) + 1);
        const struct sim_outcome *more =
            sim_world_send(world, owner, NULL, 0, PLM_OP_WITHDRAW, &message);
        s->operations++;
        if (more == NULL || more->code == PLM_OK) {
            fail(s, depth, "one atom more than the stated maximum left [WD-1]");
            return NULL;
        }
        message.amount = most.amount;
    }
    const struct sim_outcome *outcome =
        sim_world_send(world, owner, NULL, 0, PLM_OP_WITHDRAW, &message);
    const bool is_some = sim_abi_int_of(message.amount.atoms) > 0;
    if (choice->kind == WITHDRAW_MOST && is_some && outcome != NULL && outcome->code != PLM_OK) {
        fail(s, depth, "the stated maximum was refused [WD-1]");
    }
    return outcome;
}

/* Operations with tokens of the caller. */
static const struct sim_outcome *
pay_in(const struct search *s, struct sim_world *world, const struct choice *choice)
{
    const struct plm_fund fund = {s->quote, amount_of(choice->amount)};
    if (choice->kind == INSURE) {
        const struct plm_addr admin = sim_world_actor("admin");
        const struct plm_fund_insurance message = {choice->market, fund.atoms};
        return sim_world_send(world, &admin, &fund, 1, PLM_OP_FUND_INSURANCE, &message);
    }
    const struct plm_deposit message = {.account = choice->who, .amount = fund.atoms};
    return sim_world_send(world, &s->owners[choice->who], &fund, 1, PLM_OP_DEPOSIT, &message);
}

/* Operations of an account's owner. */
static const struct sim_outcome *
act_owner(const struct search *s, struct sim_world *world, const struct choice *choice)
{
    const struct plm_addr *owner = &s->owners[choice->who];
    if (choice->kind == ABANDON) {
        const struct plm_abandon_claim message = {choice->who, choice->market};
        return sim_world_send(world, owner, NULL, 0, PLM_OP_ABANDON_CLAIM, &message);
    }
    const struct plm_transfer message = {
        .from = choice->who, .to = choice->with, .amount = amount_of(choice->amount)};
    return sim_world_send(world, owner, NULL, 0, PLM_OP_TRANSFER, &message);
}

/* Operations against somebody else's account, by the owner of account `with` or by anybody. */
static const struct sim_outcome *
act_keeper(const struct search *s, struct sim_world *world, const struct choice *choice)
{
    const struct plm_addr *caller = &s->owners[choice->with];
    const struct plm_addr anybody = sim_world_actor("keeper");
    const struct plm_liquidate liquidate = {.account = choice->who,
                                            .market = choice->market,
                                            .taker = choice->with,
                                            .lots = {choice->amount}};
    const struct plm_liquidate_collateral sell = {.account = choice->who,
                                                  .asset = 1,
                                                  .taker = choice->with,
                                                  .market = choice->market,
                                                  .amount = amount_of(choice->amount * COIN)};
    const struct plm_deleverage deleverage = {.account = choice->who,
                                              .market = choice->market,
                                              .counterparty = choice->with,
                                              .lots = {choice->amount}};
    const struct plm_resolve resolve = {choice->who, choice->market};
    const struct plm_settle settle = {choice->who, choice->market};
    const struct plm_flag flag = {choice->who};
    if (choice->kind == LIQUIDATE) {
        return sim_world_send(world, caller, NULL, 0, PLM_OP_LIQUIDATE, &liquidate);
    }
    if (choice->kind == SELL) {
        return sim_world_send(world, caller, NULL, 0, PLM_OP_LIQUIDATE_COLLATERAL, &sell);
    }
    if (choice->kind == DELEVERAGE) {
        return sim_world_send(world, &anybody, NULL, 0, PLM_OP_DELEVERAGE, &deleverage);
    }
    if (choice->kind == RESOLVE) {
        return sim_world_send(world, &anybody, NULL, 0, PLM_OP_RESOLVE, &resolve);
    }
    if (choice->kind == SETTLE) {
        return sim_world_send(world, &anybody, NULL, 0, PLM_OP_SETTLE, &settle);
    }
    return sim_world_send(world, &anybody, NULL, 0, PLM_OP_FLAG, &flag);
}

static const struct sim_outcome *
act(struct search *s, struct sim_world *world, const struct choice *choice, uint32_t depth)
{
    switch (choice->kind) {
    case PRICE:
    case WAIT: return publish(s, world, choice);
    case BUY: return buy(s, world, choice);
    case WITHDRAW:
    case WITHDRAW_MOST: return withdraw(s, world, choice, depth);
    case DEPOSIT:
    case INSURE: return pay_in(s, world, choice);
    case TRANSFER:
    case ABANDON: return act_owner(s, world, choice);
    case SETTLE:
    case FLAG:
    case LIQUIDATE:
    case SELL:
    case DELEVERAGE:
    case RESOLVE: return act_keeper(s, world, choice);
    }
    return NULL;
}

/* --- the search ---------------------------------------------------------------------------- */
struct level {
    struct sim_world *world;
    struct sim_audit *audit;
};

static struct level copy_level(const struct sim_world *world)
{
    struct level level = {.world = sim_world_copy(world, NULL)};
    level.audit = sim_audit_new(level.world, NULL);
    return level;
}

static void free_level(struct search *s, struct level *level)
{
    for (uint32_t id = 0; id < SIM_INVARIANT_COUNT; id++) {
        s->checks += sim_audit_count(level->audit, (enum sim_audit_id)id);
    }
    sim_audit_free(level->audit);
    sim_world_free(level->world);
    *level = (struct level){0};
}

/* True where the world runs and no invariant is broken. */
static bool is_sound(struct search *s, const struct level *level, uint32_t depth)
{
    const char *failure = sim_world_failure(level->world);
    const char *broken = sim_audit_failure(level->audit);
    if (failure[0] != '\0') {
        fail(s, depth, failure);
    } else if (broken[0] != '\0') {
        fail(s, depth, broken);
    }
    return !s->has_failed;
}

/* Tries every choice from a state, and from each state so reached `left` - 1 further ones: a stack
 * of worlds instead of recursion. */
static void expand(struct search *s, const struct sim_world *prepared, uint32_t depth_all)
{
    struct sim_world *base[DEPTH_MAX + 1] = {sim_world_copy(prepared, NULL)};
    struct level now[DEPTH_MAX + 1] = {{0}};
    uint32_t next[DEPTH_MAX + 1] = {0};
    uint32_t depth = 0;
    while (!s->has_failed) {
        if (next[depth] == CHOICES || base[depth] == NULL) {
            sim_world_free(base[depth]);
            if (now[depth].world != NULL) {
                free_level(s, &now[depth]);
            }
            base[depth] = NULL;
            if (depth == 0) {
                break;
            }
            depth--;
            continue;
        }
        if (now[depth].world == NULL) {
            now[depth] = copy_level(base[depth]);
        }
        const uint32_t picked = next[depth]++;
        struct level *level = &now[depth];
        s->path[depth] = picked;
        const struct sim_outcome *outcome =
            act(s, level->world, &s->tiny->choices[picked], depth + 1);
        s->operations++;
        if (!is_sound(s, level, depth + 1)) {
            break;
        }
        const uint64_t time = sim_world_time(base[depth]);
        if (outcome == NULL || (outcome->code != PLM_OK && sim_world_time(level->world) == time)) {
            continue; /* refused: the state is the same, the next choice goes on with it */
        }
        s->accepted++;
        s->taken[picked]++;
        bool is_new = false;
        const uint32_t left = depth_all - depth - 1;
        const bool goes_on = enter_state(s, level->world, left, &is_new);
        if (is_new && !sim_audit_full(level->audit)) {
            (void)is_sound(s, level, depth + 1);
            break;
        }
        if (goes_on && left > 0) {
            s->expanded++;
            base[depth + 1] = sim_world_copy(level->world, NULL);
            next[depth + 1] = 0;
        }
        free_level(s, level);
        depth += goes_on && left > 0 ? 1 : 0;
    }
    for (uint32_t i = 0; i <= DEPTH_MAX; i++) {
        sim_world_free(base[i]);
        if (now[i].world != NULL) {
            free_level(s, &now[i]);
        }
    }
}

static struct sim_world *prepare(const struct tiny *tiny)
{
    const struct sim_world_options options = {.choice = SIM_CHOICE_NATIVE};
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    struct sim_scenario scenario;
    struct sim_world *world = sim_world_new(&options);
    if (!sim_script_parse(tiny->text, strlen(tiny->text), &script, &fault)) {
        printf("exhaust_world %s, line %u: %s\n", tiny->name, fault.line, fault.why);
        sim_world_free(world);
        return NULL;
    }
    sim_scenario_begin(&scenario, tiny->name, &script, world);
    if (!sim_scenario_run(&scenario)) {
        printf(
            "exhaust_world %s, line %u: %s\n", tiny->name, scenario.fault.line, scenario.fault.why);
        sim_world_free(world);
        world = NULL;
    }
    sim_scenario_end(&scenario);
    sim_script_free(&script);
    return world;
}

/* A choice that is accepted nowhere explores nothing. */
static bool has_reached_all(const struct search *s)
{
    bool reached = true;
    for (uint32_t i = 0; i < CHOICES; i++) {
        if (s->taken[i] == 0) {
            printf("exhaust_world %s: choice %u was never accepted: the search is blind to it\n",
                   s->tiny->name,
                   i);
            reached = false;
        }
    }
    return reached;
}

static bool run(const struct tiny *tiny, uint32_t depth)
{
    struct search s = {.tiny = tiny, .quote = sim_abi_addr_text("USDC")};
    struct sim_world *world = prepare(tiny);
    if (world == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < NAMES_MAX; i++) {
        s.owners[i] = sim_world_actor(tiny->owners[i]);
    }
    expand(&s, world, depth);
    sim_world_free(world);
    uint64_t sequences = 1;
    for (uint32_t i = 0; i < depth; i++) {
        sequences *= CHOICES;
    }
    const bool is_good = !s.has_failed && has_reached_all(&s);
    if (is_good) {
        printf("exhaust_world %s: all %" PRIu64 " sequences of %u choices: %zu states, %" PRIu64
               " operations, %" PRIu64 " accepted, %" PRIu64 " checks\n",
               tiny->name,
               sequences,
               depth,
               s.seen_count,
               s.operations,
               s.accepted,
               s.checks);
    }
    free(s.seen);
    sim_bytes_free(&s.canonical);
    return is_good;
}

int main(int argc, char **argv)
{
    static const struct tiny *const worlds[] = {&duel, &waterfall, &debtor};

    const char *name = argc > 1 ? argv[1] : "all";
    const unsigned long depth = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    bool is_good = true;
    uint32_t ran = 0;
    for (uint32_t i = 0; depth <= DEPTH_MAX && i < sizeof worlds / sizeof worlds[0]; i++) {
        if (strcmp(name, "all") == 0 || strcmp(name, worlds[i]->name) == 0) {
            is_good = run(worlds[i], depth == 0 ? worlds[i]->depth : (uint32_t)depth) && is_good;
            ran++;
        }
    }
    if (ran == 0) {
        printf("exhaust_world [duel|waterfall|debtor|all [DEPTH]]: a depth of at most %u\n",
               DEPTH_MAX);
        return 2;
    }
    return is_good ? 0 : 1;
}
