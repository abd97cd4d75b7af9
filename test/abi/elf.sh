#!/bin/sh
# SPDX-License-Identifier: MIT
# What the loader sees: the name, no bad segments, few needs, and no call that a library which
# stays out of the way may make.
# usage: elf.sh LIBRARY [READELF]
set -eu
export LC_ALL=C
readelf=${2:-readelf}
status=0
bad() { echo "$1"; status=1; }

dynamic=$($readelf -dW "$1")
echo "$dynamic" | grep -q 'SONAME.*\[libpmem\.so\.3\]' || bad "SONAME is not libpmem.so.3"
echo "$dynamic" | grep -q TEXTREL && bad "relocations in the code"
echo "$dynamic" | grep -Eq 'R(UN)?PATH' && bad "a search path is built in"
echo "$dynamic" | grep -q BIND_NOW || bad "not linked with -z now"
$readelf -lW "$1" | grep -q 'GNU_STACK.*RWE' && bad "executable stack"
$readelf -lW "$1" | grep -q GNU_RELRO || bad "no read-only relocations"
for need in $(echo "$dynamic" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'); do
    case $need in
    libc.so | libc.so.* | libbsd.so.* | ld-linux* | ld64.so.* | libpthread.so.*) ;;
    *) bad "needs $need" ;;
    esac
done

# Never prints, exits, handles signals, asks who the user is, or reads the plain environment.
forbidden='v?f?printf|(__v?f?printf_chk)|puts|fputs|putchar|perror|psignal|syslog|vsyslog|stdout'
forbidden="$forbidden|stderr|exit|_exit|_Exit|quick_exit|abort|raise|__assert_fail"
forbidden="$forbidden|signal|sigaction|bsd_signal|atexit|__cxa_atexit|getenv|setenv|putenv"
forbidden="$forbidden|getuid|geteuid|getgid|getegid|err|errx|warn|warnx|verr|vwarn|system|popen"
imports=$($readelf --dyn-syms -W "$1" | awk '$7 == "UND" && $8 != "" { sub(/@.*/, "", $8); print $8 }')
[ -n "$imports" ] || bad "no imports found in $1"
# On 32-bit ARM libgcc's own division by zero calls raise().
if $readelf -hW "$1" | grep -q 'Machine:.*ARM$'; then
    imports=$(echo "$imports" | grep -vx raise)
fi
for name in $imports; do
    if echo "$name" | grep -Eqx "$forbidden"; then
        bad "calls $name"
    fi
done
exit $status
