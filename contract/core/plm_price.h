// SPDX-License-Identifier: Apache-2.0
/* Raw quotes to one accepted price, and accepted prices to one view. [PRICE-1] to [PRICE-5]
 * It must never know accounts or margin. */
#ifndef PLM_CORE_PRICE_H
#define PLM_CORE_PRICE_H

#include "plm_scratch.h"

/* plm_price_make_view: the feed's prices at `now`, and for what they are good. [PRICE-3] [PRICE-4]
 * Pure. */
void plm_price_make_view(const struct plm_feed *feed,
                         const struct plm_feed_state *state,
                         plm_time now,
                         struct plm_view *out);

/* plm_price_record: one well-formed quote of a publisher enters the feed. [PRICE-2] Changes
 * *sources and *state, emits events. Errors (nothing changed): E_ROLE not a publisher;
 * E_PRICE_DOMAIN; E_PRICE_TIME. An unusable aggregate is no error. */
plm_err
plm_price_record(struct plm_scratch *s, struct plm_feed_slot *feed, const struct plm_quote *quote);

/* Fill band of a user's fill around the view's price. [PRICE-6] Errors: E_FILL_BAND. */
plm_err plm_price_check_fill(const struct plm_view *view, plm_price fill, plm_ratio band);

#endif
