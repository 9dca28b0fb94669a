/* SPDX-License-Identifier: Apache-2.0
 * A scenario's markets and collaterals against the envelope of PRICE-7, and what a move beyond it
 * would cost. Exact integers; needs and losses are rounded up. Spec: docs/SPEC.md, PRICE-7. */
#ifndef SIM_LINT_H
#define SIM_LINT_H

#include "plm_abi.h"
#include "sim_abi.h"
#include "sim_bytes.h"

#define SIM_LINT_NAME_BYTES 64u
#define SIM_LINT_ROWS_MAX   512u

/* What the caller asks beside the envelope. */
struct sim_lint_question {
    uint32_t move; /* ppm; 0 = each feed's worst move */
    sim_int fund;  /* wad; what the market's tranche holds; -1 = its allotment */
};

struct sim_lint_market {
    char name[SIM_LINT_NAME_BYTES];
    bool is_unbacked; /* listed outside the envelope, and says so */
    bool is_accepted;
    bool is_refusal_expected;
    uint64_t horizon;  /* T, seconds */
    uint32_t worst;    /* move_T, ppm */
    sim_int funding;   /* funding_T, 1e-9, rounded up */
    uint32_t fees;     /* ppm */
    uint32_t kept;     /* two thirds of maintenance, ppm, rounded down */
    sim_int oi_cap;    /* wad */
    sim_int need;      /* wad */
    sim_int allotment; /* wad */
    uint32_t move;     /* of the question, ppm */
    sim_int loss;      /* beyond margins at that move, wad */
    sim_int paid;      /* by the market's tranche */
    sim_int opposing;  /* by the other side of the market, or left uncovered */
    /* What survives that move with that fund, everything else as it is. */
    sim_int oi_most;      /* wad */
    uint32_t maint_least; /* ppm; above one: none does */
    int32_t move_most;    /* the largest move that the market as it is survives, ppm; -1: none */
    bool survives;
};

struct sim_lint_asset {
    char name[SIM_LINT_NAME_BYTES];
    bool is_accepted;
    bool is_refusal_expected;
    uint32_t lost;      /* conf_max + discount_max, ppm */
    uint32_t haircut;   /* 1 - weight_maint, ppm */
    uint32_t move;      /* ppm */
    uint32_t uncovered; /* share of the collateral's value beyond the haircut at that move, ppm */
};

struct sim_lint {
    struct sim_lint_question question;
    struct sim_lint_market markets[SIM_LINT_ROWS_MAX];
    struct sim_lint_asset assets[SIM_LINT_ROWS_MAX];
    uint32_t market_count;
    uint32_t asset_count;
};

/* market, asset: the figures of one declaration and its feed. */
void sim_lint_judge_market(const struct sim_lint_question *question,
                           const struct plm_market_params *params,
                           const struct plm_feed_params *feed,
                           struct sim_lint_market *out);
void sim_lint_judge_asset(const struct sim_lint_question *question,
                          const struct plm_asset_params *params,
                          const struct plm_feed_params *feed,
                          struct sim_lint_asset *out);
/* is_outside: something is refused that nobody expected to be, or listed unbacked. */
bool sim_lint_is_outside(const struct sim_lint *lint);
void sim_lint_print(const struct sim_lint *lint);
/* False where the output could not be made. */
bool sim_lint_print_json(const struct sim_lint *lint);

#endif
