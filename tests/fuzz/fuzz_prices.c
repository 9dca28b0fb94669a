// SPDX-License-Identifier: Apache-2.0
/* Random bytes as a price file: it is refused with a sentence, or its bars are sound, and written
 * out they read back the same.
 * build: sim host_sim/sim_prices.c tests/fuzz/canary.c */
#include "sim_prices.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/canary.h"

static struct plm_fuzz_canary canaries[] = {
    {"files refused", 1, 0},
    {"files read", 1, 0},
    {"files of three bars and more", 1, 0},
};

enum {
    REFUSED,
    READ,
    LONG
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_bars(const struct sim_prices *prices)
{
    require(prices->count != 0 && prices->step != 0);
    for (size_t i = 0; i < prices->count; i++) {
        const struct sim_bar *bar = &prices->bars[i];
        require(bar->low <= bar->high && bar->low != 0 && bar->open != 0 && bar->close != 0);
        require(i == 0 || bar->time > prices->bars[i - 1].time);
        require(sim_prices_path(bar, prices->step, 0) == bar->open);
        require(sim_prices_path(bar, prices->step, prices->step) == bar->close);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sim_prices_options options = {0};
    struct sim_prices prices = {0};
    struct sim_prices again = {0};
    struct sim_prices_fault fault = {0};
    struct sim_buffer text = {0};
    plm_fuzz_canaries(canaries, sizeof canaries / sizeof canaries[0]);
    if (!sim_prices_parse((const char *)data, size, &options, &prices, &fault)) {
        canaries[REFUSED].count++;
        require(fault.why[0] != '\0' && prices.bars == NULL);
        return 0;
    }
    canaries[READ].count++;
    canaries[LONG].count += prices.count >= 3 ? 1 : 0;
    check_bars(&prices);
    sim_prices_write_csv(&prices, &text);
    require(sim_prices_parse(sim_bytes_text(&text), text.length, &options, &again, &fault));
    require(again.count == prices.count);
    require(memcmp(again.bars, prices.bars, prices.count * sizeof(*prices.bars)) == 0);
    sim_bytes_free(&text);
    sim_prices_free(&again);
    sim_prices_free(&prices);
    return 0;
}
