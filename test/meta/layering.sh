#!/bin/sh
# SPDX-License-Identifier: MIT
# Arrows between layers point down only. The order of the layers is that of lib/CMakeLists.txt. The
# build sees to includes; this sees to "../" paths, to system calls outside lib/os, to file names
# that stand twice, and, if there is a build, to symbols: also what is declared in a public header
# may not be called from below, and no files call each other in a circle.
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
find lib -name '*.[ch]' -exec grep -HnE '^#[[:space:]]*include[[:space:]]*"' {} + | awk -F'"' '{
    file = $1; sub(/:.*/, "", file); name = $2
    if (name ~ /\.\./ || name ~ /^\//) print file " includes \"" name "\": not by its layer\047s name"
    else if (name !~ /\// && name != "constants.inc") # made by the build
        print file " includes \"" name "\" without its folder" }' >"$work/bad"
find lib -name '*.[ch]' -not -path 'lib/os/*' \
    -exec grep -HnE '(^|[^a-z_>.])(ioctl|syscall|fopen|opendir)[[:space:]]*\(' {} + |
    grep -vE ':[0-9]+:[[:space:]]*(/?\*|//)' | sed 's/$/: makes a system call; only lib\/os may/' >>"$work/bad" || true
while read -r line; do bad "$line"; done <"$work/bad"
twice=$(find lib tools -name '*.[ch]' -printf '%f\n' | sort | uniq -d | tr '\n' ' ')
[ -z "$twice" ] || bad "there are two files called: $twice"

# The tool and the examples use what every user has; mailbox.c stands among another program's files.
for file in tools/*.[ch] docs/examples/*.c; do
    [ -e "$file" ] || continue
    for name in $(sed -n 's/^#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file"); do
        [ -e "$(dirname "$file")/$name" ] || [ "$file $name" = 'docs/examples/mailbox.c mailbox.h' ] ||
            bad "$file includes \"$name\" of the library's inside"
    done
done
[ -n "$build" ] || exit $status

# Each object's symbols with the number of its layer: what is defined, then what is needed.
number=0
for layer in $layers; do
    number=$((number + 1))
    find "$build/lib/$layer/CMakeFiles/pmem_${layer##*/}.dir" -maxdepth 1 -name '*.o' >"$work/list"
    [ -s "$work/list" ] || bad "no objects of $layer in $build"
    objects=""
    while read -r object; do
        source=${object##*/}
        # Not what an older build has left.
        [ ! -e "lib/$layer/${source%.o}" ] || objects="$objects $object"
    done <"$work/list"
    # shellcheck disable=SC2086 # a list of words
    nm -A $objects | awk -v n=$number -v l="$layer/" -v d="$work/defined" -v u="$work/needed" '{
        object = $1; sub(/:[^:]*$/, "", object); sub(/.*\//, l, object)
        if ($(NF - 1) == "U") print $NF, n, object >>u
        else if ($(NF - 1) ~ /^[A-TV-Z]$/) print $NF, n, object >>d }'
done
awk 'NR == FNR { layer[$1] = $2; where[$1] = $3; next }
    ($1 in layer) && layer[$1] > $2 { print $3 " calls " $1 " of " where[$1] ", which is above"; up = 1 }
    ($1 in layer) { seen++ }
    END { if (seen < 100) { print "only " seen + 0 " calls between objects were seen"; up = 1 }; exit up }' \
    "$work/defined" "$work/needed" || status=1

# No circles, within a layer either.
awk 'NR == FNR { where[$1] = $3; next } ($1 in where) && where[$1] != $3 { print $3, where[$1] }' \
    "$work/defined" "$work/needed" | sort -u | tsort 2>"$work/circles" >/dev/null || true
if [ -s "$work/circles" ]; then
    bad "these files call each other in a circle: $(sed -n 's/^tsort: \(.*\.o\)$/\1/p' "$work/circles" |
        sort -u | tr '\n' ' ')"
fi
exit $status
