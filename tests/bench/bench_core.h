/* SPDX-License-Identifier: Apache-2.0
 * Kernels of the core for `plimsoll bench`, compiled natively and to wasm from the same source.
 * Each runs `count` times over fixed operands and returns a sum, so that nothing is optimised away.
 * It measures nothing itself: a contract has no clock. */
#ifndef PLM_TESTS_BENCH_BENCH_CORE_H
#define PLM_TESTS_BENCH_BENCH_CORE_H

#include <stdint.h>

#if defined(__wasm__)
#define BENCH_EXPORT(name) __attribute__((export_name(#name)))
#else
#define BENCH_EXPORT(name)
#endif

/* begin: draws the operands; call it once. */
BENCH_EXPORT(begin) void bench_core_begin(void);
/* nothing: the loop around the others. */
BENCH_EXPORT(nothing) uint64_t bench_core_nothing(uint32_t count);
/* muldiv: a x b / 1e18 by the reciprocal of a constant; a x b / c for any c of up to 128 bits. */
BENCH_EXPORT(constant) uint64_t bench_core_constant(uint32_t count);
BENCH_EXPORT(generic) uint64_t bench_core_generic(uint32_t count);
/* margin: all figures of one decoded account with 1 to 32 positions, each in a market of its own.
 * Every market has a size premium, which binds for a tenth of the positions; prices have two sides.
 */
BENCH_EXPORT(margin) uint64_t bench_core_margin(uint32_t positions, uint32_t count);

#endif
