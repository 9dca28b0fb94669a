// SPDX-License-Identifier: Apache-2.0
/* A contract that looks like a CW20 token and attacks whoever trusts it, for tests on a real chain.
 * Anybody may tell it what to do; README.md lists the messages. It keeps no balances: its word
 * about an amount is worth nothing, which is the point.
 *
 * It is as small as a contract can be: no allocator that frees, and instead of a JSON parser a
 * search for `"key":"`. That is enough for messages without blanks whose strings hold addresses,
 * digits and base64, since none of these contains a quote. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name), used))
#define IMPORT(name) __attribute__((import_module("env"), import_name(name)))
#define HEAP_SIZE    (512U * 1024U)

/* How bytes cross between the chain and the contract. */
struct region {
    uint32_t offset;
    uint32_t capacity;
    uint32_t length;
};

/* A piece of text that lies somewhere else; absent where at is 0. */
struct text {
    const char *at;
    uint32_t length;
};

IMPORT("db_read") struct region *hostile_db_read(const struct region *key);
IMPORT("db_write")
void hostile_db_write(const struct region *key, const struct region *value);

static _Alignas(8) unsigned char heap[HEAP_SIZE];
static uint32_t heap_used;

/* Memory that is never given back: the chain makes the contract anew for every call. */
static void *take(uint32_t size)
{
    const uint32_t rounded = (size + 7U) & ~7U;
    if (size > HEAP_SIZE || rounded > HEAP_SIZE - heap_used) {
        __builtin_trap();
    }
    void *const taken = heap + heap_used;
    heap_used += rounded;
    return taken;
}

static struct region *region_of(const void *bytes, uint32_t length)
{
    struct region *const made = take(sizeof(struct region));
    *made = (struct region){(uint32_t)(uintptr_t)bytes, length, length};
    return made;
}

static struct text text_in(const struct region *region)
{
    return (struct text){(const char *)(uintptr_t)region->offset, region->length};
}

static struct text text(const char *literal)
{
    uint32_t length = 0;
    while (literal[length] != 0) {
        length++;
    }
    return (struct text){literal, length};
}

/* The part of `in` that follows the first `mark`, up to its end; absent where there is no mark. */
static struct text after(struct text in, const char *mark)
{
    const struct text wanted = text(mark);
    for (uint32_t i = 0; i + wanted.length <= in.length; i++) {
        uint32_t same = 0;
        while (same < wanted.length && in.at[i + same] == wanted.at[same]) {
            same++;
        }
        if (same == wanted.length) {
            return (struct text){in.at + i + same, in.length - i - same};
        }
    }
    return (struct text){0, 0};
}

/* The string that follows `mark`, which ends with the opening quote; empty where there is none. */
static struct text string_after(struct text in, const char *mark)
{
    const struct text rest = after(in, mark);
    uint32_t length = 0;
    while (length < rest.length && rest.at[length] != '"') {
        length++;
    }
    return (struct text){rest.at, length};
}

/* A text under construction. */
struct draft {
    char *at;
    uint32_t length;
    uint32_t room;
};

static struct draft draft_of(uint32_t room)
{
    return (struct draft){take(room), 0, room};
}

static void put(struct draft *draft, struct text part)
{
    if (part.length > draft->room - draft->length) {
        __builtin_trap();
    }
    for (uint32_t i = 0; i < part.length; i++) {
        draft->at[draft->length++] = part.at[i];
    }
}

static void put_base64(struct draft *draft, struct text in)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (uint32_t i = 0; i < in.length; i += 3) {
        const uint32_t left = in.length - i;
        uint32_t bits = (uint32_t)(unsigned char)in.at[i] << 16U;
        bits |= left > 1 ? (uint32_t)(unsigned char)in.at[i + 1] << 8U : 0U;
        bits |= left > 2 ? (uint32_t)(unsigned char)in.at[i + 2] : 0U;
        const char group[4] = {digits[bits >> 18U],
                               digits[(bits >> 12U) & 63U],
                               left > 1 ? digits[(bits >> 6U) & 63U] : '=',
                               left > 2 ? digits[bits & 63U] : '='};
        put(draft, (struct text){group, sizeof group});
    }
}

static struct text load(const char *key)
{
    const struct text name = text(key);
    const struct region *const found = hostile_db_read(region_of(name.at, name.length));
    return found == 0 ? (struct text){0, 0} : text_in(found);
}

static void store(const char *key, struct text value)
{
    const struct text name = text(key);
    hostile_db_write(region_of(name.at, name.length), region_of(value.at, value.length));
}

static struct region *answer(const char *json)
{
    const struct text whole = text(json);
    return region_of(whole.at, whole.length);
}

static struct region *done(void)
{
    return answer("{\"ok\":{\"messages\":[],\"attributes\":[],\"events\":[],\"data\":null}}");
}

/* An answer that calls a contract: msg is base64, funds a JSON array, reply_on the word for when
 * the chain reports back. */
static struct region *call(struct text to, struct text msg, struct text funds, const char *reply_on)
{
    struct draft json = draft_of(to.length + msg.length + funds.length + 256U);
    put(&json, text("{\"ok\":{\"messages\":[{\"id\":1,\"msg\":{\"wasm\":{\"execute\":{"));
    put(&json, text("\"contract_addr\":\""));
    put(&json, to);
    put(&json, text("\",\"msg\":\""));
    put(&json, msg);
    put(&json, text("\",\"funds\":"));
    put(&json, funds);
    put(&json, text("}}},\"gas_limit\":null,\"reply_on\":\""));
    put(&json, text(reply_on));
    put(&json, text("\"}],\"attributes\":[],\"events\":[],\"data\":null}}"));
    return region_of(json.at, json.length);
}

/* A payment to us, or by us: as CW20's, but anything may happen. An armed message is sent once. */
static struct region *transfer(void)
{
    const struct text mode = load("mode");
    if (mode.length == 1 && mode.at[0] == 'r') {
        return answer("{\"error\":\"hostile token: refused\"}");
    }
    if (mode.length == 1 && mode.at[0] == 't') {
        __builtin_trap();
    }
    if (mode.length == 1 && mode.at[0] == 'l') {
        for (volatile uint32_t forever = 0;; forever++) {
        }
    }
    const struct text to = load("to");
    const struct text msg = load("msg");
    if (mode.length == 1 && mode.at[0] == 'a' && to.length > 0) {
        store("mode", text("n"));
        return call(to, msg, text("[]"), "always");
    }
    return done();
}

/* CW20's send, with any amount: the contract is told that info's sender deposited it. */
static struct region *send(struct text sender, struct text msg)
{
    struct draft receive = draft_of(msg.length + sender.length + 128U);
    put(&receive, text("{\"receive\":{\"sender\":\""));
    put(&receive, sender);
    put(&receive, text("\",\"amount\":\""));
    put(&receive, string_after(msg, "\"amount\":\""));
    put(&receive, text("\",\"msg\":\""));
    put(&receive, string_after(msg, "\"msg\":\""));
    put(&receive, text("\"}}"));
    struct draft encoded = draft_of(receive.length * 2U + 8U);
    put_base64(&encoded, (struct text){receive.at, receive.length});
    return call(string_after(msg, "\"contract\":\""),
                (struct text){encoded.at, encoded.length},
                text("[]"),
                "never");
}

EXPORT("interface_version_8") void interface_version_8(void);
EXPORT("allocate") void *allocate(uint32_t size);
EXPORT("deallocate") void deallocate(void *region);
EXPORT("instantiate")
struct region *
instantiate(const struct region *env, const struct region *info, const struct region *msg);
EXPORT("execute")
struct region *
execute(const struct region *env, const struct region *info, const struct region *msg);
EXPORT("reply") struct region *reply(const struct region *env, const struct region *msg);
EXPORT("query") struct region *query(const struct region *env, const struct region *msg);

void interface_version_8(void) {}

void *allocate(uint32_t size)
{
    struct region *const made = region_of(take(size), size);
    made->length = 0;
    return made;
}

void deallocate(void *region)
{
    (void)region;
}

struct region *
instantiate(const struct region *env, const struct region *info, const struct region *msg)
{
    (void)env;
    (void)info;
    (void)msg;
    return done();
}

struct region *
execute(const struct region *env, const struct region *info, const struct region *msg)
{
    (void)env;
    const struct text in = text_in(msg);
    const struct text about = text_in(info);
    if (after(in, "{\"transfer\":").at != 0) {
        return transfer();
    }
    if (after(in, "{\"send\":").at != 0) {
        return send(string_after(about, "\"sender\":\""), in);
    }
    if (after(in, "{\"relay\":").at != 0) {
        /* {"sender":"..","funds":[..]}: the funds are the rest but for the last brace. */
        struct text funds = after(about, "\"funds\":");
        funds.length -= 1U;
        return call(string_after(in, "\"to\":\""), string_after(in, "\"msg\":\""), funds, "never");
    }
    if (after(in, "{\"arm\":").at != 0) {
        store("to", string_after(in, "\"to\":\""));
        store("msg", string_after(in, "\"msg\":\""));
        store("mode", text("a"));
        return done();
    }

    static const struct {
        const char *message;
        const char *mode;
    } modes[] = {
        {"{\"obey\":", "n"}, {"{\"refuse\":", "r"}, {"{\"trap\":", "t"}, {"{\"loop\":", "l"}};

    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (after(in, modes[i].message).at != 0) {
            store("mode", text(modes[i].mode));
            return done();
        }
    }
    return answer("{\"error\":\"hostile token: no such message\"}");
}

/* The armed message has run: tell the test how it ended, and let the transfer succeed all the same.
 */
struct region *reply(const struct region *env, const struct region *msg)
{
    (void)env;
    const bool failed = after(text_in(msg), "\"result\":{\"error\":").at != 0;
    return answer(failed
                      ? "{\"ok\":{\"messages\":[],\"attributes\":[{\"key\":\"reentry\",\"value\":"
                        "\"refused\"}],\"events\":[],\"data\":null}}"
                      : "{\"ok\":{\"messages\":[],\"attributes\":[{\"key\":\"reentry\",\"value\":"
                        "\"done\"}],\"events\":[],\"data\":null}}");
}

/* Whatever is asked, the answer is CW20's balance of a rich owner: {"balance":"1000000000000"}. */
struct region *query(const struct region *env, const struct region *msg)
{
    (void)env;
    (void)msg;
    return answer("{\"ok\":\"eyJiYWxhbmNlIjoiMTAwMDAwMDAwMDAwMCJ9\"}");
}
