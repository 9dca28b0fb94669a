#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a script with the Node that tools/toolchains.sh finds:   tests/chain/wasmd/node.sh SCRIPT ...
set -euo pipefail
node="$("$(dirname "$(readlink -f "$0")")/../../../tools/toolchains.sh" --node)"
exec "$node" "$@"
