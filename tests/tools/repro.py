#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two clean builds of the contract in two directories give the same bytes.

    repro.py [--root FOLDER] [--cmake CMAKE] [--wasi-sdk PATH] build/wasm/plimsoll_sim.wasm...

The second build runs with another wasm-opt first in PATH, which fails at whatever it is asked: the
tool chain must not depend on what else a machine has.
"""
import argparse
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PARTS = ["CMakeLists.txt", "LICENSE", "CHANGELOG.md", "cmake", "abi", "contract"]


def build(root, folder, arguments, environment):
    """Copies the sources into `folder`, builds the modules there and returns their bytes."""
    source = folder / "source"
    source.mkdir(parents=True)
    for part in PARTS:
        origin = root / part
        if origin.is_dir():
            shutil.copytree(origin, source / part)
        elif origin.exists():
            shutil.copy(origin, source / part)
    names = [path.name for path in arguments.modules]
    targets = [name.replace(".wasm", "_wasm") for name in names]
    commands = [
        [arguments.cmake, "-S", str(source), "-B", str(folder / "out"), "-G", "Ninja",
         "-DPLIMSOLL_TESTS=OFF", f"-DWASI_SDK={arguments.wasi_sdk}",
         "-DCMAKE_C_COMPILER=clang-22"],
        [arguments.cmake, "--build", str(folder / "out"), "--target", *targets]]
    for command in commands:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            output = done.stdout[-3000:] + done.stderr[-3000:]
            sys.exit(f"repro: {' '.join(command)} failed:\n{output}")
    return [(folder / "out/wasm" / name).read_bytes() for name in names]


def main():
    parser = argparse.ArgumentParser(description="Checks that the contract builds reproducibly.")
    parser.add_argument("modules", type=pathlib.Path, nargs="+")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--wasi-sdk", default="")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    with tempfile.TemporaryDirectory() as name:
        base = pathlib.Path(name)
        trap = base / "trap"
        trap.mkdir()
        script = trap / "wasm-opt"
        script.write_text("#!/bin/sh\necho 'wasm-opt was called' >&2\nexit 1\n", encoding="utf-8")
        script.chmod(0o755)
        with_trap = dict(os.environ, PATH=f"{trap}{os.pathsep}{os.environ['PATH']}")
        builds = {
            "this build": [path.read_bytes() for path in arguments.modules],
            "a clean build": build(root, base / "a", arguments, dict(os.environ)),
            "a clean build in a longer path, with wasm-opt in PATH":
                build(root, base / "b" / ("long" * 12), arguments, with_trap)}
    differ = 0
    for place, path in enumerate(arguments.modules):
        hashes = {what: hashlib.sha256(data[place]).hexdigest() for what, data in builds.items()}
        for what, value in hashes.items():
            print(f"{value}  {path.name}, {what}")
        differ += len(set(hashes.values())) != 1
    if differ:
        print("repro: the bytes differ. Look for __FILE__, __DATE__, an absolute path, or flags "
              "that depend on the machine; compare with wasm-objdump -d")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
