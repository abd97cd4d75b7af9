#!/bin/sh
# SPDX-License-Identifier: MIT
# The node of each release is in the version script as it was released, and no file of a release has
# been touched since (SHA256SUMS).
# usage: closed.sh RELEASED_DIR MAP
set -eu
released=$(cd "$1" && pwd)
map=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The nodes alone: comments may change, and later nodes follow.
nodes() { sed -n '/^LIBPMEM_/,/^}/p' "$1"; }

status=0
nodes "$map" >"$work/now"
for folder in "$released"/*/; do
    release=$(basename "$folder")
    nodes "$folder/libpmem.map" >"$work/then"
    [ -s "$work/then" ] || { echo "$release: no node"; status=1; }
    if ! head -n "$(wc -l <"$work/then")" "$work/now" | diff -u "$work/then" -; then
        echo "$release: a node that was released has changed; new functions go into a new one"
        status=1
    fi
    (cd "$folder" && sha256sum --check --quiet SHA256SUMS) || {
        echo "$release: its files are as they were released, for ever"
        status=1
    }
    (cd "$folder" && find . -type f ! -name SHA256SUMS | sort) >"$work/files"
    sed 's/^[^ ]* *//' "$folder/SHA256SUMS" | sort | diff "$work/files" - || {
        echo "$release: a file came or went"
        status=1
    }
done
[ $status -ne 0 ] || echo "closed: $(cd "$released" && echo */)"
exit $status
