#!/bin/sh
# SPDX-License-Identifier: MIT
# No source file over 500 lines (from about 400 on ask whether it holds two ideas), no function over 60.
# usage: lengths.sh PROJECT_DIR
set -eu
cd "$1"
# Functions begin and end with a brace in column 0: the style of this project.
find . \( -name build -o -name .git -o -name '.pc' \) -prune -o -type f \
    \( -name '*.[ch]' -o -name '*.cc' -o -name '*.py' -o -name '*.rs' ! -name generated.rs -o -name '*.sh' -o -name '*.cmake' \
    -o -path './cmake/*' -o -path './.ci/*' -o -name CMakeLists.txt \) -print |
    sort >"${TMPDIR:-/tmp}/lengths.$$"
trap 'rm -f "${TMPDIR:-/tmp}/lengths.$$"' EXIT
xargs awk '
    function bad(text) { print text; failed = 1 }
    FNR == 1 { files++; begin = 0 }
    FNR == 501 { bad(FILENAME ": more than 500 lines") }
    FILENAME !~ /\.(c|h|cc)$/ { next }
    /^{/ { begin = FNR }
    /^}/ && begin {
        functions++
        if (FNR - begin - 1 > 60)
            bad(FILENAME ":" begin ": a function of " FNR - begin - 1 " lines")
        begin = 0
    }
    END {
        if (files < 20 || functions < 50)
            bad("only " files + 0 " files and " functions + 0 " functions found")
        if (!failed) print files " files, " functions " functions"
        exit failed
    }' <"${TMPDIR:-/tmp}/lengths.$$"
