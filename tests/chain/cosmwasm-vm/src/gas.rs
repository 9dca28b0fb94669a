// SPDX-License-Identifier: Apache-2.0
//! What each operation costs. The figure of an operation in a file is the dearest of its calls
//! there; a gas scenario gives the accounts that meet the positions its name says.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::calls::{self, Call};
use crate::chain::{Block, Chain, Done, Outcome, Request};
use crate::markdown;
use crate::play;
use crate::prices;
use crate::probes;
use crate::store::Traffic;
use crate::{Entry, Machine};

/// How much dearer than the golden file an operation may be, in per cent.
const RISE_MAX: u64 = 5;
const HEADER: &str = "# operation|positions|vm_gas|sdk_gas|events|reads|read_bytes|writes|\
                      write_bytes|deletes|account_reads|account_writes|repeated|account_repeated";

pub struct Goldens<'g> {
    pub golden: Option<&'g str>,
    pub markdown: Option<&'g str>,
    pub write: bool,
    /// Bytes of the artifact.
    pub size: usize,
}

/// What an operation costs.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub vm: u64,
    pub sdk: u64,
    pub events: u64,
    pub traffic: Traffic,
}

/// Operation and positions to cost, in the order of first appearance by operation.
#[derive(Default, PartialEq, Eq)]
pub struct Table {
    pub size: u64,
    pub operations: Vec<String>,
    pub costs: BTreeMap<(String, u64), Cost>,
}

impl Table {
    fn add(&mut self, operation: &str, positions: u64, cost: Cost) {
        if !self.operations.iter().any(|name| name == operation) {
            self.operations.push(operation.to_string());
        }
        let kept = self
            .costs
            .entry((operation.to_string(), positions))
            .or_default();
        if cost.sdk > kept.sdk {
            *kept = cost;
        }
    }

    /// The golden file's text.
    fn text(&self) -> String {
        let mut lines = vec![
            "# SPDX-License-Identifier: Apache-2.0".to_string(),
            "# Written by plimsoll-vm gas --write. The unit of vm_gas is the machine's."
                .to_string(),
            format!("size|{}", self.size),
            HEADER.to_string(),
        ];
        for operation in &self.operations {
            for ((name, positions), c) in &self.costs {
                if name == operation {
                    let t = &c.traffic;
                    lines.push(format!(
                        "{name}|{positions}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
                        c.vm,
                        c.sdk,
                        c.events,
                        t.reads,
                        t.read_bytes,
                        t.writes,
                        t.write_bytes,
                        t.deletes,
                        t.account_reads,
                        t.account_writes,
                        t.repeated,
                        t.account_repeated
                    ));
                }
            }
        }
        lines.join("\n") + "\n"
    }

    fn parse(text: &str) -> Result<Table, String> {
        let mut table = Table::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split('|').collect();
            let fault = || format!("not a line of a golden file: {line}");
            let numbers: Vec<u64> = words[1..]
                .iter()
                .map(|w| w.parse().map_err(|_| fault()))
                .collect::<Result<_, _>>()?;
            match (words[0], numbers.as_slice()) {
                ("size", [size]) => table.size = *size,
                (name, [positions, vm, sdk, events, t @ ..]) if t.len() == 9 => {
                    let traffic = Traffic {
                        reads: t[0],
                        read_bytes: t[1],
                        writes: t[2],
                        write_bytes: t[3],
                        deletes: t[4],
                        account_reads: t[5],
                        account_writes: t[6],
                        repeated: t[7],
                        account_repeated: t[8],
                    };
                    let cost = Cost {
                        vm: *vm,
                        sdk: *sdk,
                        events: *events,
                        traffic,
                    };
                    table.add(name, *positions, cost);
                }
                _ => return Err(fault()),
            }
        }
        Ok(table)
    }
}

/// Measures, and compares with or writes the golden file and its page.
pub fn run(machine: &dyn Machine, files: &[String], goldens: &Goldens) -> Result<bool, String> {
    let mut table = Table {
        size: goldens.size as u64,
        ..Table::default()
    };
    for path in files {
        measure(machine, path, &mut table)?;
    }
    let Some(path) = goldens.golden else {
        print!("{}", markdown::page(&table));
        return Ok(true);
    };
    if goldens.write {
        fs::write(path, table.text()).map_err(|e| format!("{path}: {e}"))?;
        if let Some(page) = goldens.markdown {
            fs::write(page, markdown::page(&table)).map_err(|e| format!("{page}: {e}"))?;
        }
        println!("written: {} operations", table.operations.len());
        return Ok(true);
    }
    let text = fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
    let golden = Table::parse(&text)?;
    let mut faults = compare(&golden, &table);
    if let Some(page) = goldens.markdown {
        let written = fs::read_to_string(page).map_err(|e| format!("{page}: {e}"))?;
        if written != markdown::page(&golden) {
            faults.push(format!("{page} is not the page of {path}"));
        }
    }
    for fault in &faults {
        println!("FAIL  {fault}");
    }
    if !faults.is_empty() {
        println!(
            "Rises that are meant are written by: python3 tests/chain/cosmwasm-vm/drive.py gas \
             --write, with the arguments of ctest -R chain.vm_gas -V"
        );
    }
    println!(
        "{} figures compared, {} differ",
        table.costs.len(),
        faults.len()
    );
    Ok(faults.is_empty())
}

/// Plays a gas scenario, then the probes, and keeps the dearest call of each operation.
fn measure(machine: &dyn Machine, path: &str, table: &mut Table) -> Result<(), String> {
    let file = calls::read(path)?;
    let positions = file
        .name
        .rsplit_once('_')
        .and_then(|(_, digits)| digits.parse().ok())
        .ok_or(format!("{path}: a gas scenario is named gas_<positions>"))?;
    let chain = Chain::new(machine, &file.contract);
    let mut watch = |call: &Call, request: &Request, done: &Done| {
        if let Some(cost) = cost(request.entry, done) {
            table.add(&label(call), positions, cost);
        }
    };
    play::play(&chain, &file, None, &mut watch).map_err(|d| {
        format!(
            "{path}:{}: {} differs: expected {}, got {}",
            d.line, d.what, d.expected, d.got
        )
    })?;
    let last = file.calls.last().ok_or(format!("{path}: no calls"))?;
    let at = Block {
        time: last.time,
        height: last.height,
    };
    let mut watch = |label: &str, entry: Entry, done: &Done| {
        if let Some(cost) = cost(entry, done) {
            table.add(label, positions, cost);
        }
    };
    probes::run(&chain, at, &mut watch).map_err(|e| format!("{path}: {e}"))
}

/// An operation's name; with the length of its list where that is more than one.
fn label(call: &Call) -> String {
    let name = play::action(call);
    if call.entry == "reply" {
        let word = if call.msg["ok"] == 1 { "ok" } else { "failed" };
        return format!("reply {word}");
    }
    let list = |field: &str| call.msg[&name][field].as_array().map_or(1, Vec::len);
    let length = match name.as_str() {
        "trade" => list("fills"),
        "publish_price" => list("quotes"),
        _ => 1,
    };
    match length {
        1 => name,
        more => format!("{name} x{more}"),
    }
}

fn cost(entry: Entry, done: &Done) -> Option<Cost> {
    let Outcome::Ok(response) = &done.outcome else {
        return None;
    };
    let instance = if entry == Entry::Reply {
        prices::INSTANCE_REPLY
    } else {
        prices::INSTANCE
    };
    let none = Value::Null;
    let events = prices::events(if entry == Entry::Query {
        &none
    } else {
        response
    });
    let sdk = instance + prices::machine(done.gas) + prices::storage(&done.traffic) + events;
    Some(Cost {
        vm: done.gas,
        sdk,
        events,
        traffic: done.traffic,
    })
}

fn rose(before: u64, now: u64) -> bool {
    now * 100 > before * (100 + RISE_MAX)
}

fn compare(golden: &Table, table: &Table) -> Vec<String> {
    let mut faults = markdown::missed(table);
    if rose(golden.size, table.size) {
        faults.push(format!(
            "the artifact grew from {} to {} bytes",
            golden.size, table.size
        ));
    }
    for ((name, positions), now) in &table.costs {
        let Some(before) = golden.costs.get(&(name.clone(), *positions)) else {
            faults.push(format!(
                "{name} with {positions} positions is not in the golden file"
            ));
            continue;
        };
        for (unit, before, now) in [("machine", before.vm, now.vm), ("SDK", before.sdk, now.sdk)] {
            if rose(before, now) {
                faults.push(format!(
                    "{name} with {positions} positions: {unit} gas rose from {before} to {now}"
                ));
            }
        }
    }
    for (name, positions) in golden.costs.keys() {
        if !table.costs.contains_key(&(name.clone(), *positions)) {
            faults.push(format!(
                "{name} with {positions} positions was not measured"
            ));
        }
    }
    faults
}
