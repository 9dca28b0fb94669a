// SPDX-License-Identifier: Apache-2.0
//! Every query that makes sense in a state, from the ids in its keys (abi/keys.def).

use serde_json::{json, Value};

use crate::address;
use crate::chain;
use crate::store::{Store, PREFIX_ACCOUNT};

const PREFIX_MARKET: u8 = 0x20;
const PREFIX_FEED: u8 = 0x30;
const PREFIX_ASSET: u8 = 0x40;

/// First and last parameter of each target, as in abi/params.def.
const PARAMETERS: [(u8, u64, u64); 3] = [
    (PREFIX_MARKET, 1, 34),
    (PREFIX_FEED, 64, 81),
    (PREFIX_ASSET, 96, 102),
];

/// Refusals that a margin figure may end with: a price of the account is not usable now.
const UNPRICED: &[&str] = &["E_PRICE_STALE", "E_PRICE_SOURCES", "E_GAP"];
const NO_POSITION: &[&str] = &["E_PRICE_STALE", "E_PRICE_SOURCES", "E_GAP", "E_NO_MARKET"];

pub struct Query {
    pub msg: Value,
    /// Codes that are answers as well.
    pub may_refuse: &'static [&'static str],
}

/// The ids of one kind of key.
pub fn ids(store: &Store, prefix: u8) -> Vec<u64> {
    let number = |key: &[u8]| key.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    store
        .engine()
        .filter(|(key, _)| key.first() == Some(&prefix))
        .map(|(key, _)| number(&key[1..]))
        .collect()
}

/// All queries about a state.
pub fn all(store: &Store) -> Vec<Query> {
    let mut list = Vec::new();
    let mut sure = |msg: Value| {
        list.push(Query {
            msg,
            may_refuse: &[],
        })
    };
    sure(json!({"get_configuration": {}}));
    sure(json!({"get_roles": {}}));
    sure(json!({"get_pauses": {"market": 65535}}));
    sure(json!({"get_accounts": {"from": "1", "limit": 32}}));
    for (target, (prefix, first, last)) in PARAMETERS.iter().enumerate() {
        for id in ids(store, *prefix) {
            for param in *first..=*last {
                sure(json!({"get_parameters": {"target": target, "id": id, "param": param}}));
            }
        }
    }
    let assets = ids(store, PREFIX_ASSET);
    let markets = ids(store, PREFIX_MARKET);
    for asset in &assets {
        sure(json!({"get_asset": {"asset": asset}}));
    }
    for feed in ids(store, PREFIX_FEED) {
        sure(json!({"get_feed": {"feed": feed}}));
    }
    for market in &markets {
        sure(json!({"get_pauses": {"market": market}}));
        sure(json!({"get_market": {"market": market}}));
        sure(json!({"get_lines": {"market": market}}));
    }
    for account in ids(store, PREFIX_ACCOUNT) {
        let account = account.to_string();
        list.extend(of_account(&account, &assets, &markets));
    }
    list
}

fn of_account(account: &str, assets: &[u64], markets: &[u64]) -> Vec<Query> {
    let inner = chain::encode(&json!({"flag": {"account": account}}));
    let actor = address::actor("keeper");
    let mut list = vec![
        Query {
            msg: json!({"get_account": {"account": account}}),
            may_refuse: &[],
        },
        Query {
            msg: json!({"get_margin": {"account": account}}),
            may_refuse: UNPRICED,
        },
        Query {
            msg: json!({"get_preview": {"actor": actor, "funds": [], "message": inner}}),
            may_refuse: &[],
        },
    ];
    for asset in assets {
        let msg = json!({"get_withdrawable": {"account": account, "asset": asset}});
        list.push(Query {
            msg,
            may_refuse: UNPRICED,
        });
    }
    for market in markets {
        let msg = json!({"get_liquidation_price": {"account": account, "market": market}});
        list.push(Query {
            msg,
            may_refuse: NO_POSITION,
        });
        let msg = json!({"get_cover": {"market": market, "first": account, "second": account}});
        list.push(Query {
            msg,
            may_refuse: UNPRICED,
        });
    }
    list
}
