#!/bin/sh
# SPDX-License-Identifier: MIT
# Arrows between layers point down only: base <- os <- soc <- pages <- backend <- api. The build
# sees to includes by file name; this also sees "../" paths, and headers that are not public.
# usage: layering.sh PROJECT_DIR
set -eu
cd "$1"
status=0
bad() { echo "$1"; status=1; }
seen=0
below=""
for layer in base os soc pages backend .; do
    for file in lib/"$layer"/*.[ch]; do
        [ -e "$file" ] || continue
        seen=$((seen + 1))
        for name in $(sed -n 's/^#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file"); do
            found=""
            for lower in "$layer" $below; do
                [ ! -e "lib/$lower/$name" ] || found=$lower
                # The topmost layer names the folder where two layers have a file of that name.
                [ "${name%/*}" != "$lower" ] || [ ! -e "lib/$name" ] || found=$lower
            done
            case $name in *..*) found="" ;; esac
            [ -n "$found" ] || bad "$file includes \"$name\", which is not in its layer or below"
        done
        # System calls on devices are made in lib/os alone.
        case $layer in
        os) ;;
        *)
            if grep -nE '(^|[^a-z_>.])(ioctl|syscall|fopen|opendir)[[:space:]]*\(' "$file" |
                grep -vE ':[[:space:]]*(/?\*|//)'; then
                bad "$file makes a system call; only lib/os may"
            fi
            ;;
        esac
    done
    below="$below $layer"
done
[ $seen -ge 20 ] || bad "only $seen files found in $1/lib"
# The tool and the examples use what every user has.
for file in tools/*.[ch] docs/examples/*.c; do
    [ -e "$file" ] || continue
    for name in $(sed -n 's/^#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file"); do
        [ -e "$(dirname "$file")/$name" ] || bad "$file includes \"$name\" of the library's inside"
    done
done
exit $status
