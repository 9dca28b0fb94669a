// SPDX-License-Identifier: Apache-2.0
//! One version of the virtual machine. This file is compiled once for each of them: the module
//! around it names the crates `vm` and `standard`.

use std::collections::HashSet;

use super::standard::{ContractResult, Empty, Order, Record, Response};
use super::vm;
use super::vm::internals::{check_wasm, Logger};
use super::vm::testing::{MockApi, MockQuerier};
use crate::store::Shared;
use crate::{Entry, Machine, Ran, CAPABILITIES};

const CACHE: vm::Size = vm::Size::mebi(64);
/// What wasmd gives an instance.
const MEMORY: vm::Size = vm::Size::mebi(32);
const RESULT_MAX: usize = 256 * 1024;
const NO_ITERATORS: &str = "this storage has no iterators: the engine keeps its own indexes";

impl vm::Storage for Shared {
    fn get(&self, key: &[u8]) -> vm::BackendResult<Option<Vec<u8>>> {
        (Ok(self.lock().get(key)), vm::GasInfo::free())
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> vm::BackendResult<()> {
        self.lock().set(key, value);
        (Ok(()), vm::GasInfo::free())
    }

    fn remove(&mut self, key: &[u8]) -> vm::BackendResult<()> {
        self.lock().remove(key);
        (Ok(()), vm::GasInfo::free())
    }

    fn scan(&mut self, _: Option<&[u8]>, _: Option<&[u8]>, _: Order) -> vm::BackendResult<u32> {
        (
            Err(vm::BackendError::unknown(NO_ITERATORS)),
            vm::GasInfo::free(),
        )
    }

    fn next(&mut self, _: u32) -> vm::BackendResult<Option<Record>> {
        (
            Err(vm::BackendError::unknown(NO_ITERATORS)),
            vm::GasInfo::free(),
        )
    }
}

/// What a chain asks before it stores a contract.
pub fn check(code: &[u8]) -> Result<(), String> {
    let limits = vm::WasmLimits::default();
    check_wasm(code, &capabilities(), &limits, Logger::Off).map_err(|e| e.to_string())
}

fn capabilities() -> HashSet<String> {
    vm::capabilities_from_csv(CAPABILITIES)
}

/// A stored and compiled contract.
struct Loaded {
    cache: vm::Cache<MockApi, Shared, MockQuerier>,
    checksum: super::standard::Checksum,
    /// The cache's files go with it.
    _folder: tempfile::TempDir,
}

/// Checks, compiles and pins a contract.
pub fn load(code: &[u8]) -> Result<Box<dyn Machine>, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let options = vm::CacheOptions::new(folder.path(), capabilities(), CACHE, MEMORY);
    // SAFETY: the folder is new and ours, so nobody has put a module into it.
    let cache = unsafe { vm::Cache::new(options) }.map_err(|e| e.to_string())?;
    let checksum = cache
        .store_code(code, true, true)
        .map_err(|e| e.to_string())?;
    cache.pin(&checksum).map_err(|e| e.to_string())?;
    Ok(Box::new(Loaded {
        cache,
        checksum,
        _folder: folder,
    }))
}

impl Machine for Loaded {
    fn call(
        &self,
        store: &Shared,
        entry: Entry,
        env: &[u8],
        info: &[u8],
        msg: &[u8],
        gas: u64,
    ) -> Ran {
        let backend = vm::Backend {
            api: MockApi::default(),
            storage: store.clone(),
            querier: MockQuerier::new(&[]),
        };
        let options = vm::InstanceOptions { gas_limit: gas };
        let mut instance = match self.cache.get_instance(&self.checksum, backend, options) {
            Ok(instance) => instance,
            Err(e) => {
                return Ran {
                    answer: Err(e.to_string()),
                    gas: 0,
                }
            }
        };
        let i = &mut instance;
        let answer = match entry {
            Entry::Instantiate => vm::call_instantiate_raw(i, env, info, msg),
            Entry::Execute => vm::call_execute_raw(i, env, info, msg),
            Entry::Query => vm::call_query_raw(i, env, msg),
            Entry::Reply => vm::call_reply_raw(i, env, msg),
            Entry::Sudo => vm::call_sudo_raw(i, env, msg),
            Entry::Migrate => vm::call_migrate_with_info_raw(i, env, msg, info),
        };
        let spent = instance.create_gas_report().used_internally;
        let answer = answer.map_err(|e| e.to_string()).and_then(|data| {
            match entry {
                Entry::Query => {
                    vm::from_slice::<ContractResult<super::standard::Binary>>(&data, RESULT_MAX)
                        .map(|_| ())
                }
                _ => {
                    vm::from_slice::<ContractResult<Response<Empty>>>(&data, RESULT_MAX).map(|_| ())
                }
            }
            .map_err(|e| format!("the machine cannot read the answer: {e}"))?;
            Ok(data)
        });
        Ran { answer, gas: spent }
    }
}
