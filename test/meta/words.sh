#!/bin/sh
# SPDX-License-Identifier: MIT
# Every source file has its licence in the first lines; nothing is left half done; nothing is
# spelt wrong (where codespell is there).
# usage: words.sh PROJECT_DIR
set -eu
cd "$1"
status=0
bad() { echo "$1"; status=1; }
list=$(find . \( -name build -o -name .git -o -name .pc \) -prune -o -type f -print | sort)
sources=0
for file in $list; do
    [ -s "$file" ] || continue
    case $file in
    *.[chS] | *.cc | *.py | *.rs | *.sh | *.ld) ;;
    *) head -c 2 "$file" | grep -q '^#!' || continue ;;
    esac
    sources=$((sources + 1))
    case $file in
    ./test/guest/modules/*.[ch]) licence='GPL-2.0(-only)?' ;;
    *) licence=MIT ;;
    esac
    head -n 3 "$file" | grep -qE "SPDX-License-Identifier: ($licence)( \*/)?\$" ||
        bad "$file: its first lines do not say SPDX-License-Identifier: $licence"
done
[ $sources -ge 20 ] || bad "only $sources source files found"

# The words are put together here, so that this file is not found itself.
for word in TO'DO' FIX'ME' X'XX' HA'CK' 'not [i]mplemented' '[p]laceholder' 'for [n]ow'; do
    # shellcheck disable=SC2086 # one file per word
    found=$(grep -nwE "$word" $list /dev/null 2>/dev/null | grep -v '^Binary' || true)
    [ -z "$found" ] || bad "left half done: $found"
done
if command -v codespell >/dev/null; then
    codespell --config .codespellrc . || bad "spelling"
else
    echo "codespell is not installed: spelling was not checked"
fi
exit $status
