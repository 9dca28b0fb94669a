// SPDX-License-Identifier: Apache-2.0
//! A contract's storage as a chain keeps it: what a call writes becomes true when the call ends
//! well and is forgotten when it does not. Counts what each call reads and writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use sha2::{Digest, Sha256};

/// The key under which contracts say who they are; no engine key, so comparisons leave it out.
pub const CONTRACT_INFO: &[u8] = b"contract_info";

/// First byte of an account's key, as in abi/keys.def.
pub const PREFIX_ACCOUNT: u8 = 0x10;

/// What one call did to the storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub reads: u64,
    /// Key and value of everything read.
    pub read_bytes: u64,
    pub writes: u64,
    /// Key and value of everything written.
    pub write_bytes: u64,
    pub deletes: u64,
    pub account_reads: u64,
    pub account_writes: u64,
    /// Reads of a key that this call had read before, and writes of one it had written before.
    pub repeated: u64,
    /// Those of accounts.
    pub account_repeated: u64,
}

/// Every key of one contract, and what the call that is running has changed of them.
#[derive(Default)]
pub struct Store {
    kept: BTreeMap<Vec<u8>, Vec<u8>>,
    pending: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    read: BTreeSet<Vec<u8>>,
    traffic: Traffic,
}

impl Store {
    /// Starts a call.
    pub fn begin(&mut self) {
        self.pending.clear();
        self.read.clear();
        self.traffic = Traffic::default();
    }

    /// Ends a call that went well.
    pub fn commit(&mut self) {
        for (key, value) in std::mem::take(&mut self.pending) {
            match value {
                Some(value) => self.kept.insert(key, value),
                None => self.kept.remove(&key),
            };
        }
    }

    /// Ends a call that failed.
    pub fn rollback(&mut self) {
        self.pending.clear();
    }

    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    pub fn get(&mut self, key: &[u8]) -> Option<Vec<u8>> {
        let value = match self.pending.get(key) {
            Some(changed) => changed.clone(),
            None => self.kept.get(key).cloned(),
        };
        self.traffic.reads += 1;
        self.traffic.read_bytes += (key.len() + value.as_ref().map_or(0, Vec::len)) as u64;
        self.traffic.account_reads += u64::from(is_account(key));
        let again = !self.read.insert(key.to_vec());
        self.count_again(key, again);
        value
    }

    pub fn set(&mut self, key: &[u8], value: &[u8]) {
        self.traffic.writes += 1;
        self.traffic.write_bytes += (key.len() + value.len()) as u64;
        self.traffic.account_writes += u64::from(is_account(key));
        let before = self.pending.insert(key.to_vec(), Some(value.to_vec()));
        self.count_again(key, before.is_some());
    }

    pub fn remove(&mut self, key: &[u8]) {
        self.traffic.deletes += 1;
        self.traffic.account_writes += u64::from(is_account(key));
        let before = self.pending.insert(key.to_vec(), None);
        self.count_again(key, before.is_some());
    }

    fn count_again(&mut self, key: &[u8], again: bool) {
        self.traffic.repeated += u64::from(again);
        self.traffic.account_repeated += u64::from(again && is_account(key));
    }

    /// The engine's keys, ascending.
    pub fn engine(&self) -> impl Iterator<Item = (&Vec<u8>, &Vec<u8>)> {
        self.kept
            .iter()
            .filter(|(key, _)| key.as_slice() != CONTRACT_INFO)
    }

    /// The value that the last call left under a key.
    pub fn peek(&self, key: &[u8]) -> Option<&Vec<u8>> {
        self.kept.get(key)
    }

    /// SHA-256 of the engine's keys: u32 length, key, u32 length, value, little-endian, ascending.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (key, value) in self.engine() {
            hash.update((key.len() as u32).to_le_bytes());
            hash.update(key);
            hash.update((value.len() as u32).to_le_bytes());
            hash.update(value);
        }
        hex::encode(hash.finalize())
    }

    /// Everything kept, to compare before and after a call that must change nothing.
    pub fn snapshot(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        self.kept.clone()
    }
}

fn is_account(key: &[u8]) -> bool {
    key.first() == Some(&PREFIX_ACCOUNT)
}

/// A store that an instance of the contract and the driver hold together.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Store>>);

impl Shared {
    pub fn lock(&self) -> MutexGuard<'_, Store> {
        self.0.lock().expect("one thread")
    }
}
