#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# coverage.sh CTEST BUILD: runs units, properties and vectors, and reports lines, branches and MC/DC
# of contract/core. Details per line: build/coverage/coverage/index.html
set -euo pipefail
ctest="$1"
build="$2"
rm -rf "$build/profile"
"$ctest" --test-dir "$build" -R '^(unit|property|exhaustive|scenario)[.]' --parallel 2 \
    --output-on-failure | tail -15
llvm-profdata-22 merge -sparse "$build"/profile/*.profraw -o "$build/coverage.profdata"
programs=()
for program in "$build"/test_* "$build"/prop_* "$build"/exhaust_* "$build/plimsoll"; do
    if [ -x "$program" ] && [ -f "$program" ]; then
        programs+=(-object "$program")
    fi
done
arguments=("${programs[@]:1}" "-instr-profile=$build/coverage.profdata"
    "-ignore-filename-regex=(tests|host_sim|wasm2c)/")
llvm-cov-22 report "${arguments[@]}" --show-mcdc-summary --show-branch-summary
llvm-cov-22 show "${arguments[@]}" --show-mcdc --show-branches=count --format=html \
    "-output-dir=$build/coverage"
