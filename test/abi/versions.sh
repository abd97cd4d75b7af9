#!/bin/sh
# SPDX-License-Identifier: MIT
# The nodes of the version script form one chain, and the last one is that of this version. The
# linker accepts a broken chain.
# usage: versions.sh MAP VERSION
set -eu
awk -v version="$2" '
    function bad(text) { print FILENAME ": " text; failed = 1 }
    /^LIBPMEM_[0-9.]+ [{]$/ {
        if (open) bad($1 " begins inside " open)
        open = $1
    }
    /^[}]/ {
        parent = $0
        sub(/^[}] */, "", parent)
        sub(/;$/, "", parent)
        if (parent != last)
            bad(open " names the parent \"" parent "\", but the node before it is \"" last "\"")
        last = open
        open = ""
        nodes++
    }
    /^local:$/ { if (last == "") locals++; else bad(open " has a local part; only the first may") }
    END {
        split(version, part, ".")
        want = "LIBPMEM_" part[1] "." part[2]
        if (nodes == 0) bad("no node found")
        if (locals != 1) bad("the first node must say \"local: *\"")
        if (last != want) bad("the last node is " last ", the version needs " want)
        exit failed
    }' "$1"
