/* SPDX-License-Identifier: Apache-2.0
 * The symbol table of a scenario. Spec: docs/SCENARIOS.md, "Names".
 * It knows ids and decimals, never a balance. */
#include "sim_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum table {
    TABLE_ASSETS,
    TABLE_FEEDS,
    TABLE_MARKETS,
    TABLE_ACCOUNTS,
    TABLE_GROUPS,
    TABLE_LETS
};

bool sim_names_is_valid(const char *name)
{
    const char *const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const size_t length = strlen(name);
    if (length == 0 || length >= SIM_NAME_BYTES || strchr(letters, name[0]) == NULL) {
        return false;
    }
    for (size_t i = 1; i < length; i++) {
        if (strchr(letters, name[i]) == NULL && strchr("0123456789_.-", name[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static void set_name(char *to, const char *name)
{
    (void)snprintf(to, SIM_NAME_BYTES, "%s", name);
}

/* One add and one find per table: the same five lines, written once. */
#define TABLE(kind, plural, index)                                                                 \
    struct sim_named_##kind *sim_names_add_##kind(struct sim_names *names, const char *name)       \
    {                                                                                              \
        names->plural = sim_bytes_grow(names->plural,                                              \
                                       &names->capacities[index],                                  \
                                       names->kind##_count + 1u,                                   \
                                       sizeof *names->plural);                                     \
        struct sim_named_##kind *added = &names->plural[names->kind##_count++];                    \
        memset(added, 0, sizeof *added);                                                           \
        set_name(added->name, name);                                                               \
        return added;                                                                              \
    }                                                                                              \
                                                                                                   \
    struct sim_named_##kind *sim_names_find_##kind(const struct sim_names *names,                  \
                                                   const char *name)                               \
    {                                                                                              \
        for (uint32_t i = names->kind##_count; i-- > 0;) {                                         \
            if (strcmp(names->plural[i].name, name) == 0) {                                        \
                return &names->plural[i];                                                          \
            }                                                                                      \
        }                                                                                          \
        return NULL;                                                                               \
    }

TABLE(asset, assets, TABLE_ASSETS)
TABLE(feed, feeds, TABLE_FEEDS)
TABLE(market, markets, TABLE_MARKETS)
TABLE(account, accounts, TABLE_ACCOUNTS)
TABLE(group, groups, TABLE_GROUPS)

void sim_names_set_let(struct sim_names *names, const char *name, const char *value)
{
    for (uint32_t i = 0; i < names->let_count; i++) {
        if (strcmp(names->lets[i].name, name) == 0) {
            set_name(names->lets[i].value, value);
            return;
        }
    }
    names->lets = sim_bytes_grow(
        names->lets, &names->capacities[TABLE_LETS], names->let_count + 1u, sizeof *names->lets);
    set_name(names->lets[names->let_count].name, name);
    set_name(names->lets[names->let_count].value, value);
    names->let_count++;
}

const char *sim_names_find_let(const struct sim_names *names, const char *name)
{
    for (uint32_t i = 0; i < names->let_count; i++) {
        if (strcmp(names->lets[i].name, name) == 0) {
            return names->lets[i].value;
        }
    }
    return NULL;
}

struct sim_named_feed *sim_names_feed_by_id(const struct sim_names *names, uint16_t id)
{
    for (uint32_t i = names->feed_count; i-- > 0;) {
        if (names->feeds[i].id == id) {
            return &names->feeds[i];
        }
    }
    return NULL;
}

struct sim_named_market *sim_names_market_by_id(const struct sim_names *names, uint16_t id)
{
    for (uint32_t i = names->market_count; i-- > 0;) {
        if (names->markets[i].id == id) {
            return &names->markets[i];
        }
    }
    return NULL;
}

struct sim_named_account *sim_names_account_by_id(const struct sim_names *names, uint64_t id)
{
    for (uint32_t i = names->account_count; i-- > 0;) {
        if (names->accounts[i].id == id) {
            return &names->accounts[i];
        }
    }
    return NULL;
}

struct sim_named_feed *sim_names_feed_of(const struct sim_names *names, const char *name)
{
    struct sim_named_feed *feed = sim_names_find_feed(names, name);
    if (feed != NULL) {
        return feed;
    }
    const struct sim_named_market *market = sim_names_find_market(names, name);
    if (market != NULL) {
        return sim_names_feed_by_id(names, market->feed);
    }
    const struct sim_named_asset *asset = sim_names_find_asset(names, name);
    return asset == NULL || asset->id == 0 ? NULL : sim_names_feed_by_id(names, asset->feed);
}

uint32_t sim_names_next_number(const struct sim_names *names, const char *owner)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < names->account_count; i++) {
        if (strcmp(names->accounts[i].owner, owner) == 0 && names->accounts[i].number >= next) {
            next = names->accounts[i].number + 1;
        }
    }
    return next;
}

static void *copy_array(const void *from, size_t count, size_t size)
{
    if (count == 0) {
        return NULL;
    }
    void *to = sim_bytes_alloc(count, size);
    memcpy(to, from, count * size);
    return to;
}

void sim_names_copy(struct sim_names *to, const struct sim_names *from)
{
    *to = *from;
    to->assets = copy_array(from->assets, from->asset_count, sizeof *from->assets);
    to->feeds = copy_array(from->feeds, from->feed_count, sizeof *from->feeds);
    to->markets = copy_array(from->markets, from->market_count, sizeof *from->markets);
    to->accounts = copy_array(from->accounts, from->account_count, sizeof *from->accounts);
    to->groups = copy_array(from->groups, from->group_count, sizeof *from->groups);
    to->lets = copy_array(from->lets, from->let_count, sizeof *from->lets);
    for (uint32_t i = 0; i < from->group_count; i++) {
        to->groups[i].accounts = copy_array(
            from->groups[i].accounts, from->groups[i].count, sizeof *from->groups[i].accounts);
    }
    const size_t counts[6] = {from->asset_count,
                              from->feed_count,
                              from->market_count,
                              from->account_count,
                              from->group_count,
                              from->let_count};
    memcpy(to->capacities, counts, sizeof counts);
}

void sim_names_free(struct sim_names *names)
{
    for (uint32_t i = 0; i < names->group_count; i++) {
        free(names->groups[i].accounts);
    }
    free(names->assets);
    free(names->feeds);
    free(names->markets);
    free(names->accounts);
    free(names->groups);
    free(names->lets);
    *names = (struct sim_names){0};
}
