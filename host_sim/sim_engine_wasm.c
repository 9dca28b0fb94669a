/* SPDX-License-Identifier: Apache-2.0
 * The imports and entries of the modules plimsoll_sim and plimsoll_sim_lab, as wasm2c names them:
 * Z_envZ_<import>, Z_plimsollZ_<export>. The table of both is contract/chain/sim/README.md.
 * Every pointer from the module is checked against its memory. It knows no rule. */
#include "sim_engine_wasm.h"

#include "sim_wasm_depth.h"

#include <plimsoll_sim.h>
#include <plimsoll_sim_lab.h>
#include <pthread.h>
#include <string.h>

#define SIM_WASM_ADDR_BYTES   64u
#define SIM_WASM_AMOUNT_BYTES 16u
#define SIM_WASM_BUFFER_BYTES ((uint32_t)PLM_LIMIT_MESSAGE_MAX + 1u)

/* What the imports see of their instance. */
struct Z_env_instance_t {
    struct plm_host *host;
    const wasm_rt_memory_t *memory;
};

/* The generated headers declare the imports that a module uses; here are all. */
u32 Z_envZ_kv_get(struct Z_env_instance_t *env, u32 key, u32 key_length, u32 buffer, u32 capacity);
u32 Z_envZ_kv_set(
    struct Z_env_instance_t *env, u32 key, u32 key_length, u32 value, u32 value_length);
u32 Z_envZ_kv_del(struct Z_env_instance_t *env, u32 key, u32 key_length);
u32 Z_envZ_caller(struct Z_env_instance_t *env, u32 out);
u32 Z_envZ_self(struct Z_env_instance_t *env, u32 out);
u64 Z_envZ_time(struct Z_env_instance_t *env);
u64 Z_envZ_height(struct Z_env_instance_t *env);
u32 Z_envZ_funds(struct Z_env_instance_t *env, u32 index, u32 token, u32 atoms);
u32 Z_envZ_pay(struct Z_env_instance_t *env,
               u32 to,
               u32 to_length,
               u32 token,
               u32 token_length,
               u32 atoms,
               u64 payout);
void Z_envZ_event(struct Z_env_instance_t *env, u32 id, u32 bytes, u32 length);
void Z_envZ_return(struct Z_env_instance_t *env, u32 bytes, u32 length);
void Z_envZ_sha256(struct Z_env_instance_t *env, u32 bytes, u32 length, u32 out);
__attribute__((noreturn)) void Z_envZ_panic(struct Z_env_instance_t *env, u32 line);
u64 Z_envZ_lab_rules(struct Z_env_instance_t *env);

/* The bytes of the module's memory that a pointer and a length name; a trap beyond its end. */
static uint8_t *sim_wasm_at(const struct Z_env_instance_t *env, u32 pointer, u32 length)
{
    if ((uint64_t)pointer + length > env->memory->size) {
        wasm_rt_trap(WASM_RT_TRAP_OOB);
    }
    return env->memory->data + pointer;
}

/* --- imports ----------------------------------------------------------------------------- */
u32 Z_envZ_kv_get(struct Z_env_instance_t *env, u32 key, u32 key_length, u32 buffer, u32 capacity)
{
    return (u32)plm_host_kv_get(env->host,
                                sim_wasm_at(env, key, key_length),
                                key_length,
                                sim_wasm_at(env, buffer, capacity),
                                capacity);
}

u32 Z_envZ_kv_set(
    struct Z_env_instance_t *env, u32 key, u32 key_length, u32 value, u32 value_length)
{
    const plm_err code = plm_host_kv_set(env->host,
                                         sim_wasm_at(env, key, key_length),
                                         key_length,
                                         sim_wasm_at(env, value, value_length),
                                         value_length);
    return (u32)code;
}

u32 Z_envZ_kv_del(struct Z_env_instance_t *env, u32 key, u32 key_length)
{
    const plm_err code = plm_host_kv_del(env->host, sim_wasm_at(env, key, key_length), key_length);
    return (u32)code;
}

static u32
sim_wasm_write_addr(const struct Z_env_instance_t *env, u32 out, const struct plm_addr *addr)
{
    memcpy(sim_wasm_at(env, out, SIM_WASM_ADDR_BYTES), addr->bytes, addr->length);
    return addr->length;
}

u32 Z_envZ_caller(struct Z_env_instance_t *env, u32 out)
{
    struct plm_addr addr = {0};
    plm_host_caller(env->host, &addr);
    return sim_wasm_write_addr(env, out, &addr);
}

u32 Z_envZ_self(struct Z_env_instance_t *env, u32 out)
{
    struct plm_addr addr = {0};
    plm_host_self(env->host, &addr);
    return sim_wasm_write_addr(env, out, &addr);
}

u64 Z_envZ_time(struct Z_env_instance_t *env)
{
    return plm_host_time(env->host).sec;
}

u64 Z_envZ_height(struct Z_env_instance_t *env)
{
    return plm_host_height(env->host);
}

u32 Z_envZ_funds(struct Z_env_instance_t *env, u32 index, u32 token, u32 atoms)
{
    struct plm_fund funds[PLM_FUNDS_MAX] = {0};
    const uint32_t count = plm_host_funds(env->host, funds, PLM_FUNDS_MAX);
    if (index >= count) {
        return UINT32_MAX;
    }
    uint8_t *at = sim_wasm_at(env, atoms, SIM_WASM_AMOUNT_BYTES);
    sim_uint rest = (sim_uint)sim_abi_int_of(funds[index].atoms.atoms);
    for (uint32_t i = 0; i < SIM_WASM_AMOUNT_BYTES; i++) {
        at[i] = (uint8_t)(rest & 0xffu);
        rest >>= 8;
    }
    return sim_wasm_write_addr(env, token, &funds[index].token);
}

static struct plm_addr sim_wasm_read_addr(const struct Z_env_instance_t *env, u32 at, u32 length)
{
    if (length > SIM_WASM_ADDR_BYTES) {
        sim_host_trap("a payment names an address longer than 64 bytes");
    }
    return sim_abi_addr(sim_wasm_at(env, at, length), length);
}

u32 Z_envZ_pay(struct Z_env_instance_t *env,
               u32 to,
               u32 to_length,
               u32 token,
               u32 token_length,
               u32 atoms,
               u64 payout)
{
    const struct plm_addr payee = sim_wasm_read_addr(env, to, to_length);
    const struct plm_addr name = sim_wasm_read_addr(env, token, token_length);
    const uint8_t *at = sim_wasm_at(env, atoms, SIM_WASM_AMOUNT_BYTES);
    sim_uint value = 0;
    for (uint32_t i = SIM_WASM_AMOUNT_BYTES; i > 0; i--) {
        value = value << 8 | at[i - 1];
    }
    const plm_amt amount = {sim_abi_i128_of((sim_int)value)};
    const plm_err code = plm_host_pay(env->host, &payee, &name, &amount, payout);
    return (u32)code;
}

void Z_envZ_event(struct Z_env_instance_t *env, u32 id, u32 bytes, u32 length)
{
    plm_host_event(env->host, id, sim_wasm_at(env, bytes, length), length);
}

void Z_envZ_return(struct Z_env_instance_t *env, u32 bytes, u32 length)
{
    plm_host_return(env->host, sim_wasm_at(env, bytes, length), length);
}

void Z_envZ_sha256(struct Z_env_instance_t *env, u32 bytes, u32 length, u32 out)
{
    plm_host_sha256(env->host, sim_wasm_at(env, bytes, length), length, sim_wasm_at(env, out, 32));
}

void Z_envZ_panic(struct Z_env_instance_t *env, u32 line)
{
    plm_host_panic(env->host, line);
}

u64 Z_envZ_lab_rules(struct Z_env_instance_t *env)
{
    return plm_host_lab_rules(env->host);
}

/* --- entries ----------------------------------------------------------------------------- */
static void sim_wasm_init(void)
{
    Z_plimsoll_init_module();
    Z_plimsoll_lab_init_module();
}

/* Copies the message into the module's buffer and returns the length it then has there. */
static u32 sim_wasm_put(const struct Z_env_instance_t *env, u32 buffer, struct sim_span message)
{
    const u32 length =
        message.length < SIM_WASM_BUFFER_BYTES ? (u32)message.length : SIM_WASM_BUFFER_BYTES;
    uint8_t *at = sim_wasm_at(env, buffer, length);
    if (length > 0) {
        memcpy(at, message.bytes, length);
    }
    return length;
}

static u32
sim_wasm_call_product(struct plm_host *host, enum sim_entry_point entry, struct sim_span message)
{
    Z_plimsoll_instance_t module = {0};
    struct Z_env_instance_t env = {host, NULL};
    Z_plimsoll_instantiate(&module, &env);
    env.memory = Z_plimsollZ_memory(&module);
    const u32 buffer = Z_plimsollZ_buffer(&module);
    const u32 length = sim_wasm_put(&env, buffer, message);
    switch (entry) {
    case SIM_ENTRY_APPLY: return Z_plimsollZ_apply(&module, buffer, length);
    case SIM_ENTRY_QUERY: return Z_plimsollZ_query(&module, buffer, length);
    case SIM_ENTRY_MIGRATE: return Z_plimsollZ_migrate(&module, buffer, length);
    }
    return UINT32_MAX;
}

static u32
sim_wasm_call_lab(struct plm_host *host, enum sim_entry_point entry, struct sim_span message)
{
    Z_plimsoll_lab_instance_t module = {0};
    struct Z_env_instance_t env = {host, NULL};
    Z_plimsoll_lab_instantiate(&module, &env);
    env.memory = Z_plimsoll_labZ_memory(&module);
    const u32 buffer = Z_plimsoll_labZ_buffer(&module);
    const u32 length = sim_wasm_put(&env, buffer, message);
    switch (entry) {
    case SIM_ENTRY_APPLY: return Z_plimsoll_labZ_apply(&module, buffer, length);
    case SIM_ENTRY_QUERY: return Z_plimsoll_labZ_query(&module, buffer, length);
    case SIM_ENTRY_MIGRATE: return Z_plimsoll_labZ_migrate(&module, buffer, length);
    }
    return UINT32_MAX;
}

int32_t sim_engine_wasm_call(struct plm_host *host,
                             bool is_lab,
                             enum sim_entry_point entry,
                             struct sim_span message)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, sim_wasm_init);
    /* A trap of the call before left by longjmp, past the decrements. */
    sim_wasm_depth = 0;
    return (int32_t)(is_lab ? sim_wasm_call_lab(host, entry, message)
                            : sim_wasm_call_product(host, entry, message));
}
