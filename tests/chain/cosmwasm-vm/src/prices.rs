// SPDX-License-Identifier: Apache-2.0
//! What a chain charges, in SDK gas: the defaults of cosmos-sdk's gas store and of wasmd's gas
//! register. Not in it is what every transaction pays whatever the contract does: signatures, the
//! bytes of the transaction, the lookup of the contract, and transfers of the bank.

use serde_json::Value;

use crate::chain::GAS_MULTIPLIER;
use crate::store::Traffic;

/// An instance of a contract that is not pinned; of one whose reply is delivered.
pub const INSTANCE: u64 = 60_000;
pub const INSTANCE_REPLY: u64 = 2_000;

const READ: u64 = 1_000;
const READ_BYTE: u64 = 3;
const WRITE: u64 = 2_000;
const WRITE_BYTE: u64 = 30;
const DELETE: u64 = 1_000;
/// wasmd puts one byte and the contract's 32-byte address before each key.
const KEY_PREFIX: u64 = 33;

const EVENT: u64 = 20;
const ATTRIBUTE: u64 = 10;
const ATTRIBUTE_BYTE: u64 = 1;
/// Bytes of attributes that cost nothing, once a response.
const ATTRIBUTE_BYTES_FREE: u64 = 100;

/// The machine's share.
pub fn machine(gas: u64) -> u64 {
    gas / GAS_MULTIPLIER
}

pub fn storage(traffic: &Traffic) -> u64 {
    let read_bytes = traffic.read_bytes + KEY_PREFIX * traffic.reads;
    let write_bytes = traffic.write_bytes + KEY_PREFIX * traffic.writes;
    READ * traffic.reads
        + READ_BYTE * read_bytes
        + WRITE * traffic.writes
        + WRITE_BYTE * write_bytes
        + DELETE * traffic.deletes
}

/// The events and attributes of a response.
pub fn events(response: &Value) -> u64 {
    let none = Vec::new();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut lists = vec![list(&response["attributes"])];
    let mut gas = 0;
    for event in response["events"].as_array().unwrap_or(&none) {
        gas += EVENT + ATTRIBUTE_BYTE * length(&event["type"]);
        lists.push(list(&event["attributes"]));
    }
    let all: Vec<Value> = lists.concat();
    let bytes: u64 = all
        .iter()
        .map(|a| length(&a["key"]) + length(&a["value"]))
        .sum();
    gas + ATTRIBUTE * all.len() as u64 + ATTRIBUTE_BYTE * bytes.saturating_sub(ATTRIBUTE_BYTES_FREE)
}

fn length(value: &Value) -> u64 {
    value.as_str().map_or(0, str::len) as u64
}

/// The floor of a call that keeps anything: an instance, one read and one write of 100 bytes.
pub fn floor() -> u64 {
    let traffic = Traffic {
        reads: 1,
        read_bytes: 100,
        writes: 1,
        write_bytes: 100,
        ..Traffic::default()
    };
    INSTANCE + storage(&traffic)
}
