#!/bin/sh
# SPDX-License-Identifier: MIT
# Arrows between layers point down only. The order of the layers is that of lib/CMakeLists.txt. The
# build sees to includes; this sees to "../" paths, to system calls outside lib/os, to file names
# that stand twice, and, if there is a build, to symbols: also what is declared in a public header
# may not be called from below.
# usage: layering.sh PROJECT_DIR [BUILD_DIR]
set -eu
cd "$1"
build=${2:-}
status=0
bad() { echo "$1"; status=1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

layers=$(sed -n '/^set(pmem_folders/,/)/p' lib/CMakeLists.txt | sed -e 's/set(pmem_folders//' -e 's/)//' -e 's/#.*//')
[ "$(echo "$layers" | wc -w)" -ge 8 ] || bad "only these layers are known: $layers"

for folder in $(find lib -name '*.[ch]' -printf '%h\n' | sort -u); do
    case " $(echo "$layers" | tr -s '\n ' ' ') " in
    *" ${folder#lib/} "*) ;;
    *) bad "$folder is no layer of lib/CMakeLists.txt" ;;
    esac
done
for file in $(find lib -name '*.[ch]'); do
    for name in $(sed -n 's/^#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file"); do
        case $name in
        *..* | /*) bad "$file includes \"$name\": not by its layer's name" ;;
        */*) ;;
        constants.inc) ;; # made by the build
        *) bad "$file includes \"$name\" without its folder" ;;
        esac
    done
    case $file in
    lib/os/*) ;;
    *)
        if grep -nE '(^|[^a-z_>.])(ioctl|syscall|fopen|opendir)[[:space:]]*\(' "$file" |
            grep -vE ':[[:space:]]*(/?\*|//)'; then
            bad "$file makes a system call; only lib/os may"
        fi
        ;;
    esac
done
twice=$(find lib tools -name '*.[ch]' -printf '%f\n' | sort | uniq -d | tr '\n' ' ')
[ -z "$twice" ] || bad "there are two files called: $twice"

# The tool and the examples use what every user has.
for file in tools/*.[ch] docs/examples/*.c; do
    [ -e "$file" ] || continue
    for name in $(sed -n 's/^#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file"); do
        [ -e "$(dirname "$file")/$name" ] || bad "$file includes \"$name\" of the library's inside"
    done
done
[ -n "$build" ] || exit $status

# Each object's symbols with the number of its layer: what is defined, then what is needed.
number=0
for layer in $layers; do
    number=$((number + 1))
    find "$build/lib/$layer/CMakeFiles/pmem_${layer##*/}.dir" -maxdepth 1 -name '*.o' >"$work/list"
    [ -s "$work/list" ] || bad "no objects of $layer in $build"
    while read -r object; do
        source=${object##*/}
        [ -e "lib/$layer/${source%.o}" ] || continue # what an older build has left
        nm --defined-only -g "$object" | awk -v n=$number -v o="$layer/${object##*/}" \
            'NF == 3 { print $3, n, o }' >>"$work/defined"
        nm --undefined-only "$object" | awk -v n=$number -v o="$layer/${object##*/}" \
            '{ print $2, n, o }' >>"$work/needed"
    done <"$work/list"
done
awk 'NR == FNR { layer[$1] = $2; where[$1] = $3; next }
    ($1 in layer) && layer[$1] > $2 { print $3 " calls " $1 " of " where[$1] ", which is above"; up = 1 }
    ($1 in layer) { seen++ }
    END { if (seen < 100) { print "only " seen + 0 " calls between objects were seen"; up = 1 }; exit up }' \
    "$work/defined" "$work/needed" || status=1
exit $status
