#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a command with what the Go package needs of this build, in the folder of the package.
# usage: env.sh LIBRARY_DIR COMMAND...     exit 77: there is no Go here
set -eu
library=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/../../.." && pwd)
shift
command -v go >/dev/null || { echo "SKIPPED: go is not installed"; exit 77; }
work=$library/../go
mkdir -p "$work/pkgconfig"
# What pkg-config would find if the library were installed. Written at once: tests run side by side.
cat >"$work/pkgconfig/libpmem-3.$$" <<END
Name: libpmem-3
Description: the library of this build
Version: 3
Libs: -L$library -lpmem-3
Cflags: -I$source/include
END
mv "$work/pkgconfig/libpmem-3.$$" "$work/pkgconfig/libpmem-3.pc"
export PKG_CONFIG_PATH="$work/pkgconfig" LD_LIBRARY_PATH="$library" SOURCE="$source"
# Nothing of the user's, nothing from outside.
export GOCACHE="$work/cache" GOPATH="$work/path" GOENV=off GOWORK=off GOFLAGS=-modcacherw \
    GOPROXY=off GOSUMDB=off GOTOOLCHAIN=local CGO_ENABLED=1
cd "$source/bindings/go"
exec "$@"
