#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the library into a folder of its own and builds a user's project against it: by
# pkg-config and find_package, shared and static, in place and moved, and as a subproject.
# usage: link.sh SOURCE_DIR [C_COMPILER]
set -eu
source=$(cd "$1" && pwd)
export CC="${2:-cc}"
here=$source/test/link/consumer
libdir=lib/$($CC -print-multiarch 2>/dev/null || true)
libdir=${libdir%/}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset PKG_CONFIG_PATH LD_LIBRARY_PATH CFLAGS LDFLAGS DESTDIR 2>/dev/null || true

bad() { echo "FAILED: $1"; exit 1; }
quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; bad "$*"; }; }

install_library() # prefix build options...
{
    prefix=$1 build=$2
    shift 2
    quiet cmake -S "$source" -B "$build" -G Ninja -DCMAKE_INSTALL_PREFIX="$prefix" \
        -DCMAKE_INSTALL_LIBDIR="$libdir" -DPMEM_TESTS=OFF -DPMEM_TOOLS=OFF "$@"
    quiet cmake --build "$build" -j 2
    quiet cmake --install "$build"
}

runs() # way program library-folder
{
    LD_LIBRARY_PATH=$3 "$2" || bad "$1: exit $?"
    echo "ok: $1"
}

uses_shared() # program: does it load the library?
{
    readelf -d "$1" | grep -q 'NEEDED.*libpmem\.so\.3'
}

by_pkg_config() # prefix what
{
    lib=$1/$libdir
    export PKG_CONFIG_PATH="$lib/pkgconfig"
    for name in libpmem libpmem-3; do
        quiet pkg-config --validate $name
        quiet pkg-config --exists "$name >= 3"
        pkg-config --exists "$name >= 4" && bad "$name claims to be version 4"
        # shellcheck disable=SC2046 # words
        quiet "$CC" "$here/consumer.c" $(pkg-config --cflags --libs $name) -o "$work/shared"
        uses_shared "$work/shared" || bad "$name: not linked with the shared library"
        runs "$2, $name" "$work/shared" "$lib"
        [ "$(pkg-config --variable=provider $name)" = physical-memory ] || bad "no provider"
    done
    for example in "$source"/docs/examples/*.c; do
        part=
        grep -q '^int main(' "$example" || part=-c # mailbox.c is a part of programs
        # shellcheck disable=SC2046,SC2086 # words
        quiet "$CC" -Wall -Wextra -Werror $part "$example" $(pkg-config --cflags --libs libpmem) \
            -o "$work/example"
    done
    # What is installed is enough for C++, too.
    if command -v c++ >/dev/null; then
        # shellcheck disable=SC2046 # words
        quiet c++ -std=c++11 -Wall -Wextra -Werror "$source/docs/examples/job.cpp" \
            $(pkg-config --cflags --libs libpmem) -o "$work/example"
    fi
    # The archive alone, the rest shared; then everything static.
    # shellcheck disable=SC2046 # words
    quiet "$CC" "$here/consumer.c" $(pkg-config --cflags libpmem) "$lib/libpmem.a" \
        $(pkg-config --static --libs-only-l libpmem | sed 's/-lpmem\b//') -o "$work/archive"
    uses_shared "$work/archive" && bad "archive: linked with the shared library"
    runs "$2, static libpmem" "$work/archive" /nonexistent
    for name in libpmem libpmem-3; do
        # shellcheck disable=SC2046 # words
        quiet "$CC" -static "$here/consumer.c" \
            $(pkg-config --static --cflags --libs $name) -o "$work/static"
        runs "$2, all static, $name" "$work/static" /nonexistent
    done
    unset PKG_CONFIG_PATH
}

by_cmake() # prefix what
{
    for way in find-shared find-static; do
        quiet cmake -S "$here" -B "$work/$way" -G Ninja -DCMAKE_PREFIX_PATH="$1" -DWAY=$way \
            -DWANT=3
        quiet cmake --build "$work/$way"
        runs "$2, $way" "$work/$way/consumer" /nonexistent
        rm -rf "${work:?}/$way"
    done
    for want in 1 2.9 3.9 4; do
        cmake -S "$here" -B "$work/refused" -G Ninja -DCMAKE_PREFIX_PATH="$1" -DWAY=find-shared \
            -DWANT=$want >"$work/log" 2>&1 && bad "find_package accepts version $want"
        grep -q "considered but not accepted" "$work/log" || { cat "$work/log"; bad "$want"; }
        rm -rf "$work/refused"
    done
}

components() # build: every file belongs to a component
{
    DESTDIR=$work/none quiet cmake --install "$1" --component Unspecified
    [ -z "$(find "$work/none" -type f 2>/dev/null)" ] || bad "files without a component"
    DESTDIR=$work/runtime quiet cmake --install "$1" --component Runtime
    got=$(find "$work/runtime" ! -type d -printf '%f\n' | sort | tr '\n' ' ')
    case $got in
    "libpmem.so.3 libpmem.so.3."*" ") echo "ok: Runtime is $got" ;;
    *) bad "component Runtime is: $got" ;;
    esac
}

# What Debian's packages are built with (dpkg-buildflags, hardening=+all).
flags="-g -O2 -fstack-protector-strong -Wformat -Werror=format-security -Wdate-time -D_FORTIFY_SOURCE=2"
install_library "$work/fixed" "$work/build" -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS="$flags" \
    -DCMAKE_SHARED_LINKER_FLAGS="-Wl,-z,relro -Wl,-z,now"
case $($CC -dumpmachine)-$($CC --version) in
x86_64-*clang*) echo "the size is that of gcc's library: not looked at with clang" ;;
x86_64-*) "$source/test/link/size.sh" "$work/build/lib/libpmem.so.3" || bad "the library has grown" ;;
*) echo "the size is that of x86-64: not looked at here" ;;
esac
by_pkg_config "$work/fixed" "in place"
by_cmake "$work/fixed" "in place"
components "$work/build"
install_library "$work/before" "$work/build" -DPMEM_PC_RELOCATABLE=ON
mv "$work/before" "$work/after"
rm -rf "$work/fixed"
by_pkg_config "$work/after" "moved"
by_cmake "$work/after" "moved"
quiet cmake -S "$here" -B "$work/sub" -G Ninja -DWAY=subproject -DLIBPMEM_SOURCE="$source"
[ ! -e "$work/sub/libpmem/tools" ] || bad "a subproject builds the command, which needs json-c"
quiet cmake --build "$work/sub" -j 2 --target consumer
runs "subproject" "$work/sub/consumer" /nonexistent
