#!/bin/sh
# SPDX-License-Identifier: MIT
# The library in other people's builds: inside a CMake project, with Meson, with a Makefile, and
# configured with the flags that Buildroot and Yocto pass. None of them needs json-c or check.
# usage: projects.sh SOURCE_DIR [C_COMPILER]
set -eu
source=$(cd "$1" && pwd)
export CC="${2:-cc}"
here=$source/test/link
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset PKG_CONFIG_PATH LD_LIBRARY_PATH CFLAGS LDFLAGS DESTDIR MAKEFLAGS 2>/dev/null || true

bad() { echo "FAILED: $1"; exit 1; }
quiet() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; bad "$*"; }; }

uses_shared() # program: does it load the library?
{
    readelf -d "$1" | grep -q 'NEEDED.*libpmem\.so\.3'
}

# A machine that has nothing but libbsd.
bare_pkg_config()
{
    real=$(command -v pkg-config)
    cat >"$work/pkg-config" <<TEXT
#!/bin/sh
case " \$* " in *json-c* | *" check "*) exit 1 ;; esac
exec $real "\$@"
TEXT
    chmod +x "$work/pkg-config"
}

# The options of a package's file, each of which must be one of CMakeLists.txt.
options_of() # file: to "$work/wanted"
{
    grep -oE -e '-D(PMEM|BUILD)_[A-Z_]+=[A-Z]*' "$1" | sort -u >"$work/options"
    [ -s "$work/options" ] || bad "$1 sets no option"
    while read -r option; do
        name=${option#-D}
        grep -qrE "(option|set)\(${name%%=*} " "$source/CMakeLists.txt" "$source/cmake" ||
            bad "$1: there is no option ${name%%=*}"
    done <"$work/options"
    # An option that a choice turns on is off without it.
    grep -v '^-DPMEM_TOOLS=ON' "$work/options" >"$work/wanted"
}

# As Buildroot's cmake-package does it, both libraries; but with a prefix that exists.
buildroot()
{
    options_of "$source/docs/packaging/buildroot/libpmem.mk"
    # shellcheck disable=SC2046 # words
    quiet env PKG_CONFIG="$work/pkg-config" cmake -S "$source" -B "$work/build-br" \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE=-DNDEBUG -DCMAKE_INSTALL_PREFIX="$work/br" \
        -DCMAKE_INSTALL_RUNSTATEDIR=/run -DCMAKE_COLOR_MAKEFILE=OFF -DBUILD_DOC=OFF \
        -DBUILD_DOCS=OFF -DBUILD_EXAMPLE=OFF -DBUILD_EXAMPLES=OFF -DBUILD_TEST=OFF \
        -DBUILD_TESTS=OFF -DBUILD_TESTING=OFF -DBUILD_SHARED_LIBS=ON \
        $(cat "$work/wanted")
    quiet make -C "$work/build-br" -j 2
    quiet make -C "$work/build-br" install/fast
    lib=$work/br/lib
    [ -e "$lib/libpmem.so.3" ] && [ -e "$lib/libpmem.a" ] || bad "not both libraries"
    only_library "$work/br"
    echo "ok: flags of Buildroot"
}

# As Yocto's cmake.bbclass does it, here with a static library and link-time optimization.
yocto()
{
    options_of "$source/docs/packaging/yocto/libpmem_3.bb"
    cat >"$work/toolchain.cmake" <<TEXT
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR $(uname -m))
set(CMAKE_CROSSCOMPILING FALSE)
set(CMAKE_C_COMPILER $CC)
set(CMAKE_C_FLAGS "-O2 -pipe -g -flto" CACHE STRING "CFLAGS")
set(CMAKE_C_FLAGS_RELEASE "-DNDEBUG" CACHE STRING "")
TEXT
    # shellcheck disable=SC2046 # words
    quiet env PKG_CONFIG="$work/pkg-config" cmake -G Ninja -DCMAKE_MAKE_PROGRAM=ninja "$source" \
        -B "$work/build-oe" -DCMAKE_INSTALL_PREFIX:PATH="$work/oe" -DCMAKE_INSTALL_BINDIR:PATH=bin \
        -DCMAKE_INSTALL_SBINDIR:PATH=sbin -DCMAKE_INSTALL_LIBEXECDIR:PATH=libexec \
        -DCMAKE_INSTALL_SYSCONFDIR:PATH=/etc -DCMAKE_INSTALL_SHAREDSTATEDIR:PATH=../com \
        -DCMAKE_INSTALL_LOCALSTATEDIR:PATH=/var -DCMAKE_INSTALL_LIBDIR:PATH=lib \
        -DCMAKE_INSTALL_INCLUDEDIR:PATH=include -DCMAKE_INSTALL_DATAROOTDIR:PATH=share \
        -DPYTHON_EXECUTABLE:PATH=/usr/bin/python3 -DPython_EXECUTABLE:PATH=/usr/bin/python3 \
        -DPython3_EXECUTABLE:PATH=/usr/bin/python3 -DLIB_SUFFIX= -DCMAKE_INSTALL_SO_NO_EXE=0 \
        -DCMAKE_TOOLCHAIN_FILE="$work/toolchain.cmake" -DCMAKE_NO_SYSTEM_FROM_IMPORTED=1 \
        -DCMAKE_EXPORT_NO_PACKAGE_REGISTRY=ON -DFETCHCONTENT_FULLY_DISCONNECTED=ON \
        $(cat "$work/wanted") -DBUILD_SHARED_LIBS=OFF -Wno-dev
    quiet cmake --build "$work/build-oe" -j 2
    quiet cmake --install "$work/build-oe"
    lib=$work/oe/lib
    [ -z "$(find "$work/oe" -name '*.so*')" ] || bad "BUILD_SHARED_LIBS=OFF makes a shared library"
    only_library "$work/oe"
    # With link-time optimization too, only public functions are global.
    [ -z "$(nm -g --defined-only "$lib/libpmem.a" | sed -n 's/.* [A-Z] //p' | grep -v '^pmem_')" ] ||
        bad "libpmem.a has global functions that are not public"
    sum=$(md5sum <"$source/LICENSE")
    grep -q "md5=${sum%% *}\"" "$source/docs/packaging/yocto/libpmem_3.bb" || bad "licence of the recipe"
    echo "ok: flags of Yocto, static, with link-time optimization"
}

only_library() # prefix
{
    find "$1" -type f ! -path '*/include/pmem/*.h' ! -name pmem.hpp ! -path '*/cmake/libpmem/*.cmake' \
        ! -name 'libpmem.so.3*' ! -name 'libpmem*.a' ! -name 'libpmem*.pc' >"$work/others"
    [ ! -s "$work/others" ] || { cat "$work/others"; bad "more than the library is installed"; }
}

runs() # way program shared|static library-folder
{
    LD_LIBRARY_PATH=$4 "$2" || bad "$1: exit $?"
    if uses_shared "$2"; then got=shared; else got=static; fi
    [ "$got" = "$3" ] || bad "$1: linked with the $got library, not the $3 one"
    echo "ok: $1"
}

by_meson() # prefix library-folder kind
{
    for how in pkg-config cmake; do
        quiet env PKG_CONFIG_PATH="$2/pkgconfig" meson setup "$work/meson" "$here/meson" \
            -Dhow=$how -Dcmake_prefix_path="$1"
        quiet ninja -C "$work/meson"
        runs "Meson, $how, $3" "$work/meson/consumer" "$3" "$2"
        rm -rf "$work/meson"
    done
}

by_make()
{
    cp "$here/consumer/Makefile" "$here/consumer/consumer.c" "$work"
    PKG_CONFIG_PATH=$work/br/lib/pkgconfig quiet make -C "$work" consumer
    runs "Makefile, static" "$work/consumer" static /nonexistent
}

# Without the shared library no user needs to know: the same names, and no --static.
static_only()
{
    quiet cmake -S "$here/consumer" -B "$work/found" -G Ninja -DCMAKE_PREFIX_PATH="$work/oe" \
        -DWAY=find-shared -DWANT=3
    quiet cmake --build "$work/found"
    runs "find_package, libpmem::pmem without a shared library" "$work/found/consumer" static /nonexistent
    # shellcheck disable=SC2046 # words
    PKG_CONFIG_PATH=$work/oe/lib/pkgconfig quiet "$CC" "$here/consumer/consumer.c" \
        $(PKG_CONFIG_PATH=$work/oe/lib/pkgconfig pkg-config --cflags --libs libpmem) -o "$work/plain"
    runs "pkg-config without a shared library" "$work/plain" static /nonexistent
}

# FetchContent: nothing of the project around is changed, and nothing is added to what it installs.
by_fetch()
{
    for kind in shared static; do
        build=$work/fetch-$kind shared='' option=-UBUILD_SHARED_LIBS
        [ $kind = shared ] || shared=OFF option=-DBUILD_SHARED_LIBS=OFF
        PKG_CONFIG=$work/pkg-config quiet cmake -S "$here/consumer" -B "$build" -G Ninja -DWAY=fetch \
            -DLIBPMEM_SOURCE="$source" "$option"
        for text in "BUILD_SHARED_LIBS is '$shared'" "CMAKE_BUILD_TYPE is ''" "CMAKE_C_STANDARD is ''"; do
            grep -qF "after libpmem $text" "$work/log" || { cat "$work/log"; bad "fetch: not $text"; }
        done
    done
    quiet cmake --build "$work/fetch-static" -j 2 # all of it
    runs "FetchContent, static" "$work/fetch-static/consumer" static /nonexistent
    DESTDIR=$work/root quiet cmake --install "$work/fetch-static" --prefix /usr
    [ "$(find "$work/root" -type f)" = "$work/root/usr/bin/consumer" ] ||
        { find "$work/root" -type f; bad "fetch: more than the program is installed"; }
    [ ! -e "$work/fetch-static/CTestTestfile.cmake" ] || bad "fetch: the library's tests are there"
}

for program in meson ninja make; do
    command -v $program >/dev/null || { echo "SKIP: there is no $program"; exit 77; }
done
bare_pkg_config
buildroot
yocto
by_meson "$work/br" "$work/br/lib" shared
by_meson "$work/oe" "$work/oe/lib" static
by_make
static_only
by_fetch
