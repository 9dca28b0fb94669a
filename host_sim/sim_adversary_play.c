/* SPDX-License-Identifier: Apache-2.0
 * A plan at work: each move as operations of the group, prices and keepers between them, the close
 * at the end, and the count of who has what. Money is counted at the chain and from what fills
 * said; the engine's own figures only guide. */
#include "sim_adversary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLION  INT64_C(1000000)
#define SPREAD   INT64_C(500)           /* ppm that the maker takes */
#define STEP     10u                    /* seconds that a price brings */
#define CASH_WAD ((sim_int)1000000000000)
#define RANGE    ((sim_int)10000000000) /* 1e18 atoms of a unit x 1e10 ticks / 1e18 */

struct run {
    const struct sim_adversary_stage *stage;
    struct sim_adversary_value *value;
    struct sim_world *world;
    struct sim_buffer *told;
    uint64_t truth[SIM_ADVERSARY_FEEDS];
    uint32_t path_at;
    uint32_t accounts;
    /* What honest people hold by their fills. */
    sim_int lots[SIM_ADVERSARY_MARKETS];
    sim_int quote[SIM_ADVERSARY_MARKETS];
    sim_int coins[SIM_ADVERSARY_ASSETS]; /* collateral sold from (or to) them, in atoms */
    int32_t code;                        /* of the last operation */
};

/* --- what honest people agreed to ------------------------------------------------------------ */
static bool is_honest(const struct run *r, uint64_t account)
{
    return account > r->stage->place->group && account <= r->accounts;
}

/* Honest people hold `lots` more (or less) for `paid`. */
static void book(struct run *r, uint16_t market, sim_int lots, sim_int paid)
{
    if (market < SIM_ADVERSARY_MARKETS) {
        r->lots[market] += lots;
        r->quote[market] -= paid;
    }
}

static void book_fill(struct run *r, const struct plm_ev_filled *fill)
{
    const sim_int value = (sim_int)fill->lots.lots * (sim_int)fill->price.ticks;
    if (is_honest(r, fill->buyer)) {
        book(r, fill->market, fill->lots.lots, value + sim_abi_int_of(fill->fee_buyer.wad));
    }
    if (is_honest(r, fill->seller)) {
        book(r, fill->market, -fill->lots.lots, sim_abi_int_of(fill->fee_seller.wad) - value);
    }
}

/* Takeovers and forced closes are agreed to at the true price, whatever price the engine had. */
static sim_int true_value(const struct run *r, uint16_t market, plm_qty lots)
{
    return (sim_int)lots.lots * (sim_int)r->truth[r->stage->place->market_feed + market];
}

static void book_takeover(struct run *r, const struct plm_ev_liquidated *taken)
{
    const sim_int value = true_value(r, taken->market, taken->lots);
    const sim_int fee = sim_abi_int_of(taken->fee_taker.wad);
    if (is_honest(r, taken->account)) {
        book(r,
             taken->market,
             -taken->lots.lots,
             fee + sim_abi_int_of(taken->fee_insurance.wad) - value);
    }
    if (is_honest(r, taken->taker)) {
        book(r, taken->market, taken->lots.lots, value - fee);
    }
}

static void book_deleverage(struct run *r, const struct plm_ev_deleveraged *closed)
{
    const sim_int value = true_value(r, closed->market, closed->lots);
    if (is_honest(r, closed->account)) {
        book(r, closed->market, -closed->lots.lots, -value);
    }
    if (is_honest(r, closed->counterparty)) {
        book(r, closed->market, closed->lots.lots, value);
    }
    r->value->draws += sim_abi_int_of(closed->tip.wad);
}

/* A sale of collateral at its discount is agreed to like a takeover at its fee. [LIQ-6] */
static void book_sale(struct run *r, const struct plm_ev_collateral_sold *sold)
{
    if (sold->asset >= SIM_ADVERSARY_ASSETS) {
        return;
    }
    const sim_int atoms = sim_abi_int_of(sold->amount.atoms);
    const sim_int cash = sim_abi_int_of(sold->cash.wad);
    if (is_honest(r, sold->account)) {
        r->coins[sold->asset] -= atoms;
        r->quote[0] += cash;
    }
    if (is_honest(r, sold->taker)) {
        r->coins[sold->asset] += atoms;
        r->quote[0] -= cash;
    }
}

static void note_event(struct run *r, const struct sim_event *event)
{
    union {
        struct plm_ev_filled filled;
        struct plm_ev_liquidated liquidated;
        struct plm_ev_deleveraged deleveraged;
        struct plm_ev_deficit deficit;
        struct plm_ev_collateral_sold sold;
    } told;

    if (event->id == PLM_EVENT_FILLED &&
        sim_abi_decode(PLM_LAYOUT_ev_filled, event->bytes, &told.filled)) {
        book_fill(r, &told.filled);
    } else if (event->id == PLM_EVENT_LIQUIDATED &&
               sim_abi_decode(PLM_LAYOUT_ev_liquidated, event->bytes, &told.liquidated)) {
        book_takeover(r, &told.liquidated);
    } else if (event->id == PLM_EVENT_DELEVERAGED &&
               sim_abi_decode(PLM_LAYOUT_ev_deleveraged, event->bytes, &told.deleveraged)) {
        book_deleverage(r, &told.deleveraged);
    } else if (event->id == PLM_EVENT_COLLATERAL_SOLD &&
               sim_abi_decode(PLM_LAYOUT_ev_collateral_sold, event->bytes, &told.sold)) {
        book_sale(r, &told.sold);
    } else if (event->id == PLM_EVENT_DEFICIT &&
               sim_abi_decode(PLM_LAYOUT_ev_deficit, event->bytes, &told.deficit)) {
        r->value->draws +=
            sim_abi_int_of(told.deficit.insurance.wad) + sim_abi_int_of(told.deficit.global.wad);
    }
}

static void observe(void *self,
                    struct sim_world *world,
                    const struct sim_op *op,
                    const struct sim_outcome *outcome)
{
    struct run *r = self;
    (void)world;
    (void)op;
    if (outcome->code == PLM_OK && !outcome->trapped) {
        for (uint32_t i = 0; i < outcome->event_count; i++) {
            note_event(r, &outcome->events[i]);
        }
    }
}

/* --- sending --------------------------------------------------------------------------------- */
static plm_amt amount_of(sim_int atoms)
{
    const plm_amt amount = {sim_abi_i128_of(atoms)};
    return amount;
}

static void took(struct run *r, const struct sim_outcome *outcome)
{
    r->code = outcome == NULL ? -1 : outcome->code;
}

static void send(struct run *r, const struct plm_addr *who, uint8_t opcode, const void *message)
{
    took(r, sim_world_send(r->world, who, NULL, 0, opcode, message));
}

static void send_with(struct run *r,
                      const struct plm_addr *who,
                      uint32_t asset,
                      plm_amt atoms,
                      uint8_t opcode,
                      const void *message)
{
    const struct plm_fund fund = {sim_abi_addr_text(r->stage->place->tokens[asset]), atoms};
    took(r, sim_world_send(r->world, who, &fund, 1, opcode, message));
}

static const struct plm_addr *owner_of(const struct run *r, uint32_t account)
{
    return &r->stage->owners[account < SIM_ADVERSARY_ACCOUNTS ? account : 0];
}

static uint32_t feed_of(const struct run *r, uint32_t market)
{
    return r->stage->place->market_feed + market;
}

static uint64_t price_of(struct run *r, uint32_t feed)
{
    static struct plm_feed_state state;
    return sim_world_read_id(r->world, PLM_KEY_FEED_STATE, feed, &state) ? state.price.ticks : 0;
}

static int64_t lots_of(struct run *r, uint32_t account, uint32_t market)
{
    static struct plm_account record;
    if (sim_world_read_id(r->world, PLM_KEY_ACCOUNT, account, &record)) {
        for (uint32_t i = 0; i < record.positions_count; i++) {
            if (record.positions[i].market == market) {
                return record.positions[i].lots.lots;
            }
        }
    }
    return 0;
}

/* --- prices and keepers ---------------------------------------------------------------------- */
static void settle(struct run *r, uint32_t account, uint32_t market)
{
    const struct plm_settle message = {account, (uint16_t)market};
    send(r, owner_of(r, r->stage->place->keeper), PLM_OP_SETTLE, &message);
}

static bool is_sick(struct run *r, uint32_t account, uint8_t level)
{
    static struct plm_reply_margin reply;
    const struct plm_get_margin ask = {.account = account};
    return sim_world_ask(r->world, PLM_QUERY_MARGIN, &ask, &reply) == PLM_OK &&
           reply.level >= level;
}

/* The keeper's work on one account: flag it, take it over, sell nothing. */
static void keep(struct run *r, uint32_t account)
{
    const struct sim_adversary_place *place = r->stage->place;
    const struct plm_addr *keeper = owner_of(r, place->keeper);
    const struct plm_flag flag = {account};
    if (account == place->keeper || !is_sick(r, account, PLM_LEVEL_LIQUIDATABLE)) {
        return;
    }
    send(r, keeper, PLM_OP_FLAG, &flag);
    for (uint32_t market = 0; market < place->markets; market++) {
        const struct plm_liquidate message = {
            .account = account, .market = (uint16_t)market, .taker = place->keeper};
        r->code = PLM_OK;
        for (uint32_t i = 0; i < 3 && r->code == PLM_OK; i++) {
            send(r, keeper, PLM_OP_LIQUIDATE, &message);
        }
    }
}

static void keep_all(struct run *r)
{
    for (uint32_t account = 1; account <= r->accounts; account++) {
        keep(r, account);
    }
}

static void publish(struct run *r, uint64_t seconds)
{
    const struct plm_addr oracle = sim_world_actor("oracle1");
    struct plm_publish_price message = {.quotes_count = r->stage->place->feeds};
    sim_world_advance(r->world, seconds);
    for (uint32_t feed = 0; feed < r->stage->place->feeds; feed++) {
        message.quotes[feed] = (struct plm_quote){
            .feed = (uint16_t)feed, .price = {r->truth[feed]}, .time = {sim_world_time(r->world)}};
    }
    send(r, &oracle, PLM_OP_PUBLISH_PRICE, &message);
}

/* The next prices of the path; at a constant price the same once more. Honest keepers come before
 * them: who watches an account that has become liquidatable is first. */
static void step_price(struct run *r, uint64_t seconds, bool moves)
{
    const struct sim_adversary_stage *stage = r->stage;
    if (stage->prices != SIM_ADVERSARY_CRASH) {
        keep_all(r);
    }
    if (moves && r->path_at + 1 < SIM_ADVERSARY_PATH) {
        r->path_at++;
        for (uint32_t feed = 0; feed < stage->place->feeds; feed++) {
            const int64_t was = (int64_t)r->truth[feed];
            r->truth[feed] = (uint64_t)(was + was / MILLION * stage->path[r->path_at][feed]);
        }
    }
    publish(r, seconds);
}

/* --- moves ------------------------------------------------------------------------------------ */
/* What two sides would agree to: the group anything, the maker the true price less his spread. */
static uint64_t
agreed_price(struct run *r, uint32_t market, uint32_t buyer, uint32_t seller, int64_t edge)
{
    const uint32_t feed = feed_of(r, market);
    const int64_t truth = (int64_t)r->truth[feed];
    const int64_t price = (int64_t)price_of(r, feed);
    if (is_honest(r, buyer)) {
        return (uint64_t)(truth - truth / MILLION * SPREAD);
    }
    if (is_honest(r, seller)) {
        return (uint64_t)(truth + truth / MILLION * SPREAD);
    }
    return (uint64_t)(price + price / MILLION * edge);
}

/* who buys from with, and sells it back in the same message where it is a round; amount 0: who's
 * position is closed, whichever side it is. */
static void trade(struct run *r, const struct sim_adversary_move *move, uint32_t fills)
{
    static struct plm_market_state state;
    const struct plm_addr matcher = sim_world_actor("matcher");
    struct plm_trade message = {.fills_count = fills};
    int64_t lots = move->amount;
    bool sells = false;
    if (!sim_world_read_id(r->world, PLM_KEY_MARKET_STATE, move->target, &state)) {
        return;
    }
    if (lots == 0) {
        lots = lots_of(r, move->who, move->target);
        sells = lots > 0;
        lots = lots < 0 ? -lots : lots;
    }
    for (uint32_t i = 0; i < fills; i++) {
        const bool turned = sells == (i == 0);
        const uint32_t buyer = turned ? move->with : move->who;
        const uint32_t seller = turned ? move->who : move->with;
        const int64_t edge = i == 0 ? move->edge : -move->edge;
        message.fills[i] =
            (struct plm_fill){.id = state.last_fill + 1 + i,
                              .market = move->target,
                              .buyer = buyer,
                              .seller = seller,
                              .lots = {lots},
                              .price = {agreed_price(r, move->target, buyer, seller, edge)}};
    }
    send(r, &matcher, PLM_OP_TRADE, &message);
}

static sim_int withdrawable(struct run *r, uint32_t account, uint32_t asset)
{
    const struct plm_get_withdrawable ask = {.account = account, .asset = (uint16_t)asset};
    struct plm_reply_withdrawable most = {0};
    return sim_world_ask(r->world, PLM_QUERY_WITHDRAWABLE, &ask, &most) == PLM_OK
               ? sim_abi_int_of(most.amount.atoms)
               : 0;
}

static void withdraw(struct run *r, uint32_t account, uint32_t asset, sim_int atoms)
{
    const struct plm_withdraw message = {
        .account = account,
        .asset = (uint16_t)asset,
        .amount = amount_of(atoms == 0 ? withdrawable(r, account, asset) : atoms)};
    send(r, owner_of(r, account), PLM_OP_WITHDRAW, &message);
}

static void move_money(struct run *r, const struct sim_adversary_move *move)
{
    const struct plm_addr *owner = owner_of(r, move->who);
    const struct plm_deposit deposit = {
        .account = move->who, .asset = move->target, .amount = amount_of(move->amount)};
    const struct plm_fund_insurance insure = {move->target, amount_of(move->amount)};
    struct plm_transfer transfer = {
        .from = move->who, .to = move->with, .asset = move->target, .amount = deposit.amount};
    switch (move->kind) {
    case SIM_ADVERSARY_DEPOSIT:
        send_with(r, owner, move->target, deposit.amount, PLM_OP_DEPOSIT, &deposit);
        break;
    case SIM_ADVERSARY_WITHDRAW: withdraw(r, move->who, move->target, move->amount); break;
    case SIM_ADVERSARY_TRANSFER:
        if (move->amount == 0) {
            transfer.amount = amount_of(withdrawable(r, move->who, move->target));
        }
        send(r, owner, PLM_OP_TRANSFER, &transfer);
        break;
    case SIM_ADVERSARY_INSURE:
        send_with(r, owner, 0, insure.amount, PLM_OP_FUND_INSURANCE, &insure);
        break;
    default: {
        const struct plm_addr token = sim_abi_addr_text(r->stage->place->tokens[move->target]);
        sim_world_unsolicited(r->world, owner, &token, move->amount);
        r->code = PLM_OK;
        break;
    }
    }
}

/* Operations that anybody may send about any account. */
static void act_on(struct run *r, const struct sim_adversary_move *move)
{
    const struct plm_addr *taker = owner_of(r, move->with);
    const struct plm_addr *group = owner_of(r, 1);
    const struct plm_flag flag = {move->who};
    const struct plm_resolve resolve = {move->who, move->target};
    const struct plm_abandon_claim abandon = {move->who, move->target};
    const struct plm_liquidate liquidate = {
        .account = move->who, .market = move->target, .taker = move->with, .lots = {move->amount}};
    const struct plm_deleverage deleverage = {.account = move->who,
                                              .market = move->target,
                                              .counterparty = move->with,
                                              .lots = {move->amount}};
    const struct plm_liquidate_collateral sell = {
        .account = move->who,
        .asset = (uint16_t)(r->stage->place->assets - 1u),
        .taker = move->with,
        .market = move->edge == 0 ? (uint16_t)PLM_NO_MARKET : move->target,
        .amount = amount_of(move->amount)};
    switch (move->kind) {
    case SIM_ADVERSARY_SETTLE: settle(r, move->who, move->target); break;
    case SIM_ADVERSARY_FLAG: send(r, group, PLM_OP_FLAG, &flag); break;
    case SIM_ADVERSARY_LIQUIDATE: send(r, taker, PLM_OP_LIQUIDATE, &liquidate); break;
    case SIM_ADVERSARY_SELL: send(r, taker, PLM_OP_LIQUIDATE_COLLATERAL, &sell); break;
    case SIM_ADVERSARY_DELEVERAGE: send(r, group, PLM_OP_DELEVERAGE, &deleverage); break;
    case SIM_ADVERSARY_RESOLVE: send(r, group, PLM_OP_RESOLVE, &resolve); break;
    default: send(r, owner_of(r, move->who), PLM_OP_ABANDON_CLAIM, &abandon); break;
    }
}

/* A price of the group's own: nobody who is no publisher may. */
static void lie(struct run *r, const struct sim_adversary_move *move)
{
    struct plm_publish_price message = {.quotes_count = 1};
    const uint32_t feed = feed_of(r, move->target);
    const int64_t price = (int64_t)price_of(r, feed);
    sim_world_advance(r->world, 1);
    message.quotes[0] =
        (struct plm_quote){.feed = (uint16_t)feed,
                           .price = {(uint64_t)(price + price / MILLION * move->edge)},
                           .time = {sim_world_time(r->world)}};
    send(r, owner_of(r, move->who), PLM_OP_PUBLISH_PRICE, &message);
}

static void play_move(struct run *r, const struct sim_adversary_move *move)
{
    r->code = -1;
    switch ((enum sim_adversary_kind)move->kind) {
    case SIM_ADVERSARY_TRADE: trade(r, move, 1); break;
    case SIM_ADVERSARY_ROUND: trade(r, move, 2); break;
    case SIM_ADVERSARY_DEPOSIT:
    case SIM_ADVERSARY_WITHDRAW:
    case SIM_ADVERSARY_TRANSFER:
    case SIM_ADVERSARY_INSURE:
    case SIM_ADVERSARY_DONATE: move_money(r, move); break;
    case SIM_ADVERSARY_SETTLE:
    case SIM_ADVERSARY_FLAG:
    case SIM_ADVERSARY_LIQUIDATE:
    case SIM_ADVERSARY_SELL:
    case SIM_ADVERSARY_DELEVERAGE:
    case SIM_ADVERSARY_RESOLVE:
    case SIM_ADVERSARY_ABANDON: act_on(r, move); break;
    case SIM_ADVERSARY_PUBLISH: lie(r, move); break;
    case SIM_ADVERSARY_AGAIN: took(r, sim_world_duplicate(r->world)); break;
    case SIM_ADVERSARY_PRICE: step_price(r, STEP, true); break;
    case SIM_ADVERSARY_WAIT: step_price(r, (uint64_t)move->amount, false); break;
    case SIM_ADVERSARY_KIND_COUNT: break;
    }
}

/* --- the close -------------------------------------------------------------------------------- */
static void close_positions(struct run *r, uint32_t account)
{
    const struct sim_adversary_place *place = r->stage->place;
    for (uint32_t market = 0; market < place->markets; market++) {
        const int64_t lots = lots_of(r, account, market);
        static struct plm_market_state state;
        const struct plm_addr matcher = sim_world_actor("matcher");
        struct plm_trade message = {.fills_count = 1};
        if (lots == 0 || !sim_world_read_id(r->world, PLM_KEY_MARKET_STATE, market, &state)) {
            continue;
        }
        message.fills[0] = (struct plm_fill){.id = state.last_fill + 1,
                                             .market = (uint16_t)market,
                                             .buyer = lots > 0 ? place->group + 1u : account,
                                             .seller = lots > 0 ? account : place->group + 1u,
                                             .lots = {lots < 0 ? -lots : lots},
                                             .price = {r->truth[feed_of(r, market)]}};
        send(r, &matcher, PLM_OP_TRADE, &message);
    }
}

/* Who is bankrupt is closed against everybody who may be on the other side, his collateral is sold
 * to the keeper, and what he still owes is recognised. */
static void close_bankrupt(struct run *r, uint32_t account)
{
    const struct sim_adversary_place *place = r->stage->place;
    const struct plm_addr *keeper = owner_of(r, place->keeper);
    for (uint32_t market = 0; market < place->markets; market++) {
        for (uint32_t with = 1; with <= r->accounts && lots_of(r, account, market) != 0; with++) {
            const struct plm_deleverage message = {
                .account = account, .market = (uint16_t)market, .counterparty = with};
            send(r, keeper, PLM_OP_DELEVERAGE, &message);
        }
    }
    for (uint32_t asset = 1; asset < place->assets; asset++) {
        const struct plm_liquidate_collateral sell = {.account = account,
                                                      .asset = (uint16_t)asset,
                                                      .taker = place->keeper,
                                                      .market = PLM_NO_MARKET};
        send(r, keeper, PLM_OP_LIQUIDATE_COLLATERAL, &sell);
    }
    for (uint32_t market = 0; market < place->markets; market++) {
        const struct plm_resolve resolve = {account, (uint16_t)market};
        settle(r, account, market);
        send(r, keeper, PLM_OP_RESOLVE, &resolve);
    }
}

/* The group leaves: true prices, keepers, the maker takes what it holds, all settle, all is taken
 * out. Twice, because what one collects the next is paid from. */
static void close_all(struct run *r)
{
    const struct sim_adversary_place *place = r->stage->place;
    keep_all(r);
    publish(r, 1);
    keep_all(r);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t account = 1; account <= place->group; account++) {
            if (is_sick(r, account, PLM_LEVEL_LIQUIDATABLE)) {
                keep(r, account);
                close_bankrupt(r, account);
            }
            close_positions(r, account);
        }
        for (uint32_t market = 0; market < place->markets; market++) {
            for (uint32_t account = r->accounts; account >= 1; account--) {
                settle(r, account, market);
            }
            for (uint32_t account = 1; account <= place->group; account++) {
                settle(r, account, market);
            }
        }
        for (uint32_t account = 1; account <= place->group; account++) {
            for (uint32_t asset = 0; asset < place->assets; asset++) {
                if (withdrawable(r, account, asset) > 0) {
                    withdraw(r, account, asset, 0);
                }
            }
        }
    }
}

/* --- the count -------------------------------------------------------------------------------- */
/* Atoms of an asset in 1e-18 quote units, at the true price. The unit first: 2^40 atoms of it times
 * a price stay far inside 128 bits. */
static sim_int worth(const struct run *r, uint32_t asset, sim_int atoms)
{
    const struct sim_adversary_place *place = r->stage->place;
    return asset == 0 ? atoms * CASH_WAD
                      : atoms * (place->asset_unit[asset] / RANGE) *
                            (sim_int)r->truth[place->asset_feed[asset]];
}

/* What the group holds at the chain. */
static sim_int count_gain(struct run *r)
{
    const struct sim_adversary_place *place = r->stage->place;
    sim_int gain = 0;
    for (uint32_t asset = 0; asset < place->assets; asset++) {
        const struct plm_addr token = sim_abi_addr_text(place->tokens[asset]);
        sim_int atoms = 0;
        for (uint32_t account = 1; account <= place->group; account++) {
            bool is_counted = false;
            for (uint32_t other = 1; other < account; other++) {
                is_counted =
                    is_counted || sim_abi_addr_equal(owner_of(r, other), owner_of(r, account));
            }
            atoms += is_counted ? 0 : sim_world_balance(r->world, owner_of(r, account), &token);
        }
        gain += worth(r, asset, atoms);
    }
    return gain;
}

static sim_int count_lost(const struct run *r)
{
    sim_int won = 0;
    for (uint32_t market = 0; market < r->stage->place->markets; market++) {
        won += r->quote[market] + r->lots[market] * (sim_int)r->truth[feed_of(r, market)];
    }
    for (uint32_t asset = 1; asset < r->stage->place->assets; asset++) {
        won += worth(r, asset, r->coins[asset]);
    }
    return -won;
}

/* With rules off only what the group itself wins counts. */
static sim_int lost_of(const struct run *r)
{
    const sim_int lost = count_lost(r);
    return r->stage->rules != 0 && lost < 0 ? 0 : lost;
}

/* What the group's accounts are worth on paper; one below zero is left behind. */
static sim_int count_paper(struct run *r)
{
    static struct plm_reply_margin reply;
    sim_int sum = 0;
    for (uint32_t account = 1; account <= r->stage->place->group; account++) {
        const struct plm_get_margin ask = {.account = account};
        if (sim_world_ask(r->world, PLM_QUERY_MARGIN, &ask, &reply) == PLM_OK) {
            const sim_int equity = sim_abi_int_of(reply.equity_full.wad);
            sum += equity > 0 ? equity : 0;
        }
    }
    return sum;
}

/* The most that insurance may pay: each market's allotment. */
static sim_int declared(struct run *r)
{
    static struct plm_market market;
    sim_int sum = 0;
    for (uint32_t id = 0; id < r->stage->place->markets; id++) {
        if (sim_world_read_id(r->world, PLM_KEY_MARKET, id, &market)) {
            sum += sim_abi_int_of(market.params.allotment.wad);
        }
    }
    return sum;
}

static void start_honest(struct run *r)
{
    for (uint32_t market = 0; market < r->stage->place->markets; market++) {
        for (uint32_t account = r->stage->place->group + 1u; account <= r->accounts; account++) {
            r->lots[market] += lots_of(r, account, market);
        }
        r->quote[market] = -r->lots[market] * (sim_int)r->truth[feed_of(r, market)];
    }
}

static void tell(struct run *r, const struct sim_adversary_move *move)
{
    if (r->told == NULL) {
        return;
    }
    sim_bytes_add_text(r->told, "  ");
    sim_adversary_move_text(move, r->told);
    sim_bytes_add_format(r->told, " -> %s\n", r->code < 0 ? "nothing" : sim_abi_code_name(r->code));
}

void sim_adversary_play(const struct sim_adversary_stage *stage,
                        const struct sim_adversary_plan *plan,
                        struct sim_adversary_value *value,
                        struct sim_buffer *told)
{
    struct run r = {.stage = stage, .value = value, .told = told};
    *value = (struct sim_adversary_value){0};
    r.world = sim_world_copy(stage->prepared, NULL);
    while (stage->place->owners[r.accounts + 1u] != NULL) {
        r.accounts++;
    }
    for (uint32_t feed = 0; feed < stage->place->feeds; feed++) {
        r.truth[feed] = price_of(&r, feed);
    }
    start_honest(&r);
    const uint64_t before = sim_world_operations(r.world);
    uint64_t before_it = 0;
    sim_world_observe(r.world, observe, &r);
    for (uint32_t i = 0; i < plan->count && sim_world_failure(r.world)[0] == '\0'; i++) {
        const struct sim_adversary_move *move = &plan->moves[i];
        play_move(&r, move);
        tell(&r, move);
        const uint32_t row = r.code < 0 ? 127u : sim_abi_precedence(r.code);
        value->cover[move->kind][row / 64u % 2u] |= UINT64_C(1) << (row % 64u);
        if (r.code == PLM_OK) {
            value->cover[move->kind][2] |= before_it;
            before_it |= UINT64_C(1) << move->kind;
        }
    }
    const sim_int paper = count_gain(&r) + count_paper(&r) - lost_of(&r);
    close_all(&r);
    value->gain = count_gain(&r);
    value->lost = lost_of(&r);
    const sim_int most = declared(&r);
    value->allowed = value->draws < most ? value->draws : most;
    value->allowed = stage->prices == SIM_ADVERSARY_CONSTANT ? 0 : value->allowed;
    value->profit = value->gain - (value->lost > 0 ? value->lost : 0);
    value->excess = value->gain - value->lost - value->allowed;
    value->guide = value->gain - value->lost; /* insurance counts: it shows the way */
    value->guide = paper > value->guide ? paper : value->guide;
    value->operations = sim_world_operations(r.world) - before;
    value->has_stopped = sim_world_failure(r.world)[0] != '\0';
    if (told != NULL && value->has_stopped) {
        sim_bytes_add_format(told, "  %s\n", sim_world_failure(r.world));
    }
    sim_world_free(r.world);
}
