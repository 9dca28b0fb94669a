#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy-22 over the contract, two files at a time.

    lint.py --build build/release [--root FOLDER] [--clang-tidy clang-tidy-22] [FILE...]

The checks are those of .clang-tidy and contract/.clang-tidy. A file whose text, headers and
configuration passed before is not run again: the marks are in the build folder.
"""
import argparse
import concurrent.futures
import hashlib
import pathlib
import shutil
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description="Runs clang-tidy over the contract.")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path("."))
    parser.add_argument("--clang-tidy", default="clang-tidy-22")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    if not shutil.which(arguments.clang_tidy):
        print(f"skipped: {arguments.clang_tidy} is not installed; run tools/setup.sh --tests")
        return 77
    paths = [f"-I{root / folder}" for folder in ("contract/include", "contract/core", "contract/rt",
                                                 "abi")]
    sources = arguments.files or sorted(
        path for pattern in ("core/*.c", "chain/cosmwasm/*.c", "rt/plm_sha256.c")
        for path in (root / "contract").glob(pattern))
    shared = hashlib.sha256()
    for pattern in ("contract/**/*.h", "abi/*", ".clang-tidy", "contract/.clang-tidy"):
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                shared.update(path.read_bytes())
    marks = arguments.build / "lint"
    marks.mkdir(parents=True, exist_ok=True)

    def lint(path):
        digest = shared.copy()
        digest.update(path.read_bytes())
        mark = marks / f"{path.stem}.{digest.hexdigest()[:24]}"
        if mark.exists():
            return ""
        command = [arguments.clang_tidy, "--quiet", str(path), "--", "-std=c17", "-ffreestanding",
                   *paths]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            return done.stdout + done.stderr
        for old in marks.glob(f"{path.stem}.*"):
            old.unlink()
        mark.touch()
        return ""

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        outputs = [text for text in pool.map(lint, sources) if text]
    for text in outputs:
        print(text)
    if outputs:
        print(f"lint: {len(outputs)} of {len(sources)} files have findings. Repair them; if a "
              "check is wrong for us, change .clang-tidy with a reason in the commit")
    return 1 if outputs else 0


if __name__ == "__main__":
    sys.exit(main())
