#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls files come back: every scenario that has one is run into it and replayed from it.

    calls.py PLIMSOLL [--root FOLDER]

A replay compares codes, events, payments, replies, the state after every call and all keys at the
end. Scenarios with series or crowds have no calls file: they are refused, and counted."""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

TIMEOUT = 200
REFUSED = 2
LEAST = 30  # so many files at least must come back, or this check has lost its subject


def there_and_back(program, scenario, folder):
    """None where the scenario has no calls file, "" where it came back, else what is wrong."""
    out = folder / f"{scenario.stem}.jsonl"
    for command in (["run", "--quiet", "--calls", str(out), str(scenario)],
                    ["replay", "--quiet", str(out)]):
        done = subprocess.run([program, *command], capture_output=True, timeout=TIMEOUT,
                              check=False)
        errors = done.stderr.decode(errors="replace")
        if done.returncode == REFUSED and "no calls file" in errors:
            return None if not out.exists() else f"{out.name} was written although refused"
        if done.returncode != 0:
            return f"plimsoll {' '.join(command)}: exit status {done.returncode}\n{errors}"
    return ""


def main():
    parser = argparse.ArgumentParser(description="Runs scenarios into calls files and back.")
    parser.add_argument("plimsoll")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.plimsoll)
    scenarios = sorted((arguments.root / "tests/scenarios").glob("*.scn"))
    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = pathlib.Path(name)
        results = list(pool.map(lambda path: there_and_back(program, path, folder), scenarios))
    for path, result in zip(scenarios, results):
        if result:
            print(f"{path.as_posix()}: {result}")
    good = sum(result == "" for result in results)
    failed = sum(bool(result) for result in results)
    print(f"calls: {good} of {len(results)} scenarios come back, {failed} fail, "
          f"{results.count(None)} have no calls file")
    if good < LEAST:
        print(f"at least {LEAST} must: see why in docs/SCENARIOS.md, \"Calls files\"")
    return 1 if failed or good < LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
