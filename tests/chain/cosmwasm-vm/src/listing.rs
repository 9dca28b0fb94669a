// SPDX-License-Identifier: Apache-2.0
//! A token of a contract, listed once trading has begun: it counts for nothing, and may not come in,
//! until a proposal has waited for its notice [GOV-3].

use serde_json::{json, Value};

/// Seconds of a proposal's notice (NOTICE of limits.def).
pub const NOTICE: u64 = 172_800;

/// The deposit cap's number in params.def.
const PARAM_CAP: u32 = 98;

/// The parameters are those of another asset, but for weights and cap.
pub fn add_asset(token: &str, known: &Value) -> Value {
    let mut params = known["params"].clone();
    params["weight_initial"] = json!(0);
    params["weight_maint"] = json!(0);
    params["cap"] = json!("0");
    json!({"add_asset": {
        "token": {"cw20": token}, "decimals": 18, "feed": known["feed"], "params": params
    }})
}

pub fn raise_cap(asset: &Value) -> Value {
    json!({"set_param": {
        "target": 2, "id": asset, "param": PARAM_CAP, "value": "1000000000000000000000"
    }})
}

pub fn execute(proposal: &Value) -> Value {
    json!({"execute": {"proposal": proposal}})
}
