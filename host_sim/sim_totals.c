/* SPDX-License-Identifier: Apache-2.0
 * Sums of events. Exact integers. It knows no rule. */
#include "sim_totals.h"

sim_int sim_totals_notional(plm_qty lots, plm_price price)
{
    sim_int size = lots.lots < 0 ? -(sim_int)lots.lots : lots.lots;
    return size * (sim_int)price.ticks;
}

static void sim_totals_liquidated(struct sim_totals *totals, const struct plm_ev_liquidated *event)
{
    totals->taken += sim_totals_notional(event->lots, event->price);
    totals->fee_taker += sim_abi_int_of(event->fee_taker.wad);
    totals->fee_insurance += sim_abi_int_of(event->fee_insurance.wad);
}

static void sim_totals_deficit(struct sim_totals *totals, const struct plm_ev_deficit *event)
{
    totals->deficit += sim_abi_int_of(event->value.wad);
    totals->insurance += sim_abi_int_of(event->insurance.wad);
    totals->global += sim_abi_int_of(event->global.wad);
    totals->opposing += sim_abi_int_of(event->opposing.wad);
    totals->uncovered += sim_abi_int_of(event->uncovered.wad);
}

static void sim_totals_deleveraged(struct sim_totals *totals,
                                   const struct plm_ev_deleveraged *event)
{
    totals->forced += sim_totals_notional(event->lots, event->price);
}

static void sim_totals_settled(struct sim_totals *totals, const struct plm_ev_settled *event)
{
    sim_int value = sim_abi_int_of(event->value.wad);
    totals->equity_paid += value < 0 ? -value : 0;
    totals->winners_paid += value > 0 ? value : 0;
}

static void sim_totals_sold(struct sim_totals *totals, const struct plm_ev_collateral_sold *event)
{
    totals->collateral_cash += sim_abi_int_of(event->cash.wad);
}

const void *sim_totals_take(struct sim_totals *totals,
                            const struct sim_event *event,
                            union sim_abi_object *room)
{
    const struct sim_abi_event *kind = sim_abi_find_event(event->id);
    if (kind == NULL || event->id >= SIM_EVENTS_MAX) {
        return NULL;
    }
    totals->events[event->id]++;
    bool is_wanted = event->id == PLM_EVENT_LIQUIDATED || event->id == PLM_EVENT_DEFICIT ||
                     event->id == PLM_EVENT_DELEVERAGED || event->id == PLM_EVENT_SETTLED ||
                     event->id == PLM_EVENT_COLLATERAL_SOLD || event->id == PLM_EVENT_PRICE_REFUSED;
    if (!is_wanted || !sim_abi_decode(kind->layout, event->bytes, room)) {
        return NULL;
    }
    const void *fields = room;
    if (event->id == PLM_EVENT_LIQUIDATED) {
        sim_totals_liquidated(totals, fields);
    } else if (event->id == PLM_EVENT_DEFICIT) {
        sim_totals_deficit(totals, fields);
    } else if (event->id == PLM_EVENT_DELEVERAGED) {
        sim_totals_deleveraged(totals, fields);
    } else if (event->id == PLM_EVENT_SETTLED) {
        sim_totals_settled(totals, fields);
    } else if (event->id == PLM_EVENT_COLLATERAL_SOLD) {
        sim_totals_sold(totals, fields);
    }
    return fields;
}
