// SPDX-License-Identifier: Apache-2.0
//! Messages that nobody should send, and calls that nobody may make. Each is refused with words
//! that name what is wrong, and changes nothing. They are made on the state at the end of a calls
//! file that lists a market and has an account number 1.

use serde_json::{json, Value};

use crate::address;
use crate::calls::File;
use crate::chain::{self, Block, Chain, Outcome, Request};
use crate::listing;
use crate::play;
use crate::{Entry, Machine};

/// A refusal by the machine, not by the contract.
const MACHINE: &str = "machine: ";

/// A call that must fail, and how its error begins.
struct Row {
    what: &'static str,
    request: Request,
    error: String,
}

struct Rows {
    list: Vec<Row>,
    user: String,
}

impl Rows {
    fn add(&mut self, what: &'static str, request: Request, error: &str) {
        self.list.push(Row {
            what,
            request,
            error: error.to_string(),
        });
    }

    /// A user's message.
    fn user(&mut self, what: &'static str, msg: &str, error: &str) {
        let request = request(Entry::Execute, &self.user, msg.as_bytes());
        self.add(what, request, error);
    }

    /// A message of a token's contract.
    fn token(&mut self, what: &'static str, token: &str, hook: &Value, error: &str) {
        let request = request(Entry::Execute, token, hook.to_string().as_bytes());
        self.add(what, request, error);
    }
}

fn request(entry: Entry, sender: &str, msg: &[u8]) -> Request {
    Request {
        entry,
        sender: sender.to_string(),
        coins: Vec::new(),
        msg: msg.to_vec(),
    }
}

/// Tokens that the state knows: a native one, a contract's, and a contract that is none.
struct Tokens {
    denom: String,
    listed: String,
    stranger: String,
    /// Asset of the contract's.
    asset: Value,
}

/// Makes every call; true where all were refused as they should be.
pub fn run(machine: &dyn Machine, file: &File) -> Result<bool, String> {
    let mut chain = Chain::new(machine, &file.contract);
    let fault = |d: Box<play::Difference>| format!("{}:{}: {} differs", file.path, d.line, d.what);
    play::play(&chain, file, None, &mut |_, _, _| {}).map_err(fault)?;
    let last = file.calls.last().ok_or("no calls")?;
    let mut at = Block {
        time: last.time + 1,
        height: last.height + 1,
    };
    let tokens = list_token(&chain, &mut at)?;
    let mut rows = Rows {
        list: Vec::new(),
        user: address::actor("stranger"),
    };
    shape(&mut rows);
    numbers(&mut rows);
    names(&mut rows, &tokens);
    hooks(&mut rows, &tokens);
    entries(&mut rows);
    lengths(&mut rows);
    let (mut passed, mut failed) = (0, 0);
    for row in &rows.list {
        match refused(&chain, at, row) {
            None => passed += 1,
            Some(fault) => {
                failed += 1;
                println!("FAIL  {}: {fault}", row.what);
                let msg = String::from_utf8_lossy(&row.request.msg);
                println!("      {:?} {:.300}", row.request.entry, msg);
            }
        }
    }
    for (what, fault) in [
        (
            "the same message with other blanks and another order",
            variants(&chain, at),
        ),
        (
            "gas that ends in the middle of a call",
            exhaustion(&mut chain, at),
        ),
        (
            "a payout's outcome told twice",
            replies(&chain, at, &tokens),
        ),
    ] {
        match fault {
            None => passed += 1,
            Some(fault) => {
                failed += 1;
                println!("FAIL  {what}: {fault}");
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// What is wrong with the way a row ended, if anything.
fn refused(chain: &Chain, at: Block, row: &Row) -> Option<String> {
    let before = chain.store.lock().snapshot();
    let done = chain.call(at, &row.request);
    if chain.store.lock().snapshot() != before {
        return Some("it changed the state".to_string());
    }
    let got = match done.outcome {
        Outcome::Ok(value) => return Some(format!("accepted: {value}")),
        Outcome::Refused(text) => text,
        Outcome::Broken(text) => format!("{MACHINE}{text}"),
    };
    let as_expected = match row.error.strip_prefix(MACHINE) {
        Some(words) => got.starts_with(MACHINE) && got.contains(words),
        None => got.starts_with(&row.error),
    };
    (!as_expected).then(|| format!("expected {:?}, got {got:?}", row.error))
}

fn ok(chain: &Chain, at: Block, sender: &str, msg: &Value) -> Result<Value, String> {
    let request = request(Entry::Execute, sender, msg.to_string().as_bytes());
    match chain.call(at, &request).outcome {
        Outcome::Ok(value) => Ok(value),
        Outcome::Refused(why) | Outcome::Broken(why) => Err(format!("{msg} was refused: {why}")),
    }
}

fn list_token(chain: &Chain, at: &mut Block) -> Result<Tokens, String> {
    let block = *at;
    let asset = |id: u8| match chain
        .query(block, &json!({"get_asset": {"asset": id}}))
        .outcome
    {
        Outcome::Ok(value) => Ok(value["asset"].clone()),
        Outcome::Refused(why) | Outcome::Broken(why) => Err(format!("asset {id}: {why}")),
    };
    let known = asset(1)?;
    let listed = address::text(&[0xc0; 20]);
    let admin = address::actor("admin");
    let listing = listing::add_asset(&listed, &known);
    let added = ok(chain, *at, &admin, &listing)?;
    let added = chain::decode(&added["data"])?["id"].clone();
    let proposed = ok(chain, *at, &admin, &listing::raise_cap(&added))?;
    let proposal = &chain::decode(&proposed["data"])?["proposal"];
    at.time += listing::NOTICE;
    ok(chain, *at, &admin, &listing::execute(proposal))?;
    Ok(Tokens {
        denom: asset(0)?["token"]["native"]
            .as_str()
            .unwrap_or("")
            .to_string(),
        listed,
        stranger: address::text(&[0xc1; 20]),
        asset: added,
    })
}

/// What is no JSON, or not the JSON of a message.
fn shape(rows: &mut Rows) {
    for (what, msg, error) in [
        (
            "no bytes",
            "",
            "E_FIELD: at byte 0 of the message: a value is missing",
        ),
        (
            "blanks",
            "  \n",
            "E_FIELD: at byte 3 of the message: a value is missing",
        ),
        ("a word", "null", "E_FIELD: not an object with one message"),
        (
            "a string",
            "\"flag\"",
            "E_FIELD: not an object with one message",
        ),
        ("an array", "[]", "E_FIELD: not an object with one message"),
        (
            "an empty object",
            "{}",
            "E_FIELD: not an object with one message",
        ),
        (
            "an unknown message",
            r#"{"mint":{}}"#,
            "E_FIELD: unknown message mint",
        ),
        (
            "a name in capitals",
            r#"{"Flag":{"account":"1"}}"#,
            "E_FIELD: unknown message Flag",
        ),
        (
            "a query as a call",
            r#"{"get_roles":{}}"#,
            "E_FIELD: unknown message get_roles",
        ),
        (
            "initialise",
            r#"{"initialise":{}}"#,
            "E_FIELD: unknown message initialise",
        ),
        (
            "a payout's outcome",
            r#"{"settle_out":{"payout":"1","ok":0}}"#,
            "E_FIELD: unknown message settle_out",
        ),
        (
            "two messages",
            r#"{"flag":{"account":"1"},"settle":{}}"#,
            "E_FIELD: a second message settle",
        ),
        (
            "a message twice",
            r#"{"flag":{"account":"1"},"flag":{"account":"1"}}"#,
            "E_FIELD: a second message flag",
        ),
        (
            "no object inside",
            r#"{"flag":"1"}"#,
            "E_FIELD: flag: not an object",
        ),
        (
            "null inside",
            r#"{"flag":null}"#,
            "E_FIELD: flag: not an object",
        ),
        (
            "an unknown field",
            r#"{"flag":{"account":"1","force":1}}"#,
            "E_FIELD: flag: unknown field force",
        ),
        (
            "a missing field",
            r#"{"flag":{}}"#,
            "E_FIELD: flag.account: missing",
        ),
        (
            "a field twice",
            r#"{"flag":{"account":"1","account":"1"}}"#,
            "E_FIELD: flag: given twice: account",
        ),
        (
            "a reserved field",
            r#"{"flag":{"account":"1","reserved":0}}"#,
            "E_FIELD: flag: unknown field reserved",
        ),
        (
            "half a message",
            r#"{"flag":{"account":"1""#,
            "E_FIELD: at byte 22 of the message: ",
        ),
        (
            "half a string",
            r#"{"flag":{"account":"1"#,
            "E_FIELD: at byte 19 of the message: ",
        ),
        (
            "bytes behind",
            r#"{"flag":{"account":"1"}}x"#,
            "E_FIELD: at byte 24 of the message: bytes behind the end",
        ),
        (
            "a second value",
            r#"{"flag":{"account":"1"}} {}"#,
            "E_FIELD: at byte 25 of the message: bytes behind the end",
        ),
        (
            "a comma too many",
            r#"{"flag":{"account":"1",}}"#,
            "E_FIELD: at byte 23 of the message",
        ),
        (
            "a comment",
            r#"{"flag":{"account":"1"}/**/}"#,
            "E_FIELD: at byte 23 of the message",
        ),
        (
            "other quotes",
            "{'flag':{'account':'1'}}",
            "E_FIELD: at byte 1 of the message",
        ),
        (
            "an escape in a value",
            r#"{"flag":{"account":"\u0031"}}"#,
            "E_FIELD: at byte 19 of the message: no escapes in strings",
        ),
        (
            "an escape in a name",
            r#"{"fl\u0061g":{"account":"1"}}"#,
            "E_FIELD: at byte 1 of the message: no escapes in strings",
        ),
        (
            "a letter that is no ASCII",
            "{\"flag\":{\"acc\u{f6}unt\":\"1\"}}",
            "E_FIELD: at byte 9 of the message: strings are printable ASCII",
        ),
        (
            "a NUL",
            "{\"flag\":{\"account\":\"1\0\"}}",
            "E_FIELD: at byte 19 of the message: strings are printable ASCII",
        ),
        (
            "a list that is none",
            r#"{"trade":{"fills":{}}}"#,
            "E_FIELD: trade.fills: not an array",
        ),
        (
            "a list of numbers",
            r#"{"trade":{"fills":[1]}}"#,
            "E_FIELD: trade.fills[0]: not an object",
        ),
    ] {
        rows.user(what, msg, error);
    }
    let deep = format!("{}1{}", "{\"flag\":".repeat(100), "}".repeat(100));
    rows.user(
        "a hundred objects",
        &deep,
        "E_FIELD: at byte 64 of the message: nested too deep",
    );
    let fill = json!({
        "id": "1", "market": 0, "buyer": "1", "seller": "2", "lots": "1", "price": "1",
        "taker": 0, "buyer_by": 0, "seller_by": 0,
    });
    let many = json!({"trade": {"fills": vec![fill.clone(); 7]}}).to_string();
    rows.user(
        "seven fills",
        &many,
        "E_LENGTH: trade.fills: too many elements",
    );
    let mut bad = fill.clone();
    bad["price"] = json!("x");
    let second = json!({"trade": {"fills": [fill, bad]}}).to_string();
    rows.user(
        "a fault in the second fill",
        &second,
        "E_FIELD: trade.fills[1].price: ",
    );
}

/// Numbers that are none, and account ids that would collide if they were read loosely.
fn numbers(rows: &mut Rows) {
    let quoted = "E_FIELD: flag.account: not a whole number in quotes";
    let no_number = |account: &str| format!(r#"{{"flag":{{"account":{account}}}}}"#);
    for (what, account, error) in [
        ("an id without quotes", "1", quoted),
        ("an id with a leading zero", "\"01\"", quoted),
        ("an id with a plus", "\"+1\"", quoted),
        ("an id with a blank before", "\" 1\"", quoted),
        ("an id with a blank behind", "\"1 \"", quoted),
        ("an id with a fraction", "\"1.0\"", quoted),
        ("an id with an exponent", "\"1e0\"", quoted),
        ("an id in hexadecimal", "\"0x1\"", quoted),
        ("an empty id", "\"\"", quoted),
        ("a negative zero", "\"-0\"", quoted),
        ("a list as an id", "[\"1\"]", quoted),
        ("true as an id", "true", quoted),
        (
            "a negative id",
            "\"-1\"",
            "E_RANGE: flag.account: outside its range",
        ),
        (
            "the id 0",
            "\"0\"",
            "E_RANGE: flag.account: outside its range",
        ),
        (
            "the id 2^64 + 1",
            "\"18446744073709551617\"",
            "E_RANGE: flag.account: outside its range",
        ),
        (
            "an id of 60 digits",
            &format!("\"{}\"", "1".repeat(60)),
            "E_RANGE: flag.account: outside its range",
        ),
        (
            "an id nobody has",
            "\"18446744073709551615\"",
            "E_NO_ACCOUNT: ",
        ),
    ] {
        rows.user(what, &no_number(account), error);
    }
    let numbers = "E_FIELD: at byte 24 of the message: not a whole number";
    let mode = |value: &str| format!(r#"{{"open_account":{{"mode":{value},"number":7}}}}"#);
    for (what, value, error) in [
        ("a fraction", "0.0", numbers),
        ("an exponent", "1e0", numbers),
        ("a capital exponent", "1E0", numbers),
        ("a leading zero", "00", numbers),
        ("a negative zero that is a number", "-0", numbers),
        ("a plus", "+1", numbers),
        (
            "not a number",
            "NaN",
            "E_FIELD: at byte 24 of the message: ",
        ),
        (
            "a number in quotes",
            "\"1\"",
            "E_FIELD: open_account.mode: not a whole number",
        ),
        (
            "a number above its bound",
            "2",
            "E_RANGE: open_account.mode: outside its range",
        ),
        (
            "a negative number",
            "-1",
            "E_RANGE: open_account.mode: outside its range",
        ),
        (
            "a number above 8 bits",
            "256",
            "E_RANGE: open_account.mode: outside its range",
        ),
        (
            "a number above 32 bits",
            "4294967296",
            "E_RANGE: open_account.mode: outside its range",
        ),
    ] {
        rows.user(what, &mode(value), error);
    }
    let amount =
        |value: &str| format!(r#"{{"withdraw":{{"account":"1","asset":0,"amount":"{value}"}}}}"#);
    let above = "170141183460469231731687303715884105728"; // 2^127
    rows.user(
        "an amount of 2^127",
        &amount(above),
        "E_RANGE: withdraw.amount: ",
    );
    rows.user(
        "a negative amount",
        &amount("-1"),
        "E_RANGE: withdraw.amount: ",
    );
    rows.user("no amount", &amount("0"), "E_AMOUNT_ZERO: ");
    rows.user("another's account", &amount("1"), "E_AUTH: ");
}

/// Addresses and names of tokens.
fn names(rows: &mut Rows, tokens: &Tokens) {
    let admin = address::actor("admin");
    let holder = |holder: &str| json!({"set_role": {"role": 0, "holder": holder}}).to_string();
    let no_address = "E_FIELD: set_role.holder: not an address of this chain";
    let mut by_admin = |what, msg: &str, error: &str| {
        let request = request(Entry::Execute, &admin, msg.as_bytes());
        rows.add(what, request, error);
    };
    by_admin("an empty address", &holder(""), no_address);
    by_admin(
        "an address in capitals",
        &holder(&admin.to_uppercase()),
        no_address,
    );
    let mut wrong = admin.clone();
    wrong.pop();
    wrong.push(if admin.ends_with('q') { 'p' } else { 'q' });
    by_admin(
        "an address with a typing error",
        &holder(&wrong),
        no_address,
    );
    by_admin(
        "an address of another chain",
        &holder("osmo186kh7c0k0gh4ww0wh4jqc4yhzu7n7dhswe845d"),
        no_address,
    );
    by_admin(
        "an address of 5000 letters",
        &holder(&"q".repeat(5000)),
        no_address,
    );
    by_admin("an address that is none", &holder("address:00"), no_address);
    by_admin(
        "a token of two kinds",
        r#"{"add_asset":{"token":{"native":"uatom","cw20":"x"},"decimals":6,"feed":0,"params":1}}"#,
        "E_FIELD: add_asset.token: not a token",
    );
    for (what, denom) in [
        ("a denomination of two letters", "ab".to_string()),
        ("a denomination of 65 letters", "a".repeat(65)),
        ("a denomination with a blank", "a b c".to_string()),
        (
            "a denomination that begins with a digit",
            "1abc".to_string(),
        ),
        (
            "an ibc denomination in small letters",
            format!("ibc/{}", "a".repeat(64)),
        ),
    ] {
        let token = json!({"add_asset": {
            "token": {"native": denom}, "decimals": 6, "feed": 0, "params": {},
        }});
        by_admin(
            what,
            &token.to_string(),
            "E_FIELD: add_asset.token: not a token",
        );
    }
    let listing = |token: Value| {
        json!({"add_asset": {"token": token, "decimals": 6, "feed": 0, "params": {}}}).to_string()
    };
    by_admin(
        "parameters that are missing",
        &listing(json!({"native": "uatom"})),
        "E_FIELD: add_asset.params.weight_initial: missing",
    );
    // A coin whose name is the text of a token's address is another token.
    let deposit = json!({"deposit": {"account": "1", "asset": tokens.asset, "amount": "5"}});
    let mut coin = request(
        Entry::Execute,
        &address::actor("alice"),
        deposit.to_string().as_bytes(),
    );
    coin.coins.push((tokens.listed.clone(), "5".to_string()));
    rows.add(
        "a coin named like a token",
        coin,
        "E_INSUFFICIENT_FUNDS_ATTACHED: ",
    );
    let deposit = json!({"deposit": {"account": "1", "asset": 0, "amount": "5"}});
    let alice = address::actor("alice");
    let with = |denom: &str, amount: &str| {
        let mut call = request(Entry::Execute, &alice, deposit.to_string().as_bytes());
        call.coins.push((denom.to_string(), amount.to_string()));
        call
    };
    let missing = "E_INSUFFICIENT_FUNDS_ATTACHED: ";
    rows.add("a deposit of a wrong coin", with("uatom", "5"), missing);
    rows.add("a deposit of too few", with(&tokens.denom, "4"), missing);
    let mut beside = with(&tokens.denom, "5");
    beside.coins.push(("ujuno".to_string(), "7".to_string()));
    rows.add("a coin beside it that is no asset", beside, "E_NO_ASSET: ");
    let mut five = with(&tokens.denom, "5");
    five.coins
        .extend(["abc", "bcd", "cde", "def"].map(|name| (name.to_string(), "1".to_string())));
    rows.add("five kinds of coins", five, "E_LENGTH: ");
    rows.add(
        "coins beyond 128 bits",
        with(&tokens.denom, "340282366920938463463374607431768211456"),
        "E_OVERFLOW: the amount sent is not below 2^127",
    );
    rows.add(
        "a coin with a name that no asset can have",
        with(&"x".repeat(100), "5"),
        "E_FIELD: a coin came whose denomination cannot be an asset",
    );
}

/// Calls that say a token came.
fn hooks(rows: &mut Rows, tokens: &Tokens) {
    let alice = address::actor("alice");
    let deposit = |amount: &str| {
        chain::encode(&json!({"deposit": {
            "account": "1", "asset": tokens.asset, "amount": amount,
        }}))
    };
    let hook = |amount: &str, msg: &str| {
        let fields = json!({"sender": alice, "amount": amount, "msg": msg});
        json!({"receive": fields})
    };
    let missing = "E_INSUFFICIENT_FUNDS_ATTACHED: ";
    let native = chain::encode(&json!({"deposit": {"account": "1", "asset": 0, "amount": "5"}}));
    let good = hook("5", &deposit("5"));
    rows.token(
        "a forged hook of a contract",
        &tokens.stranger,
        &good,
        missing,
    );
    rows.token("a forged hook of a user", &alice, &good, missing);
    let mallory = address::actor("mallory");
    let mut paid = request(
        Entry::Execute,
        &mallory,
        hook("5", &native).to_string().as_bytes(),
    );
    paid.coins.push((tokens.denom.clone(), "5".to_string()));
    rows.add(
        "a forged hook that pays with the coin itself",
        paid,
        "E_FIELD: receive takes no coins",
    );
    rows.token(
        "a hook with less than it says",
        &tokens.listed,
        &hook("4", &deposit("5")),
        missing,
    );
    rows.token(
        "a hook with more than it says",
        &tokens.listed,
        &hook("6", &deposit("5")),
        missing,
    );
    let zero = hook("0", &deposit("0"));
    rows.token(
        "a hook with nothing",
        &tokens.listed,
        &zero,
        "E_AMOUNT_ZERO: ",
    );
    let large = hook("340282366920938463463374607431768211455", &deposit("5"));
    rows.token(
        "a hook beyond 127 bits",
        &tokens.listed,
        &large,
        "E_OVERFLOW: ",
    );
    let negative = hook("-5", &deposit("5"));
    rows.token(
        "a hook with a negative amount",
        &tokens.listed,
        &negative,
        "E_FIELD: the amount sent is not a whole number in quotes",
    );
    for (what, msg, error) in [
        (
            "a hook whose message is no base64",
            "!!!!",
            "E_FIELD: receive.msg: not base64",
        ),
        (
            "base64 without padding",
            "e30",
            "E_FIELD: receive.msg: not base64",
        ),
        ("base64 with bits left over", "e31=", "E_FIELD: "),
        ("a hook without a message", "", "E_FIELD: "),
        (
            "a hook with an empty object",
            "e30=",
            "E_FIELD: receive.msg: not an object with one message",
        ),
    ] {
        rows.token(what, &tokens.listed, &hook("5", msg), error);
    }
    let withdraw = json!({"withdraw": {"account": "1", "asset": 0, "amount": "1"}});
    let inner = hook("5", &chain::encode(&withdraw));
    rows.token(
        "a withdrawal in a hook",
        &tokens.listed,
        &inner,
        "E_FIELD: receive.msg: unknown message withdraw",
    );
    let inner = hook("5", &chain::encode(&good));
    rows.token(
        "a hook in a hook",
        &tokens.listed,
        &inner,
        "E_FIELD: receive.msg: unknown message receive",
    );
    let role = json!({"set_role": {"role": 0, "holder": alice}});
    let inner = hook("5", &chain::encode(&role));
    rows.token(
        "a role in a hook",
        &tokens.listed,
        &inner,
        "E_FIELD: receive.msg: unknown message set_role",
    );
    let shape = "E_FIELD: receive: sender, amount and msg, and nothing else";
    let mut more = good.clone();
    more["receive"]["memo"] = json!("");
    rows.token("a hook with a field more", &tokens.listed, &more, shape);
    let less = json!({"receive": {"sender": alice, "amount": "5"}});
    rows.token("a hook with a field less", &tokens.listed, &less, shape);
    let mut sender = good.clone();
    sender["receive"]["sender"] = json!("nobody");
    let no_sender = "E_FIELD: receive.sender: not an address";
    rows.token("a hook of nobody", &tokens.listed, &sender, no_sender);
    let other = hook("5", &native);
    rows.token(
        "a hook that deposits the coin",
        &tokens.listed,
        &other,
        missing,
    );
}

/// Entries that are not for this.
fn entries(rows: &mut Rows) {
    let admin = address::actor("admin");
    let user = rows.user.clone();
    let mut add = |what, entry, sender: &str, msg: &str, error: &str| {
        rows.add(what, request(entry, sender, msg.as_bytes()), error);
    };
    let first = json!({"token": {"native": "uatom"}, "decimals": 6, "admin": user}).to_string();
    add(
        "a second instantiate",
        Entry::Instantiate,
        &user,
        &first,
        "E_EXISTS: ",
    );
    add(
        "a call as a query",
        Entry::Query,
        "",
        r#"{"flag":{"account":"1"}}"#,
        "E_FIELD: unknown",
    );
    add(
        "a query without a name",
        Entry::Query,
        "",
        "{}",
        "E_FIELD: not an object",
    );
    let reserved = r#"{"get_roles":{"reserved":0}}"#;
    add(
        "a reserved field of a query",
        Entry::Query,
        "",
        reserved,
        "E_FIELD: get_roles: unknown",
    );
    let deposit = r#"{"deposit":{"account":"1","asset":0,"amount":"5"}}"#;
    add(
        "a user's call as sudo",
        Entry::Sudo,
        "",
        deposit,
        "E_FIELD: unknown message deposit",
    );
    let pause = r#"{"set_pause":{"market":0,"bits":1}}"#;
    add("sudo without the role", Entry::Sudo, "", pause, "E_ROLE: ");
    add(
        "a migration with a message",
        Entry::Migrate,
        &admin,
        r#"{"to":2}"#,
        "E_FIELD: ",
    );
    let role = json!({"set_role": {"role": 0, "holder": user}}).to_string();
    add(
        "a role that a stranger takes",
        Entry::Execute,
        &user,
        &role,
        "E_ROLE: ",
    );
    let reply = r#"{"gas_used":1,"id":99999,"result":{"error":"codespace: bank, code: 5"}}"#;
    add(
        "an outcome of no payout",
        Entry::Reply,
        "",
        reply,
        "E_DUPLICATE: ",
    );
    add(
        "an outcome that is none",
        Entry::Reply,
        "",
        r#"{"id":1,"result":{}}"#,
        "machine: Aborted",
    );
    for (what, inner, error) in [
        (
            "a preview of nothing",
            json!({}),
            "E_FIELD: get_preview.message",
        ),
        (
            "a preview of a query",
            json!({"get_roles": {}}),
            "E_FIELD: get_preview.message",
        ),
    ] {
        let query = json!({"get_preview": {
            "actor": user, "funds": [], "message": chain::encode(&inner),
        }});
        add(what, Entry::Query, "", &query.to_string(), error);
    }
}

/// Long messages: refused, or stopped where they do not even fit.
fn lengths(rows: &mut Rows) {
    let padded = |length: usize| {
        let msg = r#"{"flag":{"account":"1"}}"#;
        format!("{msg}{}", " ".repeat(length - msg.len()))
    };
    let stopped = "machine: ";
    rows.user(
        "17 000 bytes",
        &padded(17_000),
        "E_LENGTH: longer than any message",
    );
    rows.user("100 KB", &padded(100 * 1024), stopped);
    rows.user("1 MB", &padded(1024 * 1024), stopped);
    let name = format!("{{\"{}\":{{}}}}", "n".repeat(10_000));
    let unknown = format!("E_FIELD: unknown message {}", "n".repeat(64));
    rows.user("a name of 10 000 letters", &name, &unknown);
    let digits = format!(r#"{{"flag":{{"account":"{}"}}}}"#, "9".repeat(10_000));
    rows.user(
        "a number of 10 000 digits",
        &digits,
        "E_RANGE: flag.account: outside its range",
    );
    let fields = format!(
        r#"{{"flag":{{"account":"1"{}}}}}"#,
        r#","a":1"#.repeat(2_000)
    );
    rows.user("2 000 fields", &fields, "E_FIELD: flag: unknown field a");
    let list = format!(r#"{{"trade":{{"fills":[{}{{}}]}}}}"#, "{},".repeat(4_000));
    rows.user(
        "4 000 fills",
        &list,
        "E_LENGTH: trade.fills: too many elements",
    );
}

/// Blanks and the order of fields make no difference.
fn variants(chain: &Chain, at: Block) -> Option<String> {
    let owner = address::actor("variant");
    let texts = [
        r#"{"open_account":{"number":1,"mode":0}}"#,
        "\t{ \"open_account\" :\r\n{ \"mode\" : 0 , \"number\" : 2 } }\n ",
    ];
    let mut answers = Vec::new();
    for text in texts {
        let done = chain.call(at, &request(Entry::Execute, &owner, text.as_bytes()));
        match done.outcome {
            Outcome::Ok(value) => answers.push(value["events"][0]["attributes"][3].clone()),
            other => return Some(format!("{text} was refused: {other:?}")),
        }
    }
    (answers[0] != answers[1]).then(|| format!("{answers:?}"))
}

/// Whatever gas a call gets, it ends whole or changes nothing.
fn exhaustion(chain: &mut Chain, at: Block) -> Option<String> {
    let owner = address::actor("exhausted");
    let msg = json!({"open_account": {"number": 0, "mode": 0}}).to_string();
    let request = request(Entry::Execute, &owner, msg.as_bytes());
    let before = chain.store.lock().snapshot();
    let full = chain.gas_limit;
    let (mut limit, mut stopped) = (1_000_000, 0);
    loop {
        chain.gas_limit = limit;
        let done = chain.call(at, &request);
        chain.gas_limit = full;
        match done.outcome {
            Outcome::Ok(_) => break,
            Outcome::Broken(text) if text.contains("Ran out of gas") => stopped += 1,
            other => return Some(format!("with {limit} gas: {other:?}")),
        }
        if chain.store.lock().snapshot() != before {
            return Some(format!("the state changed with {limit} gas"));
        }
        limit += limit / 20;
    }
    (stopped < 10).then(|| format!("stopped only {stopped} times"))
}

/// An outcome in the shapes that chains of both generations write, told twice.
fn replies(chain: &Chain, at: Block, tokens: &Tokens) -> Option<String> {
    let owner = address::actor("replied");
    let run = || -> Result<(), String> {
        let opening = json!({"open_account": {"number": 0, "mode": 0}});
        let opened = ok(chain, at, &owner, &opening)?;
        let account = chain::decode(&opened["data"])?["account"].clone();
        let deposit = json!({"deposit": {
            "account": account, "asset": tokens.asset, "amount": "9"
        }});
        let hook = json!({"receive": {
            "sender": owner, "amount": "9", "msg": chain::encode(&deposit)
        }});
        ok(chain, at, &tokens.listed, &hook)?;
        let noise = json!({"type": "wasm", "attributes": vec![
            json!({"key": "k", "value": "\"{}[]\\\u{1}"}); 500
        ]});
        for result in [
            json!({"ok": {"events": [], "data": null}}),
            json!({"ok": {"events": [noise.clone(), noise], "data": "aGk=", "msg_responses": []}}),
            json!({"error": "x".repeat(20_000)}),
        ] {
            let withdraw = json!({"withdraw": {
                "account": account, "asset": tokens.asset, "amount": "1"
            }});
            let id = ok(chain, at, &owner, &withdraw)?["messages"][0]["id"].clone();
            let reply = json!({"id": id, "payload": "", "gas_used": 7, "result": result});
            let told = request(Entry::Reply, "", reply.to_string().as_bytes());
            for expected in ["OK", "E_DUPLICATE"] {
                let got = match chain.call(at, &told).outcome {
                    Outcome::Ok(_) => "OK".to_string(),
                    Outcome::Refused(text) | Outcome::Broken(text) => text,
                };
                if play::code(&got) != expected {
                    return Err(format!("expected {expected}, got {got}: {reply:.200}"));
                }
            }
        }
        Ok(())
    };
    run().err()
}
