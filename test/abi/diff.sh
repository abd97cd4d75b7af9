#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: diff.sh dump|check LIBRARY INCLUDE_DIR BASELINE
# dump writes the baseline; check compares the library with it and fails on any change that
# suppressions.ini does not allow. Exit 77: no abigail-tools, or no baseline for this CPU.
set -eu
here=$(dirname "$0")

dump() # library include_dir file
{
    abidw --headers-dir "$2" --no-show-locs --no-corpus-path --no-comp-dir-path \
        --drop-private-types --exported-interfaces-only --no-parameter-names \
        --type-id-style hash --out-file "$3" "$1"
}

command -v abidw >/dev/null || { echo "SKIP: abigail-tools is not installed"; exit 77; }
case $1 in
dump)
    mkdir -p "$(dirname "$4")"
    dump "$2" "$3" "$4"
    ;;
check)
    [ -e "$4" ] || { echo "SKIP: no baseline $4"; exit 77; }
    new=$(mktemp)
    trap 'rm -f "$new"' EXIT
    dump "$2" "$3" "$new"
    # An empty dump would compare as "everything removed"; say what really happened.
    grep -q "elf-symbol name='pmem_version'" "$new" || { echo "no symbols in $2"; exit 1; }
    status=0
    abidiff --suppressions "$here/suppressions.ini" "$4" "$new" || status=$?
    # Bits of abidiff's status: 1 error, 2 usage, 4 change, 8 incompatible change.
    [ $status -eq 0 ] || { echo "ABI differs from $4 (abidiff: $status)"; exit 1; }
    ;;
*)
    sed -n 's/^# usage/usage/p' "$0" >&2
    exit 2
    ;;
esac
