// SPDX-License-Identifier: Apache-2.0
//! The machine of the chains before.

use cosmwasm_std_2 as standard;
use cosmwasm_vm_2 as vm;

#[path = "machine.rs"]
pub mod machine;
