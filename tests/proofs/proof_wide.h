// SPDX-License-Identifier: Apache-2.0
/* Contracts of the 128-bit numbers: what the proofs of rules may assume of plm_wide.h, as integers.
 * Frama-C reads this file; no compiler does. The contracts marked ASSUMED are about functions whose
 * bits the prover cannot follow: they are listed in README.md with the tests that cover them. */
#ifndef PLM_PROOF_WIDE_H
#define PLM_PROOF_WIDE_H

#include <plm/plm_units.h>

#include <stdbool.h>
#include <stdint.h>

/* A failed assertion stops the call. Here it must not be reachable: every PLM_ASSERT in a proved
 * function is a goal. */
/*@ requires assertion_holds: \false;
    assigns \nothing;
    ensures \false; */
_Noreturn void plm_assert_fail(const char *file, int line, const char *text);

/* The overflow builtins only have to parse: the functions that use them enter by their contracts.
 */
bool proof_overflows(void *out);
#define __builtin_add_overflow(a, b, out) ((void)(a), (void)(b), proof_overflows(out))
#define __builtin_sub_overflow(a, b, out) ((void)(a), (void)(b), proof_overflows(out))

/* ASSUMED */
/*@ requires \valid(out);
    assigns *out;
    ensures \result != 0 <==> a + b <= UINT64_MAX;
    ensures \result != 0 ==> *out == a + b;
    ensures \result == 0 ==> *out == \old(*out); */
static inline bool plm_int_add_u64_checked(uint64_t a, uint64_t b, uint64_t *out);
/* ASSUMED */
/*@ requires \valid(out);
    assigns *out;
    ensures \result != 0 <==> -INT64_MAX <= a + b <= INT64_MAX;
    ensures \result != 0 ==> *out == a + b;
    ensures \result == 0 ==> *out == \old(*out); */
static inline bool plm_int_add_i64_checked(int64_t a, int64_t b, int64_t *out);
/* ASSUMED */
/*@ requires \valid(out);
    assigns *out;
    ensures \result != 0 <==> -INT64_MAX <= a - b <= INT64_MAX;
    ensures \result != 0 ==> *out == a - b;
    ensures \result == 0 ==> *out == \old(*out); */
static inline bool plm_int_sub_i64_checked(int64_t a, int64_t b, int64_t *out);

/*@ requires b != 0;
    assigns \nothing;
    ensures \result == a / b; */
static inline uint64_t plm_int_div_u64_floor(uint64_t a, uint64_t b);

/*@ logic integer I128(plm_i128 a) = a.hi * 0x10000000000000000 + a.lo;
    logic integer LIMIT = 0x80000000000000000000000000000000;
    predicate fits_i128(integer x) = -LIMIT < x < LIMIT; */

/*@ assigns \nothing;
    ensures \result.hi == hi && \result.lo == lo; */
static inline plm_i128 plm_wide_i128_make(int64_t hi, uint64_t lo);
/*@ assigns \nothing;
    ensures I128(\result) == a; */
static inline plm_i128 plm_wide_i128_from_u64(uint64_t a);
/*@ assigns \nothing;
    ensures \result != 0 <==> I128(a) == 0; */
static inline bool plm_wide_i128_is_zero(plm_i128 a);
/*@ assigns \nothing;
    ensures \result != 0 <==> I128(a) < 0; */
static inline bool plm_wide_i128_is_negative(plm_i128 a);
/*@ assigns \nothing;
    ensures \result != 0 <==> I128(a) > 0; */
static inline bool plm_wide_i128_is_positive(plm_i128 a);
/*@ assigns \nothing;
    ensures \result != 0 <==> fits_i128(I128(a)); */
static inline bool plm_wide_i128_is_value(plm_i128 a);
/*@ assigns \nothing;
    ensures \result == -1 || \result == 0 || \result == 1;
    ensures \result < 0 <==> I128(a) < I128(b);
    ensures \result > 0 <==> I128(a) > I128(b); */
static inline int plm_wide_i128_cmp(plm_i128 a, plm_i128 b);

/* ASSUMED */
/*@ requires \valid(out);
    assigns *out;
    ensures \result != 0 <==> fits_i128(I128(a) + I128(b));
    ensures \result != 0 ==> I128(*out) == I128(a) + I128(b);
    ensures \result == 0 ==> *out == \old(*out); */
static inline bool plm_wide_i128_add_checked(plm_i128 a, plm_i128 b, plm_i128 *out);
/* ASSUMED */
/*@ requires \valid(out);
    assigns *out;
    ensures \result != 0 <==> fits_i128(I128(a) - I128(b));
    ensures \result != 0 ==> I128(*out) == I128(a) - I128(b);
    ensures \result == 0 ==> *out == \old(*out); */
static inline bool plm_wide_i128_sub_checked(plm_i128 a, plm_i128 b, plm_i128 *out);
/*@ requires fits_i128(I128(a) + I128(b));
    assigns \nothing;
    ensures I128(\result) == I128(a) + I128(b); */
static inline plm_i128 plm_wide_i128_add(plm_i128 a, plm_i128 b);
/*@ requires fits_i128(I128(a) - I128(b));
    assigns \nothing;
    ensures I128(\result) == I128(a) - I128(b); */
static inline plm_i128 plm_wide_i128_sub(plm_i128 a, plm_i128 b);
/* ASSUMED */
/*@ requires fits_i128(I128(a));
    assigns \nothing;
    ensures I128(\result) == -I128(a); */
static inline plm_i128 plm_wide_i128_neg(plm_i128 a);
/* ASSUMED */
/*@ requires a != INT64_MIN;
    assigns \nothing;
    ensures I128(\result) == a * b; */
static inline plm_i128 plm_wide_i128_mul_i64_u64(int64_t a, uint64_t b);
/* ASSUMED */
/*@ assigns \nothing;
    ensures I128(\result) == a * b; */
static inline plm_i128 plm_wide_i128_mul_i64(int64_t a, int64_t b);

#endif
