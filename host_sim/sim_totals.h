/* SPDX-License-Identifier: Apache-2.0
 * What a run came to, in exact integers, from its events: who paid what, what was taken over.
 * Reports and stress count by the same code. It knows no rule. */
#ifndef SIM_TOTALS_H
#define SIM_TOTALS_H

#include "sim_abi.h"
#include "sim_engine.h"

#define SIM_EVENTS_MAX 64u

struct sim_totals {
    sim_int equity_paid; /* losses that accounts paid themselves, in cash */
    sim_int winners_paid;
    sim_int deficit;
    sim_int insurance;
    sim_int global;
    sim_int opposing;
    sim_int uncovered;
    sim_int taken; /* notional */
    sim_int forced;
    sim_int fee_taker;
    sim_int fee_insurance;
    sim_int collateral_cash;
    uint64_t events[SIM_EVENTS_MAX]; /* by event id */
    uint64_t refused;
    uint32_t most_in_trouble;
};

/* take: counts an event; those that move money are decoded into *room. Returns the fields where
 * they were decoded, else NULL. */
const void *sim_totals_take(struct sim_totals *totals,
                            const struct sim_event *event,
                            union sim_abi_object *room);
/* notional: the value of lots at a price, wad. */
sim_int sim_totals_notional(plm_qty lots, plm_price price);

#endif
