// SPDX-License-Identifier: Apache-2.0
//! Turns a calls file with native coins into one where every token is a contract: tokens then come
//! in through the contract's hook and leave by a transfer. Everything else must stay the same, but
//! for the records that hold a token's name.

use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use crate::address;
use crate::calls::{File, Token};

const PREFIX_ASSET: u8 = 0x40;
const PREFIX_TOKEN: u8 = 0x42;

/// The contract that stands for a denomination.
fn contract(denom: &str) -> String {
    address::text(&Sha256::digest(denom))
}

/// Replaces every `{"native":D}` in a value.
fn tokens(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let (1, Some(Value::String(denom))) = (fields.len(), fields.get("native")) {
                let token = json!({"cw20": contract(denom)});
                *value = token;
                return;
            }
            fields.iter_mut().for_each(|(_, field)| tokens(field));
        }
        Value::Array(items) => items.iter_mut().for_each(tokens),
        _ => {}
    }
}

/// The same of events, where a token is a bare word.
fn events(value: &mut Value) {
    let Some(list) = value.as_array_mut() else {
        return;
    };
    for attribute in list
        .iter_mut()
        .filter_map(|e| e["attributes"].as_array_mut())
        .flatten()
    {
        if attribute["key"] == "token" {
            let denom = attribute["value"].as_str().unwrap_or("");
            attribute["value"] = json!(format!("cw20:{}", contract(denom)));
        }
    }
}

/// True where a key or its value holds a token's name.
pub fn names_a_token(key: &[u8]) -> bool {
    matches!(key.first(), Some(&(PREFIX_ASSET | PREFIX_TOKEN)))
}

/// Turns the whole file; what it says of states is left out.
pub fn convert(file: &mut File) {
    for call in &mut file.calls {
        tokens(&mut call.msg);
        tokens(&mut call.payments);
        events(&mut call.events);
        call.state = None;
        for fund in &mut call.funds {
            if let Token::Native(denom) = &fund.token {
                fund.token = Token::Cw20(contract(denom));
            }
        }
    }
    file.state = None;
    file.keys.retain(|(key, _)| !names_a_token(key));
}
