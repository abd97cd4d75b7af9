#!/bin/sh
# SPDX-License-Identifier: MIT
# Persistent-memory software has a library of the same name. No name of ours may be one of its:
# functions, macros, header guards, environment variables (pmdk_names.txt, patterns of grep -x).
# usage: pmdk.sh INCLUDE_DIR LIB_DIR
set -eu
export LC_ALL=C
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
grep -v '^#' "$here/pmdk_names.txt" >"$work/theirs"
{
    "$here/prototypes" "$1"
    sed -n 's/^#[[:space:]]*define[[:space:]]\+\([A-Za-z_0-9]\+\).*/\1/p' "$1"/pmem/*.h
    grep -rhoE 'secure_getenv\(\w*"[A-Z_0-9]+"' "$2" | sed 's/.*"\(.*\)"/\1/' || true
    grep -rhoE '"(PMEM|PMDK)_[A-Z_0-9]+"' "$2" | tr -d '"' || true
} | sort -u >"$work/ours"
[ "$(wc -l <"$work/ours")" -gt 50 ] || { echo "found too few names of our own"; exit 1; }
[ "$(wc -l <"$work/theirs")" -gt 30 ] || { echo "pmdk_names.txt is not whole"; exit 1; }
if grep -xf "$work/theirs" "$work/ours"; then
    echo "these names belong to the other libpmem"
    exit 1
fi
