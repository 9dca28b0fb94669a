// SPDX-License-Identifier: Apache-2.0
// build: sim tests/peers/peers_read.c tests/peers/peers_margin.c tests/peers/peers_liquidation.c
/* Published cases of other systems against the core, at our rounding law. The folder is read in
 * place; without it the test is skipped. Prints passed, differing by design and failed by file. */
#include "peers.h"

#include <stdio.h>
#include <string.h>

#define SKIPPED 77

static const char *const topics[] = {
    "bankruptcy_price",
    "close_schedule",
    "collateral_weight_scaling",
    "funding_index",
    "insurance_delta",
    "less_risky_transition",
    "liquidation_price",
    "liquidation_rate_window",
    "oi_scaled_initial_margin",
    "partial_liquidation_size",
    "risk_ordering",
    "size_premium",
    "time_growing_fee",
};

static const struct peer_function *
find(const struct peer_function *functions, const char *topic, const char *name)
{
    for (; functions->topic != NULL; functions++) {
        if (strcmp(functions->topic, topic) == 0 && strcmp(functions->function, name) == 0) {
            return functions;
        }
    }
    return NULL;
}

static enum peer_result run_case(const char *topic, const json_t *row)
{
    struct peer_case c = {.inputs = json_object_get(row, "inputs"),
                          .expected = json_object_get(row, "expected"),
                          .law = json_object_get(row, "expected_law_r")};
    const char *name = peer_text(row, "function");
    const struct peer_function *function = find(peer_margin_functions, topic, name);
    if (function == NULL) {
        function = find(peer_liquidation_functions, topic, name);
    }
    if (function == NULL) {
        (void)printf("%s: no check of %s; add one\n", peer_text(row, "id"), name);
        return PEER_FAILED;
    }
    const enum peer_result result = function->run(&c);
    if (result == PEER_DIFFERS) {
        (void)printf("%s differs by design: %s\n", peer_text(row, "id"), c.why);
    }
    if (result == PEER_FAILED) {
        (void)printf("%s failed: %s\n", peer_text(row, "id"), c.why);
    }
    return result;
}

static bool run_topic(const char *folder, const char *topic, unsigned counts[3])
{
    char path[4096];
    json_error_t error;
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, topic);
    json_t *file = json_load_file(path, 0, &error);
    const json_t *cases = json_object_get(file, "cases");
    if (file == NULL || json_array_size(cases) == 0) {
        (void)printf("%s.json: %s\n", topic, file == NULL ? error.text : "no cases");
        return false;
    }
    for (size_t i = 0; i < json_array_size(cases); i++) {
        counts[run_case(topic, json_array_get(cases, i))]++;
    }
    json_decref(file);
    return true;
}

int main(void)
{
    const char *const shared = PLIMSOLL_SHARED;
    const size_t count = sizeof topics / sizeof topics[0];
    unsigned counts[sizeof topics / sizeof topics[0]][3] = {{0}};
    bool fine = true;
    char folder[2048];
    (void)snprintf(folder, sizeof folder, "%s/vectors", shared);
    if (shared[0] == '\0') {
        (void)printf("skipped: needs the peers' vectors, set PLIMSOLL_SHARED\n");
        return SKIPPED;
    }
    for (size_t i = 0; i < count; i++) {
        fine = run_topic(folder, topics[i], counts[i]) && counts[i][PEER_FAILED] == 0 && fine;
    }
    (void)printf("%-28s%8s%10s%8s\n", "file", "passed", "by design", "failed");
    for (size_t i = 0; i < count; i++) {
        (void)printf("%-28s%8u%10u%8u\n", topics[i], counts[i][0], counts[i][1], counts[i][2]);
    }
    return fine ? 0 : 1;
}
