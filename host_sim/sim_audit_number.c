/* SPDX-License-Identifier: Apache-2.0
 * Products and quotients in 256 bits, by the schoolbook: 32-bit digits and long division by bits.
 * Slow and plain on purpose. */
#include "sim_audit_number.h"

#define SIM_DIGITS 8u /* of 32 bits: 256 bits */

struct sim_audit_wide {
    uint32_t digit[SIM_DIGITS]; /* least first */
};

static struct sim_audit_wide sim_audit_product(sim_uint a, sim_uint b)
{
    struct sim_audit_wide product = {{0}};
    for (uint32_t i = 0; i < SIM_DIGITS / 2u; i++) {
        uint64_t carry = 0;
        const uint64_t left = (uint32_t)(a >> (32u * i));
        for (uint32_t j = 0; j < SIM_DIGITS / 2u; j++) {
            const uint64_t right = (uint32_t)(b >> (32u * j));
            const uint64_t sum = left * right + product.digit[i + j] + carry;
            product.digit[i + j] = (uint32_t)sum;
            carry = sum >> 32;
        }
        product.digit[i + SIM_DIGITS / 2u] = (uint32_t)carry;
    }
    return product;
}

static int sim_audit_compare_wide(const struct sim_audit_wide *a, const struct sim_audit_wide *b)
{
    for (uint32_t i = SIM_DIGITS; i > 0; i--) {
        if (a->digit[i - 1] != b->digit[i - 1]) {
            return a->digit[i - 1] < b->digit[i - 1] ? -1 : 1;
        }
    }
    return 0;
}

static sim_uint sim_audit_magnitude(sim_int a)
{
    return a < 0 ? (sim_uint)0 - (sim_uint)a : (sim_uint)a;
}

static int sim_audit_sign(sim_int a, sim_int b)
{
    if (a == 0 || b == 0) {
        return 0;
    }
    return (a < 0) == (b < 0) ? 1 : -1;
}

int sim_audit_compare(sim_int a, sim_int b, sim_int c, sim_int d)
{
    const int left = sim_audit_sign(a, b);
    const int right = sim_audit_sign(c, d);
    if (left != right) {
        return left < right ? -1 : 1;
    }
    sim_int ab = 0;
    sim_int cd = 0;
    if (!__builtin_mul_overflow(a, b, &ab) && !__builtin_mul_overflow(c, d, &cd)) {
        return ab < cd ? -1 : (ab > cd ? 1 : 0);
    }
    const struct sim_audit_wide one =
        sim_audit_product(sim_audit_magnitude(a), sim_audit_magnitude(b));
    const struct sim_audit_wide two =
        sim_audit_product(sim_audit_magnitude(c), sim_audit_magnitude(d));
    const int order = sim_audit_compare_wide(&one, &two);
    return left < 0 ? -order : order;
}

/* Long division, bit by bit. *rest tells whether anything remains. */
static sim_int sim_audit_muldiv(sim_int a, sim_int b, sim_int d, bool *rest)
{
    sim_int small = 0;
    if (!__builtin_mul_overflow(a, b, &small)) {
        *rest = small % d != 0;
        return small / d;
    }
    const struct sim_audit_wide product = sim_audit_product((sim_uint)a, (sim_uint)b);
    sim_uint remainder = 0;
    sim_uint quotient = 0;
    bool fits = true;
    for (uint32_t bit = 32u * SIM_DIGITS; bit > 0; bit--) {
        const uint32_t at = bit - 1u;
        remainder = remainder << 1 | (product.digit[at / 32u] >> (at % 32u) & 1u);
        fits = fits && (quotient >> 126) == 0;
        quotient <<= 1;
        if (remainder >= (sim_uint)d) {
            remainder -= (sim_uint)d;
            quotient |= 1u;
        }
    }
    *rest = remainder != 0;
    return fits ? (sim_int)quotient : SIM_INT_MOST;
}

sim_int sim_audit_muldiv_floor(sim_int a, sim_int b, sim_int d)
{
    bool rest = false;
    return sim_audit_muldiv(a, b, d, &rest);
}

sim_int sim_audit_muldiv_ceil(sim_int a, sim_int b, sim_int d)
{
    bool rest = false;
    const sim_int quotient = sim_audit_muldiv(a, b, d, &rest);
    return rest && quotient != SIM_INT_MOST ? quotient + 1 : quotient;
}

sim_int sim_audit_power(uint32_t n)
{
    sim_int power = 1;
    for (uint32_t i = 0; i < n; i++) {
        power *= 10;
    }
    return power;
}
