/* SPDX-License-Identifier: Apache-2.0
 * The adapter of the simulator's chain: the plainest one there can be. Each host function is one
 * import of module `env`, each entry one export. The table of both is README.md beside this file.
 * It knows no rule and does no arithmetic on money. */
#include "plm_abi.h"

#include <plm/plm_engine.h>
#include <plm/plm_host.h>

/* One byte more than the longest message, so that a longer one is seen to be too long. */
#define PLM_SIM_BUFFER_BYTES ((uint32_t)PLM_LIMIT_MESSAGE_MAX + 1U)

#define PLM_SIM_IMPORT(name) __attribute__((import_module("env"), import_name(name)))
#define PLM_SIM_EXPORT(name) __attribute__((export_name(name)))

/* This chain has one contract and one call at a time: there is nothing to remember. */
struct plm_host {
    uint8_t unused;
};

PLM_SIM_IMPORT("kv_get")
int32_t plm_sim_kv_get(const uint8_t *key, uint32_t key_length, uint8_t *buffer, uint32_t capacity);
PLM_SIM_IMPORT("kv_set")
int32_t plm_sim_kv_set(const uint8_t *key,
                       uint32_t key_length,
                       const uint8_t *value,
                       uint32_t value_length);
PLM_SIM_IMPORT("kv_del") int32_t plm_sim_kv_del(const uint8_t *key, uint32_t key_length);
PLM_SIM_IMPORT("caller") uint32_t plm_sim_caller(uint8_t *out64);
PLM_SIM_IMPORT("self") uint32_t plm_sim_self(uint8_t *out64);
PLM_SIM_IMPORT("time") uint64_t plm_sim_time(void);
PLM_SIM_IMPORT("height") uint64_t plm_sim_height(void);
PLM_SIM_IMPORT("funds") int32_t plm_sim_funds(uint32_t index, uint8_t *token64, plm_amt *atoms);
PLM_SIM_IMPORT("pay")
int32_t plm_sim_pay(const uint8_t *to,
                    uint32_t to_length,
                    const uint8_t *token,
                    uint32_t token_length,
                    const plm_amt *atoms,
                    uint64_t payout_id);
PLM_SIM_IMPORT("event")
void plm_sim_event(uint32_t id, const uint8_t *bytes, uint32_t length);
PLM_SIM_IMPORT("return") void plm_sim_return(const uint8_t *bytes, uint32_t length);
PLM_SIM_IMPORT("sha256")
void plm_sim_sha256(const uint8_t *bytes, uint32_t length, uint8_t *out32);
PLM_SIM_IMPORT("panic") _Noreturn void plm_sim_panic(uint32_t line);

int32_t plm_sim_apply(const uint8_t *message, uint32_t length);
int32_t plm_sim_query(const uint8_t *message, uint32_t length);
int32_t plm_sim_migrate(const uint8_t *message, uint32_t length);
uint8_t *plm_sim_buffer(void);

static struct plm_host plm_sim_host;
static struct plm_memory plm_sim_memory;
static uint8_t plm_sim_message[PLM_SIM_BUFFER_BYTES];

/* --- host functions ---------------------------------------------------------------------- */
int32_t plm_host_kv_get(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        uint8_t *buffer,
                        uint32_t capacity)
{
    (void)host;
    return plm_sim_kv_get(key, key_length, buffer, capacity);
}

plm_err plm_host_kv_set(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        const uint8_t *value,
                        uint32_t value_length)
{
    (void)host;
    return plm_sim_kv_set(key, key_length, value, value_length) == 0 ? PLM_OK : PLM_E_HOST;
}

plm_err plm_host_kv_del(struct plm_host *host, const uint8_t *key, uint32_t key_length)
{
    (void)host;
    return plm_sim_kv_del(key, key_length) == 0 ? PLM_OK : PLM_E_HOST;
}

void plm_host_caller(struct plm_host *host, struct plm_addr *out)
{
    (void)host;
    out->length = plm_sim_caller(out->bytes);
}

void plm_host_self(struct plm_host *host, struct plm_addr *out)
{
    (void)host;
    out->length = plm_sim_self(out->bytes);
}

plm_time plm_host_time(struct plm_host *host)
{
    (void)host;
    return (plm_time){plm_sim_time()};
}

uint64_t plm_host_height(struct plm_host *host)
{
    (void)host;
    return plm_sim_height();
}

uint32_t plm_host_funds(struct plm_host *host, struct plm_fund *out, uint32_t capacity)
{
    (void)host;
    uint32_t count = 0;
    for (; count < (uint32_t)PLM_LIMIT_FUNDS_MAX; count++) {
        struct plm_fund fund = {0};
        const int32_t length = plm_sim_funds(count, fund.token.bytes, &fund.atoms);
        if (length < 0) {
            break;
        }
        fund.token.length = (uint32_t)length;
        if (count < capacity) {
            out[count] = fund;
        }
    }
    return count;
}

plm_err plm_host_pay(struct plm_host *host,
                     const struct plm_addr *to,
                     const struct plm_addr *token,
                     const plm_amt *atoms,
                     uint64_t payout_id)
{
    (void)host;
    const int32_t code =
        plm_sim_pay(to->bytes, to->length, token->bytes, token->length, atoms, payout_id);
    return code == 0 ? PLM_OK : PLM_E_HOST;
}

void plm_host_event(struct plm_host *host, uint32_t id, const uint8_t *bytes, uint32_t length)
{
    (void)host;
    plm_sim_event(id, bytes, length);
}

void plm_host_return(struct plm_host *host, const uint8_t *bytes, uint32_t length)
{
    (void)host;
    plm_sim_return(bytes, length);
}

void plm_host_sha256(struct plm_host *host, const uint8_t *bytes, uint32_t length, uint8_t *out32)
{
    (void)host;
    plm_sim_sha256(bytes, length, out32);
}

void plm_host_panic(struct plm_host *host, uint32_t line)
{
    (void)host;
    plm_sim_panic(line);
}

#if defined(PLM_LAB)
/* The lab build asks which rules are off, and carries a mark by which the checks know it. */
PLM_SIM_IMPORT("lab_rules") uint64_t plm_sim_lab_rules(void);
uint64_t plm_host_lab_rules(struct plm_host *host);

uint64_t plm_host_lab_rules(struct plm_host *host)
{
    (void)host;
    return plm_sim_lab_rules();
}

__attribute__((used)) static const char plm_sim_lab_mark[] = "PLM_LAB_BUILD";
#endif

/* --- entries ----------------------------------------------------------------------------- */
PLM_SIM_EXPORT("buffer") uint8_t *plm_sim_buffer(void)
{
    return plm_sim_message;
}

PLM_SIM_EXPORT("apply") int32_t plm_sim_apply(const uint8_t *message, uint32_t length)
{
    const plm_err code = plm_engine_apply(&plm_sim_host, &plm_sim_memory, message, length);
    return (int32_t)code;
}

PLM_SIM_EXPORT("query") int32_t plm_sim_query(const uint8_t *message, uint32_t length)
{
    const plm_err code = plm_engine_query(&plm_sim_host, &plm_sim_memory, message, length);
    return (int32_t)code;
}

PLM_SIM_EXPORT("migrate") int32_t plm_sim_migrate(const uint8_t *message, uint32_t length)
{
    const plm_err code = plm_engine_migrate(&plm_sim_host, &plm_sim_memory, message, length);
    return (int32_t)code;
}
