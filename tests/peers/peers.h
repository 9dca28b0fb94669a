// SPDX-License-Identifier: Apache-2.0
/* Published cases of other systems, run through the core's own functions. A case passes, or differs
 * by design with a reason, or fails. Numbers are read exactly; expected ones are never computed. */
#ifndef TEST_PEERS_PEERS_H
#define TEST_PEERS_PEERS_H

#include "plm_scratch.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* An oracle that shared plm_wide would be blind: the tests use the compiler's own integers. */
__extension__ typedef __int128 peer_int;

enum peer_result {
    PEER_PASSED,
    PEER_DIFFERS, /* by design: peer_why says why */
    PEER_FAILED
};

struct peer_case {
    const json_t *inputs;
    const json_t *expected;
    const json_t *law; /* expected under Law R, or NULL */
    char why[160];
};

struct peer_function {
    const char *topic;
    const char *function;
    enum peer_result (*run)(struct peer_case *c);
};

/* differs, fail: the result with its reason. check: passed, or failed with the reason. */
enum peer_result peer_differs(struct peer_case *c, const char *why);
enum peer_result peer_fail(struct peer_case *c, const char *why);
enum peer_result peer_check(struct peer_case *c, bool holds, const char *why);

/* number: value x 10^decimals of a key, exact; a case that does not fit is a bug of the test. */
peer_int peer_number(const json_t *object, const char *key, unsigned decimals);
bool peer_bool(const json_t *object, const char *key);
bool peer_is_null(const json_t *object, const char *key);
const char *peer_text(const json_t *object, const char *key);
/* law_number: of expected_law_r where there is one, else of expected. */
peer_int peer_law_number(const struct peer_case *c, const char *key);
peer_int peer_floor_div(peer_int a, peer_int b);
peer_int peer_ceil_div(peer_int a, peer_int b);

/* The core's units and back. */
plm_val peer_val(peer_int wad);
plm_wval peer_wval(peer_int wadppm);
peer_int peer_of_val(plm_val value);
peer_int peer_of_wval(plm_wval value);
plm_ratio peer_ratio(peer_int ppm);
plm_price peer_price(peer_int ticks);
plm_qty peer_qty(peer_int lots);

/* One account in a scratch of its own: markets without floors, fees or premiums. */
struct plm_scratch *peer_world(void); /* begins a new one */
struct plm_scratch *peer_world_now(void);
struct plm_market_slot *
peer_add_market(unsigned size_decimals, peer_int ticks, peer_int initial, peer_int maint);
/* view: the market's prices, to be changed at will. */
struct plm_view *peer_view(const struct plm_market_slot *market);
struct plm_account_slot *peer_account(void);
void peer_add_leg(const struct plm_market_slot *market, peer_int lots, peer_int quote);

/* The chapters. */
extern const struct peer_function peer_margin_functions[];
extern const struct peer_function peer_liquidation_functions[];

#endif
