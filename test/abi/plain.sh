#!/bin/sh
# SPDX-License-Identifier: MIT
# Every language can call every function: prototypes, and the types of callbacks, are made of
# fixed-width integers, size_t, text, and pointers to those and to our own structures. An int is a
# result or a file descriptor. Anything else (a bare unsigned, long, bool, an enum, a struct by
# value, varargs) is refused: its size differs, or foreign-function interfaces cannot express it.
# usage: plain.sh INCLUDE_DIR
set -eu
export LC_ALL=C
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One declaration a line, without comments: "kind result name(parameters)".
cat "$1"/pmem/*.h | sed -e 's@//.*@@' -e '/^[[:space:]]*#/d' | tr '\n\t' '  ' |
    sed -e 's@/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/@ @g' -e 's/[;{}]/&\n/g' >"$work/code"
grep -oE '(PMEM_API|typedef) [^;]*\([^;]*\) *;' "$work/code" >"$work/declarations" || true
awk '
    function bad(what) { print name ": " what; failed = 1 }
    function trimmed(s) { gsub(/[ ]+/, " ", s); gsub(/^ | $/, "", s); gsub(/ ?\* ?/, "*", s); return s }
    # The type without const and volatile, which change no call.
    function plain(type) {
        gsub(/(const|volatile)/, "", type)
        type = trimmed(type)
        return type ~ /^(uint(8|16|32|64)_t|size_t)\*?$/ || type ~ /^char\*\*?$/ || type == "void*" ||
            type ~ /^struct pmem_[a-z0-9_]+\*\*?$/ || type ~ /^pmem_[a-z0-9_]+_fn\*$/
    }
    {
        split($0, half, "(")
        name = half[1]; sub(/ *$/, "", name); sub(/.*[ *]/, "", name)
        result = half[1]; sub(/^(PMEM_API|typedef) /, "", result); sub(name " *$", "", result)
        result = trimmed(result)
        if (result != "int" && result != "void" && !plain(result)) bad("the result " result)
        parameters = $0; sub(/[^(]*\(/, "", parameters); sub(/\) *;$/, "", parameters)
        if (parameters ~ /\(/) bad("a pointer to a function without a name of its own")
        count = split(parameters, parameter, ",")
        for (i = 1; i <= count; i++) {
            one = trimmed(parameter[i])
            if (one == "void" && count == 1) continue
            type = one
            if (!sub(/[a-z_0-9]+$/, "", type) || trimmed(type) == "") { bad("the parameter \"" one "\""); continue }
            if (trimmed(type) == "int" && one ~ /[ _]fd$/) continue
            if (!plain(type)) bad("the parameter \"" one "\"")
        }
        if ($1 == "PMEM_API") functions++
    }
    END { print functions + 0 > "/dev/stderr"; exit failed }' "$work/declarations" 2>"$work/count" || exit 1
# Members of structs.
if grep -wE 'unsigned|signed|long|short|float|double|_?[Bb]ool|enum|union' "$work/code"; then
    echo "a type without a fixed width"
    exit 1
fi
seen=$(cat "$work/count")
all=$("$here/prototypes" "$1" | wc -l)
[ "$seen" -gt 50 ] && [ "$seen" -eq "$all" ] || { echo "$seen of $all functions were looked at"; exit 1; }
echo "$seen functions are plain"
