// SPDX-License-Identifier: Apache-2.0
/* Raw quotes to one accepted price, and accepted prices to one view. [PRICE-1] to [PRICE-5]
 * It must never know accounts, margin or how records are stored. */
#ifndef PLM_CORE_PRICE_H
#define PLM_CORE_PRICE_H

#include "plm_scratch.h"

/* What a quote did to its feed, for the events of the operation. */
struct plm_price_outcome {
    plm_err refused;     /* PLM_OK: the aggregate was accepted; else why not [PRICE-2] */
    plm_price aggregate; /* the median that was judged; 0 = there was none */
    bool gap_started;    /* [PRICE-5] */
    bool gap_ended;
};

/* plm_price_make_view: the feed's prices at s->now, and for what they are good. [PRICE-3] [PRICE-4]
 * lo = min(p - c, s), hi = max(p + c, s); s is advanced to now without being stored. Pure: reads
 * nothing of s but the time. A feed that was never priced has p = 0 and is good for nothing. */
void plm_price_make_view(const struct plm_scratch *s,
                         const struct plm_feed *feed,
                         const struct plm_feed_state *state,
                         struct plm_view *out);

/* plm_price_check_quote: what makes a quote malformed. [PRICE-2] Errors: E_ROLE the caller is not
 * a publisher of the feed; E_PRICE_DOMAIN a price outside (price_min, price_max), or a confidence
 * that is not below the price; E_PRICE_TIME later than now + skew, or not newer than his last. */
plm_err plm_price_check_quote(const struct plm_scratch *s,
                              const struct plm_feed *feed,
                              const struct plm_feed_sources *sources,
                              const struct plm_quote *quote);

/* plm_price_record: one quote of the caller enters the feed. [PRICE-1] [PRICE-2] [PRICE-3]
 * [PRICE-5] Changes *sources and *state. An unusable aggregate is no error: the accepted price
 * stays and *out says why. Errors (nothing changed): those of plm_price_check_quote. Cost: two
 * aggregates of at most PUBLISHERS_MAX quotes. */
plm_err plm_price_record(const struct plm_scratch *s,
                         const struct plm_feed *feed,
                         struct plm_feed_state *state,
                         struct plm_feed_sources *sources,
                         const struct plm_quote *quote,
                         struct plm_price_outcome *out);

/* Index of the caller among a feed's publishers. [GOV-1] Errors: E_ROLE. */
plm_err plm_price_find_publisher(const struct plm_scratch *s,
                                 const struct plm_feed_sources *sources,
                                 uint32_t *out);

/* Fill band of a user's fill: |fill - p| <= floor(p x band). [PRICE-6] Errors: E_FILL_BAND. */
plm_err plm_price_check_fill(const struct plm_view *view, plm_price fill, plm_ratio band);

#endif
