#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every C file is as clang-format-22 writes it; .def tables are aligned by hand.

    format.py [--root FOLDER] [--clang-format clang-format-22] [--write]
"""
import argparse
import pathlib
import shutil
import subprocess
import sys

FOLDERS = ["abi", "contract", "host_sim", "tests"]


def main():
    parser = argparse.ArgumentParser(description="Checks the layout of the C files.")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--clang-format", default="clang-format-22")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    if not shutil.which(arguments.clang_format):
        print(f"skipped: {arguments.clang_format} is not installed; run tools/setup.sh --tests")
        return 77
    paths = [str(path) for folder in FOLDERS for path in sorted((root / folder).rglob("*.[ch]"))]
    if not paths:
        return 0
    mode = ["-i"] if arguments.write else ["--dry-run", "-Werror"]
    done = subprocess.run([arguments.clang_format, *mode, *paths], capture_output=True, text=True)
    if done.returncode != 0:
        wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines()
                        if "-Wclang-format-violations" in line})
        print("\n".join(wrong) or done.stderr)
        print(f"format: {len(wrong)} files; run tests/tools/format.py --write")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
