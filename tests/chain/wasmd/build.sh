#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds wasmd and the program that controls a network of it, and puts a copy of the CW20 token that
# its authors test with beside them:
#     tests/chain/wasmd/build.sh build/release/chain/wasmd
# The first build compiles some 1800 packages, ten minutes of processor time; later ones do nothing.
set -euo pipefail
mkdir -p "$1"
to="$(cd "$1" && pwd)"
cd "$(dirname "$(readlink -f "$0")")"
go="$(../../../tools/toolchains.sh --go)"
command -v cc >/dev/null || command -v gcc >/dev/null || {
    echo "build: wasmd needs a C compiler: run tools/setup.sh" >&2
    exit 1
}
# The repository's own go.mod decides, not what the user has set.
export GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=1

began="$(date +%s)"
"$go" list -deps ./network github.com/CosmWasm/wasmd/cmd/wasmd >/dev/null # fetches what is missing
fetched="$(date +%s)"
"$go" build -buildvcs=false -ldflags "-s -w" -o "$to/" ./network github.com/CosmWasm/wasmd/cmd/wasmd
install -m 644 \
    "$("$go" list -m -f '{{.Dir}}' github.com/CosmWasm/wasmd)/benchmarks/testdata/cw20_base.wasm" "$to/"
built="$(date +%s)"
echo "build: $("$go" env GOVERSION), fetched in $((fetched - began)) s, built in $((built - fetched)) s"
