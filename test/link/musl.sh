#!/bin/sh
# SPDX-License-Identifier: MIT
# The library that was built for musl, as its users have it: the README's example as one static file
# and a user's program with the shared library, compiled by musl-gcc with what pkg-config says.
# usage: musl.sh SOURCE_DIR BUILD_DIR SYSROOT      (sysroot: what cmake/musl filled)
set -eu
source=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
sysroot=$(cd "$3" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad() { echo "FAILED: $1"; exit 1; }
quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; bad "$*"; }; }

for component in Runtime Development Names; do
    quiet cmake --install "$build" --prefix "$work/usr" --component $component
done
pc=$(find "$work/usr" -name libpmem.pc)
sed -i "s|^prefix=.*|prefix=$work/usr|" "$pc"
lib=${pc%/pkgconfig/*}
export PKG_CONFIG_LIBDIR="${pc%/*}:$sysroot/usr/lib/pkgconfig"

# The kernel's headers are the only ones that musl does not bring.
compile() # program flag file
{
    # shellcheck disable=SC2046,SC2086 # words
    quiet musl-gcc -Wall -Wextra -Werror $2 -idirafter "$sysroot/kernel" "$3" \
        $(pkg-config $([ "$2" != -static ] || echo --static) --cflags --libs libpmem) -o "$work/$1"
}

awk '/^```c$/ { if (n++) exit; on = 1; next } /^```$/ { on = 0 } on' "$source/README.md" >"$work/readme.c"
[ -s "$work/readme.c" ] || bad "README.md has no C example"
compile readme -static "$work/readme.c"
readelf -d "$work/readme" | grep -q NEEDED && bad "the README's example is not static"
nm "$work/readme" | grep -q gnu_get_libc_version && bad "this is glibc, not musl"
# CAP_SYS_ADMIN, bit 21, shows physical addresses; an explained refusal is right for others.
status=0
"$work/readme" >"$work/said" 2>&1 || status=$?
cat "$work/said"
caps=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
if [ $((0x$caps >> 21 & 1)) -eq 1 ] && grep -q ' 4294967295$' /proc/self/uid_map; then
    [ $status -eq 0 ] || bad "the README's example: exit $status"
fi
[ $status -lt 126 ] || bad "the README's example: exit $status"
[ -s "$work/said" ] || bad "the README's example says nothing"
grep -q 'errno [0-9]' "$work/said" && bad "a number without its name"

for example in "$source"/docs/examples/*.c; do
    part=-static
    grep -q '^int main(' "$example" || part=-c # mailbox.c is a part of programs
    compile example $part "$example"
done

compile shared "" "$source/test/link/consumer/consumer.c"
readelf -d "$work/shared" | grep -q 'NEEDED.*libpmem\.so\.3' || bad "not linked with libpmem.so.3"
readelf -d "$work/shared" | grep -q 'NEEDED.*libc\.so\]' || bad "not linked with musl"
LD_LIBRARY_PATH=$lib:$sysroot/usr/lib "$work/shared" || bad "shared: exit $?"
compile static -static "$source/test/link/consumer/consumer.c"
"$work/static" || bad "static: exit $?"
"/lib/ld-musl-$(uname -m).so.1" --library-path "$build/lib:$sysroot/usr/lib" "$build/tools/physmem" \
    info >"$work/said" || bad "physmem info"
grep -q . "$work/said" || bad "physmem info says nothing"
echo "ok: musl"
