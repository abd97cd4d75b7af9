#!/bin/sh
# SPDX-License-Identifier: MIT
# Every public function says since when it exists, is named in docs/ and is called by a test.
# usage: docs.sh PROJECT_DIR BUILD_DIR
set -eu
export LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$2" && pwd)
cd "$1"
status=0
bad() { echo "$1"; status=1; }
functions=$("$here/../abi/prototypes" include)
[ -n "$functions" ] || bad "no function found"

# A mark before the declaration, or before the group that it is in.
since=$(awk '
    /\/\*\*/ { if ($0 !~ /\/\*\* *@[{}]/) { mark = 0; comment = 1 } }
    /@since [0-9]+\.[0-9]+/ { mark = 1 }
    /\/\*\* *@[{]/ { group = mark }
    /\/\*\* *@[}]/ { group = 0; mark = 0 }
    /^PMEM_API/ {
        name = $0
        sub(/\(.*/, "", name)
        sub(/.*[ *]/, "", name)
        if (!mark && !group) print name
        mark = 0
    }' include/pmem/*.h)
[ -z "$since" ] || bad "no @since: $(echo "$since" | tr '\n' ' ')"

cat docs/*.md docs/man/* 2>/dev/null | grep -oE 'pmem_[a-z0-9_]+' | sort -u >"$work/docs"
{
    find test \( -name '*.c' -o -name '*.py' -o -name '*.cc' \) -exec cat {} + |
        sed 's@/\*.*\*/@@' | grep -oE '\bpmem_[a-z0-9_]+\(' | tr -d '('
    # Macros may put names together: what the tests' objects refer to counts too.
    find "$build/test" -name '*.o' -exec nm -u {} + | grep -oE 'pmem_[a-z0-9_]+$'
} | sort -u >"$work/tests"
for name in $functions; do
    grep -qx "$name" "$work/docs" || bad "$name is not named in docs/"
    grep -qx "$name" "$work/tests" || bad "$name is called by no test"
done

# The manual pages are sound.
pages=0
for page in docs/man/*.[1-8]; do
    [ -e "$page" ] || continue
    pages=$((pages + 1))
    if command -v mandoc >/dev/null; then
        mandoc -Tlint -Wwarning "$page" || bad "$page"
    fi
done
[ $pages -ge 2 ] || bad "docs/man has $pages pages; the library and the tool need one each"
# Links of one document to another lead somewhere.
for file in README.md docs/*.md; do
    [ -e "$file" ] || { bad "no $file"; continue; }
    for link in $(grep -oE '\]\([^)# ]+' "$file" | sed 's/^](//' | grep -v '^[a-z]*:' || true); do
        [ -e "$(dirname "$file")/$link" ] || bad "$file links to $link, which is not there"
    done
done
exit $status
