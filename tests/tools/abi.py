#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is generated from the tables of abi/ is committed and not stale.

    abi.py PLIMSOLL [--root FOLDER] [--write]
"""
import argparse
import pathlib
import subprocess
import sys

GENERATED = {"abi/plm_abi.json": "--json", "docs/ABI.md": "--markdown",
             "docs/INVARIANTS.md": "--invariants",
             "clients/cosmwasm-ts/schema/plimsoll.json": "--cosmwasm"}


def main():
    parser = argparse.ArgumentParser(description="Compares generated files with the tables.")
    parser.add_argument("plimsoll")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    stale = 0
    for name, option in GENERATED.items():
        path = arguments.root / name
        done = subprocess.run([arguments.plimsoll, "abi", option], capture_output=True)
        if done.returncode != 0:
            print(f"plimsoll abi {option} failed: {done.stderr.decode(errors='replace')}")
            return 1
        if arguments.write:
            path.write_bytes(done.stdout)
        elif not path.exists() or path.read_bytes() != done.stdout:
            stale += 1
            print(f"{name} is stale: run `plimsoll abi {option} > {name}` and commit it with the "
                  "change of the table")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
