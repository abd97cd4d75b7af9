#!/bin/sh
# SPDX-License-Identifier: MIT
# Where the rules of udev and the groups are installed: as pkg-config says, below another prefix, where
# somebody wants them, and nowhere. Without a compiler; the rules themselves are tested in guests.
# usage: udev.sh PROJECT_DIR
set -eu
export LC_ALL=C
project=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad() { echo "FAILED: $1"; exit 1; }

mkdir "$work/tree" "$work/pc"
ln -s "$project/cmake" "$project/udev" "$work/tree"
cat >"$work/tree/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(rules LANGUAGES NONE)
find_package(PkgConfig REQUIRED)
include(cmake/PmemUdev.cmake)
END
printf '%s\n' 'udevdir=/lib/udev' 'Name: udev' 'Description: -' 'Version: 252' >"$work/pc/udev.pc"
printf '%s\n' 'prefix=/usr' 'sysusersdir=${prefix}/lib/sysusers.d' 'Name: systemd' 'Description: -' \
    'Version: 252' >"$work/pc/systemd.pc"
unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR DESTDIR 2>/dev/null || true

# name folder-of-pc wanted option...: what is installed, below DESTDIR
installs()
{
    name=$1 wanted=$3
    export PKG_CONFIG_LIBDIR="$2"
    shift 3
    cmake -S "$work/tree" -B "$work/$name" "$@" >"$work/log" 2>&1 || { cat "$work/log"; bad "$name"; }
    DESTDIR=$work/$name/root cmake --install "$work/$name" --component Udev >"$work/log" 2>&1 ||
        { cat "$work/log"; bad "$name"; }
    got=$(cd "$work/$name" && mkdir -p root && find root -type f | sort | tr '\n' ' ')
    [ "$got" = "$wanted" ] || bad "$name: installed '$got', wanted '$wanted'"
    echo "ok: $name"
}

rules=05-libpmem.rules
installs usr "$work/pc" "root/lib/udev/rules.d/$rules root/usr/lib/sysusers.d/libpmem.conf " \
    -DCMAKE_INSTALL_PREFIX=/usr
installs local "$work/pc" \
    "root/usr/local/lib/sysusers.d/libpmem.conf root/usr/local/lib/udev/rules.d/$rules " \
    -DCMAKE_INSTALL_PREFIX=/usr/local
installs given "$work/none" "root/a/rules.d/$rules root/b/libpmem.conf " -DPMEM_UDEVDIR=/a \
    -DPMEM_SYSUSERSDIR=/b
installs none "$work/none" ""
installs off "$work/pc" "" -DPMEM_UDEVDIR=
PKG_CONFIG_SYSROOT_DIR=$work/sys
export PKG_CONFIG_SYSROOT_DIR
installs cross "$work/pc" "root/lib/udev/rules.d/$rules root/usr/lib/sysusers.d/libpmem.conf " \
    -DCMAKE_INSTALL_PREFIX=/usr
