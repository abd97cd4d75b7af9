#!/bin/sh
# SPDX-License-Identifier: MIT
# At a release: keeps its headers, its version script, and a program that is built with them, so that
# every later library can be run with it. What is kept is never changed.
# usage: test/abi/released/keep.sh VERSION
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../../.."
version=$1
folder=test/abi/released/$version
[ ! -e "$folder" ] || { echo "$version was released already" >&2; exit 1; }
mkdir -p "$folder/include"
cp -r include/pmem "$folder/include/"
cp lib/libpmem.map test/abi/released/program.c "$folder/"
licence='/* SPDX-License-Identifier: MIT */'
{
    echo "$licence"
    sed -n 's/^[[:space:]]*\(pmem_[a-z0-9_]*\);$/F(\1)/p' lib/libpmem.map | sort
} >"$folder/functions.h"
{
    echo "$licence"
    sed 's/^\(PMEM_[A-Z0-9_]*\) .*/C(\1)/' test/abi/baseline/constants
} >"$folder/constants.h"
(cd "$folder" && find . -type f ! -name SHA256SUMS | sort | xargs sha256sum >SHA256SUMS)
echo "$folder: $(grep -c '^F(' "$folder/functions.h") functions, $(grep -c '^C(' "$folder/constants.h") constants"
