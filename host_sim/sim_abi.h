/* SPDX-License-Identifier: Apache-2.0
 * The abi tables with their names: find a message, record, event, reply, error, parameter or enum;
 * read and write any field of the structs of plm_abi.h; structs to canonical bytes and back.
 * Spec: "ABI". Written independently of the core's codec, which it must not include: the two check
 * each other. Bounds (min, max) are not enforced here, so that tests can send nonsense. */
#ifndef SIM_ABI_H
#define SIM_ABI_H

#include "plm_abi.h"
#include "sim_bytes.h"

/* --- structs ----------------------------------------------------------------------------- */
/* One field of a struct. */
struct sim_abi_field {
    const char *name;
    const char *text;      /* its sentence in the table */
    enum plm_type type;    /* PLM_TYPE_GROUP and PLM_TYPE_LIST have a layout */
    uint32_t layout;       /* enum plm_layout_id of the group, or of the list's elements */
    uint32_t count_max;    /* most elements of a list */
    uint32_t offset;       /* in the struct */
    uint32_t count_offset; /* of a list's uint32_t count */
    int64_t min;           /* PLM_LO, PLM_HI: no bound beyond the type's; VAL: whole quote units */
    int64_t max;
};

/* One struct: name is `deposit`, `account`, `ev_filled`, `reply_margin`: struct plm_<name>. */
struct sim_abi_layout {
    const char *name;
    const char *text;
    const struct sim_abi_field *fields;
    uint32_t field_count;
    uint32_t size; /* sizeof the struct */
};

/* The layout of an enum plm_layout_id; ids are PLM_LAYOUT_<name>, below PLM_LAYOUT_COUNT. */
const struct sim_abi_layout *sim_abi_layout(uint32_t layout);
/* By name; PLM_LAYOUT_COUNT where there is none. */
uint32_t sim_abi_find_layout(const char *name);
/* A field by name; NULL where there is none. */
const struct sim_abi_field *sim_abi_find_field(uint32_t layout, const char *name);

/* A row of types.def. */
struct sim_abi_type {
    const char *name;
    const char *unit;
    const char *text;
    uint32_t bytes; /* on the wire; 0 variable */
    bool is_signed;
};
const struct sim_abi_type *sim_abi_type(enum plm_type type);
/* True for types that sim_abi_get and sim_abi_set handle: all but HASH, ADDR, TOKEN, BYTES, GROUP
 * and LIST. */
bool sim_abi_is_integer(enum plm_type type);
/* True for ADDR and TOKEN, whose member is a struct plm_addr. */
bool sim_abi_is_addr(enum plm_type type);
/* Decimals of the type's unit as a human writes it: VAL 18, WVAL 24, of a percent for RATIO (4) and
 * RATE (7), else 0. */
unsigned sim_abi_scale(enum plm_type type);
/* True for RATIO and RATE: a human writes them in percent. */
bool sim_abi_is_percent(enum plm_type type);

/* --- fields ------------------------------------------------------------------------------ */
/* Where a field of `object` lies, and what it is, by a path such as "account", "params.initial",
 * "fills.0.price" or "config.pause_sets.2.at". False where there is no such field or the index is
 * beyond the list's capacity (an index up to the capacity is allowed, the count is not looked at).
 */
struct sim_abi_place {
    const struct sim_abi_field *field; /* NULL for an element of a list as a whole */
    uint32_t layout;                   /* of the group or element at `bytes`, if it is one */
    uint8_t *bytes;
    uint32_t *count;                   /* of a list, else NULL */
};

bool sim_abi_place(uint32_t layout, void *object, const char *path, struct sim_abi_place *place);

/* An integer member as a 128-bit integer, in the type's own unit (wad, atoms, lots, ticks, ppm). */
sim_int sim_abi_get(const struct sim_abi_field *field, const void *object);
/* Writes one; false where the value does not fit the type, and then nothing was written. */
bool sim_abi_set(const struct sim_abi_field *field, void *object, sim_int value);
/* The same by path; false also where there is no such integer field. */
bool sim_abi_get_path(uint32_t layout, const void *object, const char *path, sim_int *value);
bool sim_abi_set_path(uint32_t layout, void *object, const char *path, sim_int value);

/* plm_i128 and back. */
sim_int sim_abi_int_of(plm_i128 value);
plm_i128 sim_abi_i128_of(sim_int value);

/* --- bytes ------------------------------------------------------------------------------- */
/* Appends the fields of `object` in wire order. */
void sim_abi_encode(uint32_t layout, const void *object, struct sim_buffer *out);
/* Appends opcode and fields: the bytes of an operation or query. `message` may be NULL where the
 * message has no field. False where no row has this opcode. */
bool sim_abi_encode_message(uint8_t opcode, const void *message, struct sim_buffer *out);
/* Appends a stored record: the version byte, then the fields. */
void sim_abi_encode_record(uint32_t layout, const void *object, struct sim_buffer *out);
/* The same as an older version of the program would have stored it. */
void sim_abi_encode_record_of(uint32_t layout,
                              uint8_t version,
                              const void *object,
                              struct sim_buffer *out);
/* How many leading fields a version of a record has; 0 for a version that never was. */
uint32_t sim_abi_record_fields(uint32_t layout, uint8_t version);

/* Reads fields into `object` (zeroed first). False where the bytes are too short, too long, or not
 * canonical: a count above its maximum, a length above its maximum, an amount above 2^127 - 1. */
bool sim_abi_decode(uint32_t layout, struct sim_span bytes, void *object);
/* Reads a stored record; one of an older version is shorter, and its missing fields read as zero.
 * False also at a version byte that no version of the program wrote. */
bool sim_abi_decode_record(uint32_t layout, struct sim_span bytes, void *object);
/* Finds the layout of message bytes by their opcode and reads the fields behind it. `object` holds
 * SIM_ABI_OBJECT_MAX bytes, aligned for uint64_t. Returns the layout, or PLM_LAYOUT_COUNT. */
uint32_t sim_abi_decode_message(struct sim_span bytes, void *object);

/* Room for any struct of the tables. */
#define SIM_ABI_OBJECT_MAX 24576u

union sim_abi_object {
    uint64_t words[SIM_ABI_OBJECT_MAX / 8u];
    uint8_t bytes[SIM_ABI_OBJECT_MAX];
};

/* --- text -------------------------------------------------------------------------------- */
/* Appends the value of one field: VAL and WVAL as decimals of a quote unit, RATIO and RATE in
 * percent ("10%"), TIME and other integers plain, HASH and unprintable ADDR as hexadecimal,
 * printable ADDR as it is, BYTES as hexadecimal. Always exact. */
void sim_abi_print_value(const struct sim_abi_field *field,
                         const void *object,
                         struct sim_buffer *out);
/* Appends `name value` of every field, separated by blanks; groups and elements as `name.field`,
 * `name.0.field`. */
void sim_abi_print(uint32_t layout, const void *object, struct sim_buffer *out);
/* Appends an operation as text: `deposit account 1 asset 0 amount 500`; hexadecimal where the bytes
 * are no message. */
void sim_abi_print_message(struct sim_span bytes, struct sim_buffer *out);
/* Appends an event: `FILLED id 1 market 0 ...`. */
void sim_abi_print_event(uint32_t id, struct sim_span bytes, struct sim_buffer *out);
/* Appends a storage key: `ACCOUNT 17`, `OWNER <hex> 0`. */
void sim_abi_print_key(struct sim_span key, struct sim_buffer *out);
/* Appends a record as stored under `key`. */
void sim_abi_print_record(struct sim_span key, struct sim_span value, struct sim_buffer *out);

/* --- tables ------------------------------------------------------------------------------ */
/* A row of ops.def or queries.def. */
struct sim_abi_op {
    const char *symbol; /* "DEPOSIT" */
    const char *name;   /* "deposit": the verb of scenarios, lower case of the symbol */
    const char *who;    /* of operations; "" for queries */
    const char *text;
    uint8_t opcode;
    bool is_query;
    uint32_t message; /* enum plm_layout_id */
    uint32_t reply;   /* of queries; PLM_LAYOUT_COUNT for operations: see sim_abi_reply_of */
};
/* Rows 0, 1, ... in table order, operations first; NULL at the end. */
const struct sim_abi_op *sim_abi_op_at(uint32_t index);
const struct sim_abi_op *sim_abi_find_op(uint8_t opcode);
/* By the symbol in any case: "deposit", "DEPOSIT", of operations only. NULL where there is none. */
const struct sim_abi_op *sim_abi_find_op_name(const char *name);
const struct sim_abi_op *sim_abi_find_query_name(const char *name);
/* The layout of an operation's or query's reply; PLM_LAYOUT_COUNT where it returns nothing. */
uint32_t sim_abi_reply_of(uint8_t opcode);

/* A row of events.def. */
struct sim_abi_event {
    const char *symbol;
    const char *name; /* lower case of the symbol: the database's table name */
    const char *text;
    uint32_t id;
    uint32_t layout;
};
const struct sim_abi_event *sim_abi_event_at(uint32_t index);
const struct sim_abi_event *sim_abi_find_event(uint32_t id);
const struct sim_abi_event *sim_abi_find_event_name(const char *name);

/* A row of errors.def. symbol is as users write it: "OK", "E_AUTH". */
struct sim_abi_error {
    const char *symbol;
    const char *family; /* INPUT, AUTH, ... */
    const char *text;
    int32_t code;
};
const struct sim_abi_error *sim_abi_error_at(uint32_t index);
const struct sim_abi_error *sim_abi_find_error(int32_t code);
const struct sim_abi_error *sim_abi_find_error_name(const char *name);
/* The row number of a code: of two faults the lower one is reported. */
uint32_t sim_abi_precedence(int32_t code);
/* The symbol of a code; "?" where there is none. */
const char *sim_abi_code_name(int32_t code);

/* A row of op_errors.def: an operation and a code that it can return. Decoding (E_LENGTH, E_RANGE,
 * E_FIELD), an engine not yet initialised (E_STATUS), a token with the call that is no asset
 * (E_NO_ASSET) and the host (E_HOST) are not listed. */
struct sim_abi_pair {
    uint8_t opcode;
    int32_t code;
};
const struct sim_abi_pair *sim_abi_pair_at(uint32_t index);
/* True for OK, for the codes of every operation, and for the pairs of the table. */
bool sim_abi_may_return(uint8_t opcode, int32_t code);

/* A row of params.def. */
struct sim_abi_param {
    const char *name;
    const char *rule;
    const char *text;
    const char *written; /* the default, as a scenario writes it: "10%", "30s", "10_000_000" */
    uint16_t id;
    uint8_t target;      /* PLM_TARGET_MARKET, _FEED, _ASSET */
    const struct sim_abi_field *field; /* of market_params, feed_params, asset_params */
    int8_t loosening;                  /* +1 up, -1 down, 0 none */
};
const struct sim_abi_param *sim_abi_param_at(uint32_t index);
const struct sim_abi_param *sim_abi_find_param(uint16_t id);
const struct sim_abi_param *sim_abi_find_param_name(uint8_t target, const char *name);
/* The layout of a target's parameters. */
uint32_t sim_abi_param_layout(uint8_t target);
/* Reads a parameter as a human writes it: percent for RATIO and RATE, seconds with `s`, `m`, `h` or
 * `d` behind for U32, decimals for VAL, integers for the rest (lots, ticks, atoms). Exact, or
 * false. */
bool sim_abi_parse_param(const struct sim_abi_param *param, const char *text, sim_int *value);
/* Writes the default of every parameter of a target into its struct. */
void sim_abi_param_defaults(uint8_t target, void *params);

/* A row of enums.def; `name` is the scenario's word, lower case of the symbol. */
struct sim_abi_enum {
    const char *kind;
    const char *symbol;
    const char *name;
    const char *text;
    uint32_t value;
};
const struct sim_abi_enum *sim_abi_enum_at(uint32_t index);
/* The row of a kind ("MODE") by value, or by word or symbol; NULL where there is none. */
const struct sim_abi_enum *sim_abi_find_enum(const char *kind, uint32_t value);
const struct sim_abi_enum *sim_abi_find_enum_name(const char *kind, const char *name);

/* A row of lines.def. field is the member of market_state, ledger or asset_state. */
struct sim_abi_line {
    const char *symbol;
    const char *name;
    const char *place; /* "MARKET", "LEDGER", "ASSET" */
    const char *text;
    const struct sim_abi_field *field;
    uint8_t id;
    bool may_be_negative;
};
const struct sim_abi_line *sim_abi_line_at(uint32_t index);

/* A row of limits.def, or of version.def. */
struct sim_abi_limit {
    const char *symbol;
    const char *unit;
    const char *text;
    uint64_t value;
};
const struct sim_abi_limit *sim_abi_limit_at(uint32_t index);
const struct sim_abi_limit *sim_abi_version_at(uint32_t index);

/* A row of lab.def: a rule that the lab build can switch off, by a bit of sim_world_set_lab. */
struct sim_abi_lab {
    const char *symbol;
    const char *rule; /* "WD-1" */
    const char *text;
    uint32_t bit;
};
const struct sim_abi_lab *sim_abi_lab_at(uint32_t index);
/* NULL where the lab build cannot switch this rule. */
const struct sim_abi_lab *sim_abi_find_lab(const char *rule);

/* --- keys -------------------------------------------------------------------------------- */
#define SIM_KEY_MAX 40u

struct sim_key {
    uint8_t bytes[SIM_KEY_MAX];
    uint32_t length;
};

/* A row of keys.def. */
struct sim_abi_key {
    const char *symbol;
    const char *text;
    uint8_t prefix;
    uint8_t id_bytes;
    uint32_t record; /* enum plm_layout_id */
};
const struct sim_abi_key *sim_abi_key_at(uint32_t index);
const struct sim_abi_key *sim_abi_find_key(uint8_t prefix);
const struct sim_abi_key *sim_abi_find_key_name(const char *symbol);
/* The key of a record whose id is a number (or nothing): prefix, then `id_bytes` big-endian. */
struct sim_key sim_abi_key(enum plm_key_prefix prefix, uint64_t id);
/* The key of an owner's account: SHA-256 of the address, number. */
struct sim_key sim_abi_key_owner(const struct plm_addr *owner, uint32_t number);
/* The key of a token: SHA-256 of its name. */
struct sim_key sim_abi_key_token(const struct plm_addr *token);
struct sim_span sim_abi_key_span(const struct sim_key *key);
/* The number at the end of a key (account, market, feed, asset, payout id; the owner's number). */
uint64_t sim_abi_key_id(struct sim_span key);

/* An address from bytes or text; longer ones than 64 bytes are a bug of the caller. */
struct plm_addr sim_abi_addr(const void *bytes, size_t length);
struct plm_addr sim_abi_addr_text(const char *text);
bool sim_abi_addr_equal(const struct plm_addr *left, const struct plm_addr *right);

/* --- the whole tables, for `plimsoll abi` ------------------------------------------------ */
/* Append the tables as JSON (stable order, every number a string) and as the page docs/ABI.md. */
void sim_abi_write_json(struct sim_buffer *out);
void sim_abi_write_markdown(struct sim_buffer *out);
/* Appends the IDL of the CosmWasm contract: its messages as JSON schema, for client generators. */
void sim_abi_write_cosmwasm(struct sim_buffer *out);

#endif
