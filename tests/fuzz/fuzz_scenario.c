// SPDX-License-Identifier: Apache-2.0
// build: sim host_sim/sim_scenario_parse.c host_sim/sim_scenario_list.c tests/fuzz/canary.c
/* Any bytes as a scenario file: the parser and the check refuse or accept, and never crash, leak or
 * read beyond. What the check accepts it accepts again: names and numbers have no hidden state. */
#include "sim_scenario.h"

#include <stdlib.h>

#include "fuzz/canary.h"

static struct plm_fuzz_canary canaries[] = {
    {"files that do not parse", 1, 0},
    {"files that parse, and name what is not there", 1, 0},
    {"files that may be played", 1, 0},
};

enum {
    UNREADABLE,
    REFUSED,
    GOOD
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool check(const struct sim_script *script)
{
    struct sim_scenario s;
    sim_scenario_begin(&s, "fuzz.scn", script, NULL);
    const bool is_good = sim_scenario_run(&s);
    if (!is_good && s.fault.why[0] == '\0') {
        abort(); /* a refusal says what and what to do */
    }
    sim_scenario_end(&s);
    return is_good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sim_script script = {0};
    struct sim_fault fault = {0};
    plm_fuzz_canaries(canaries, sizeof canaries / sizeof canaries[0]);
    if (size > 16384) {
        return 0;
    }
    if (!sim_script_parse((const char *)data, size, &script, &fault)) {
        if (fault.why[0] == '\0') {
            abort();
        }
        canaries[UNREADABLE].count++;
        return 0;
    }
    const bool is_good = check(&script);
    canaries[is_good ? GOOD : REFUSED].count++;
    if (is_good != check(&script)) {
        abort();
    }
    sim_script_free(&script);
    return 0;
}
