/* SPDX-License-Identifier: Apache-2.0
 * What the chain tells about one call. The chain's JSON may grow: members not known here are passed
 * over. A token's hook is a user's message and read strictly. */
#include "plm_cosmwasm_call.h"

#include "plm_cosmwasm_token.h"

#define PLM_COSMWASM_NANOS 1000000000u

static struct plm_cosmwasm_json json_of(struct plm_cosmwasm_span text)
{
    return (struct plm_cosmwasm_json){text.bytes, text.length, NULL, 0};
}

/* The unsigned number at `at`, with or without quotes. */
static bool read_number(const struct plm_cosmwasm_json *json, uint32_t at, uint64_t *out)
{
    const bool quoted = plm_cosmwasm_json_kind(json, at) == '"';
    plm_i128 x = {0, 0};
    const struct plm_cosmwasm_span text =
        quoted ? plm_cosmwasm_json_string(json, at) : plm_cosmwasm_json_number(json, at);
    const bool ok = plm_cosmwasm_json_integer(text, &x) == PLM_COSMWASM_NUMBER;
    *out = x.lo;
    return ok && x.hi == 0;
}

bool plm_cosmwasm_call_env(struct plm_cosmwasm_call *call, struct plm_cosmwasm_span env)
{
    struct plm_cosmwasm_json json = json_of(env);
    uint32_t block = 0;
    uint32_t contract = 0;
    uint32_t at = 0;
    uint64_t nanos = 0;
    __builtin_memset(call, 0, sizeof *call);
    call->fault = "";
    bool ok = plm_cosmwasm_json_check(&json, false) &&
              plm_cosmwasm_json_member(&json, 0, "block", &block) &&
              plm_cosmwasm_json_member(&json, 0, "contract", &contract);
    ok = ok && plm_cosmwasm_json_member(&json, block, "height", &at) &&
         read_number(&json, at, &call->height);
    ok =
        ok && plm_cosmwasm_json_member(&json, block, "time", &at) && read_number(&json, at, &nanos);
    ok = ok && plm_cosmwasm_json_member(&json, contract, "address", &at) &&
         plm_cosmwasm_token_address(plm_cosmwasm_json_string(&json, at), true, &call->self);
    call->seconds = nanos / PLM_COSMWASM_NANOS;
    call->caller = call->self;
    return ok;
}

static plm_err refuse(struct plm_cosmwasm_call *call, plm_err code, const char *fault)
{
    call->fault = fault;
    return code;
}

/* One more fund. */
static plm_err add_fund(struct plm_cosmwasm_call *call,
                        const struct plm_addr *token,
                        struct plm_cosmwasm_span text)
{
    plm_i128 atoms = {0, 0};
    const enum plm_cosmwasm_number number = plm_cosmwasm_json_integer(text, &atoms);
    if (number == PLM_COSMWASM_NO_NUMBER || atoms.hi < 0) {
        return refuse(call, PLM_E_FIELD, "the amount sent is not a whole number in quotes");
    }
    if (number == PLM_COSMWASM_TOO_LARGE) {
        return refuse(call, PLM_E_OVERFLOW, "the amount sent is not below 2^127");
    }
    if (call->fund_count == PLM_FUNDS_MAX) {
        return refuse(call, PLM_E_LENGTH, "more than 4 tokens came with the call");
    }
    call->funds[call->fund_count].token = *token;
    call->funds[call->fund_count].atoms.atoms = atoms;
    call->fund_count++;
    return PLM_OK;
}

static plm_err
read_coin(struct plm_cosmwasm_call *call, const struct plm_cosmwasm_json *json, uint32_t coin)
{
    struct plm_addr token = {0};
    uint32_t denomination = 0;
    uint32_t amount = 0;
    if (!plm_cosmwasm_json_member(json, coin, "denom", &denomination) ||
        !plm_cosmwasm_token_native(plm_cosmwasm_json_string(json, denomination), &token)) {
        return refuse(call, PLM_E_FIELD, "a coin came whose denomination cannot be an asset");
    }
    if (!plm_cosmwasm_json_member(json, coin, "amount", &amount)) {
        return refuse(call, PLM_E_FIELD, "a coin came without an amount");
    }
    return add_fund(call, &token, plm_cosmwasm_json_string(json, amount));
}

plm_err plm_cosmwasm_call_info(struct plm_cosmwasm_call *call, struct plm_cosmwasm_span info)
{
    struct plm_cosmwasm_json json = json_of(info);
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t at = 0;
    uint32_t funds = 0;
    uint32_t cursor = 0;
    if (!plm_cosmwasm_json_check(&json, false) ||
        !plm_cosmwasm_json_member(&json, 0, "sender", &at) ||
        !plm_cosmwasm_token_address(plm_cosmwasm_json_string(&json, at), true, &call->caller) ||
        !plm_cosmwasm_json_member(&json, 0, "funds", &funds)) {
        return refuse(call, PLM_E_HOST, "the chain told no sender");
    }
    while (plm_cosmwasm_json_next(&json, funds, &cursor, &key, &at)) {
        PLM_TRY(read_coin(call, &json, at));
    }
    return PLM_OK;
}

/* --- a token's hook ---------------------------------------------------------------------- */

bool plm_cosmwasm_call_is_hook(struct plm_cosmwasm_span text)
{
    struct plm_cosmwasm_json json = json_of(text);
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t cursor = 0;
    uint32_t value = 0;
    return text.length <= PLM_COSMWASM_TEXT_MAX && plm_cosmwasm_json_check(&json, true) &&
           plm_cosmwasm_json_kind(&json, 0) == '{' &&
           plm_cosmwasm_json_next(&json, 0, &cursor, &key, &value) &&
           plm_cosmwasm_json_equal(key, "receive");
}

/* True where the object at `at` has so many members. */
static bool has_members(const struct plm_cosmwasm_json *json, uint32_t at, uint32_t count)
{
    struct plm_cosmwasm_span key = {NULL, 0};
    uint32_t cursor = 0;
    uint32_t value = 0;
    while (count > 0 && plm_cosmwasm_json_next(json, at, &cursor, &key, &value)) {
        count--;
    }
    return count == 0 && !plm_cosmwasm_json_next(json, at, &cursor, &key, &value);
}

plm_err plm_cosmwasm_call_hook(struct plm_cosmwasm_call *call,
                               struct plm_cosmwasm_message *m,
                               struct plm_cosmwasm_span info,
                               struct plm_cosmwasm_span text)
{
    const struct plm_cosmwasm_json json = json_of(text);
    const struct plm_cosmwasm_json told = json_of(info);
    struct plm_addr token = {0};
    uint32_t hook = 0;
    uint32_t sender = 0;
    uint32_t amount = 0;
    uint32_t inner = 0;
    if (call->fund_count != 0) { /* they would pay in the name of a sender whom nobody has proven */
        return refuse(call, PLM_E_FIELD, "receive takes no coins");
    }
    if (!has_members(&json, 0, 1) || !plm_cosmwasm_json_member(&json, 0, "receive", &hook) ||
        !plm_cosmwasm_json_member(&json, hook, "sender", &sender) ||
        !plm_cosmwasm_json_member(&json, hook, "amount", &amount) ||
        !plm_cosmwasm_json_member(&json, hook, "msg", &inner) || !has_members(&json, hook, 3)) {
        return refuse(call, PLM_E_FIELD, "receive: sender, amount and msg, and nothing else");
    }
    if (!plm_cosmwasm_token_address(
            plm_cosmwasm_json_string(&json, sender), false, &call->caller)) {
        return refuse(call, PLM_E_FIELD, "receive.sender: not an address of this chain");
    }
    (void)plm_cosmwasm_json_member(&told, 0, "sender", &sender);
    if (!plm_cosmwasm_token_cw20(plm_cosmwasm_json_string(&told, sender), true, &token)) {
        return refuse(call, PLM_E_FIELD, "receive: this token's address is too long");
    }
    PLM_TRY(add_fund(call, &token, plm_cosmwasm_json_string(&json, amount)));
    const int32_t count = plm_cosmwasm_json_base64(
        plm_cosmwasm_json_string(&json, inner), m->inner_text, sizeof m->inner_text);
    if (count < 0) {
        return refuse(call, PLM_E_FIELD, "receive.msg: not base64");
    }
    const struct plm_cosmwasm_span message = {m->inner_text, (uint32_t)count};
    return plm_cosmwasm_message_read(m, PLM_COSMWASM_HOOK, message);
}

bool plm_cosmwasm_call_is_empty(struct plm_cosmwasm_span text)
{
    struct plm_cosmwasm_json json = json_of(text);
    return plm_cosmwasm_json_check(&json, true) && plm_cosmwasm_json_kind(&json, 0) == '{' &&
           has_members(&json, 0, 0);
}

/* --- a payout's outcome ------------------------------------------------------------------ */

bool plm_cosmwasm_call_outcome(struct plm_cosmwasm_span text, uint64_t *payout, bool *arrived)
{
    struct plm_cosmwasm_json json = json_of(text);
    uint32_t id = 0;
    uint32_t result = 0;
    uint32_t value = 0;
    if (!plm_cosmwasm_json_check(&json, false) || !plm_cosmwasm_json_member(&json, 0, "id", &id) ||
        !read_number(&json, id, payout) || !plm_cosmwasm_json_member(&json, 0, "result", &result)) {
        return false;
    }
    *arrived = plm_cosmwasm_json_member(&json, result, "ok", &value);
    return plm_cosmwasm_json_kind(&json, result) == '{' && has_members(&json, result, 1) &&
           (*arrived || plm_cosmwasm_json_member(&json, result, "error", &value));
}
