#!/bin/sh
# SPDX-License-Identifier: MIT
# Looks into the Debian packages, installs them, and does with them what a user does (smoke.sh). As root
# they are really installed, with dpkg, but into an overlay of this machine that is thrown away; else they
# are unpacked. Where this machine has QEMU, which uses PMDK's libpmem.so.1, both libraries are loaded by it.
# usage: packages.sh PROJECT_DIR FOLDER_WITH_PACKAGES
set -eu
export LC_ALL=C
project=$(cd "$1" && pwd)
self=$(cd "$(dirname "$0")" && pwd)/packages.sh
unset PKG_CONFIG_PATH LD_LIBRARY_PATH CFLAGS LDFLAGS DESTDIR MAKEFLAGS 2>/dev/null || true

bad() { echo "FAILED: $1"; exit 1; }
quiet() { "$@" >"$work/log" 2>&1 || { tail -n 40 "$work/log"; bad "$*"; }; }

look_inside()
{
    cp "$1"/*.deb "$work"
    dpkg-source --no-check -x "$1"/*.dsc "$work/tree" >/dev/null
    cd "$work"
    ls ./*.deb
    for package in libpmem3 libpmem3-dev libpmem-dev libpmem-tools python3-libpmem libpmem-udev \
        libpmem-doc; do
        set -- "$package"_*.deb
        [ -e "$1" ] || bad "no package $package"
        # Who installs something else opens no device to anybody.
        [ "$package" = libpmem-udev ] || ! dpkg-deb -c "$1" | grep -E '/(rules|sysusers)\.d/' ||
            bad "$package has rules or groups"
    done
    dpkg-deb -c libpmem3_*.deb >runtime
    dpkg-deb -c libpmem3-dev_*.deb >development
    # Just what PMDK's package of this name has too: the rest can be installed beside that.
    names=$(dpkg-deb -c libpmem-dev_*.deb | sed -n 's|^[-l].*\./usr/lib/[^/]*/\([^ ]*\).*|\1|p' | sort | tr '\n' ' ')
    [ "$names" = "libpmem.a libpmem.so pkgconfig/libpmem.pc " ] || bad "libpmem-dev has $names"
    grep -q '/libpmem\.so\.3 ->' runtime || bad "libpmem3 has no libpmem.so.3"
    grep -q '/libpmem\.so ->' runtime && bad "libpmem3 has libpmem.so"
    for file in libpmem-3.so libpmem-3.a pkgconfig/libpmem-3.pc cmake/libpmem/libpmem-config.cmake \
        include/pmem/pmem.h include/pmem/pmem.hpp share/libpmem/api.json; do
        grep -qE "/$file( |\$)" development || bad "libpmem3-dev has no $file"
    done
    # A link from one document to another leads somewhere.
    dpkg-deb -x libpmem3-dev_*.deb dev
    dpkg-deb -x libpmem-doc_*.deb dev
    find dev/usr/share/doc/libpmem-doc -name '*.md' >documents
    [ "$(wc -l <documents)" -ge 15 ] || bad "libpmem-doc has only $(cat documents)"
    while read -r document; do
        grep -o '](\([^):#]*\))' "$document" | sed 's/](\(.*\))/\1/' >links || true
        while read -r link; do
            [ -e "${document%/*}/$link" ] || bad "$document: dead link $link"
        done <links
    done <documents
    [ -e dev/usr/share/doc/libpmem-doc/examples/alloc.c ] || bad "no examples"
    sed -n 's/^[[:space:]]*\(pmem_[a-z0-9_]*\);/\1/p' "$project/lib/libpmem.map" >functions
    while read -r name; do
        [ -e "dev/usr/share/man/man3/$name.3.gz" ] || bad "libpmem3-dev has no $name(3)"
    done <functions
    # Debian's flags give the same as our own; what Debian's release does not ask for, we add.
    for package in libpmem3 libpmem-tools; do
        dpkg-deb -x "$package"_*.deb dev
    done
    "$project/test/link/hardening.sh" readelf dev/usr/lib/*/libpmem.so.3 dev/usr/lib/*/libpmem-3.a \
        dev/usr/bin/physmem || bad "the packages are not hardened"
    [ -e dev/usr/share/man/man3/libpmem.3.gz ] || bad "libpmem3-dev has no libpmem(3)"
}

# An overlay of / that nobody else sees, in this process's own mount namespace.
overlay()
{
    mkdir "$work/over"
    mount -t tmpfs none "$work/over" && cd "$work/over" && mkdir upper work root &&
        mount -t overlay overlay -o "lowerdir=/,upperdir=$work/over/upper,workdir=$work/over/work" \
            "$work/over/root" || return 1
    for folder in dev proc sys; do
        mount --rbind "/$folder" "$work/over/root/$folder" || return 1
    done
    # /tmp may be a file system of its own, which an overlay of / does not show.
    mkdir -p "$work/over/root/mnt/debs" "$work/over/root/mnt/project"
    mount --bind "$work" "$work/over/root/mnt/debs"
    mount --bind "$project" "$work/over/root/mnt/project"
}

groups() # libpmem-udev, by apt, which brings systemd-sysusers where it is not
{
    getent group dmamem && bad "there is a group dmamem before"
    apt-get install -y ./libpmem-udev_*.deb || bad "libpmem-udev cannot be installed"
    case $(getent group dmamem) in
    dmamem:*:) ;;
    *) bad "the group dmamem is not there, or not empty" ;;
    esac
    [ -e /usr/lib/udev/rules.d/05-libpmem.rules ] || bad "no rules"
    dpkg --purge libpmem-udev || bad "libpmem-udev cannot be removed"
}

# debian/tests as they are written, by Debian's own runner.
autopkgtests()
{
    command -v autopkgtest >/dev/null || bad "there is no autopkgtest"
    status=0
    autopkgtest --no-built-binaries ./tree/ -- null >autopkgtest.log 2>&1 || status=$?
    wanted=$(sed -n 's/^Tests: //p' tree/debian/tests/control | wc -w)
    passed=$(sed -n '/ summary$/,$p' autopkgtest.log | grep -c ' PASS$' || true)
    sed -n '/ summary$/,$p' autopkgtest.log
    if [ $status -ne 0 ] || [ "$passed" -ne "$wanted" ]; then
        cat autopkgtest.log
        bad "autopkgtest: exit $status, $passed of $wanted"
    fi
}

# Of two libraries in one process each function is that of its own library, whichever came first.
beside_qemu()
{
    ldd /usr/bin/qemu-system-x86_64 2>/dev/null | grep -q 'libpmem\.so\.1 ' || {
        echo "no QEMU that uses PMDK here: not looked at"
        return 0
    }
    LD_PRELOAD=libpmem.so.3 LD_DEBUG=bindings LD_DEBUG_OUTPUT="$work/bound" \
        qemu-system-x86_64 -machine help >"$work/log" || bad "QEMU does not start beside libpmem.so.3"
    sed -n 's/.* to \([^ ]*\) .*symbol .pmem_.* \[LIBPMEM_1.*/\1/p' "$work"/bound* | sort -u >"$work/to"
    [ -s "$work/to" ] || bad "QEMU uses nothing of PMDK"
    ! grep -v 'libpmem\.so\.1$' "$work/to" || bad "QEMU got functions of another library"
    echo "ok: QEMU with libpmem.so.1, and libpmem.so.3 loaded before it"
}

inside() # in the chroot: install, use, remove
{
    cd /mnt/debs
    # Small images leave documents out, which are looked at here.
    grep -rlsE '^path-exclude' /etc/dpkg/dpkg.cfg.d | xargs -r rm
    dpkg -i libpmem3_*.deb libpmem3-dev_*.deb libpmem-dev_*.deb libpmem-tools_*.deb python3-libpmem_*.deb \
        libpmem-doc_*.deb || apt-get install -y -f || bad "dpkg -i"
    dpkg -s libpmem-dev | grep -q '^Status: install ok installed' || bad "not installed"
    ldconfig -p | grep -q 'libpmem\.so\.3 ' || bad "the loader does not know libpmem.so.3"
    autopkgtests
    groups
    beside_qemu
    dpkg --purge libpmem-doc python3-libpmem libpmem-tools libpmem-dev libpmem3-dev libpmem3 ||
        bad "cannot be removed"
    ldconfig -p | grep -q 'libpmem\.so\.3 ' && bad "the loader still knows libpmem.so.3"
    echo "ok: installed, used and removed"
}

unpacked()
{
    root=$work/root
    for package in "$work"/*.deb; do
        dpkg-deb -x "$package" "$root"
    done
    lib=$root/usr/lib/$(gcc -print-multiarch)
    # libbsd's own file stays where it is; only ours is below the root.
    sed -i "s|^prefix=.*|prefix=$root/usr|" "$lib"/pkgconfig/libpmem*.pc
    PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib PATH=$root/usr/bin:$PATH \
        PYTHONPATH=$root/usr/lib/python3/dist-packages \
        sh "$project/test/package/smoke.sh" "$project"
    echo "ok: unpacked and used"
}

case ${2:-} in
--inside)
    work=$(mktemp -d)
    inside
    exit 0
    ;;
--overlay)
    work=$3
    overlay || exit 3
    exec chroot "$work/over/root" sh /mnt/project/test/package/packages.sh / --inside
    ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v dpkg-buildpackage >/dev/null || { echo "SKIP: not a Debian machine"; exit 77; }
look_inside "$2"
status=3
# In a chroot, or a container with a filter, nothing can be mounted.
if [ "$(id -u)" -eq 0 ] && unshare --mount --propagation private true; then
    status=0
    unshare --mount --propagation private sh "$self" "$project" --overlay "$work" || status=$?
fi
case $status in
0) ;;
3) unpacked ;;
*) exit 1 ;;
esac
