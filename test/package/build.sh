#!/bin/sh
# SPDX-License-Identifier: MIT
# The packages, by the same command as users; their tests run in package_minimal_*.
# usage: build.sh PROJECT_DIR FOLDER
set -eu
command -v dpkg-buildpackage >/dev/null || { echo "SKIP: not a Debian machine"; exit 77; }
DEB_BUILD_OPTIONS=nocheck exec "$1/cmake/packages" "$2"
