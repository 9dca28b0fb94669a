// SPDX-License-Identifier: Apache-2.0
//! The machine of today's chains.

use cosmwasm_std as standard;
use cosmwasm_vm as vm;

#[path = "machine.rs"]
pub mod machine;
