// SPDX-License-Identifier: Apache-2.0
//! plimsoll-vm: the CosmWasm artifact on the virtual machines that chains run.

mod address;
mod as_cw20;
mod calls;
mod chain;
mod gas;
mod listing;
mod markdown;
mod play;
mod prices;
mod probes;
mod queries;
mod refuse;
mod store;
#[allow(clippy::duplicate_mod)] // both compile machine.rs, each with its own crates
mod three;
#[allow(clippy::duplicate_mod)]
mod two;

use std::process::ExitCode;

use store::Shared;

/// What wasmd offers to contracts.
pub const CAPABILITIES: &str = "iterator,staking,stargate,cosmwasm_1_1,cosmwasm_1_2,cosmwasm_1_3,\
                                cosmwasm_1_4,cosmwasm_2_0,cosmwasm_2_1,cosmwasm_2_2";

/// The machines: the number that names one on the command line, its version, its functions.
const MACHINES: [(&str, &str, CheckFunction, LoadFunction); 2] = [
    ("3", "3.0.10", three::machine::check, three::machine::load),
    ("2", "2.2.10", two::machine::check, two::machine::load),
];

type CheckFunction = fn(&[u8]) -> Result<(), String>;
type LoadFunction = fn(&[u8]) -> Result<Box<dyn Machine>, String>;

const HELP: &str = "\
plimsoll-vm: the CosmWasm artifact on the virtual machines that chains run

  plimsoll-vm check ARTIFACT
      what chains ask at upload, by each machine
  plimsoll-vm run ARTIFACT CALLS.jsonl... [--until LINE] [--cw20]
      plays calls files (plimsoll run X.scn --calls FILE) and compares code, events, payments,
      data and state of every call, and every key at the end, with the native engine's;
      --until plays up to a line and prints that call; --cw20 makes every token a contract, and
      compares the same but for the records that name tokens
  plimsoll-vm refuse ARTIFACT CALLS.jsonl
      malformed and forged messages on the state at the end of a calls file: refused, with which
      words, and nothing changes
  plimsoll-vm gas ARTIFACT CALLS.jsonl... [--golden FILE] [--markdown FILE] [--write]
      gas of every operation, by the positions that files named gas_<positions> give accounts;
      compares with a golden file and the page made from it, or writes both

  --vm 2    on the machine 2.2.10 instead of 3.0.10
";

/// A function of a contract that the chain calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Instantiate,
    Execute,
    Query,
    Reply,
    Sudo,
    Migrate,
}

/// What a machine says about one call.
pub struct Ran {
    /// What the contract answered, or why the machine stopped it.
    pub answer: Result<Vec<u8>, String>,
    pub gas: u64,
}

/// A contract on one machine. Every call gets a fresh instance.
pub trait Machine {
    /// `info` is the message info, or of a migration the migrate info.
    fn call(
        &self,
        store: &Shared,
        entry: Entry,
        env: &[u8],
        info: &[u8],
        msg: &[u8],
        gas: u64,
    ) -> Ran;
}

/// The command line, taken apart.
#[derive(Default)]
struct Options {
    words: Vec<String>,
    vm: Option<String>,
    until: Option<usize>,
    cw20: bool,
    golden: Option<String>,
    markdown: Option<String>,
    write: bool,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.is_empty() || words.iter().any(|word| word == "--help" || word == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match options(words).and_then(|options| command(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("plimsoll-vm: {why}");
            ExitCode::from(2)
        }
    }
}

fn options(words: Vec<String>) -> Result<Options, String> {
    let mut options = Options::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--vm" => options.vm = Some(value()?),
            "--until" => {
                let line = value()?
                    .parse()
                    .map_err(|_| "--until needs a line number")?;
                options.until = Some(line);
            }
            "--golden" => options.golden = Some(value()?),
            "--markdown" => options.markdown = Some(value()?),
            "--cw20" => options.cw20 = true,
            "--write" => options.write = true,
            option if option.starts_with('-') => return Err(format!("unknown option {option}")),
            _ => options.words.push(word),
        }
    }
    Ok(options)
}

fn command(options: &Options) -> Result<bool, String> {
    let [name, artifact, files @ ..] = options.words.as_slice() else {
        return Err("a command and an artifact are expected; see --help".to_string());
    };
    let code = std::fs::read(artifact).map_err(|e| format!("{artifact}: {e}"))?;
    if name == "check" {
        return Ok(check(&code));
    }
    let wanted = options.vm.as_deref().unwrap_or("3");
    let (_, version, _, load) = MACHINES
        .iter()
        .find(|(number, ..)| *number == wanted)
        .ok_or(format!("no machine {wanted}; there are 3 and 2"))?;
    let machine = load(&code)?;
    match (name.as_str(), files) {
        ("run", [_, ..]) => run(machine.as_ref(), version, artifact, files, options),
        ("refuse", [file]) => refuse::run(machine.as_ref(), &calls::read(file)?),
        ("gas", [_, ..]) => gas::run(
            machine.as_ref(),
            files,
            &gas::Goldens {
                golden: options.golden.as_deref(),
                markdown: options.markdown.as_deref(),
                write: options.write,
                size: code.len(),
            },
        ),
        ("run" | "refuse" | "gas", _) => Err("calls files are missing; see --help".to_string()),
        _ => Err(format!("unknown command {name}; see --help")),
    }
}

fn check(code: &[u8]) -> bool {
    let mut passed = true;
    for (_, version, check, _) in MACHINES {
        match check(code) {
            Ok(()) => println!("cosmwasm-vm {version}: accepted, {} bytes", code.len()),
            Err(why) => {
                println!("cosmwasm-vm {version}: REFUSED: {why}");
                passed = false;
            }
        }
    }
    passed
}

fn run(
    machine: &dyn Machine,
    version: &str,
    artifact: &str,
    files: &[String],
    options: &Options,
) -> Result<bool, String> {
    println!("cosmwasm-vm {version}");
    let (mut passed, mut failed) = (0, 0);
    for path in files {
        let mut file = calls::read(path)?;
        if options.cw20 {
            as_cw20::convert(&mut file);
        }
        let chain = chain::Chain::new(machine, &file.contract);
        let mut watch = |call: &calls::Call, request: &chain::Request, done: &chain::Done| {
            if options.until == Some(call.line) {
                println!("call    {}", String::from_utf8_lossy(&request.msg));
                println!("answer  {:?}", done.outcome);
                println!("gas     {}, {:?}", done.gas, done.traffic);
            }
        };
        match play::play(&chain, &file, options.until, &mut watch) {
            Ok(played) => {
                passed += 1;
                print_played(&file, &played);
            }
            Err(difference) => {
                failed += 1;
                let again = format!("run {artifact} {path} --until {}", difference.line);
                print_difference(path, &difference, &again, options);
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn print_played(file: &calls::File, played: &play::Played) {
    println!(
        "ok    {:34} {:5} calls {:5} queries  VM gas {:>15}, dearest {:>13}",
        file.name, played.calls, played.queries, played.gas, played.gas_max
    );
    for (line, why) in &played.left_out {
        println!("      {}:{line} left out: {why}", file.path);
    }
}

fn print_difference(path: &str, d: &play::Difference, again: &str, options: &Options) {
    println!("FAIL  {path}:{}: {} differs", d.line, d.what);
    println!("      call      {}", d.call);
    println!("      expected  {}", d.expected);
    println!("      got       {}", d.got);
    let vm = options
        .vm
        .as_ref()
        .map_or(String::new(), |vm| format!(" --vm {vm}"));
    let cw20 = if options.cw20 { " --cw20" } else { "" };
    let program = std::env::args().next().unwrap_or_default();
    println!("      again     {program} {again}{vm}{cw20}");
}
