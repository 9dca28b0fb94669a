// SPDX-License-Identifier: Apache-2.0
//! Calls that a scenario cannot make: a list of quotes in one message, tokens of a contract,
//! surplus, sudo, migration, and every query. They are made after a gas scenario, on its state.

use serde_json::{json, Value};

use crate::address;
use crate::chain::{self, Block, Chain, Done, Outcome, Request};
use crate::listing;
use crate::queries;
use crate::store::PREFIX_ACCOUNT;
use crate::Entry;

/// Quotes in one message, at most (PLM_PRICES_MAX).
const QUOTES_MAX: u64 = 16;
const PREFIX_FEED: u8 = 0x30;

/// Who sees what each probe cost.
pub type Watch<'w> = dyn FnMut(&str, Entry, &Done) + 'w;

struct Prober<'p, 'w> {
    chain: &'p Chain<'p>,
    at: Block,
    watch: &'p mut Watch<'w>,
}

impl Prober<'_, '_> {
    fn make(&mut self, label: &str, request: &Request) -> Result<Value, String> {
        let done = self.chain.call(self.at, request);
        if !label.is_empty() {
            (self.watch)(label, request.entry, &done);
        }
        match done.outcome {
            Outcome::Ok(value) => Ok(value),
            Outcome::Refused(why) | Outcome::Broken(why) => {
                let msg = String::from_utf8_lossy(&request.msg);
                Err(format!("the probe {label} {msg} was refused: {why}"))
            }
        }
    }

    fn execute(&mut self, label: &str, sender: &str, msg: &Value) -> Result<Value, String> {
        self.make(label, &plain(Entry::Execute, sender, msg))
    }

    fn query(&mut self, label: &str, msg: &Value) -> Result<Value, String> {
        self.make(label, &plain(Entry::Query, "", msg))
    }
}

fn plain(entry: Entry, sender: &str, msg: &Value) -> Request {
    let msg = msg.to_string().into_bytes();
    Request {
        entry,
        sender: sender.to_string(),
        coins: Vec::new(),
        msg,
    }
}

/// Makes all probes.
pub fn run(chain: &Chain, at: Block, watch: &mut Watch) -> Result<(), String> {
    let mut p = Prober { chain, at, watch };
    queries_of_the_fullest(&mut p)?;
    quotes(&mut p)?;
    contract_token(&mut p)?;
    surplus(&mut p)?;
    let hand_over = json!({"set_role": {"role": 0, "holder": chain.contract}});
    let proposed = p.execute("", &address::actor("admin"), &hand_over)?;
    let proposal = &chain::decode(&proposed["data"])?["proposal"];
    p.at.time += listing::NOTICE;
    let take_over = plain(Entry::Sudo, "", &listing::execute(proposal));
    p.make("sudo execute", &take_over)?;
    let pause = json!({"set_pause": {"market": 0, "bits": 1}});
    p.make("sudo set_pause", &plain(Entry::Sudo, "", &pause))?;
    p.make(
        "migrate",
        &plain(Entry::Migrate, &address::actor("admin"), &json!({})),
    )?;
    Ok(())
}

/// One message with a quote for each feed.
fn quotes(p: &mut Prober) -> Result<(), String> {
    p.at = Block {
        time: p.at.time + 1,
        height: p.at.height + 1,
    };
    let feeds = queries::ids(&p.chain.store.lock(), PREFIX_FEED).len() as u64;
    let mut list = Vec::new();
    for feed in 0..feeds.min(QUOTES_MAX) {
        let known = p.query("", &json!({"get_feed": {"feed": feed}}))?;
        let (price, time) = (&known["state"]["price"], p.at.time.to_string());
        list.push(json!({"feed": feed, "price": price, "conf": "0", "time": time}));
    }
    let label = "publish_price list";
    p.execute(
        label,
        &address::actor("oracle1"),
        &json!({"publish_price": {"quotes": list}}),
    )?;
    Ok(())
}

/// A token that is a contract comes in through its hook.
fn contract_token(p: &mut Prober) -> Result<(), String> {
    let known = p.query("", &json!({"get_asset": {"asset": 1}}))?;
    let admin = address::actor("admin");
    let token = address::text(&[0xc0; 32]);
    let listing = listing::add_asset(&token, &known["asset"]);
    let listed = p.execute("add_asset cw20", &admin, &listing)?;
    let asset = chain::decode(&listed["data"])?["id"].clone();
    let proposed = p.execute("", &admin, &listing::raise_cap(&asset))?;
    let proposal = &chain::decode(&proposed["data"])?["proposal"];
    p.at.time += listing::NOTICE;
    p.execute("", &admin, &listing::execute(proposal))?;
    let owner = address::actor("probe");
    let opening = json!({"open_account": {"number": 0, "mode": 0}});
    let opened = p.execute("", &owner, &opening)?;
    let account = chain::decode(&opened["data"])?["account"].clone();
    let deposit = json!({"deposit": {"account": account, "asset": asset, "amount": "5"}});
    let hook = json!({"receive": {
        "sender": owner, "amount": "5", "msg": chain::encode(&deposit)
    }});
    p.execute("deposit cw20", &token, &hook)?;
    let withdraw = json!({"withdraw": {"account": account, "asset": asset, "amount": "5"}});
    p.execute("withdraw cw20", &owner, &withdraw)?;
    Ok(())
}

/// Coins that nobody asked for, and their way out.
fn surplus(p: &mut Prober) -> Result<(), String> {
    let known = p.query("", &json!({"get_asset": {"asset": 0}}))?;
    let denom = known["asset"]["token"]["native"]
        .as_str()
        .ok_or("the token is not native")?;
    let opening = json!({"open_account": {"number": 1, "mode": 0}});
    let mut request = plain(Entry::Execute, &address::actor("probe"), &opening);
    request.coins.push((denom.to_string(), "5".to_string()));
    p.make("open_account with surplus", &request)?;
    let sweep = json!({"sweep_surplus": {"asset": 0, "amount": "5"}});
    let swept = p.execute("sweep_surplus", &address::actor("admin"), &sweep)?;
    let id = &swept["messages"][0]["id"];
    let failed = json!({"gas_used": 1, "id": id, "result": {"error": "codespace: bank, code: 5"}});
    p.make("reply failed", &plain(Entry::Reply, "", &failed))?;
    Ok(())
}

/// Every query once, about the account with the longest record.
fn queries_of_the_fullest(p: &mut Prober) -> Result<(), String> {
    let fullest = {
        let store = p.chain.store.lock();
        let accounts = store
            .engine()
            .filter(|(key, _)| key.first() == Some(&PREFIX_ACCOUNT));
        let longest = accounts
            .max_by_key(|(_, value)| value.len())
            .ok_or("no account")?;
        longest.0[1..]
            .iter()
            .fold(0_u64, |n, byte| n << 8 | u64::from(*byte))
            .to_string()
    };
    let flag = chain::encode(&json!({"flag": {"account": fullest}}));
    let actor = address::actor("keeper");
    for query in [
        json!({"get_configuration": {}}),
        json!({"get_parameters": {"target": 0, "id": 0, "param": 1}}),
        json!({"get_roles": {}}),
        json!({"get_pauses": {"market": 0}}),
        json!({"get_asset": {"asset": 1}}),
        json!({"get_market": {"market": 0}}),
        json!({"get_feed": {"feed": 0}}),
        json!({"get_lines": {"market": 0}}),
        json!({"get_account": {"account": fullest}}),
        json!({"get_accounts": {"from": "1", "limit": 32}}),
        json!({"get_margin": {"account": fullest}}),
        json!({"get_withdrawable": {"account": fullest, "asset": 0}}),
        json!({"get_liquidation_price": {"account": fullest, "market": 0}}),
        json!({"get_cover": {"market": 0, "first": fullest, "second": fullest}}),
        json!({"get_preview": {"actor": actor, "funds": [], "message": flag}}),
    ] {
        let label = query
            .as_object()
            .and_then(|q| q.keys().next())
            .cloned()
            .unwrap_or_default();
        p.query(&label, &query)?;
    }
    Ok(())
}
