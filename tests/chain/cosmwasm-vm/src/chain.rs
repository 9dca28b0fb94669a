// SPDX-License-Identifier: Apache-2.0
//! One contract on one machine, called as a chain calls it: a fresh instance for every call, its
//! writes kept when it answers `ok` and dropped otherwise.

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use serde_json::{json, Value};

use crate::calls::{Call, Fund, Token};
use crate::store::{Shared, Traffic};
use crate::{Entry, Machine};

/// Gas that one call may use: 10 000 000 SDK gas, well below what chains let a block use.
pub const GAS_LIMIT: u64 = 10_000_000 * GAS_MULTIPLIER;
/// How much of the machine's gas is one SDK gas (wasmd's default).
pub const GAS_MULTIPLIER: u64 = 140_000;

const NANOSECONDS: u128 = 1_000_000_000;

pub struct Chain<'a> {
    machine: &'a dyn Machine,
    pub store: Shared,
    pub contract: String,
    pub gas_limit: u64,
}

/// When a call happens.
#[derive(Clone, Copy)]
pub struct Block {
    pub time: u64,
    pub height: u64,
}

/// A call as the contract sees it.
#[derive(Clone)]
pub struct Request {
    pub entry: Entry,
    pub sender: String,
    /// Native coins: denom and amount.
    pub coins: Vec<(String, String)>,
    pub msg: Vec<u8>,
}

/// How a call ended.
#[derive(Debug)]
pub enum Outcome {
    /// The contract's response.
    Ok(Value),
    /// The contract's error text.
    Refused(String),
    /// The machine stopped the call.
    Broken(String),
}

pub struct Done {
    pub outcome: Outcome,
    /// The machine's gas.
    pub gas: u64,
    pub traffic: Traffic,
}

impl<'a> Chain<'a> {
    pub fn new(machine: &'a dyn Machine, contract: &str) -> Self {
        let contract = contract.to_string();
        Chain {
            machine,
            store: Shared::default(),
            contract,
            gas_limit: GAS_LIMIT,
        }
    }

    /// Makes one call, and keeps what it wrote if it ended well.
    pub fn call(&self, at: Block, request: &Request) -> Done {
        let env = self.env(at, request.entry);
        let info = match request.entry {
            Entry::Migrate => json!({"sender": request.sender, "old_migrate_version": null}),
            _ => info(request),
        };
        self.store.lock().begin();
        let ran = self.machine.call(
            &self.store,
            request.entry,
            env.to_string().as_bytes(),
            info.to_string().as_bytes(),
            &request.msg,
            self.gas_limit,
        );
        let outcome = match ran.answer {
            Ok(answer) => outcome(request.entry, &answer),
            Err(text) => Outcome::Broken(text),
        };
        let mut store = self.store.lock();
        match outcome {
            Outcome::Ok(_) => store.commit(),
            _ => store.rollback(),
        }
        Done {
            outcome,
            gas: ran.gas,
            traffic: store.traffic(),
        }
    }

    /// Asks the contract.
    pub fn query(&self, at: Block, msg: &Value) -> Done {
        let msg = msg.to_string().into_bytes();
        let request = Request {
            entry: Entry::Query,
            sender: String::new(),
            coins: Vec::new(),
            msg,
        };
        self.call(at, &request)
    }

    /// The environment as wasmd writes it. Calls of the chain itself have no transaction.
    fn env(&self, at: Block, entry: Entry) -> Value {
        let time = u128::from(at.time) * NANOSECONDS + 123_456_789;
        let transaction = match entry {
            Entry::Sudo | Entry::Query => Value::Null,
            _ => json!({"index": 3, "hash": STANDARD.encode([0xe5_u8; 32])}),
        };
        json!({
            "block": {"height": at.height, "time": time.to_string(), "chain_id": "plimsoll-1"},
            "transaction": transaction,
            "contract": {"address": self.contract},
        })
    }
}

/// Sender and coins; coins are sorted and never zero, as a chain has them.
fn info(request: &Request) -> Value {
    let mut coins = request.coins.clone();
    coins.retain(|(_, amount)| amount != "0");
    coins.sort();
    let coins: Vec<Value> = coins
        .iter()
        .map(|(denom, amount)| json!({"denom": denom, "amount": amount}))
        .collect();
    json!({"sender": request.sender, "funds": coins})
}

fn outcome(entry: Entry, answer: &[u8]) -> Outcome {
    let broken = |why: &str| Outcome::Broken(format!("{why}: {}", String::from_utf8_lossy(answer)));
    let Ok(value) = serde_json::from_slice::<Value>(answer) else {
        return broken("the answer is not JSON");
    };
    let Some(fields) = value.as_object().filter(|fields| fields.len() == 1) else {
        return broken("the answer is not an object of one field");
    };
    if let Some(text) = fields.get("error").and_then(Value::as_str) {
        return Outcome::Refused(text.to_string());
    }
    let Some(ok) = fields.get("ok") else {
        return broken("the answer is neither ok nor error");
    };
    if let Entry::Query = entry {
        return match decode(ok) {
            Ok(reply) => Outcome::Ok(reply),
            Err(why) => broken(&why),
        };
    }
    match response_fault(ok) {
        Some(why) => broken(&why),
        None => Outcome::Ok(ok.clone()),
    }
}

/// Base64 of JSON.
pub fn decode(value: &Value) -> Result<Value, String> {
    let text = value.as_str().ok_or("base64 is expected")?;
    let bytes = STANDARD
        .decode(text)
        .map_err(|e| format!("not base64: {e}"))?;
    serde_json::from_slice(&bytes).map_err(|e| format!("not JSON inside base64: {e}"))
}

pub fn encode(value: &Value) -> String {
    STANDARD.encode(value.to_string())
}

/// What wasmd would refuse about a response, or what is not as our messages are described.
fn response_fault(response: &Value) -> Option<String> {
    let names: Vec<&str> = response.as_object()?.keys().map(String::as_str).collect();
    if names != ["messages", "attributes", "events", "data"] {
        return Some(format!("the response's fields are {names:?}"));
    }
    let events = response["events"].as_array()?;
    for event in events {
        let kind = event["type"].as_str().unwrap_or("");
        if kind.trim().len() <= 2 {
            return Some(format!("an event's type is too short: {event}"));
        }
    }
    let own = response["attributes"].as_array()?;
    let lists = events
        .iter()
        .filter_map(|event| event["attributes"].as_array());
    for attribute in lists.chain([own]).flatten() {
        let key = attribute["key"].as_str().unwrap_or("").trim();
        if key.is_empty() || key.starts_with('_') || !attribute["value"].is_string() {
            return Some(format!("an attribute is not allowed: {attribute}"));
        }
    }
    None
}

/// Turns a line of a calls file into what the contract would get, or says why it cannot.
pub fn request(call: &Call) -> Result<Request, String> {
    let plain = |entry, msg: Value| Request {
        entry,
        sender: call.sender.clone(),
        coins: native(&call.funds),
        msg: msg.to_string().into_bytes(),
    };
    match call.entry.as_str() {
        "none" => Err(call.why.clone()),
        "instantiate" => Ok(plain(Entry::Instantiate, call.msg.clone())),
        "sudo" => Ok(plain(Entry::Sudo, call.msg.clone())),
        "migrate" => Ok(plain(Entry::Migrate, call.msg.clone())),
        "reply" => Ok(plain(Entry::Reply, reply(&call.msg)?)),
        "execute" => execute(call, plain(Entry::Execute, call.msg.clone())),
        other => Err(format!("unknown entry {other}")),
    }
}

fn native(funds: &[Fund]) -> Vec<(String, String)> {
    let coin = |fund: &Fund| match &fund.token {
        Token::Native(denom) => Some((denom.clone(), fund.amount.clone())),
        Token::Cw20(_) => None,
    };
    funds.iter().filter_map(coin).collect()
}

/// Tokens of a contract do not come with a call: the contract is called by the token.
fn execute(call: &Call, plain: Request) -> Result<Request, String> {
    let mut tokens = call.funds.iter().filter_map(|fund| match &fund.token {
        Token::Cw20(contract) => Some((contract, &fund.amount)),
        Token::Native(_) => None,
    });
    let Some((contract, amount)) = tokens.next() else {
        return Ok(plain);
    };
    if tokens.next().is_some() || !plain.coins.is_empty() {
        return Err("a CW20 token brings itself and nothing else".to_string());
    }
    let receive = json!({"receive": {
        "sender": call.sender, "amount": amount, "msg": encode(&call.msg)
    }});
    Ok(Request {
        entry: Entry::Execute,
        sender: contract.clone(),
        coins: Vec::new(),
        msg: receive.to_string().into_bytes(),
    })
}

/// The outcome of a payout as wasmd reports it; the events of other modules and contracts are in
/// it, with whatever they put there.
fn reply(msg: &Value) -> Result<Value, String> {
    let id = msg["payout"]
        .as_str()
        .and_then(|s| s.parse::<u64>().ok())
        .ok_or("payout: no id")?;
    let events = json!([
        {"type": "coin_spent", "attributes": [
            {"key": "spender", "value": "a \"quoted\" \\ word\n"},
            {"key": "msg_index", "value": "0"},
        ]},
        {"type": "wasm", "attributes": [{"key": "_contract_address", "value": "\u{2713} {}[],:"}]},
    ]);
    let result = match msg["ok"].as_u64() {
        Some(1) => json!({"ok": {"events": events, "msg_responses": [
            {"type_url": "/cosmos.bank.v1beta1.MsgSendResponse", "value": ""}
        ]}}),
        Some(0) => json!({"error": "codespace: bank, code: 5: \"spendable\" < \u{1}"}),
        _ => return Err("ok: 0 or 1 is expected".to_string()),
    };
    Ok(json!({"gas_used": 51234, "id": id, "result": result}))
}
