#!/bin/sh
# SPDX-License-Identifier: MIT
# The packages are the same when they are built again, from another folder, by somebody with another
# umask, time zone and language: dpkg's own .buildinfo alone tells who built.
# usage: reproducible.sh PROJECT_DIR FOLDER_WITH_PACKAGES     (those were built with DEB_BUILD_OPTIONS=nocheck)
set -eu
command -v dpkg-buildpackage >/dev/null || { echo "SKIP: not a Debian machine"; exit 77; }
first=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
mkdir -p "$work/another folder/with a longer name/tree" "$work/out"
(cd "$1" && tar -cf - --exclude='./build*' --exclude=./.git --exclude=./test/guest/cache \
    --exclude=./bindings/rust/target .) |
    tar -C "$work/another folder/with a longer name/tree" -xf - --no-same-permissions --touch
mkdir "$work/tmp"
TMPDIR=$work/tmp TZ=Pacific/Kiritimati LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 HOME=/nonexistent USER=somebody \
    DEB_BUILD_OPTIONS=nocheck "$work/another folder/with a longer name/tree/cmake/packages" "$work/out"
status=0 count=0
for file in "$work"/out/*.deb "$work"/out/*.tar.xz; do
    count=$((count + 1))
    cmp "$file" "$first/${file##*/}" || {
        status=1
        command -v diffoscope >/dev/null && diffoscope "$first/${file##*/}" "$file" | head -n 60
    }
done
[ "$(cd "$first" && ls ./*.deb)" = "$(cd "$work/out" && ls ./*.deb)" ] || {
    echo "not the same packages"
    status=1
}
[ $status -ne 0 ] || echo "ok: $count files are the same"
exit $status
