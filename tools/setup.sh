#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that Plimsoll needs and this machine lacks.
#     tools/setup.sh           what building and running needs
#     tools/setup.sh --tests   also what the test suite needs
# Prints nothing when nothing is to do. Works as root or with sudo; can be run again at any time.
set -euo pipefail

packages=(clang-22 lld-22 llvm-22 libclang-rt-22-dev wabt binaryen cmake ninja-build gcc libc6-dev
          python3 zlib1g-dev libssl-dev libsqlite3-dev libjansson-dev libjs-dygraphs)
wanted=()
if [ "${1:-}" = "--tests" ]; then
    packages+=(clang-tidy-22 clang-format-22 libcmocka-dev brotli)
    # The report is also looked at in a browser; without one that test is skipped. The same holds
    # for the proofs and their provers.
    wanted+=(chromium frama-c-base why3 z3 cvc4)
fi

fail() {
    echo "setup: $*" >&2
    exit 1
}

is_installed() {
    # A newer python3, cmake or ninja from elsewhere in PATH is as good as Debian's.
    case "$1" in
    python3 | cmake) command -v "$1" >/dev/null && return 0 ;;
    ninja-build) command -v ninja >/dev/null && return 0 ;;
    esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = "installed" ]
}

command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
    fail "this is not a Debian system; install these yourself and use cmake directly: ${packages[*]}"

missing=()
for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
done
missing_wanted=()
for package in ${wanted[@]+"${wanted[@]}"}; do
    is_installed "$package" || missing_wanted+=("$package")
done
[ ${#missing[@]} -eq 0 ] && [ ${#missing_wanted[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        fail "missing packages, and neither root nor sudo: apt-get install ${missing[*]}"
    as_root=(sudo)
fi
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
apt() {
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" \
        </dev/null >"$log" 2>&1
}
# True when apt can offer every package named.
is_known() {
    local package
    for package in "$@"; do
        apt-cache show "$package" >/dev/null 2>&1 || return 1
    done
}
install_now() {
    apt install -y --no-install-recommends "$@"
}

# The lists are fetched when a package is unknown, and once more when an install fails because
# they are old.
is_updated=no
update_lists() {
    [ "$is_updated" = no ] || return 0
    is_updated=yes
    echo "setup: fetching package lists"
    apt update || {
        tail -5 "$log" >&2
        fail "apt-get update failed: is there a network? Missing: ${missing[*]-} ${missing_wanted[*]-}"
    }
}

if [ ${#missing[@]} -gt 0 ]; then
    is_known "${missing[@]}" || update_lists
    is_known "${missing[@]}" ||
        fail "apt does not know all of: ${missing[*]}. clang-22 is in Debian 12's security archive;" \
            "check the apt sources"
    echo "setup: installing ${missing[*]}"
    install_now "${missing[@]}" || {
        update_lists
        install_now "${missing[@]}" || {
            tail -15 "$log" >&2
            fail "apt-get install failed: is there a network? Then run it by hand to see more"
        }
    }
fi
if [ ${#missing_wanted[@]} -gt 0 ]; then
    echo "setup: installing ${missing_wanted[*]} (optional)"
    install_now "${missing_wanted[@]}" ||
        echo "setup: ${missing_wanted[*]} could not be installed; the tests that want it are skipped"
fi
