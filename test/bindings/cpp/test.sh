#!/bin/sh
# SPDX-License-Identifier: MIT
# <pmem/pmem.hpp>: its test, without a warning, by each C++ compiler and under a sanitizer that sees
# what is given back twice, or not at all.
# usage: test.sh COMPILER...     (LD_LIBRARY_PATH begins with the folder of libpmem.so.3)
set -eu
source=${SOURCE:?}
library=${LD_LIBRARY_PATH%%:*}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
strict="-std=c++11 -O1 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-self-move -Werror"
user=
if [ "$(id -u)" -eq 0 ]; then
    user=root
fi
for compiler in "$@"; do
    command -v "$compiler" >/dev/null || { echo "SKIPPED: no $compiler"; exit 77; }
    # shellcheck disable=SC2086 # a list of words
    "$compiler" $strict -fsanitize=address,undefined -fno-sanitize-recover=all -I"$source/include" \
        "$source/test/bindings/cpp/test_pmem.cpp" -L"$library" -l:libpmem.so.3 -o "$work/test"
    # shellcheck disable=SC2086 # nothing, or a word
    "$work/test" $user
    echo "ok: $compiler"
done
# Without root there are no addresses, and the self-test has no memory: that much was not tested.
[ "$user" ] || { echo "SKIPPED: not root"; exit 77; }
