#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# gcc.sh CMAKE CTEST FOLDER: everything builds with gcc-12 without a warning, unit tests pass.
set -euo pipefail
cmake="$1"
ctest="$2"
folder="$3"
mkdir -p "$folder"
log="$folder/log"
if ! { "$cmake" -S . -B "$folder" -G Ninja -DCMAKE_C_COMPILER=gcc-12 -DPLIMSOLL_FUZZ=OFF &&
    "$cmake" --build "$folder" --parallel 2; } >"$log" 2>&1; then
    grep -vE '^\[[0-9]+/[0-9]+\]' "$log" | tail -80
    echo "gcc: repair the warning; to see it alone: cmake --preset gcc, cmake --build --preset gcc"
    exit 1
fi
"$ctest" --test-dir "$folder" -R '^unit[.]' --output-on-failure >"$log" 2>&1 || {
    tail -80 "$log"
    exit 1
}
