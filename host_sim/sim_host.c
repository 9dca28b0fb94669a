/* SPDX-License-Identifier: Apache-2.0
 * The host functions over one call's context, store and outcome, and the traps of a call.
 * It knows no rule. */
#include "sim_host.h"

#include "sim_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_HOST_PLACE_MAX 256u

static _Thread_local struct sim_trap *sim_host_landing;

/* --- traps ------------------------------------------------------------------------------- */
void sim_host_trap_begin(struct sim_trap *trap, char *place)
{
    trap->place = place;
    trap->outer = sim_host_landing;
    sim_host_landing = trap;
}

void sim_host_trap_end(struct sim_trap *trap)
{
    sim_host_landing = trap->outer;
}

void sim_host_trap(const char *place)
{
    struct sim_trap *trap = sim_host_landing;
    if (trap == NULL) {
        sim_error_fatal("%s", place);
    }
    (void)snprintf(trap->place, SIM_HOST_PLACE_MAX, "%s", place);
    longjmp(trap->landing, 1);
}

void plm_assert_fail(const char *file, int line, const char *text)
{
    char place[SIM_HOST_PLACE_MAX];
    (void)snprintf(place, sizeof place, "%s:%d: %s", file, line, text);
    sim_host_trap(place);
}

void plm_host_panic(struct plm_host *host, uint32_t line)
{
    char place[SIM_HOST_PLACE_MAX];
    (void)host;
    (void)snprintf(place, sizeof place, "panic %u", line);
    sim_host_trap(place);
}

/* --- counting ---------------------------------------------------------------------------- */
static void sim_host_count(struct plm_host *host)
{
    host->outcome->host_calls++;
}

/* Counts a call that may fail and says whether this one does. */
static bool sim_host_fails(struct plm_host *host, const char *name)
{
    char place[SIM_HOST_PLACE_MAX];
    sim_host_count(host);
    if (host->is_query) {
        (void)snprintf(place, sizeof place, "a query called %s: queries store nothing", name);
        sim_host_trap(place);
    }
    host->outcome->failable_calls++;
    if (host->outcome->failable_calls == host->context->fail_host_call) {
        host->outcome->host_failed = true;
        return true;
    }
    return false;
}

/* Counts a record that was read. The one that is to be spoiled is of a version that no engine
 * knows, its first byte, now and whenever it is read again in this call. */
static void sim_host_spoil(struct plm_host *host, struct sim_span key, uint8_t *record)
{
    host->outcome->reads++;
    if (host->outcome->reads == host->context->spoil_read) {
        host->outcome->host_failed = true;
        memcpy(host->spoilt_key, key.bytes, key.length);
        host->spoilt_length = key.length;
    }
    if (key.length == host->spoilt_length && memcmp(key.bytes, host->spoilt_key, key.length) == 0) {
        record[0] = UINT8_MAX;
    }
}

/* Copies bytes behind the outcome's other bytes; its memory never moves during a call. */
static struct sim_span sim_host_keep(struct plm_host *host, const uint8_t *bytes, uint32_t length)
{
    struct sim_buffer *memory = &host->outcome->memory;
    if (length > memory->capacity - memory->length) {
        sim_host_trap("events and reply of one call are longer than 64 KiB");
    }
    uint8_t *at = memory->bytes + memory->length;
    if (length > 0) {
        memcpy(at, bytes, length);
    }
    memory->length += length;
    return (struct sim_span){at, length};
}

static struct sim_span sim_host_key(const uint8_t *key, uint32_t length)
{
    if (length == 0 || length > SIM_KEY_MAX) {
        sim_host_trap("a storage key is empty or longer than 40 bytes");
    }
    return (struct sim_span){key, length};
}

/* --- storage ----------------------------------------------------------------------------- */
int32_t plm_host_kv_get(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        uint8_t *buffer,
                        uint32_t capacity)
{
    const struct sim_span span = sim_host_key(key, key_length);
    struct sim_span value = {NULL, 0};
    sim_host_count(host);
    if (!sim_store_get(host->store, span, &value)) {
        return -1;
    }
    const size_t count = value.length < capacity ? value.length : capacity;
    if (count > 0) {
        memcpy(buffer, value.bytes, count);
        sim_host_spoil(host, span, buffer);
    }
    return (int32_t)value.length;
}

/* plm_host.h: pay comes after the last write. A chain that pays at once must never send tokens
 * before the records say so. [LEDGER-6] */
static void sim_host_check_unpaid(const struct plm_host *host)
{
    if (host->outcome->payment_count > 0) {
        sim_host_trap("a record is written after a payment of the same call");
    }
}

plm_err plm_host_kv_set(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        const uint8_t *value,
                        uint32_t value_length)
{
    const struct sim_span span = sim_host_key(key, key_length);
    if (value_length == 0 || value_length > (uint32_t)PLM_LIMIT_RECORD_MAX) {
        sim_host_trap("a stored value is empty or longer than RECORD_MAX");
    }
    sim_host_check_unpaid(host);
    if (sim_host_fails(host, "kv_set")) {
        return PLM_E_HOST;
    }
    host->effects++;
    sim_store_set(host->store, span, (struct sim_span){value, value_length});
    return PLM_OK;
}

plm_err plm_host_kv_del(struct plm_host *host, const uint8_t *key, uint32_t key_length)
{
    const struct sim_span span = sim_host_key(key, key_length);
    sim_host_check_unpaid(host);
    if (sim_host_fails(host, "kv_del")) {
        return PLM_E_HOST;
    }
    host->effects++;
    sim_store_del(host->store, span);
    return PLM_OK;
}

/* --- context ----------------------------------------------------------------------------- */
void plm_host_caller(struct plm_host *host, struct plm_addr *out)
{
    sim_host_count(host);
    *out = host->context->caller;
}

void plm_host_self(struct plm_host *host, struct plm_addr *out)
{
    sim_host_count(host);
    *out = host->context->self;
}

plm_time plm_host_time(struct plm_host *host)
{
    sim_host_count(host);
    return (plm_time){host->context->time};
}

uint64_t plm_host_height(struct plm_host *host)
{
    sim_host_count(host);
    return host->context->height;
}

uint32_t plm_host_funds(struct plm_host *host, struct plm_fund *out, uint32_t capacity)
{
    sim_host_count(host);
    const uint32_t count = host->context->fund_count;
    for (uint32_t i = 0; i < count && i < capacity; i++) {
        out[i] = host->context->funds[i];
    }
    return count;
}

uint64_t plm_host_lab_rules(struct plm_host *host)
{
    return host->context->lab;
}

/* --- effects ----------------------------------------------------------------------------- */
plm_err plm_host_pay(struct plm_host *host,
                     const struct plm_addr *to,
                     const struct plm_addr *token,
                     const plm_amt *atoms,
                     uint64_t payout_id)
{
    struct sim_outcome *outcome = host->outcome;
    if (to->length > sizeof to->bytes || token->length > sizeof token->bytes) {
        sim_host_trap("a payment names an address longer than 64 bytes");
    }
    if (sim_host_fails(host, "pay")) {
        return PLM_E_HOST;
    }
    host->effects++;
    outcome->payments = sim_bytes_grow(outcome->payments,
                                       &outcome->payment_capacity,
                                       outcome->payment_count + 1,
                                       sizeof(struct sim_payment));
    outcome->payments[outcome->payment_count++] = (struct sim_payment){
        .to = sim_abi_addr(to->bytes, to->length),
        .token = sim_abi_addr(token->bytes, token->length),
        .atoms = sim_abi_int_of(atoms->atoms),
        .payout = payout_id,
    };
    return PLM_OK;
}

void plm_host_event(struct plm_host *host, uint32_t id, const uint8_t *bytes, uint32_t length)
{
    struct sim_outcome *outcome = host->outcome;
    sim_host_count(host);
    if (host->is_query) {
        sim_host_trap("a query emitted an event");
    }
    host->effects++;
    outcome->events = sim_bytes_grow(outcome->events,
                                     &outcome->event_capacity,
                                     outcome->event_count + 1,
                                     sizeof(struct sim_event));
    outcome->events[outcome->event_count++] =
        (struct sim_event){id, sim_host_keep(host, bytes, length)};
}

void plm_host_return(struct plm_host *host, const uint8_t *bytes, uint32_t length)
{
    sim_host_count(host);
    if (host->has_returned) {
        sim_host_trap("a call returned twice");
    }
    host->has_returned = true;
    host->outcome->reply = sim_host_keep(host, bytes, length);
}

void plm_host_sha256(struct plm_host *host, const uint8_t *bytes, uint32_t length, uint8_t *out32)
{
    sim_host_count(host);
    sim_bytes_sha256(bytes, length, out32);
}
