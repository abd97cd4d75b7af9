#!/bin/sh
# SPDX-License-Identifier: MIT
# <pmem/pmem.hpp>: its test, without a warning, by each C++ compiler; that of the first under
# sanitizers, which see what is given back twice, or not at all.
# usage: test.sh COMPILER...     (LD_LIBRARY_PATH begins with the folder of libpmem.so.3)
set -eu
source=${SOURCE:?}
library=${LD_LIBRARY_PATH%%:*}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A region is moved to itself on purpose, to see that it stays.
strict="-std=c++11 -fno-sanitize-recover=all -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-self-move -Werror"
user=
if [ "$(id -u)" -eq 0 ]; then
    user=root
fi
# The library has no sanitizer: what is used after it was freed must be seen to be something else.
export ASAN_OPTIONS=max_free_fill_size=65536:free_fill_byte=238
sanitizers=-fsanitize=address,undefined
for compiler in "$@"; do
    command -v "$compiler" >/dev/null || { echo "SKIPPED: no $compiler"; exit 77; }
    # shellcheck disable=SC2086 # a list of words
    "$compiler" $strict $sanitizers -I"$source/include" \
        "$source/test/bindings/cpp/test_pmem.cpp" -L"$library" -l:libpmem.so.3 -o "$work/test"
    # shellcheck disable=SC2086 # nothing, or a word
    "$work/test" $user
    echo "ok: $compiler $sanitizers"
    sanitizers=
done
# An object that was compiled with the headers of 3.0.0, whose alloc_options are shorter, beside one of today.
# The linker takes the first of two inline functions of one name: those of today must have another.
printf '%s\n' '#include <pmem/pmem.hpp>' \
    'bool FUNCTION() { pmem::alloc_options o; o.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED;' \
    'return pmem::context().alloc(4096, o).size() == 4096; }' >"$work/part.cc"
printf '%s\n' 'bool today(); bool then(); int main() { return today() && then() ? 0 : 1; }' >"$work/both.cc"
# shellcheck disable=SC2086 # a list of words
"$1" $strict -fsanitize=address -DFUNCTION=today -I"$source/include" -c "$work/part.cc" -o "$work/today.o"
# shellcheck disable=SC2086 # a list of words
"$1" $strict -fsanitize=address -DFUNCTION=then -I"$source/test/abi/released/3.0.0/include" \
    -c "$work/part.cc" -o "$work/then.o"
# shellcheck disable=SC2086 # a list of words
"$1" $strict -fsanitize=address "$work/both.cc" "$work/today.o" "$work/then.o" \
    -L"$library" -l:libpmem.so.3 -o "$work/both"
"$work/both"
echo "ok: with an object of 3.0.0"
# The program of docs/bindings.md.
sed -n '/^```cpp$/,/^```$/{/^```/d;p}' "$source/docs/bindings.md" >"$work/docs.cc"
[ -s "$work/docs.cc" ] || { echo "docs/bindings.md has no program in C++"; exit 1; }
# shellcheck disable=SC2086 # a list of words
"$1" $strict -I"$source/include" "$work/docs.cc" -L"$library" -l:libpmem.so.3 -o "$work/docs"
[ -z "$user" ] || "$work/docs"
# Without root there are no addresses, and the self-test has no memory: that much was not tested.
[ "$user" ] || { echo "SKIPPED: not root"; exit 77; }
