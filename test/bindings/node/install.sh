#!/bin/sh
# SPDX-License-Identifier: MIT
# The packages of package-lock.json, into a folder that keeps them; their code is compiled already.
# usage: install.sh FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
for program in node npm; do
    command -v $program >/dev/null || { echo "$program is not installed"; exit 1; }
done
mkdir -p "$1"
cd "$1"
if [ -e node_modules/koffi ] && cmp -s "$here/package-lock.json" installed.json; then
    exit 0
fi
cp "$here/package.json" "$here/package-lock.json" .
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || {
    echo "npm cannot fetch koffi: is its registry to be reached from here?"
    exit 1
}
cp package-lock.json installed.json
