#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the clients need, as their lock file says, and compiles them:
#     clients/build.sh            when the lock file has changed it installs anew
#     clients/build.sh node ...   runs node with arguments in this folder; likewise npm
# Node is the one that tools/toolchains.sh finds; npm is beside it.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
node="$(../tools/toolchains.sh --node)"
PATH="$(dirname "$node"):$PATH"
export PATH

if [ $# -gt 0 ]; then
    exec "$@"
fi
wanted="$("$node" --version) $(sha256sum package-lock.json)"
stamp=node_modules/.installed
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
    npm ci --ignore-scripts --no-audit --no-fund
    echo "$wanted" >"$stamp"
fi
npm run --silent build --workspaces
