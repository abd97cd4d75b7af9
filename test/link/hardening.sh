#!/bin/sh
# SPDX-License-Identifier: MIT
# How the library and the command are hardened, as the loader sees it. What a processor, a compiler or a C
# library does not have is not asked for.
# usage: hardening.sh READELF FILE...    (of an optimized build with PMEM_HARDENING, or of a distribution; .a: its marks)
set -eu
export LC_ALL=C
readelf=$1
shift
status=0
bad() { echo "$file: $1"; status=1; }

# The marks are looked for in our own objects: a file that is linked has them only if the start files of the
# C library have them, too, and those of Debian 12 have not.
marks()
{
    case $($readelf -hW "$file" | sed -n 's/ *Machine: *//p' | sort -u) in
    *X86-64*) $readelf -nW "$file" | grep -q SHSTK || bad "not marked for shadow stacks" ;;
    AArch64) $readelf -nW "$file" | grep -q 'BTI, PAC' || bad "not marked for protected branches" ;;
    esac
}

linked()
{
    dynamic=$($readelf -dW "$file")
    segments=$($readelf -lW "$file")
    imports=$($readelf --dyn-syms -W "$file" | awk '$7 == "UND" { sub(/@.*/, "", $8); print $8 }')
    echo "$segments" | grep -q GNU_RELRO || bad "no read-only relocations (-z relro)"
    echo "$dynamic" | grep -q 'NOW' || bad "bound when called (no -z now)"
    echo "$dynamic" | grep -q TEXTREL && bad "relocations in the code"
    echo "$segments" | grep -q 'GNU_STACK' || bad "does not say that its stack is no code"
    echo "$segments" | grep -qE ' (RWE|WE) ' && bad "a segment is written to and executed"
    $readelf -hW "$file" | grep -q 'Type:.*DYN' || bad "at a fixed address (no PIE)"
    echo "$imports" | grep -qE '^__stack_chk_(fail|guard|fail_local)$' || bad "no stack protector"
    ! echo "$dynamic" | grep -q 'NEEDED.*libc\.so\.6' ||
        echo "$imports" | grep -vE '^__stack_chk' | grep -qE '^__[a-z0-9_]+_chk$' || bad "no call of FORTIFY"
}

for file; do
    case $file in
    *.a) marks ;;
    *) linked ;;
    esac
done
exit $status
