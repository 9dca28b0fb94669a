/* SPDX-License-Identifier: Apache-2.0
 * One small generator of random numbers, integers only: splitmix64. The same seed gives the same
 * run on every machine. Not for security. */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdint.h>

struct sim_random {
    uint64_t state;
};

static inline uint64_t sim_random_next(struct sim_random *random)
{
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = random->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* below: uniform in [0, bound); bound is not 0. */
static inline uint64_t sim_random_below(struct sim_random *random, uint64_t bound)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)(((wide)sim_random_next(random) * bound) >> 64);
}

/* between: uniform in [low, high]. */
static inline uint64_t sim_random_between(struct sim_random *random, uint64_t low, uint64_t high)
{
    return low + sim_random_below(random, high - low + 1u);
}

/* bell: about normal with mean 0 and deviation 1000, within +-6000: the sum of twelve dice. */
static inline int64_t sim_random_bell(struct sim_random *random)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < 12u; i++) {
        sum += (int64_t)sim_random_below(random, 1000u);
    }
    return sum - 5994;
}

#endif
