// SPDX-License-Identifier: Apache-2.0
/* The four memory functions a freestanding compiler may call, for wasm.
 * Compiled with -fno-builtin, so that a loop below is not turned into a call of itself. Words are
 * read and written through a type that may be unaligned and may alias anything. */
#include <stddef.h>
#include <stdint.h>

#define PLM_RT_WORD 8U

struct plm_rt_word {
    uint64_t bits;
} __attribute__((packed, may_alias));

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *left, const void *right, size_t count);

/* Copies upward: right where the ranges do not overlap or `to` lies below `from`. */
static void plm_rt_copy_up(unsigned char *to, const unsigned char *from, size_t count)
{
    size_t done = 0;
    for (; count - done >= PLM_RT_WORD; done += PLM_RT_WORD) {
        const struct plm_rt_word word = *(const struct plm_rt_word *)(const void *)(from + done);
        *(struct plm_rt_word *)(void *)(to + done) = word;
    }
    for (; done < count; done++) {
        to[done] = from[done];
    }
}

/* Copies downward: right where `to` lies above `from`. */
static void plm_rt_copy_down(unsigned char *to, const unsigned char *from, size_t count)
{
    size_t left = count;
    for (; left >= PLM_RT_WORD; left -= PLM_RT_WORD) {
        const size_t at = left - PLM_RT_WORD;
        const struct plm_rt_word word = *(const struct plm_rt_word *)(const void *)(from + at);
        *(struct plm_rt_word *)(void *)(to + at) = word;
    }
    for (; left > 0; left--) {
        to[left - 1] = from[left - 1];
    }
}

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    plm_rt_copy_up((unsigned char *)to, (const unsigned char *)from, count);
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    if ((uintptr_t)to <= (uintptr_t)from) {
        plm_rt_copy_up((unsigned char *)to, (const unsigned char *)from, count);
    } else {
        plm_rt_copy_down((unsigned char *)to, (const unsigned char *)from, count);
    }
    return to;
}

void *memset(void *to, int byte, size_t count)
{
    unsigned char *bytes = (unsigned char *)to;
    const uint64_t each_byte = UINT64_C(0x0101010101010101);
    const struct plm_rt_word word = {(uint64_t)(unsigned char)byte * each_byte};
    size_t done = 0;
    for (; count - done >= PLM_RT_WORD; done += PLM_RT_WORD) {
        *(struct plm_rt_word *)(void *)(bytes + done) = word;
    }
    for (; done < count; done++) {
        bytes[done] = (unsigned char)byte;
    }
    return to;
}

int memcmp(const void *left, const void *right, size_t count)
{
    const unsigned char *a = (const unsigned char *)left;
    const unsigned char *b = (const unsigned char *)right;
    size_t done = 0;
    for (; count - done >= PLM_RT_WORD; done += PLM_RT_WORD) {
        const struct plm_rt_word word_a = *(const struct plm_rt_word *)(const void *)(a + done);
        const struct plm_rt_word word_b = *(const struct plm_rt_word *)(const void *)(b + done);
        if (word_a.bits != word_b.bits) {
            break;
        }
    }
    for (; done < count; done++) {
        if (a[done] != b[done]) {
            return (int)a[done] - (int)b[done];
        }
    }
    return 0;
}
