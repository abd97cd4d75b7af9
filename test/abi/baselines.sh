#!/bin/sh
# SPDX-License-Identifier: MIT
# The baselines of all processors: builds the library for each, then diff.sh writes the baseline or
# compares with it. dump without an ARCHITECTURE writes the numbers of the constants and the description of the API, too.
# usage: test/abi/baselines.sh dump|check [ARCHITECTURE...]     (default: all)
set -eu
cd "$(dirname "$0")/../.."
here=test/abi
[ $# -ge 1 ] || { sed -n 's/^# usage/usage/p' "$0" >&2; exit 2; }
mode=$1
shift
if [ $# -eq 0 ]; then
    [ "$mode" != dump ] || {
        "$here/constants.sh" dump include "$here/baseline/constants"
        cmake/api dump include "$here/baseline/api.json"
    }
    set -- x86_64 arm64 armhf i386 riscv64
fi

# The library of one processor; x86_64 has no cross compiler, so it must be this machine's own.
build() # architecture
{
    if [ "$1" = x86_64 ]; then
        [ "$(uname -m)" = x86_64 ] || { echo "x86_64 is built on x86_64 only"; return 1; }
        preset=dev
    else
        preset=$1
        cmake/sysroot "$1" "build/sysroot/$1" || return
    fi
    cmake --preset "$preset" >/dev/null && cmake --build --preset "$preset" --target pmem >/dev/null
}

status=0
for arch in "$@"; do
    if ! build "$arch"; then
        echo "$arch: no library"
        status=1
        continue
    fi
    baseline=$here/baseline/$arch.abi
    # No tool and no baseline (77) are failures here: whoever calls this one wants both.
    if "$here/diff.sh" "$mode" "build/$preset/lib/libpmem.so.3" include "$baseline"; then
        echo "$arch: $mode of $baseline is done"
    else
        echo "$arch: $mode of $baseline failed"
        status=1
    fi
done
exit $status
