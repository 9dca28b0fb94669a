/* SPDX-License-Identifier: Apache-2.0
 * Lockstep: two outcomes of the same call must be the same, byte for byte.
 * It knows nothing of what the bytes mean beyond their names. */
#include "sim_world_compare.h"

/* Both sides of one comparison. */
struct sim_pair {
    const struct sim_outcome *sides[2];
    const char *names[2];
    struct sim_buffer *text;
};

static const char *sim_compare_result(const struct sim_outcome *outcome)
{
    return outcome->trapped ? outcome->place : sim_abi_code_name(outcome->code);
}

static bool sim_compare_results(const struct sim_pair *pair)
{
    const struct sim_outcome *left = pair->sides[0];
    const struct sim_outcome *right = pair->sides[1];
    if (left->trapped && right->trapped) {
        return true; /* The places have names of their own. */
    }
    if (left->trapped != right->trapped || left->code != right->code) {
        sim_bytes_add_format(pair->text,
                             "engines differ in the result\n  %s: %s\n  %s: %s",
                             pair->names[0],
                             sim_compare_result(left),
                             pair->names[1],
                             sim_compare_result(right));
        return false;
    }
    return true;
}

static bool sim_compare_events(const struct sim_pair *pair)
{
    const struct sim_outcome *left = pair->sides[0];
    const struct sim_outcome *right = pair->sides[1];
    for (uint32_t i = 0; i < left->event_count || i < right->event_count; i++) {
        const bool is_same = i < left->event_count && i < right->event_count &&
                             left->events[i].id == right->events[i].id &&
                             sim_bytes_equal(left->events[i].bytes, right->events[i].bytes);
        if (is_same) {
            continue;
        }
        sim_bytes_add_format(pair->text, "engines differ in event %u", i + 1);
        for (uint32_t side = 0; side < 2; side++) {
            const struct sim_outcome *outcome = pair->sides[side];
            sim_bytes_add_format(pair->text, "\n  %s: ", pair->names[side]);
            if (i < outcome->event_count) {
                const struct sim_event *event = &outcome->events[i];
                sim_abi_print_event(event->id, event->bytes, pair->text);
            } else {
                sim_bytes_add_text(pair->text, "none");
            }
        }
        return false;
    }
    return true;
}

static void sim_compare_print_payment(const struct sim_payment *payment, struct sim_buffer *text)
{
    char atoms[SIM_INT_TEXT_MAX];
    sim_bytes_add_format(text,
                         "payout %llu of %s atoms of ",
                         (unsigned long long)payment->payout,
                         sim_bytes_int_text(payment->atoms, atoms));
    sim_bytes_add_hex(text, (struct sim_span){payment->token.bytes, payment->token.length});
    sim_bytes_add_text(text, " to ");
    sim_bytes_add_hex(text, (struct sim_span){payment->to.bytes, payment->to.length});
}

static bool sim_compare_payments(const struct sim_pair *pair)
{
    const struct sim_outcome *left = pair->sides[0];
    const struct sim_outcome *right = pair->sides[1];
    for (uint32_t i = 0; i < left->payment_count || i < right->payment_count; i++) {
        const bool are_both = i < left->payment_count && i < right->payment_count;
        const struct sim_payment *a = are_both ? &left->payments[i] : NULL;
        const struct sim_payment *b = are_both ? &right->payments[i] : NULL;
        if (are_both && a->payout == b->payout && a->atoms == b->atoms &&
            sim_abi_addr_equal(&a->to, &b->to) && sim_abi_addr_equal(&a->token, &b->token)) {
            continue;
        }
        sim_bytes_add_format(pair->text, "engines differ in payment %u", i + 1);
        for (uint32_t side = 0; side < 2; side++) {
            const struct sim_outcome *outcome = pair->sides[side];
            sim_bytes_add_format(pair->text, "\n  %s: ", pair->names[side]);
            if (i < outcome->payment_count) {
                sim_compare_print_payment(&outcome->payments[i], pair->text);
            } else {
                sim_bytes_add_text(pair->text, "none");
            }
        }
        return false;
    }
    return true;
}

static bool sim_compare_replies(const struct sim_pair *pair)
{
    if (sim_bytes_equal(pair->sides[0]->reply, pair->sides[1]->reply)) {
        return true;
    }
    sim_bytes_add_text(pair->text, "engines differ in the reply");
    for (uint32_t side = 0; side < 2; side++) {
        sim_bytes_add_format(pair->text, "\n  %s: ", pair->names[side]);
        sim_bytes_add_hex(pair->text, pair->sides[side]->reply);
    }
    return false;
}

static bool sim_compare_is_same_write(const struct sim_write *a, const struct sim_write *b)
{
    return sim_bytes_equal(sim_abi_key_span(&a->key), sim_abi_key_span(&b->key)) &&
           (a->after.bytes == NULL) == (b->after.bytes == NULL) &&
           sim_bytes_equal(a->after, b->after);
}

static bool sim_compare_writes(const struct sim_pair *pair)
{
    const struct sim_writes *left = &pair->sides[0]->writes;
    const struct sim_writes *right = &pair->sides[1]->writes;
    for (uint32_t i = 0; i < left->count || i < right->count; i++) {
        if (i < left->count && i < right->count &&
            sim_compare_is_same_write(&left->rows[i], &right->rows[i])) {
            continue;
        }
        sim_bytes_add_format(pair->text, "engines differ in changed key %u", i + 1);
        for (uint32_t side = 0; side < 2; side++) {
            const struct sim_writes *writes = &pair->sides[side]->writes;
            sim_bytes_add_format(pair->text, "\n  %s: ", pair->names[side]);
            if (i >= writes->count) {
                sim_bytes_add_text(pair->text, "none");
                continue;
            }
            const struct sim_write *write = &writes->rows[i];
            struct sim_buffer record = {0};
            sim_abi_print_key(sim_abi_key_span(&write->key), pair->text);
            sim_bytes_add_text(pair->text, " = ");
            sim_bytes_add_hex(pair->text, write->after);
            sim_abi_print_record(sim_abi_key_span(&write->key), write->after, &record);
            sim_bytes_add_format(pair->text, "\n    that is %s", sim_bytes_text(&record));
            sim_bytes_free(&record);
        }
        return false;
    }
    return true;
}

bool sim_world_compare(const struct sim_outcome *left,
                       const char *left_name,
                       const struct sim_outcome *right,
                       const char *right_name,
                       struct sim_buffer *text)
{
    const struct sim_pair pair = {{left, right}, {left_name, right_name}, text};
    if (!sim_compare_results(&pair)) {
        return false;
    }
    if (left->trapped) {
        return true;
    }
    return sim_compare_events(&pair) && sim_compare_payments(&pair) && sim_compare_replies(&pair) &&
           sim_compare_writes(&pair);
}
