#!/bin/sh
# SPDX-License-Identifier: MIT
# Tables that are large are data without pointers: the loader writes nothing into them at a
# program's start, and programs share their memory.
# usage: relocations.sh READELF OBJECT...
set -eu
export LC_ALL=C
readelf=$1
shift
status=0
[ $# -ge 7 ] || { echo "only $# objects"; exit 1; }
for object in "$@"; do
    $readelf -SW "$object" | grep -Eq ' \.rodata' || { echo "$object: no data"; status=1; }
    found=$($readelf -SW "$object" | grep -Eo '\.rela?\.(data|rodata)[^ ]*' | tr '\n' ' ')
    [ -z "$found" ] || { echo "$object has pointers in its data: $found"; status=1; }
done
exit $status
