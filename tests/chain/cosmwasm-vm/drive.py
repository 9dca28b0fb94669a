#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds plimsoll-vm and runs it on the artifact and on what the simulator recorded.

    drive.py build
    drive.py check     --artifact FILE
    drive.py scenarios --artifact FILE --plimsoll FILE --folder FOLDER [--vm 2]
    drive.py falsify   --artifact FILE --plimsoll FILE --folder FOLDER
    drive.py refuse    --artifact FILE --plimsoll FILE --folder FOLDER [--vm 2]
    drive.py gas       --artifact FILE --plimsoll FILE --folder FOLDER [--write]

FOLDER takes the calls files. Scenarios are played with coins, and again with contracts.
Where there is no Rust the exit status is 77: tools/toolchains.sh says why."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SKIPPED = 77
POSITIONS = (1, 8, 32)
# What the simulator says of a scenario that no other chain can repeat.
BEYOND = "has no calls file"


def target():
    """Where cargo builds: kept for the next clone of this machine, because it takes minutes."""
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    default = pathlib.Path(cache) / "plimsoll" / "cosmwasm-vm"
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or default)


def cargo():
    """The cargo that tools/toolchains.sh finds or installs; None where it can do neither."""
    done = subprocess.run([str(ROOT / "tools" / "toolchains.sh"), "--cargo"],
                          stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def machine():
    return target() / "release" / "plimsoll-vm"


def build():
    program = cargo()
    if program is None:
        print("skipped: there is no Rust, see above")
        return SKIPPED
    path = f"{pathlib.Path(program).parent}{os.pathsep}{os.environ['PATH']}"
    environment = dict(os.environ, CARGO_TARGET_DIR=str(target()), PATH=path)
    command = [program, "build", "--release", "--locked", "--quiet"]
    return subprocess.run(command, cwd=HERE, env=environment, check=False).returncode


def record(plimsoll, scenario, calls):
    """Writes the calls file of a scenario; the error text, or an empty one."""
    command = [plimsoll, "run", "--engine", "native", "--quiet", "--calls", str(calls)]
    done = subprocess.run(command + [str(scenario)], cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def record_scenarios(arguments):
    """The calls files of every scenario that another chain can repeat; None after an error."""
    files = []
    for scenario in sorted((ROOT / "tests" / "scenarios").glob("*.scn")):
        calls = arguments.folder / f"{scenario.stem}.jsonl"
        error = record(arguments.plimsoll, scenario, calls)
        if BEYOND in error:
            print(f"left out: {error.strip()}")
            continue
        if error:
            print(f"{scenario}: {error}")
            return None
        files.append(str(calls))
    return files


def record_gas(arguments):
    """The calls files of the gas scenarios; None after an error."""
    files = []
    for positions in POSITIONS:
        scenario = arguments.folder / f"gas_{positions}.scn"
        writer = ROOT / "tests" / "chain" / "scenarios" / "gas.py"
        done = subprocess.run([sys.executable, str(writer), str(positions)], check=True,
                              capture_output=True, text=True)
        scenario.write_text(done.stdout)
        calls = scenario.with_suffix(".jsonl")
        error = record(arguments.plimsoll, scenario, calls)
        if error:
            print(f"{scenario}: {error}")
            return None
        files.append(str(calls))
    return files


def falsified(lines):
    """What a run must notice: its name, and the lines with that one thing changed."""
    calls = [json.loads(line) for line in lines]
    paid = next(i for i, call in enumerate(calls) if call.get("payments"))
    refused = next(i for i, call in enumerate(calls) if call.get("code", "OK") != "OK")
    for what, index, change in (
            ("code", refused, lambda call: call.update(code="OK")),
            ("events", paid, lambda call: call["events"].pop()),
            ("payments", paid, lambda call: call["payments"][0].update(amount="1")),
            ("data", paid, lambda call: call.update(data=None)),
            ("state", paid, lambda call: call.update(state="0" * 64)),
            ("keys", -1, lambda end: end["keys"].pop(0)),
            ("value of key", -1, lambda end: end["keys"][0].__setitem__(1, "00"))):
        changed = json.loads(lines[index])
        change(changed)
        text = list(lines)
        text[index] = json.dumps(changed)
        yield what, text


def falsify(arguments, path):
    """Every kind of difference in a calls file is found; the count of those that are not."""
    lines = pathlib.Path(path).read_text().splitlines()
    wrong = 0
    for what, text in falsified(lines):
        calls = arguments.folder / "falsified.jsonl"
        calls.write_text("\n".join(text) + "\n")
        done = subprocess.run([str(machine()), "run", arguments.artifact, str(calls)], cwd=ROOT,
                              capture_output=True, text=True)
        if done.returncode != 1 or not re.search(f"^FAIL .*: {what}.* differs$", done.stdout,
                                                 re.MULTILINE):
            print(f"a changed {what} was not found: {done.stdout}{done.stderr}")
            wrong += 1
    return wrong


# What the front page shows at once; the other operations follow folded.
FIRST = ("deposit", "withdraw", "trade", "publish_price", "settle", "flag", "liquidate",
         "liquidate_collateral", "deleverage", "resolve")


# The chain's flat costs are those of src/prices.rs. A record of 100 bytes with the 33 bytes that
# wasmd puts before each key:
STORED = 133


def read_golden(path):
    """The artifact's size; operation -> its rows as dictionaries, by positions."""
    lines = path.read_text().splitlines()
    size = int(lines[2].split("|")[1])
    names = lines[3].lstrip("# ").split("|")
    table = {}
    for line in lines[4:]:
        row = dict(zip(names, line.split("|")))
        table.setdefault(row["operation"], []).append(row)
    return size, table


def grouped(number):
    return f"{number:,}".replace(",", " ")


def front_rows(table, operations):
    yield ("| operation | 1 position | 8 | 32 | storage reads | writes and deletions |\n"
           "| --- | ---: | ---: | ---: | ---: | ---: |")
    for operation in operations:
        gas = [grouped(int(row["sdk_gas"]) - flat(row)) for row in table[operation]]
        counts = [[str(sum(int(row[name]) for name in names)) for row in table[operation]]
                  for names in (("reads",), ("writes", "deletes"))]
        joined = [" / ".join(dict.fromkeys(values)) for values in counts]
        yield f"| `{operation}` | {' | '.join(gas)} | {joined[0]} | {joined[1]} |"


def flat(row):
    """The instance, which a reply pays at the rate of pinned code."""
    return 2000 if row["operation"].startswith("reply") else 60000


def front_page(golden):
    size, table = read_golden(golden)
    others = [name for name in table if name not in FIRST and not name.startswith("get_")]
    return "\n".join([
        f"The artifact has {grouped(size)} bytes. The chain's flat costs, in SDK gas: an instance",
        f"60 000 (a reply 2 000), one read of 100 bytes {grouped(1000 + 3 * STORED)}, one write of "
        f"them {grouped(2000 + 30 * STORED)}.",
        "Beyond the instance, by the positions of each account that the operation touches:",
        "",
        *front_rows(table, FIRST), "",
        "<details><summary>All other operations</summary>", "",
        *front_rows(table, others), "",
        "</details>"])


def write_front_page(golden, write):
    """README's table is the golden's; true when it is or has been written."""
    page = ROOT / "README.md"
    text = page.read_text()
    begin, end = "<!-- gas -->\n", "<!-- end of gas -->"
    head, tail = text.index(begin) + len(begin), text.index(end)
    wanted = text[:head] + front_page(golden) + "\n" + text[tail:]
    if write:
        page.write_text(wanted)
    elif wanted != text:
        print("README.md has another gas table than gas.golden: run drive.py gas --write")
        return False
    return True


def run(*words):
    return subprocess.run([str(machine()), *words], cwd=ROOT, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = ["build", "check", "scenarios", "falsify", "refuse", "gas"]
    parser.add_argument("command", choices=commands)
    parser.add_argument("--artifact", default="")
    parser.add_argument("--plimsoll")
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--vm", default="3")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if arguments.command == "build":
        return build()
    if not machine().exists():
        print("skipped: plimsoll-vm is not built; run drive.py build")
        return SKIPPED
    if arguments.command == "check":
        return run("check", arguments.artifact)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.command == "scenarios":
        files = record_scenarios(arguments)
        if files is None:
            return 1
        words = ["run", arguments.artifact, *files, "--vm", arguments.vm]
        return max(run(*words), run(*words, "--cw20"))
    if arguments.command == "falsify":
        calls = arguments.folder / "walkthrough.jsonl"
        scenario = ROOT / "tests" / "scenarios" / "0001_walkthrough.scn"
        error = record(arguments.plimsoll, scenario, calls)
        print(error, end="")
        return 1 if error else min(falsify(arguments, calls), 1)
    files = record_gas(arguments)
    if files is None:
        return 1
    if arguments.command == "refuse":
        return run("refuse", arguments.artifact, files[0], "--vm", arguments.vm)
    words = ["--golden", str(HERE.relative_to(ROOT) / "gas.golden"), "--markdown", "docs/GAS.md"]
    words += ["--write"] if arguments.write else []
    status = run("gas", arguments.artifact, *files, *words)
    is_shown = status == 0 and write_front_page(HERE / "gas.golden", arguments.write)
    return status if is_shown else max(status, 1)


if __name__ == "__main__":
    sys.exit(main())
