#!/bin/sh
# SPDX-License-Identifier: MIT
# Each public header says, in the comment at its beginning, what holds for its object in threads, on
# cancellation, after fork(), in finalizers and in signal handlers; the contract of backends says it
# of each operation. That pmem_io_* may be called in signal handlers is looked at in the object.
# usage: promises.sh PROJECT_DIR [BUILD_DIR]
set -eu
export LC_ALL=C
cd "$1"
build=${2:-}
work=$(mktemp)
trap 'rm -f "$work"' EXIT
status=0
bad() { echo "$1"; status=1; }

title="**Threads, cancellation, fork, finalizers, signals.**"
headers=0
for header in include/pmem/*.h; do
    # version.h has two constants.
    [ "$header" != include/pmem/version.h ] && grep -q '^PMEM_API' "$header" || continue
    headers=$((headers + 1))
    comment=$(sed -n '/^\/\*\*$/,/^ \*\/$/p;/^ \*\/$/q' "$header")
    echo "$comment" | grep -qF "$title" || bad "$header: its first comment has no \"$title\""
    for subject in Threads Cancellation fork Finalizers Signals; do
        echo "$comment" | grep -qE "^ \\* - $subject: .{12}" ||
            bad "$header: its first comment has no \"- $subject: ...\""
    done
done
[ $headers -ge 9 ] || bad "only $headers headers with functions"

# Each operation of the table has a comment of its own, with these subjects.
awk '
    /^struct pmem_backend_ops/ { inside = 1 }
    !inside { next }
    /^\t\/\*/ { comment = "" }
    { comment = comment $0 "\n" }
    /^\t(int|void) \(\*[a-z_]+\)/ {
        name = $0; sub(/.*\(\*/, "", name); sub(/\).*/, "", name)
        operations++
        split("Called by,Blocks,fork,Errors,Frees", subject, ",")
        for (i = 1; i in subject; i++)
            if (comment !~ "\\* - " subject[i] ": [^\n]")
                { print FILENAME ": " name ": no \"- " subject[i] ": ...\""; failed = 1 }
        comment = ""
    }
    /^};/ { inside = 0 }
    END { if (operations < 6) print "only " operations + 0 " operations found"; exit failed || operations < 6 }' \
    lib/backend/backend.h || status=1

# signal-safety(7) has these three. The stack protector's call does not return, and is none that we make.
if [ -n "$build" ]; then
    object=$(find "$build/lib/base" -name 'io.c.o' | head -n 1)
    [ -n "$object" ] || bad "no object of lib/base/io.c in $build"
    nm -u ${object:+"$object"} | awk '{ print $NF }' | grep -vxE 'mem(cpy|move|set)|__stack_chk_(fail|guard)' >"$work" || true
    [ ! -s "$work" ] || bad "io.c.o calls what no signal handler may: $(tr '\n' ' ' <"$work")"
fi
exit $status
