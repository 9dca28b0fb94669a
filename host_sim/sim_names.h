/* SPDX-License-Identifier: Apache-2.0
 * What the names of a scenario stand for: assets, feeds, markets, accounts, groups, lets.
 * Later entries of a name hide earlier ones. It knows ids and decimals, never a balance. */
#ifndef SIM_NAMES_H
#define SIM_NAMES_H

#include "plm_abi.h"
#include "sim_bytes.h"

#define SIM_NAME_BYTES 64u

struct sim_named_asset {
    char name[SIM_NAME_BYTES];
    struct plm_addr token;
    uint16_t id;
    uint16_t feed;
    uint8_t decimals;
};

struct sim_named_feed {
    char name[SIM_NAME_BYTES];
    uint16_t id;
    uint8_t decimals;
    uint8_t publisher_count;
    char publishers[PLM_PUBLISHERS_MAX][SIM_NAME_BYTES];
};

struct sim_named_market {
    char name[SIM_NAME_BYTES];
    uint16_t id;
    uint16_t feed;
    uint8_t size_decimals;
    uint8_t price_decimals;
};

struct sim_named_account {
    char name[SIM_NAME_BYTES];
    char owner[SIM_NAME_BYTES];
    uint64_t id;
    uint32_t number;
};

struct sim_named_group {
    char name[SIM_NAME_BYTES];
    uint32_t *accounts; /* indices into accounts */
    uint32_t count;
};

struct sim_named_let {
    char name[SIM_NAME_BYTES];
    char value[SIM_NAME_BYTES];
};

struct sim_names {
    struct sim_named_asset *assets;
    struct sim_named_feed *feeds;
    struct sim_named_market *markets;
    struct sim_named_account *accounts;
    struct sim_named_group *groups;
    struct sim_named_let *lets;
    uint32_t asset_count;
    uint32_t feed_count;
    uint32_t market_count;
    uint32_t account_count;
    uint32_t group_count;
    uint32_t let_count;
    size_t capacities[6];
};

/* is_valid: a letter, then letters, digits and _ . - ; at most 63 of them. */
bool sim_names_is_valid(const char *name);
/* add: appends an entry whose name is set; the pointer holds until the next add. */
struct sim_named_asset *sim_names_add_asset(struct sim_names *names, const char *name);
struct sim_named_feed *sim_names_add_feed(struct sim_names *names, const char *name);
struct sim_named_market *sim_names_add_market(struct sim_names *names, const char *name);
struct sim_named_account *sim_names_add_account(struct sim_names *names, const char *name);
struct sim_named_group *sim_names_add_group(struct sim_names *names, const char *name);
void sim_names_set_let(struct sim_names *names, const char *name, const char *value);

/* find: the entry, or NULL. */
struct sim_named_asset *sim_names_find_asset(const struct sim_names *names, const char *name);
struct sim_named_feed *sim_names_find_feed(const struct sim_names *names, const char *name);
struct sim_named_market *sim_names_find_market(const struct sim_names *names, const char *name);
struct sim_named_account *sim_names_find_account(const struct sim_names *names, const char *name);
struct sim_named_group *sim_names_find_group(const struct sim_names *names, const char *name);
const char *sim_names_find_let(const struct sim_names *names, const char *name);
/* feed_of: a feed by its own name, or that of a market or an asset, or NULL. */
struct sim_named_feed *sim_names_feed_of(const struct sim_names *names, const char *name);
struct sim_named_feed *sim_names_feed_by_id(const struct sim_names *names, uint16_t id);
struct sim_named_market *sim_names_market_by_id(const struct sim_names *names, uint16_t id);
struct sim_named_account *sim_names_account_by_id(const struct sim_names *names, uint64_t id);
/* next_number: one more than the owner's highest account number so far; 0 at first. */
uint32_t sim_names_next_number(const struct sim_names *names, const char *owner);

void sim_names_copy(struct sim_names *to, const struct sim_names *from);
void sim_names_free(struct sim_names *names);

#endif
