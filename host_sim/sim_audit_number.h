/* SPDX-License-Identifier: Apache-2.0
 * Exact integers of the auditor: the compiler's 128 bits, products in 256 bits, sums that say when
 * they leave 128 bits. Written without a look at the core's arithmetic, so that the two check each
 * other. It knows no rule. */
#ifndef SIM_AUDIT_NUMBER_H
#define SIM_AUDIT_NUMBER_H

#include "sim_bytes.h"

#include "plm/plm_units.h"

#define SIM_PPM 1000000

/* A sum modulo 2^128: equal sums stay equal, whatever a forged record holds. */
static inline sim_int sim_audit_add(sim_int a, sim_int b)
{
    sim_int sum = 0;
    (void)__builtin_add_overflow(a, b, &sum);
    return sum;
}

static inline sim_int sim_audit_sub(sim_int a, sim_int b)
{
    sim_int difference = 0;
    (void)__builtin_sub_overflow(a, b, &difference);
    return difference;
}

/* A product modulo 2^128. */
static inline sim_int sim_audit_times(sim_int a, sim_int b)
{
    sim_int product = 0;
    (void)__builtin_mul_overflow(a, b, &product);
    return product;
}

static inline sim_int sim_audit_int(plm_i128 value)
{
    return (sim_int)((sim_uint)(uint64_t)value.hi << 64 | value.lo);
}

static inline sim_int sim_audit_min(sim_int a, sim_int b)
{
    return a < b ? a : b;
}

static inline sim_int sim_audit_max(sim_int a, sim_int b)
{
    return a > b ? a : b;
}

static inline sim_int sim_audit_abs(sim_int a)
{
    return a < 0 ? sim_audit_sub(0, a) : a;
}

/* Least and greatest integer around a quotient of numbers that are not negative; d > 0. */
static inline sim_int sim_audit_floor(sim_int n, sim_int d)
{
    return n / d;
}

static inline sim_int sim_audit_ceil(sim_int n, sim_int d)
{
    return n / d + (n % d != 0 ? 1 : 0);
}

/* The sign of a x b - c x d, exact in 256 bits. */
int sim_audit_compare(sim_int a, sim_int b, sim_int c, sim_int d);
/* floor(a x b / d) and ceil, exact; a, b >= 0, d > 0. A quotient above 2^127 - 1 gives that. */
sim_int sim_audit_muldiv_floor(sim_int a, sim_int b, sim_int d);
sim_int sim_audit_muldiv_ceil(sim_int a, sim_int b, sim_int d);
/* 10^n, n <= 38. */
sim_int sim_audit_power(uint32_t n);

#define SIM_INT_MOST ((sim_int)(~(sim_uint)0 >> 1))

#endif
