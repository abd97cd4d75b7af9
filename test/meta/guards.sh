#!/bin/sh
# SPDX-License-Identifier: MIT
# A guard that cannot fail guards nothing. Each guard gets a sound copy of the tree, in which it
# must pass, and then copies with one fault, in which it must fail and say the right thing.
#
# For scripts PROJECT_DIR BUILD_DIR (which has lib/libpmem.so.3 and libpmem.a): they read this, and have a function
# guard NAME that runs that guard on the copy by run_guard.
set -eu
export LC_ALL=C
project=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
library=$build/lib/libpmem.so.3
# In memory where that can be: each fault begins with a new copy of a thousand files.
work=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
faults=0
failures=0

fresh() # a sound copy of what the guards look at
{
    rm -rf "$tree"
    mkdir "$tree"
    (cd "$project" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C "$tree"
    cp "$library" "$work/libpmem.so.3"
    cp "${library%.so.3}.a" "$work/libpmem.a"
}

run_guard() # program: of this project, unless it is one of the machine; argument...
{
    program=$1
    shift
    case $program in
    */*) program=$project/$program ;;
    esac
    (cd "$project" && "$program" "$@") >"$work/said" 2>&1
}

broken() # guard, what it must say: the fault was made before
{
    faults=$((faults + 1))
    if guard "$1"; then
        echo "FAILED: $1 passes although: $2"
        failures=$((failures + 1))
    elif ! grep -qE "$2" "$work/said"; then
        echo "FAILED: $1 does not say \"$2\" but:"
        head -n 5 "$work/said"
        failures=$((failures + 1))
    fi
    fresh
}

sound()
{
    guard "$1" || { echo "FAILED: $1 fails on the sound tree:"; head -n 9 "$work/said"; exit 1; }
}

edit() # file, sed command: which must change something
{
    cp "$tree/$1" "$work/before"
    sed -i "$2" "$tree/$1"
    ! cmp -s "$work/before" "$tree/$1" || { echo "FAILED: no fault made in $1"; exit 1; }
}

all_found() # the last thing to ask
{
    [ $faults -gt 30 ] || { echo "only $faults faults tried"; exit 1; }
    [ $failures -eq 0 ] || exit 1
    echo "each of $faults faults was found by its guard"
}

fresh
