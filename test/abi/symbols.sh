#!/bin/sh
# SPDX-License-Identifier: MIT
# The public headers, the version script, the built library, the static library and Debian's
# symbols file must name the same functions. The linker alone does not see to it: a function that
# is only in the header or only in the map vanishes from the library without a word.
# usage: symbols.sh INCLUDE_DIR MAP LIBRARY ARCHIVE DEBIAN_SYMBOLS [NM]
set -eu
export LC_ALL=C
here=$(dirname "$0")
nm=${6:-nm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$here/prototypes" "$1" >"$work/headers"
sed -n 's/^[[:space:]]*\(pmem_[a-z0-9_]*\);$/\1/p' "$2" | sort >"$work/map"
# The nodes themselves appear as absolute symbols.
$nm -D --defined-only --with-symbol-versions "$3" | awk '$2 != "A" { print $3 }' |
    sort >"$work/versioned"
sed 's/@.*//' "$work/versioned" >"$work/library"
$nm --defined-only --extern-only "$4" | awk 'NF == 3 { print $3 }' | sort >"$work/archive"
sed -n 's/^ \(pmem_[a-z0-9_]*\)@.*/\1/p' "$5" | sort >"$work/debian"

status=0
if [ ! -s "$work/headers" ]; then
    echo "no function found in $1"
    status=1
fi
if ! sort -c -u "$work/headers"; then
    echo "a function is declared twice"
    status=1
fi
for other in map library archive debian; do
    if ! diff -u "$work/headers" "$work/$other"; then
        echo "headers (-) and $other (+) name different functions"
        status=1
    fi
done
# name@@NODE: a default version, and a node that the map defines.
while IFS= read -r symbol; do
    node=${symbol##*@}
    case $symbol in
    *@@LIBPMEM_*) grep -q "^$node {" "$2" || { echo "$symbol: no such node"; status=1; } ;;
    *) echo "$symbol has no version"; status=1 ;;
    esac
done <"$work/versioned"
[ $status -ne 0 ] || echo "$(wc -l <"$work/headers") functions, the same in all five places"
exit $status
