#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs into an empty folder: the program runs there, and nothing of the lab build is in it.

    install.py --build build/release [--cmake CMAKE]
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile


def main():
    parser = argparse.ArgumentParser(description="Checks what is installed.")
    parser.add_argument("--build", required=True)
    parser.add_argument("--cmake", default="cmake")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([arguments.cmake, "--install", arguments.build, "--prefix", name],
                       check=True, stdout=subprocess.DEVNULL)
        installed = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                           if path.is_file())
        for wanted in ("bin/plimsoll", "share/plimsoll/plimsoll_sim.wasm"):
            if wanted not in installed:
                print(f"install: {wanted} is missing; see cmake/PlimsollInstall.cmake")
                return 1
        for path in installed:
            if path.endswith(".wasm") and b"PLM_LAB_BUILD" in (folder / path).read_bytes():
                print(f"install: {path} is a lab build, which is never installed")
                return 1
        done = subprocess.run([str(folder / "bin/plimsoll"), "--version"], capture_output=True,
                              text=True)
        if done.returncode != 0 or not done.stdout.strip():
            print(f"install: plimsoll --version failed: {done.stdout}{done.stderr}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
