// SPDX-License-Identifier: Apache-2.0
/* Calls of the engine that tests of governance and publishing share: create it, list M0's feed and
 * market, name a publisher, read a stored record. */
#ifndef PLM_TESTS_SUPPORT_PLM_TEST_ENGINE_H
#define PLM_TESTS_SUPPORT_PLM_TEST_ENGINE_H

#include "plm_cmocka.h"
#include "plm_codec.h"

#include <string.h>

#include "support/plm_test_host.h"
#include "support/plm_test_m0.h"

#define TEST_APPLY(host, OPCODE, layout, args)                                                     \
    test_apply((host), PLM_OP_##OPCODE, PLM_LAYOUT_##layout, (args))

static inline plm_err test_initialise(struct plm_host *host)
{
    const struct plm_initialise args = {
        .token = test_addr("usd"), .decimals = 6, .admin = test_addr("admin")};
    return TEST_APPLY(host, INITIALISE, initialise, &args);
}

static inline plm_err test_add_feed(struct plm_host *host, const struct plm_feed *feed)
{
    const struct plm_add_feed args = {.price_decimals = feed->price_decimals,
                                      .params = feed->params};
    return TEST_APPLY(host, ADD_FEED, add_feed, &args);
}

static inline plm_err
test_add_market(struct plm_host *host, const struct plm_market *market, uint8_t unbacked)
{
    const struct plm_add_market args = {.kind = market->kind,
                                        .feed = market->feed,
                                        .size_decimals = market->size_decimals,
                                        .tick = market->tick,
                                        .unbacked = unbacked,
                                        .params = market->params};
    return TEST_APPLY(host, ADD_MARKET, add_market, &args);
}

static inline plm_err
test_set_publisher(struct plm_host *host, uint16_t feed, const char *name, uint8_t on)
{
    const struct plm_set_publisher args = {.feed = feed, .publisher = test_addr(name), .on = on};
    return TEST_APPLY(host, SET_PUBLISHER, set_publisher, &args);
}

/* The record of a kind of key with an id of two bytes. */
static inline void test_read(struct plm_host *host,
                             enum plm_key_prefix prefix,
                             uint16_t id,
                             enum plm_layout_id layout,
                             void *out)
{
    const uint8_t key[3] = {(uint8_t)prefix, (uint8_t)(id >> 8), (uint8_t)(id & 0xffU)};
    const bool is_single = prefix == PLM_KEY_CONFIG || prefix == PLM_KEY_LEDGER;
    const struct test_entry *entry = test_find(host, key, is_single ? 1U : 3U);
    assert_non_null(entry);
    assert_int_equal(plm_codec_decode(layout, entry->value + 1, entry->value_length - 1, out),
                     PLM_OK);
}

/* An engine with M0's feed 0 and market 0, and the publisher "pub". The caller is the admin. */
static inline struct plm_host *test_m0_engine(void)
{
    struct plm_host *host = test_host();
    const struct plm_feed feed = test_m0_feed();
    const struct plm_market market = test_m0_market();
    assert_int_equal(test_initialise(host), PLM_OK);
    assert_int_equal(test_add_feed(host, &feed), PLM_OK);
    assert_int_equal(test_add_market(host, &market, 0), PLM_OK);
    assert_int_equal(test_set_publisher(host, 0, "pub", 1), PLM_OK);
    return host;
}

#endif
