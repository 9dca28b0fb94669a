#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each header compiles alone, and the public ones also as C++17.

    headers.py [--root FOLDER] [--clang clang-22]
"""
import argparse
import pathlib
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description="Compiles each header alone.")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--clang", default="clang-22")
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    paths = [f"-I{root / folder}" for folder in ("contract/include", "contract/core", "abi")]
    base = [arguments.clang, "-fsyntax-only", "-ffreestanding", "-Wall", "-Wextra", "-Werror",
            "-Wno-unused-function", "-Wno-pragma-once-outside-header", *paths]
    public = sorted((root / "contract/include").rglob("*.h"))
    core = sorted((root / "contract/core").glob("*.h"))
    failed = 0
    for path in public + core:
        languages = [["-x", "c", "-std=c17"]]
        if path in public:
            languages.append(["-x", "c++", "-std=c++17"])
        for language in languages:
            source = f'#include "{path}"\n'
            done = subprocess.run([*base, *language, "-"], input=source, capture_output=True,
                                  text=True)
            if done.returncode != 0:
                failed += 1
                print(f"{path.relative_to(root)} does not compile alone as {language[1]}: include "
                      f"what it uses\n{done.stderr}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
