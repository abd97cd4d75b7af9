#!/bin/sh
# SPDX-License-Identifier: MIT
# What lintian says about the source and the binary packages, down to the pedantic and experimental tags:
# nothing that is not overridden. Each group of overrides says why, in a comment above it.
# usage: tags.sh PROJECT_DIR FOLDER_WITH_PACKAGES
set -eu
export LC_ALL=C
project=$1
status=0
command -v lintian >/dev/null || { echo "SKIP: there is no lintian"; exit 77; }
lintian --allow-root --pedantic --display-info --display-experimental --tag-display-limit 0 \
    --fail-on error,warning,info,pedantic,experimental "$2"/*.changes || status=1
for file in "$project/debian/source/lintian-overrides" "$project"/debian/*.lintian-overrides; do
    [ -e "$file" ] || continue
    awk -v file="$file" '
        /^#/ { reason = 1; next }
        /^$/ { reason = 0; next }
        !reason { print file ": no reason is given for: " $0; bad = 1 }
        END { exit bad }' "$file" || status=1
done
[ $status -ne 0 ] || echo "ok: lintian has nothing to say"
exit $status
