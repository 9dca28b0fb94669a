// SPDX-License-Identifier: Apache-2.0
//! Reads calls files: JSON lines that the simulator writes (`plimsoll run X.scn --calls FILE`),
//! one call a line with what the native engine answered. docs/SCENARIOS.md describes them.

use std::fs;

use serde_json::Value;

use crate::address;

/// Keys and values.
pub type Keys = Vec<(Vec<u8>, Vec<u8>)>;

/// A token as messages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Native(String),
    Cw20(String),
}

/// An amount of a token that comes with a call.
#[derive(Clone, Debug)]
pub struct Fund {
    pub token: Token,
    pub amount: String,
}

/// One line: a call, and what the native engine answered.
#[derive(Clone, Debug)]
pub struct Call {
    pub line: usize,
    pub time: u64,
    pub height: u64,
    pub sender: String,
    /// instantiate, execute, reply, sudo, migrate, or none.
    pub entry: String,
    /// Why there is no entry.
    pub why: String,
    pub funds: Vec<Fund>,
    pub msg: Value,
    pub code: String,
    pub events: Value,
    pub payments: Value,
    pub data: Value,
    /// SHA-256 of the state after the call, where the file has it.
    pub state: Option<String>,
}

/// A whole file.
pub struct File {
    pub path: String,
    pub name: String,
    pub contract: String,
    pub calls: Vec<Call>,
    /// SHA-256 of the last state; none where tokens were renamed.
    pub state: Option<String>,
    pub keys: Keys,
}

/// Reads a file; every address in it becomes this chain's text.
pub fn read(path: &str) -> Result<File, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
    let mut file = File {
        path: path.to_string(),
        name: String::new(),
        contract: String::new(),
        calls: Vec::new(),
        state: None,
        keys: Vec::new(),
    };
    let mut ended = false;
    for (index, line) in text.lines().enumerate() {
        let at = |e: String| format!("{path}:{}: {e}", index + 1);
        let raw: Value = serde_json::from_str(line).map_err(|e| at(e.to_string()))?;
        let value = address::replace_all(&raw).map_err(at)?;
        if index == 0 {
            if value["calls"] != 1 {
                return Err(at("not a calls file of version 1".to_string()));
            }
            file.name = string(&value, "name").map_err(at)?;
            file.contract = string(&value, "contract").map_err(at)?;
        } else if value["end"] == true {
            file.state = Some(string(&value, "state").map_err(at)?);
            file.keys = keys(&value["keys"]).map_err(at)?;
            ended = true;
        } else {
            file.calls.push(call(index + 1, &value).map_err(at)?);
        }
    }
    if !ended {
        return Err(format!(
            "{path}: the last line is missing, so the run did not end well"
        ));
    }
    Ok(file)
}

fn string(value: &Value, field: &str) -> Result<String, String> {
    match value[field].as_str() {
        Some(s) => Ok(s.to_string()),
        None => Err(format!("{field}: a string is expected")),
    }
}

fn keys(value: &Value) -> Result<Keys, String> {
    let pairs = value.as_array().ok_or("keys: a list is expected")?;
    let bytes = |v: &Value| {
        hex::decode(v.as_str().unwrap_or("?")).map_err(|e| format!("keys: not hex: {e}"))
    };
    pairs
        .iter()
        .map(|pair| Ok((bytes(&pair[0])?, bytes(&pair[1])?)))
        .collect()
}

fn call(line: usize, value: &Value) -> Result<Call, String> {
    let entry = string(value, "entry")?;
    let none = entry == "none";
    let time = string(value, "time")?
        .parse()
        .map_err(|_| "time: seconds are expected")?;
    Ok(Call {
        line,
        time,
        height: value["height"]
            .as_u64()
            .ok_or("height: a number is expected")?,
        sender: if none {
            String::new()
        } else {
            string(value, "sender")?
        },
        why: if none {
            string(value, "why")?
        } else {
            String::new()
        },
        funds: funds(&value["funds"])?,
        msg: value["msg"].clone(),
        code: string(value, "code")?,
        events: value["events"].clone(),
        payments: value["payments"].clone(),
        data: value["data"].clone(),
        state: value["state"].as_str().map(str::to_string),
        entry,
    })
}

/// Reads `{"native":"denom"}` or `{"cw20":"address"}`.
pub fn token(value: &Value) -> Result<Token, String> {
    match (value["native"].as_str(), value["cw20"].as_str()) {
        (Some(denom), None) => Ok(Token::Native(denom.to_string())),
        (None, Some(contract)) => Ok(Token::Cw20(contract.to_string())),
        _ => Err(format!("{value}: not a token")),
    }
}

fn funds(value: &Value) -> Result<Vec<Fund>, String> {
    let Some(list) = value.as_array() else {
        return Ok(Vec::new());
    };
    list.iter()
        .map(|item| {
            Ok(Fund {
                token: token(&item["token"])?,
                amount: string(item, "amount")?,
            })
        })
        .collect()
}
