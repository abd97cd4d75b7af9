#!/bin/sh
# SPDX-License-Identifier: MIT
# What a user does with the installed packages: the example of README.md, with the command that
# README.md shows; the main job from Python, by dlopen and by the module as docs/bindings.md shows; the
# tool.
# usage: smoke.sh PROJECT_DIR     (README.md, docs and test/package are read there)
# For packages that are unpacked elsewhere, the caller sets PKG_CONFIG_PATH,
# PKG_CONFIG_SYSROOT_DIR, LD_LIBRARY_PATH and PATH.
set -eu
project=$(cd "$1" && pwd)
readme=$project/README.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
bad() { echo "FAILED: $1"; exit 1; }

# The first C block of the README, and the command of the README that compiles it.
awk '/^```c$/ { if (n++) exit; on = 1; next } /^```$/ { on = 0 } on' "$readme" >example.text
[ -s example.text ] || bad "README.md has no C example"
words='pkg-config --cflags --libs libpmem'
# In a block of its own, or between backquotes.
command=$(grep -oE "(^[ \$]*|\`)g?cc [^\`]*${words}[^\`]*" "$readme" | head -n 1 |
    sed 's/^[ $`]*//')
[ -n "$command" ] || bad "README.md has no command with pkg-config --cflags --libs libpmem"
source=$(echo "$command" | grep -oE '[A-Za-z0-9_-]+\.c' | head -n 1)
program=$(echo "$command" | sed -n 's/.* -o *\([^ ]*\).*/\1/p')
mv example.text "$source"
echo "$command"
# Only the first command of the line: the rest may run the program with sudo.
sh -c "${command%%&&*}" || bad "the README's example does not compile"
readelf -d "${program:-a.out}" | grep -q 'libpmem\.so\.3' || bad "not linked with libpmem.so.3"

# CAP_SYS_ADMIN is bit 21 of the effective set (linux/capability.h): the kernel shows physical
# addresses to those who have it. Root in a container often has not, and then an explained refusal is right.
may_see_addresses()
{
    caps=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
    [ $((0x$caps >> 21 & 1)) -eq 1 ] && grep -q ' 4294967295$' /proc/self/uid_map
}

# The first Python block of the document. Debian's own interpreter: others have no dist-packages.
awk '/^```python$/ { if (n++) exit; on = 1; next } /^```$/ { on = 0 } on' "$project/docs/bindings.md" >seven.py
[ -s seven.py ] || bad "docs/bindings.md has no Python example"

if may_see_addresses; then
    "./${program:-a.out}" || bad "the README's example: exit $?"
    python3 "$project/test/package/main_job.py" || bad "the main job from Python"
    /usr/bin/python3 seven.py || bad "the Python module"
    physmem selftest --size 64K || bad "physmem selftest"
else
    # It must explain itself, not crash.
    status=0
    "./${program:-a.out}" >said 2>&1 || status=$?
    [ $status -lt 126 ] || bad "the README's example: exit $status"
    [ -s said ] || bad "the README's example says nothing"
    python3 "$project/test/package/main_job.py" --refused || bad "Python, as a user"
    ! /usr/bin/python3 seven.py 2>said || bad "the Python module, as a user, has an address"
    grep -q '^libpmem.*Error: ..' said || bad "the Python module explains nothing: $(cat said)"
fi
physmem info >said || bad "physmem info"
[ -s said ] || bad "physmem info says nothing"
physmem --version | grep -q 3 || bad "physmem --version"
echo "ok: README example, Python, physmem"
