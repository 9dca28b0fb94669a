/* SPDX-License-Identifier: Apache-2.0
 * The adapter of CosmWasm: the chain's entry points, and the engine's host over the chain's
 * imports. The table of both is README.md beside this file. Every call is a fresh instance: what is
 * static here is that call's. It knows no rule and does no arithmetic on money. */
#include "plm_cosmwasm.h"

#include "plm_cosmwasm_answer.h"
#include "plm_cosmwasm_call.h"
#include "plm_cosmwasm_token.h"
#include "plm_sha256.h"

#include <plm/plm_engine.h>

#ifndef PLM_COSMWASM_VERSION
#define PLM_COSMWASM_VERSION "0.0.0"
#endif
#define PLM_COSMWASM_CONTRACT "\"contract\":\"plimsoll\""

/* Which part of the response is being written. */
enum stage {
    PLM_STAGE_MESSAGES,
    PLM_STAGE_EVENTS,
    PLM_STAGE_DATA,
    PLM_STAGE_QUERY,
};

struct plm_host {
    struct plm_cosmwasm_call call;
    struct plm_cosmwasm_text out;
    enum stage stage;
    bool has_item; /* of the list under way */
};

static struct plm_host the_host;
static struct plm_cosmwasm_message the_message;
static struct plm_memory the_memory;
static struct plm_cosmwasm_region key_region;
static struct plm_cosmwasm_region value_region;
static struct plm_cosmwasm_region result_region;
static uint8_t key_bytes[PLM_LIMIT_ADDR_MAX]; /* natively a key must be static, as all regions */
static uint8_t out_bytes[PLM_COSMWASM_OUT_BYTES];

static const char contract_info[] =
    "{" PLM_COSMWASM_CONTRACT ",\"version\":\"" PLM_COSMWASM_VERSION "\"}";
static const char contract_info_key[] = "contract_info";

/* --- storage ----------------------------------------------------------------------------- */

static uint32_t key_handle(const uint8_t *key, uint32_t length)
{
    __builtin_memcpy(key_bytes, key, length);
    return plm_cosmwasm_region_of(&key_region, key_bytes, length, length);
}

int32_t plm_host_kv_get(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        uint8_t *buffer,
                        uint32_t capacity)
{
    (void)host;
    const uint32_t mark = plm_cosmwasm_region_mark();
    const uint32_t handle = plm_cosmwasm_db_read(key_handle(key, key_length));
    if (handle == 0) {
        return -1;
    }
    const struct plm_cosmwasm_span value = plm_cosmwasm_region_span(handle);
    __builtin_memcpy(buffer, value.bytes, value.length < capacity ? value.length : capacity);
    plm_cosmwasm_region_release(mark);
    return (int32_t)value.length;
}

plm_err plm_host_kv_set(struct plm_host *host,
                        const uint8_t *key,
                        uint32_t key_length,
                        const uint8_t *value,
                        uint32_t value_length)
{
    (void)host;
    plm_cosmwasm_db_write(key_handle(key, key_length),
                          plm_cosmwasm_region_of(&value_region, value, value_length, value_length));
    return PLM_OK;
}

plm_err plm_host_kv_del(struct plm_host *host, const uint8_t *key, uint32_t key_length)
{
    (void)host;
    plm_cosmwasm_db_remove(key_handle(key, key_length));
    return PLM_OK;
}

/* --- the call ---------------------------------------------------------------------------- */

void plm_host_caller(struct plm_host *host, struct plm_addr *out)
{
    *out = host->call.caller;
}

void plm_host_self(struct plm_host *host, struct plm_addr *out)
{
    *out = host->call.self;
}

plm_time plm_host_time(struct plm_host *host)
{
    return (plm_time){host->call.seconds};
}

uint64_t plm_host_height(struct plm_host *host)
{
    return host->call.height;
}

uint32_t plm_host_funds(struct plm_host *host, struct plm_fund *out, uint32_t capacity)
{
    const uint32_t count = host->call.fund_count;
    for (uint32_t i = 0; i < count && i < capacity; i++) {
        out[i] = host->call.funds[i];
    }
    return count;
}

void plm_host_sha256(struct plm_host *host, const uint8_t *bytes, uint32_t length, uint8_t *out32)
{
    (void)host;
    plm_sha256(bytes, length, out32);
}

void plm_host_panic(struct plm_host *host, uint32_t line)
{
    struct plm_cosmwasm_text *out = &host->out;
    out->length = 0;
    out->is_base64 = false;
    plm_cosmwasm_text_words(out, "plimsoll: invariant, line ");
    plm_cosmwasm_text_integer(out, (plm_i128){line, 0});
    plm_cosmwasm_abort(
        plm_cosmwasm_region_of(&result_region, out->bytes, out->length, out->length));
}

/* --- the response ------------------------------------------------------------------------ */

/* {"ok":{"messages":[..],"attributes":[{action}],"events":[..],"data":..}}, in this order: it is
 * the order in which the engine pays, tells and returns. */
static void begin_response(struct plm_host *host)
{
    const struct plm_cosmwasm_text out = {.bytes = out_bytes, .capacity = sizeof out_bytes};
    host->out = out;
    host->stage = PLM_STAGE_MESSAGES;
    host->has_item = false;
    plm_cosmwasm_text_words(&host->out, "{\"ok\":{\"messages\":[");
}

static void open_events(struct plm_host *host)
{
    if (host->stage == PLM_STAGE_MESSAGES) {
        plm_cosmwasm_text_words(&host->out, "],\"attributes\":[{\"key\":\"action\",\"value\":\"");
        plm_cosmwasm_text_words(&host->out, the_message.name);
        plm_cosmwasm_text_words(&host->out, "\"}],\"events\":[");
        host->stage = PLM_STAGE_EVENTS;
        host->has_item = false;
    }
}

static void write_amount(struct plm_cosmwasm_text *out, const plm_amt *atoms)
{
    plm_cosmwasm_text_words(out, "\"amount\":\"");
    plm_cosmwasm_text_integer(out, atoms->atoms);
    plm_cosmwasm_text_words(out, "\"");
}

static void write_cw20_transfer(struct plm_cosmwasm_text *out,
                                const struct plm_addr *to,
                                const struct plm_addr *token,
                                const plm_amt *atoms)
{
    plm_cosmwasm_text_words(out, "{\"wasm\":{\"execute\":{\"contract_addr\":\"");
    plm_cosmwasm_token_write(out, token->bytes, token->length);
    plm_cosmwasm_text_words(out, "\",\"msg\":\"");
    plm_cosmwasm_text_base64_begin(out);
    plm_cosmwasm_text_words(out, "{\"transfer\":{\"recipient\":\"");
    plm_cosmwasm_token_write_address(out, to->bytes, to->length);
    plm_cosmwasm_text_words(out, "\",");
    write_amount(out, atoms);
    plm_cosmwasm_text_words(out, "}}");
    plm_cosmwasm_text_base64_end(out);
    plm_cosmwasm_text_words(out, "\",\"funds\":[]}}}");
}

static void write_bank_send(struct plm_cosmwasm_text *out,
                            const struct plm_addr *to,
                            const struct plm_addr *token,
                            const plm_amt *atoms)
{
    plm_cosmwasm_text_words(out, "{\"bank\":{\"send\":{\"to_address\":\"");
    plm_cosmwasm_token_write_address(out, to->bytes, to->length);
    plm_cosmwasm_text_words(out, "\",\"amount\":[{\"denom\":\"");
    plm_cosmwasm_token_write(out, token->bytes, token->length);
    plm_cosmwasm_text_words(out, "\",");
    write_amount(out, atoms);
    plm_cosmwasm_text_words(out, "}]}}}");
}

plm_err plm_host_pay(struct plm_host *host,
                     const struct plm_addr *to,
                     const struct plm_addr *token,
                     const plm_amt *atoms,
                     uint64_t payout_id)
{
    struct plm_cosmwasm_text *out = &host->out;
    plm_cosmwasm_text_words(out, host->has_item ? ",{\"id\":" : "{\"id\":");
    plm_cosmwasm_text_integer(out, (plm_i128){payout_id, 0});
    plm_cosmwasm_text_words(out, ",\"payload\":\"\",\"msg\":");
    if (plm_cosmwasm_token_is_cw20(token)) {
        write_cw20_transfer(out, to, token, atoms);
    } else {
        write_bank_send(out, to, token, atoms);
    }
    plm_cosmwasm_text_words(out, ",\"gas_limit\":null,\"reply_on\":\"always\"}");
    host->has_item = true;
    return PLM_OK;
}

void plm_host_event(struct plm_host *host, uint32_t id, const uint8_t *bytes, uint32_t length)
{
    open_events(host);
    if (host->has_item) {
        plm_cosmwasm_text_byte(&host->out, ',');
    }
    plm_cosmwasm_answer_event(&host->out, id, (struct plm_cosmwasm_span){bytes, length});
    host->has_item = true;
}

void plm_host_return(struct plm_host *host, const uint8_t *bytes, uint32_t length)
{
    struct plm_cosmwasm_text *out = &host->out;
    const uint32_t layout = plm_cosmwasm_names_reply(the_message.opcode);
    if (host->stage == PLM_STAGE_QUERY) {
        out->length = 0;
        plm_cosmwasm_text_words(out, "{\"ok\":\"");
    } else {
        open_events(host);
        host->stage = PLM_STAGE_DATA;
        plm_cosmwasm_text_words(out, "],\"data\":\"");
    }
    plm_cosmwasm_text_base64_begin(out);
    plm_cosmwasm_answer_reply(
        out, layout, the_message.previewed, (struct plm_cosmwasm_span){bytes, length});
    plm_cosmwasm_text_base64_end(out);
    plm_cosmwasm_text_words(out, host->stage == PLM_STAGE_QUERY ? "\"}" : "\"}}");
}

/* {"error":"E_AUTH: the caller does not own this account"}, or the fault of the message or of what
 * came with it. */
static void write_error(struct plm_host *host, plm_err code)
{
    struct plm_cosmwasm_text *out = &host->out;
    const char *text = plm_cosmwasm_names_code(code);
    out->length = 0;
    out->is_base64 = false;
    plm_cosmwasm_text_words(out, "{\"error\":\"");
    for (; *text != ' '; text++) {
        plm_cosmwasm_text_byte(out, (uint8_t)*text);
    }
    plm_cosmwasm_text_byte(out, ' ');
    if (host->call.fault[0] != 0) {
        plm_cosmwasm_text_words(out, host->call.fault);
    } else if (the_message.code != PLM_OK) {
        plm_cosmwasm_message_write_fault(&the_message, out);
    } else {
        plm_cosmwasm_text_words(out, text + 1);
    }
    plm_cosmwasm_text_words(out, "\"}");
}

static uint32_t finish(struct plm_host *host, plm_err code)
{
    struct plm_cosmwasm_text *out = &host->out;
    if (code != PLM_OK) {
        write_error(host, code);
    } else if (host->stage < PLM_STAGE_DATA) {
        open_events(host);
        plm_cosmwasm_text_words(out, "],\"data\":null}}");
    }
    if (out->is_full) {
        plm_host_panic(host, __LINE__);
    }
    return plm_cosmwasm_region_of(&result_region, out->bytes, out->length, out->length);
}

/* --- entries ----------------------------------------------------------------------------- */

/* The block, the contract, and an empty response. A chain that does not tell them is none. */
static struct plm_host *begin(uint32_t env)
{
    struct plm_host *host = &the_host;
    begin_response(host);
    if (!plm_cosmwasm_call_env(&host->call, plm_cosmwasm_region_span(env))) {
        plm_host_panic(host, __LINE__);
    }
    the_message.code = PLM_OK;
    the_message.previewed = 0;
    return host;
}

static plm_err apply(struct plm_host *host)
{
    return plm_engine_apply(host, &the_memory, the_message.bytes, the_message.length);
}

static void write_contract_info(void)
{
    (void)plm_host_kv_set(&the_host,
                          (const uint8_t *)contract_info_key,
                          sizeof contract_info_key - 1,
                          (const uint8_t *)contract_info,
                          sizeof contract_info - 1);
}

void plm_cosmwasm_interface_version_8(void) {}

static plm_err instantiate(struct plm_host *host, struct plm_cosmwasm_span text)
{
    if (host->call.fund_count != 0) {
        host->call.fault = "instantiate takes no coins";
        return PLM_E_FIELD;
    }
    PLM_TRY(plm_cosmwasm_message_read_fields(&the_message, PLM_OP_INITIALISE, text));
    PLM_TRY(apply(host));
    write_contract_info();
    return PLM_OK;
}

uint32_t plm_cosmwasm_instantiate(uint32_t env, uint32_t info, uint32_t message)
{
    struct plm_host *host = begin(env);
    plm_err code = plm_cosmwasm_call_info(&host->call, plm_cosmwasm_region_span(info));
    if (code == PLM_OK) {
        code = instantiate(host, plm_cosmwasm_region_span(message));
    }
    return finish(host, code);
}

uint32_t plm_cosmwasm_execute(uint32_t env, uint32_t info, uint32_t message)
{
    struct plm_host *host = begin(env);
    const struct plm_cosmwasm_span told = plm_cosmwasm_region_span(info);
    const struct plm_cosmwasm_span text = plm_cosmwasm_region_span(message);
    plm_err code = plm_cosmwasm_call_info(&host->call, told);
    if (code == PLM_OK && plm_cosmwasm_call_is_hook(text)) {
        code = plm_cosmwasm_call_hook(&host->call, &the_message, told, text);
    } else if (code == PLM_OK) {
        code = plm_cosmwasm_message_read(&the_message, PLM_COSMWASM_EXECUTE, text);
    }
    return finish(host, code == PLM_OK ? apply(host) : code);
}

/* The chain's governance acts in the contract's own name: give that address the admin role. */
uint32_t plm_cosmwasm_sudo(uint32_t env, uint32_t message)
{
    struct plm_host *host = begin(env);
    const plm_err code = plm_cosmwasm_message_read(
        &the_message, PLM_COSMWASM_SUDO, plm_cosmwasm_region_span(message));
    return finish(host, code == PLM_OK ? apply(host) : code);
}

uint32_t plm_cosmwasm_query(uint32_t env, uint32_t message)
{
    struct plm_host *host = begin(env);
    plm_err code = plm_cosmwasm_message_read(
        &the_message, PLM_COSMWASM_QUERY, plm_cosmwasm_region_span(message));
    host->stage = PLM_STAGE_QUERY;
    if (code == PLM_OK) {
        code = plm_engine_query(host, &the_memory, the_message.bytes, the_message.length);
    }
    return finish(host, code);
}

/* A payout arrived or failed: booked once, by the contract itself. [CHAIN-4] [LEDGER-6] */
uint32_t plm_cosmwasm_reply(uint32_t env, uint32_t message)
{
    struct plm_host *host = begin(env);
    struct plm_cosmwasm_message *m = &the_message;
    uint64_t payout = 0;
    bool arrived = false;
    if (!plm_cosmwasm_call_outcome(plm_cosmwasm_region_span(message), &payout, &arrived)) {
        plm_host_panic(host, __LINE__);
    }
    m->name = "settle_out";
    m->opcode = PLM_OP_SETTLE_OUT;
    m->bytes[0] = PLM_OP_SETTLE_OUT;
    for (uint32_t i = 0; i < sizeof payout; i++) {
        m->bytes[1 + i] = (uint8_t)(payout >> (8 * i) & 255);
    }
    m->bytes[1 + sizeof payout] = arrived ? 1 : 0;
    m->length = 2 + sizeof payout;
    return finish(host, apply(host));
}

/* Only over our own state: the contract's name stands in it, beside the engine's keys. [CHAIN-5] */
static bool is_ours(void)
{
    static const char ours[] = "{" PLM_COSMWASM_CONTRACT ",";
    uint8_t stored[sizeof ours - 1];
    const int32_t length = plm_host_kv_get(&the_host,
                                           (const uint8_t *)contract_info_key,
                                           sizeof contract_info_key - 1,
                                           stored,
                                           sizeof stored);
    return length >= (int32_t)sizeof stored && __builtin_memcmp(stored, ours, sizeof stored) == 0;
}

/* `{}`: the engine's records follow when they next change [GOV-4]. */
uint32_t plm_cosmwasm_migrate(uint32_t env, uint32_t message)
{
    struct plm_host *host = begin(env);
    plm_err code = PLM_OK;
    the_message.name = "migrate";
    if (!plm_cosmwasm_call_is_empty(plm_cosmwasm_region_span(message))) {
        host->call.fault = "migrate takes an empty object";
        code = PLM_E_FIELD;
    } else if (!is_ours()) {
        host->call.fault = "what is stored here is not Plimsoll's";
        code = PLM_E_VERSION;
    } else {
        code = plm_engine_migrate(host, &the_memory, NULL, 0);
    }
    if (code == PLM_OK) {
        write_contract_info();
    }
    return finish(host, code);
}
