#!/bin/sh
# SPDX-License-Identifier: MIT
# Each public function, structure and constant has its manual page, and the pages are sound.
# usage: man.sh PROJECT_DIR BUILD_DIR
set -eu
export LC_ALL=C
build=$(cd "$2" && pwd)
cd "$1"
pages=$build/man/man3
status=0
bad() { echo "$1"; status=1; }
if [ ! -d "$pages" ]; then
    # Built without; or the build forgot them although it could.
    grep -q '^PMEM_MAN:BOOL=OFF' "$build/CMakeCache.txt" || { echo "no folder $pages"; exit 1; }
    echo "SKIP: built with PMEM_MAN=OFF"
    exit 77
fi

# The page that holds a name, by its link or itself.
page_of() # name
{
    target=$(sed -n '1s/^\.so man3\/\(.*\)/\1/p' "$pages/$1.3" 2>/dev/null || true)
    echo "$pages/${target:-$1.3}"
}

functions=$(sed -n 's/^[[:space:]]*\(pmem_[a-z0-9_]*\);/\1/p' lib/libpmem.map)
[ "$(echo "$functions" | wc -l)" -ge 80 ] || bad "only a few functions in lib/libpmem.map"
for name in $functions; do
    page=$(page_of "$name")
    grep -qE "^\.Fn $name( |$)" "$page" 2>/dev/null || bad "$name has no page"
done

constants=0
for header in include/pmem/*.h; do
    name=$(basename "$header" .h)
    case $name in
    pmem | types) page=$pages/libpmem.3 ;;
    *) page=$pages/pmem_$name.3 ;;
    esac
    for name in $(sed -n 's/^#define \(PMEM_[A-Z0-9_]*\) .*/\1/p' "$header" | grep -v _DECLS); do
        constants=$((constants + 1))
        grep -qE "^\.It Dv $name " "$page" || bad "$page does not have $name"
    done
    for name in $(sed -n 's/^#define \(PMEM_[A-Z0-9_]*\)(.*/\1/p' "$header"); do
        grep -qE "^\.Fn $name " "$(page_of "$name")" || bad "$name() has no page"
    done
    for name in $(sed -n 's/^struct \(pmem_[a-z_]*\) {.*/\1/p' "$header"); do
        [ "$(page_of "$name")" = "$page" ] || bad "struct $name has no link to $page"
        members=$(sed -n "/^struct $name {/,/^};/s/^	[a-z][^\/]*[ *]\([a-z_0-9]*\);.*/\1/p" "$header")
        [ -n "$members" ] || bad "no members of struct $name in $header"
        for member in $members; do
            sed -n "/^\.Ss struct $name$/,/^\.El/p" "$page" | grep -qE "^\.It Vt .*[ *]$member\"$" ||
                bad "$page does not have $member of struct $name"
        done
    done
done
[ $constants -ge 100 ] || bad "only $constants constants found"

for page in "$pages"/*.3; do
    if grep -q '^\.so ' "$page"; then
        name=$(basename "$page" .3)
        grep -qE "^\.Nm $name( |$)" "$(page_of "$name")" || bad "$page leads to a page without it"
    elif command -v mandoc >/dev/null; then
        mandoc -Tlint -Wwarning "$page" || bad "$page"
    fi
done
# A name that leads on must lead somewhere.
for name in $(sed -n 's/^\.Xr \([a-z]*pmem[a-z_]*\) 3.*/\1/p' "$pages"/*.3 docs/man/physmem.7 | sort -u); do
    [ -e "$pages/$name.3" ] || bad "there is no $name(3)"
done
[ ! -s "$build/man/xml.log" ] || bad "doxygen: $(cat "$build/man/xml.log")"
exit $status
