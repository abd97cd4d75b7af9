#!/bin/sh
# SPDX-License-Identifier: MIT
# What the library costs before it does anything: bytes of the file as packages have it, and places
# that the loader must write an address into.
# usage: size.sh LIBRARY        (built with gcc and a distribution's flags; x86-64, others differ)
set -eu
export LC_ALL=C
status=0
bad() { echo "$1"; status=1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

strip --strip-unneeded --remove-section=.comment -o "$work/library" "$1"
bytes=$(stat -c %s "$work/library")
[ "$bytes" -le $((312 * 1024)) ] || bad "stripped it has $bytes bytes, more than 312 KiB"
relocations=$(readelf -rW "$1" | grep -c 'R_X86_64_RELATIVE' || true)
[ "$relocations" -gt 0 ] || bad "no relocations seen: not for x86-64?"
[ "$relocations" -le 272 ] || bad "the loader has $relocations addresses to write, more than 272"
echo "$bytes bytes, $relocations relative relocations"
exit $status
