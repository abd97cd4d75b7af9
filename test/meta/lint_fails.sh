#!/bin/sh
# SPDX-License-Identifier: MIT
# The guards of stage lint and of suppressions can fail: each is shown a fault, an entry of its list that is stale, and
# one without a reason. Those of ABI, documents and style are in guards_abi_fail.sh and guards_tree_fail.sh.
# usage: lint_fails.sh PROJECT_DIR BUILD_DIR
set -eu
export LC_ALL=C
unset PMEM_FIGURES
project=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

says() # words, command...: it fails, and says so
{
    words=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        echo "FAILED: passes although: $words"
        status=1
    elif ! grep -qF -e "$words" "$work/said"; then
        echo "FAILED: does not say \"$words\" but:"
        head -n 5 "$work/said"
        status=1
    fi
}

# Each kind of suppression, as the only one of its file that has no reason.
suppressed() # file, line, what is said
{
    rm -rf "$work/tree"
    mkdir -p "$work/tree"
    (cd "$project" && tar -cf - .clang-tidy .codespellrc cmake lib tools test/emulated) | tar -xf - -C "$work/tree"
    mkdir -p "$(dirname "$work/tree/$1")"
    printf '%s\n' "$2" >>"$work/tree/$1"
    says "$1:" "$project/test/meta/suppressed.py" "$work/tree"
    grep -q "no reason beside it: $3" "$work/said" || { echo "FAILED: $1 is not called $3"; status=1; }
}
"$project/test/meta/suppressed.py" "$project"
suppressed lib/base/odd.c 'int a; /* cppcheck-suppress unusedVariable */' cppcheck
suppressed lib/base/odd.c 'int a; // NOLINT(bugprone-x)' clang-tidy
suppressed lib/base/odd.h '#pragma GCC diagnostic ignored "-Wpadded"' 'a warning'
suppressed lib/base/odd.h '__attribute__((no_sanitize("thread"))) int a(void);' 'a sanitizer'
suppressed tools/odd.py 'import odd  # noqa: F401' 'a check of Python'
suppressed tools/odd.rs '#[allow(dead_code)]' 'a warning of Rust'
suppressed tools/odd.ts '// @ts-ignore' 'a check of JavaScript'
suppressed cmake/odd.sh '# shellcheck disable=SC2086' shellcheck
suppressed cmake/odd.cmake 'target_compile_options(a PRIVATE -Wno-all)' 'a warning'
suppressed cmake/stages '    cppcheck --suppress=nullPointer lib' 'an analyser'
suppressed cmake/stages "    run_tests dev dev -E '^unit_(dt)\$'" tests
suppressed test/odd.supp '{' valgrind
suppressed test/suppressions.ini '[suppress_type]' 'a change of the ABI'
suppressed debian/odd.lintian-overrides 'libpmem3: some-tag' lintian
suppressed test/emulated "$(printf '\ntags: wipeonfork')" tests
mkdir -p "$work/tree"
sed -i '/^# bugprone-macro-parentheses/d' "$work/tree/.clang-tidy"
says 'no reason for -bugprone-macro-parentheses' "$project/test/meta/suppressed.py" "$work/tree"

# Findings of gcc: one that is new, one that is stale, one without a reason.
analyzer() { python3 -B "$project/test/queries/analyzer.py" "$build" "$work/known" lib/pool/slabs.c; }
if gcc -fanalyzer -fsyntax-only -x c /dev/null 2>/dev/null && [ -e "$build/compile_commands.json" ]; then
    known=$project/test/queries/analyzer-known
    grep slabs "$known" | grep -v new_slab >"$work/known"
    says 'new_slab: -Wanalyzer-malloc-leak' analyzer
    { grep slabs "$known"; echo 'lib/pool/slabs.c | gone | malloc-leak | a reason of some words'; } >"$work/known"
    says 'not found any more: lib/pool/slabs.c | gone | malloc-leak' analyzer
    grep slabs "$known" | sed 's/| the block.*/|/' >"$work/known"
    says 'no reason' analyzer
fi

# A warning of a compiler in what it does not build.
printf '[{ "directory": "%s", "file": "%s/odd.c", "command": "cc -Wall -Werror -o odd.o -c odd.c" }]\n' "$work" "$work" \
    >"$work/compile_commands.json"
echo 'int odd(void) { int unused; return 0; }' >"$work/odd.c"
says "unused variable" python3 -B "$project/test/queries/syntax.py" "$work"

# Queries: the same, and one that is too loose or finds nothing.
queries() { "$work/tree/test/queries/queries.py" check "$work/small" "$work/known"; }
if command -v spatch >/dev/null; then
    mkdir -p "$work/tree/test" "$work/small/lib"
    cp -R "$project/test/queries" "$work/tree/test"
    cp "$project/test/queries/faults/fault_errno_sign.c" "$work/small/lib"
    : >"$work/known"
    says 'wrong: errno_sign: an errno with the wrong sign' queries
    {
        echo 'errno_sign | lib/fault_errno_sign.c | wrong | it is there to be found'
        echo 'errno_sign | lib/fault_errno_sign.c | positive |'
        echo 'errno_sign | lib/fault_errno_sign.c | gone | it is not there any more'
    } >"$work/known"
    says 'no reason: errno_sign | lib/fault_errno_sign.c | positive' queries
    says 'not found any more: errno_sign | lib/fault_errno_sign.c | gone' queries
    sed -i 's/LOCK_EX/LOCK_SH/' "$work/tree/test/queries/flock_close.cocci"
    says 'flock_close.cocci: finds the lines []' "$work/tree/test/queries/queries.py" test flock_close
fi
exit $status
