#!/bin/sh
# SPDX-License-Identifier: MIT
# The numbers of the public headers are part of the ABI: programs have them compiled in. Each constant
# must have the value that the baseline has for it. What abidiff does not see: no symbol changes.
# usage: constants.sh check|dump INCLUDE_DIR BASELINE [CC]
set -eu
export LC_ALL=C
mode=$1
include=$2
baseline=$3
cc=${4:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A name, white space and a value (U: UINT64_MAX): no guard, no macro with arguments. The version is meant to change.
sed -n 's/^#define  *\(PMEM_[A-Z0-9_]*\)[[:space:]][[:space:]]*[(0-9U].*/\1/p' "$include"/pmem/*.h |
    grep -v '^PMEM_VERSION' >"$work/names"
{
    echo '#include <inttypes.h>'
    echo '#include <stdio.h>'
    echo '#include <pmem/pmem.h>'
    echo 'int main(void) {'
    sed 's/.*/printf("%s 0x%" PRIx64 "\\n", "&", (uint64_t)(&));/' "$work/names"
    echo 'return 0; }'
} >"$work/print.c"
"$cc" -I"$include" -o "$work/print" "$work/print.c"
"$work/print" | sort >"$work/now"
[ -s "$work/now" ] || { echo "no constant found in $include"; exit 1; }

if [ "$mode" = dump ]; then
    cp "$work/now" "$baseline"
elif ! diff -u "$baseline" "$work/now"; then
    echo "constants differ from $baseline: a number that was released never changes;"
    echo "for what is new: test/abi/constants.sh dump $include $baseline"
    exit 1
else
    echo "$(wc -l <"$work/now") constants have the numbers of the baseline"
fi
