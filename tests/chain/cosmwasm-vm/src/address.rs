// SPDX-License-Identifier: Apache-2.0
//! Calls files name addresses by their bytes, `address:<hex>`, because each chain has its own
//! prefix. Here they become this chain's text.

use bech32::{Bech32, Hrp};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The prefix that the machines' own mock of an address codec expects.
const PREFIX: &str = "cosmwasm";
const MARK: &str = "address:";

/// The text of an address.
pub fn text(bytes: &[u8]) -> String {
    let prefix = Hrp::parse(PREFIX).expect("a valid prefix");
    bech32::encode::<Bech32>(prefix, bytes).expect("an address of at most 64 bytes")
}

/// The address of a scenario's actor: the first 20 bytes of SHA-256 of his name.
pub fn actor(name: &str) -> String {
    text(&Sha256::digest(name)[..20])
}

/// Replaces every `address:<hex>` in a string: alone, or behind something like `cw20:`.
pub fn replace(from: &str) -> Result<String, String> {
    let Some((before, rest)) = from.split_once(MARK) else {
        return Ok(from.to_string());
    };
    let end = rest
        .find(|c: char| !c.is_ascii_hexdigit())
        .unwrap_or(rest.len());
    let bytes = hex::decode(&rest[..end]).map_err(|e| format!("{from}: {e}"))?;
    if bytes.is_empty() || bytes.len() > 64 {
        return Err(format!("{from}: an address has 1 to 64 bytes"));
    }
    Ok(format!(
        "{before}{}{}",
        text(&bytes),
        replace(&rest[end..])?
    ))
}

/// Replaces every address in a JSON value.
pub fn replace_all(from: &Value) -> Result<Value, String> {
    Ok(match from {
        Value::String(s) => Value::String(replace(s)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(replace_all).collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => {
            let mut out = Map::new();
            for (key, value) in fields {
                out.insert(key.clone(), replace_all(value)?);
            }
            Value::Object(out)
        }
        other => other.clone(),
    })
}
