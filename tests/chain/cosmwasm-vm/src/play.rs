// SPDX-License-Identifier: Apache-2.0
//! Plays a calls file and compares what the machine says with what the native engine said: code,
//! events, data, payments and state after every call, and every key at the end.

use serde_json::{json, Value};

use crate::as_cw20;
use crate::calls::{Call, File};
use crate::chain::{self, Block, Chain, Done, Outcome, Request};
use crate::queries;

/// The first thing that differs.
pub struct Difference {
    pub line: usize,
    pub what: String,
    pub expected: String,
    pub got: String,
    /// The call, where one differs.
    pub call: String,
}

#[derive(Default)]
pub struct Played {
    pub calls: usize,
    /// Calls that this chain cannot receive, with the reason.
    pub left_out: Vec<(usize, String)>,
    pub queries: usize,
    /// Gas of all calls, in the machine's unit, and of the dearest.
    pub gas: u64,
    pub gas_max: u64,
}

/// What happens to each call that was played: for those who measure.
pub type Watch<'w> = dyn FnMut(&Call, &Request, &Done) + 'w;

/// Plays a file to its end, or up to a line.
pub fn play(
    chain: &Chain,
    file: &File,
    until: Option<usize>,
    watch: &mut Watch,
) -> Result<Played, Box<Difference>> {
    let mut played = Played::default();
    for call in &file.calls {
        if until.is_some_and(|line| call.line > line) {
            return Ok(played);
        }
        let request = match chain::request(call) {
            Ok(request) => request,
            Err(why) => {
                played.left_out.push((call.line, why));
                continue;
            }
        };
        let done = chain.call(
            Block {
                time: call.time,
                height: call.height,
            },
            &request,
        );
        played.calls += 1;
        played.gas += done.gas;
        played.gas_max = played.gas_max.max(done.gas);
        watch(call, &request, &done);
        if let Some(difference) = compare(chain, call, &request, &done) {
            return Err(Box::new(difference));
        }
    }
    compare_keys(chain, file)?;
    played.queries = ask(chain, file)?;
    Ok(played)
}

fn compare(chain: &Chain, call: &Call, request: &Request, done: &Done) -> Option<Difference> {
    let differs = |what: &str, expected: &dyn ToString, got: &dyn ToString| {
        Some(Difference {
            line: call.line,
            what: what.to_string(),
            expected: expected.to_string(),
            got: got.to_string(),
            call: String::from_utf8_lossy(&request.msg).to_string(),
        })
    };
    let got_code = match &done.outcome {
        Outcome::Ok(_) => "OK",
        Outcome::Refused(text) => code(text),
        Outcome::Broken(text) => return differs("code", &call.code, text),
    };
    if got_code != call.code {
        let got = match &done.outcome {
            Outcome::Refused(text) => text,
            _ => got_code,
        };
        return differs("code", &call.code, &got);
    }
    if let Outcome::Ok(response) = &done.outcome {
        let action = json!([{"key": "action", "value": action(call)}]);
        let parts = [
            ("attributes", action, response["attributes"].clone()),
            ("events", list(&call.events), response["events"].clone()),
            ("payments", list(&call.payments), payments(response)),
            ("data", call.data.clone(), data(response)),
        ];
        for (what, expected, got) in parts {
            if expected != got {
                return differs(what, &expected, &got);
            }
        }
    }
    if let Some(expected) = &call.state {
        let got = chain.store.lock().digest();
        if &got != expected {
            return differs("state", expected, &got);
        }
    }
    None
}

/// The symbol of an error text.
pub fn code(text: &str) -> &str {
    text.split_once(':').map_or(text, |(symbol, _)| symbol)
}

/// The name of the message that a call carries.
pub fn action(call: &Call) -> String {
    let name = match call.entry.as_str() {
        "execute" | "sudo" => call.msg.as_object().and_then(|m| m.keys().next()).cloned(),
        "instantiate" => Some("initialise".to_string()),
        "reply" => Some("settle_out".to_string()),
        other => Some(other.to_string()),
    };
    name.unwrap_or_default()
}

fn list(value: &Value) -> Value {
    match value {
        Value::Null => json!([]),
        other => other.clone(),
    }
}

fn data(response: &Value) -> Value {
    match &response["data"] {
        Value::Null => Value::Null,
        data => chain::decode(data).unwrap_or_else(Value::String),
    }
}

/// The payments of a response as calls files write them. A message of another shape stays as it
/// is, so that it differs and is seen.
fn payments(response: &Value) -> Value {
    let messages = response["messages"].as_array().cloned().unwrap_or_default();
    messages
        .iter()
        .map(|message| payment(message).unwrap_or(message.clone()))
        .collect()
}

fn payment(message: &Value) -> Option<Value> {
    let paid = |to: &Value, token: Value, amount: &Value| {
        let payout = message["id"].as_u64()?.to_string();
        Some(json!({"to": to, "token": token, "amount": amount, "payout": payout}))
    };
    let (made, to, token, amount) = match message["msg"].as_object()?.iter().next()? {
        (kind, bank) if kind == "bank" => {
            let send = &bank["send"];
            let coin = &send["amount"][0];
            let made = json!({"bank": {"send": {
                "to_address": send["to_address"],
                "amount": [{"denom": coin["denom"], "amount": coin["amount"]}],
            }}});
            (
                made,
                send["to_address"].clone(),
                json!({"native": coin["denom"]}),
                &coin["amount"],
            )
        }
        (_, wasm) => {
            let execute = &wasm["execute"];
            let transfer = &chain::decode(&execute["msg"]).ok()?["transfer"];
            let inner = json!({"transfer": {
                "recipient": transfer["recipient"], "amount": transfer["amount"],
            }});
            let made = json!({"wasm": {"execute": {
                "contract_addr": execute["contract_addr"],
                "msg": chain::encode(&inner),
                "funds": [],
            }}});
            let token = json!({"cw20": execute["contract_addr"]});
            let paid = paid(&transfer["recipient"], token, &transfer["amount"]);
            return paid.filter(|_| same_message(message, made));
        }
    };
    paid(&to, token, amount).filter(|_| same_message(message, made))
}

/// Nothing is in the message but what we read from it.
fn same_message(message: &Value, made: Value) -> bool {
    let id = &message["id"];
    *message
        == json!({
            "id": id, "msg": made, "gas_limit": null, "reply_on": "always", "payload": ""
        })
}

fn compare_keys(chain: &Chain, file: &File) -> Result<(), Box<Difference>> {
    let line = file.calls.last().map_or(1, |call| call.line) + 1;
    let differs = |what: String, expected: String, got: String| {
        Err(Box::new(Difference {
            line,
            what,
            expected,
            got,
            call: String::new(),
        }))
    };
    let store = chain.store.lock();
    let renamed = file.state.is_none();
    let mut ours = store
        .engine()
        .filter(|(key, _)| !(renamed && as_cw20::names_a_token(key)));
    let mut theirs = file.keys.iter();
    loop {
        match (theirs.next(), ours.next()) {
            (None, None) => break,
            (Some((key, value)), Some((our_key, our_value))) => {
                if key != our_key {
                    return differs("keys".to_string(), hex::encode(key), hex::encode(our_key));
                }
                if value != our_value {
                    let what = format!("value of key {}", hex::encode(key));
                    return differs(what, hex::encode(value), hex::encode(our_value));
                }
            }
            (Some((key, _)), None) => {
                return differs("keys".to_string(), hex::encode(key), "no more".to_string())
            }
            (None, Some((key, _))) => {
                return differs("keys".to_string(), "no more".to_string(), hex::encode(key))
            }
        }
    }
    let got = store.digest();
    if let Some(expected) = file.state.as_ref().filter(|expected| **expected != got) {
        return differs("state".to_string(), expected.clone(), got);
    }
    Ok(())
}

/// Asks everything there is to ask about the last state.
fn ask(chain: &Chain, file: &File) -> Result<usize, Box<Difference>> {
    let Some(last) = file.calls.last() else {
        return Ok(0);
    };
    let at = Block {
        time: last.time,
        height: last.height,
    };
    let all = queries::all(&chain.store.lock());
    let before = chain.store.lock().snapshot();
    for query in &all {
        let done = chain.query(at, &query.msg);
        let fault = match &done.outcome {
            Outcome::Ok(_) => None,
            Outcome::Refused(text) if query.may_refuse.contains(&code(text)) => None,
            Outcome::Refused(text) | Outcome::Broken(text) => Some(text.clone()),
        };
        if let Some(got) = fault {
            let call = query.msg.to_string();
            let what = "answer of a query after the last call".to_string();
            let expected = format!("ok, or one of {:?}", query.may_refuse);
            return Err(Box::new(Difference {
                line: last.line,
                what,
                expected,
                got,
                call,
            }));
        }
    }
    if chain.store.lock().snapshot() != before {
        let what = "state after queries".to_string();
        let (expected, got) = ("the same".to_string(), "another".to_string());
        let call = String::new();
        return Err(Box::new(Difference {
            line: last.line,
            what,
            expected,
            got,
            call,
        }));
    }
    Ok(all.len())
}
