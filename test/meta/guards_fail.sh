#!/bin/sh
# SPDX-License-Identifier: MIT
# A guard that cannot fail guards nothing. Each guard gets a sound copy of the tree, in which it
# must pass, and then copies with one fault, in which it must fail and say the right thing.
# usage: guards_fail.sh PROJECT_DIR BUILD_DIR      (BUILD_DIR has lib/libpmem.so.3 and libpmem.a)
set -eu
export LC_ALL=C
project=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
library=$build/lib/libpmem.so.3
archive=${library%.so.3}.a
# In memory where that can be: each fault begins with a new copy of a thousand files.
work=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0
failures=0
version=$(sed -n 's/^#define PMEM_VERSION_M[AI][A-Z]* \([0-9]*\).*/\1/p' "$project/include/pmem/version.h" |
    paste -sd.)

fresh() # a sound copy of what the guards look at
{
    rm -rf "$work/tree"
    mkdir "$work/tree"
    (cd "$project" && tar -cf - --exclude=./build --exclude=./.git .) | tar -xf - -C "$work/tree"
    cp "$library" "$work/libpmem.so.3"
    cp "$archive" "$work/libpmem.a"
}

guard() # name: run the guard on the copy
{
    tree=$work/tree
    so=$work/libpmem.so.3
    map=$tree/lib/libpmem.map
    case $1 in
    symbols) set -- test/abi/symbols.sh "$tree/include" "$map" "$so" "$work/libpmem.a" \
        "$tree/debian/libpmem3.symbols" ;;
    versions) set -- test/abi/versions.sh "$map" "$version.0" ;;
    elf) set -- test/abi/elf.sh "$so" ;;
    size) set -- test/link/size.sh "$so" ;;
    hardening) set -- test/link/hardening.sh readelf "$so" "$work/libpmem.a" ;;
    relocations) set -- test/abi/relocations.sh readelf "$work"/families/* ;;
    headers) set -- test/abi/headers.sh "$tree/include" cc ;;
    plain) set -- test/abi/plain.sh "$tree/include" ;;
    pmdk) set -- test/abi/pmdk.sh "$tree/include" "$tree/lib" ;;
    sizes) set -- cc -I"$tree/include" -fsyntax-only test/abi/opts_sizes.c ;;
    sizes32) set -- clang --target=i386-linux-gnu -ffreestanding -I"$tree/include" -fsyntax-only \
        test/abi/opts_sizes.c ;;
    abi) set -- test/abi/diff.sh check "$so" "$tree/include" "$work/baseline.abi" ;;
    constants) set -- test/abi/constants.sh check "$tree/include" "$work/constants" ;;
    api) set -- cmake/api check "$tree/include" "$work/api.json" ;;
    figures) set -- python3 -B "$tree/test/figures/figures.py" check ;;
    compare) set -- python3 -B "$tree/test/figures/figures.py" compare "$work/figures" ;;
    planted) set -- python3 -B "$tree/test/planted/planted.py" check ;;
    mutants) set -- python3 -B "$tree/test/mutants/mutants.py" check ;;
    reached) set -- python3 -B "$tree/test/mutants/reached.py" check ;;
    skips) set -- cmake/count --skips "$tree/test/expected-skips" "$work/junit.xml" ;;
    commands) set -- test/tool/commands.py "$tree" ;;
    docs) set -- test/meta/docs.sh "$tree" "$build" ;;
    man) set -- test/meta/man.sh "$tree" "$work/pages" ;;
    html) set -- test/meta/html_pages.py "$tree" --html "$work/pages/man/html" ;;
    signals) set -- test/meta/promises.sh "$tree" "$work/objects" ;;
    arrows) set -- test/meta/layering.sh "$tree" "$work/objects" ;;
    *) set -- "test/meta/$1.sh" "$tree" ;;
    esac
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
    cp "$work/tree/$1" "$work/before"
    sed -i "$2" "$work/tree/$1"
    ! cmp -s "$work/before" "$work/tree/$1" || { echo "FAILED: no fault made in $1"; exit 1; }
}

# The library built from three lines, for faults that the linker would not make for us.
rebuild() # C code, linker flags...
{
    code=$1
    shift
    echo "$code" >"$work/odd.c"
    cc -shared -fPIC -O1 -o "$work/libpmem.so.3" "$work/odd.c" -Wl,-soname,libpmem.so.3 -Wl,-z,now "$@"
}

# A library of two functions, one of which takes that type.
one_prototype() # compiler, type
{
    printf '#include <stdint.h>\n#include <pmem/version.h>\nint pmem_one(%s n);\n' "$2" >"$work/one.c"
    echo "int pmem_one($2 n) { return n == 0; } const char *pmem_version(void) { return 0; }" >>"$work/one.c"
    "$1" -g -shared -fPIC -nostdlib -I"$project/include" -o "$work/libpmem.so.3" "$work/one.c"
}

fresh
"$project/test/abi/constants.sh" dump "$project/include" "$work/constants"
for name in symbols versions elf headers plain pmdk sizes constants layering lengths words promises commands; do
    sound "$name"
done

edit include/pmem/version.h 's/^PMEM_END_DECLS/PMEM_API int pmem_added(void);\n&/'
broken symbols '^-pmem_added'
edit lib/libpmem.map 's/^\tpmem_version;$//'
broken symbols '^-pmem_version'
edit debian/libpmem3.symbols '/pmem_version@/d'
broken symbols '^-pmem_version'
rebuild 'int pmem_version(void) { return 0; }'
broken symbols 'pmem_version has no version'
objcopy --globalize-symbol=error_set "$work/libpmem.a"
broken symbols '^\+error_set'

printf 'LIBPMEM_3.999 {\nglobal:\n\tpmem_new;\n};\n' >>"$work/tree/lib/libpmem.map"
broken versions 'names the parent ""'
edit lib/libpmem.map "s/LIBPMEM_$version/LIBPMEM_2.9/"
broken versions "the version needs LIBPMEM_$version"
edit lib/libpmem.map '/^local:/,/\*;/d'
broken versions 'local'

rebuild '#include <stdio.h>
void pmem_x(void); void pmem_x(void) { puts("x"); }'
broken elf 'calls puts'
rebuild '#include <stdlib.h>
char *pmem_x(void); char *pmem_x(void) { return getenv("X"); }'
broken elf 'calls getenv'
rebuild 'int pmem_x;' -Wl,-z,execstack
broken elf 'executable stack'
rebuild 'int pmem_x;' -Wl,-soname,libpmem.so.1
broken elf 'SONAME'
rebuild 'int pmem_x;' -Wl,-rpath,/tmp
broken elf 'search path'
# What the build's own flags give, and each of them lost.
sound hardening
soft='#include <string.h>
void pmem_x(char *, char *); void pmem_x(char *a, char *b) { char c[64]; strcpy(c, a); strcpy(b, c); }'
firm="-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wl,-z,relro"
# shellcheck disable=SC2086 # each is a flag
without() { rebuild "$soft" ${firm%%"$1"*} ${firm##*"$1"} "${2:--g}"; }
without -fstack-protector-strong -fno-stack-protector
broken hardening 'no stack protector'
without -D_FORTIFY_SOURCE=2 -U_FORTIFY_SOURCE
broken hardening 'no call of FORTIFY'
without -Wl,-z,relro -Wl,-z,norelro
broken hardening 'no read-only relocations'
without -none -Wl,-z,lazy
broken hardening 'bound when called'
without -none -Wl,-z,execstack
broken hardening 'written to and executed'
case $(cc -dumpmachine) in
x86_64-*) unmarked=-fcf-protection=none ;;
aarch64-*) unmarked=-mbranch-protection=none ;;
*) unmarked= ;;
esac
if [ -n "$unmarked" ]; then
    cc -c $unmarked -o "$work/soft.o" "$work/odd.c"
    rm "$work/libpmem.a"
    ar rc "$work/libpmem.a" "$work/soft.o"
    broken hardening 'not marked for'
fi
rebuild 'double sin(double); double pmem_x(double a) { return sin(a); }' -fno-builtin -lm
broken elf 'needs libm'

if [ "$(cc -dumpmachine | cut -d- -f1)" = x86_64 ]; then
    sound size
    rebuild 'const char *pmem_x[300] = { [0 ... 299] = "x" };'
    broken size 'has 30[0-9] addresses to write'
    rebuild 'const char pmem_x[330000] = "x"; const char *pmem_y = pmem_x;'
    broken size 'more than 312 KiB'
fi
mkdir "$work/families"
cp "$build"/lib/soc/families/CMakeFiles/pmem_families.dir/*.o "$work/families"
sound relocations
echo 'extern const char *const a[]; const char *const a[] = { "a", "b" };' >"$work/odd.c"
cc -c -fPIC -o "$work/families/odd.o" "$work/odd.c"
broken relocations 'odd.o has pointers in its data'

edit include/pmem/version.h '/#include <pmem\/types.h>/d'
broken headers 'does not compile'
edit include/pmem/pmem.h '/pmem\/vaddr.h/d'
broken headers 'does not include'
edit include/pmem/types.h 's/^struct pmem_ctx;/enum pmem_kind { PMEM_KIND_A };\n&/'
broken headers 'an enum'
edit include/pmem/types.h 's/^struct pmem_ctx;/struct pmem_odd { int member; };\n&/'
broken headers 'not opaque'
edit include/pmem/firmware.h 's/^\tuint32_t size; .*/\tsize_t size;/'
broken headers 'do not begin with size'
edit include/pmem/version.h 's/^PMEM_END_DECLS/PMEM_API void pmem_say(const char *, ...);\n&/'
broken headers 'varargs'
edit include/pmem/region.h 's/__typeof__/typeof/'
broken headers 'the macros do not compile'

# Each kind of parameter that some language cannot pass.
added() { edit include/pmem/version.h "s/^PMEM_END_DECLS/$1;\n&/"; }
added 'PMEM_API int pmem_odd(unsigned n)'
broken plain 'pmem_odd: the parameter "unsigned n"'
added 'PMEM_API int pmem_odd(const char *name, unsigned int n)'
broken plain '"unsigned int n"'
added 'PMEM_API int pmem_odd(struct pmem_ctx *ctx, int size)'
broken plain '"int size"'
added 'PMEM_API int pmem_odd(long count)'
broken plain '"long count"'
added 'PMEM_API int pmem_odd(_Bool on)'
broken plain '"_Bool on"'
added 'PMEM_API int pmem_odd(enum pmem_kind kind)'
broken plain '"enum pmem_kind kind"'
added 'PMEM_API int pmem_odd(struct pmem_alloc_opts opts)'
broken plain '"struct pmem_alloc_opts opts"'
added 'PMEM_API int pmem_odd(const char *format, ...)'
broken plain '"..."'
added 'PMEM_API int pmem_odd(int (*call)(void *user))'
broken plain 'a pointer to a function'
added 'PMEM_API unsigned pmem_odd(void)'
broken plain 'the result unsigned'
added 'PMEM_API struct pmem_alloc_opts pmem_odd(void)'
broken plain 'the result struct pmem_alloc_opts'
added 'typedef int pmem_odd_fn(void *user, unsigned long size)'
broken plain 'pmem_odd_fn: the parameter "unsigned long size"'
edit include/pmem/region.h 's/^\tuint64_t max_addr;/\tunsigned early;\n&/'
broken plain 'without a fixed width'

edit include/pmem/region.h 's/^\tuint64_t max_addr;/\tuint32_t early;\n&/'
broken sizes 'has moved'
if command -v clang >/dev/null; then
    sound sizes32
    edit include/pmem/region.h '/^\tvoid \*reserved;/d'
    broken sizes32 'padding struct|another size'
fi

# Two constants that change their numbers, a cause, a flag and a direction; and one that goes.
edit include/pmem/error.h 's/^\(#define PMEM_CAUSE_BUSY \+\)28u/\129u/;s/^\(#define PMEM_CAUSE_WRONG_KIND \+\)29u/\128u/'
broken constants '^\+PMEM_CAUSE_BUSY 0x1d'
edit include/pmem/region.h 's/^\(#define PMEM_ALLOC_CACHED .*<< \)3/\14/;s/^\(#define PMEM_ALLOC_UNCACHED .*<< \)4/\13/'
broken constants '^\+PMEM_ALLOC_CACHED 0x10'
edit include/pmem/region.h 's/^\(#define PMEM_DIR_READ \+\)1u/\12u/;s/^\(#define PMEM_DIR_WRITE \+\)2u/\11u/'
broken constants '^\+PMEM_DIR_READ 0x2'
edit include/pmem/region.h '/^#define PMEM_DIR_BOTH/d'
broken constants '^-PMEM_DIR_BOTH'

# The description that bindings are checked with: a function that goes, arguments and results that change
# in ways that no compiler sees, numbers, and members of options that move.
if python3 -c 'import pycparser' 2>/dev/null || /usr/bin/python3 -c 'import pycparser' 2>/dev/null; then
    "$project/cmake/api" dump "$project/include" "$work/api.json"
    sound api
    edit include/pmem/version.h '/^PMEM_API uint32_t pmem_version_number/d'
    broken api '^-.*"pmem_version_number"'
    edit include/pmem/soc.h 's/pmem_soc_page_size(const struct pmem_ctx \*ctx)/pmem_soc_page_size(const struct pmem_ctx *ctx, uint32_t kind)/'
    broken api '^\+.*"pmem_soc_page_size".*"kind", "type": "uint32_t"'
    edit include/pmem/vaddr.h 's/pmem_vaddr_phys(struct pmem_ctx \*ctx, const void \*addr, uint64_t/&32_t/;s/uint64_t32_t/uint32_t/'
    broken api '^\+.*"pmem_vaddr_phys".*"type": "uint32_t \*"'
    edit include/pmem/region.h 's/the region, borrowed: another/the region: another/'
    broken api '^\+.*"pmem_region_find".*"ownership": "caller"'
    edit include/pmem/error.h 's/^\(#define PMEM_CAUSE_BUSY \+\)28u/\134u/'
    broken api '^\+.*"PMEM_CAUSE_BUSY", "value": "0x22"'
    edit include/pmem/region.h '/^\tuint64_t align; /{h;d};/^\tuint64_t max_addr; /G'
    broken api '^\+.*"pmem_alloc_opts".*"max_addr": 8, "align": 16'
    edit include/pmem/region.h 's/^\tvoid \*reserved;/\tuint64_t later;\n&/'
    broken api '^\+.*"pmem_alloc_opts".*"i386": \{"size": 72'
    edit include/pmem/version.h 's/^PMEM_END_DECLS/PMEM_API int pmem_odd(long double **what);\n&/'
    broken api 'pmem_odd: no rule'
fi

edit include/pmem/version.h 's/^PMEM_END_DECLS/PMEM_API void pmem_flush(void);\n&/'
broken pmdk 'pmem_flush'
edit include/pmem/version.h 's/^#define PMEM_VERSION_H/#define LIBPMEM_H/'
broken pmdk 'LIBPMEM_H'

edit lib/base/error.c 's/^#include "base\/error.h"/&\n#include "backend.h"/'
broken layering 'base/error.c includes "backend.h" without its folder'
edit lib/base/error.c 's/^#include "base\/error.h"/&\n#include "..\/backend\/backend.h"/'
broken layering "not by its layer's name"
edit lib/base/error.c 's/^#include "base\/error.h"/&\nstatic int f(void) { return ioctl(0, 0); }/'
broken layering 'makes a system call'
cp "$work/tree/lib/base/log.c" "$work/tree/lib/os/log.c"
broken layering 'two files called: log.c'

fresh
mkdir "$work/objects"
(cd "$build" && find lib -name '*.o' -path '*/pmem_*' | tar -cf - -T -) | tar -xf - -C "$work/objects"
sound arrows
echo 'int backend_find(void); int upwards(void) { return backend_find(); }' >"$work/tree/lib/base/upwards.c"
cc -c -o "$work/objects/lib/base/CMakeFiles/pmem_base.dir/upwards.c.o" "$work/tree/lib/base/upwards.c"
broken arrows 'base/upwards.c.o calls backend_find of backend/choice/table.c.o'
for way in "hither thither" "thither hither"; do
    echo "int ${way#* }(void); int ${way% *}(void) { return ${way#* }(); }" >"$work/tree/lib/base/${way% *}.c"
    cc -c -o "$work/objects/lib/base/CMakeFiles/pmem_base.dir/${way% *}.c.o" "$work/tree/lib/base/${way% *}.c"
done
broken arrows 'in a circle: base/hither.c.o base/thither.c.o'
rm -rf "$work/objects"

awk 'BEGIN { while (i++ < 501) print "int v" i ";" }' >"$work/tree/lib/base/long.c"
broken lengths 'long.c: more than 500 lines'
awk 'BEGIN { print "void f(void)\n{"; while (i++ < 61) print "\tg();"; print "}" }' \
    >"$work/tree/lib/base/long.c"
broken lengths 'a function of 61 lines'

edit lib/base/error.c 1d
broken words 'SPDX'
edit lib/base/error.c "s/^#include \"base.error.h\"/\\/* TO""DO *\\/\\n&/"
broken words 'left half done'

# A command in a hint, one in a document, a setting; and one that is listed and stands nowhere.
edit lib/pages/frames.c 's/"try again"/"modprobe pagemap, then try again"/'
broken commands 'lib/pages/frames.c: neither run nor listed: modprobe pagemap'
echo 'As root: sysctl vm.overcommit_memory=1' >>"$work/tree/docs/pages.md"
broken commands 'docs/pages.md: neither run nor listed: sysctl vm.overcommit_memory=1'
edit lib/backend/dmabuf/ion.c 's/"a udev rule can give it to a group"/"KERNEL==\\"ion\\", RUN+=\\"chmod 666\\""/'
broken commands 'ion.c: neither run nor listed: KERNEL=="ion"'
edit README.md "s/^libpmem maps/Set LIBPMEM_COLOUR. &/"
broken commands 'README.md: neither run nor listed: LIBPMEM_COLOUR'
edit lib/pages/frames.c 's/mount -t proc proc/mount it at/'
broken commands 'stands nowhere: mount -t proc'

if command -v abidw >/dev/null; then
    test/abi/diff.sh dump "$library" "$project/include" "$work/baseline.abi" 2>/dev/null ||
        "$project/test/abi/diff.sh" dump "$library" "$project/include" "$work/baseline.abi"
    sound abi
    rebuild 'const char *pmem_version(void) { return ""; }' -g
    broken abi 'ABI differs'
    # One prototype, for this processor and for another.
    for compiler in cc aarch64-linux-gnu-gcc; do
        command -v $compiler >/dev/null || continue
        one_prototype $compiler uint32_t
        "$project/test/abi/diff.sh" dump "$work/libpmem.so.3" "$project/include" "$work/baseline.abi"
        sound abi
        one_prototype $compiler uint64_t
        broken abi "parameter 1 of type 'typedef uint32_t' changed"
    done
fi

rm -rf "$work/tree/docs/man"
broken docs 'has 0 pages'
edit include/pmem/version.h 's/@since 3.0//'
broken docs 'no @since: pmem_version'
edit include/pmem/version.h 's/^PMEM_END_DECLS/\/** @since 3.0 *\/\nPMEM_API int pmem_unsung(void);\n&/'
broken docs 'pmem_unsung is not named'
edit include/pmem/version.h 's/^PMEM_END_DECLS/\/** @since 3.0 *\/\nPMEM_API int pmem_unsung(void);\n&/'
broken docs 'pmem_unsung is called by no test'

if [ -d "$build/man/man3" ]; then
    mkdir "$work/pages"
    pages() { rm -rf "$work/pages/man" && cp -R "$build/man" "$work/pages"; }
    pages
    sound man
    edit lib/libpmem.map 's/^\tpmem_version;$/&\n\tpmem_unsung;/'
    broken man 'pmem_unsung has no page'
    edit include/pmem/region.h 's/^#define PMEM_DIR_BOTH/#define PMEM_DIR_NONE 0u\n&/'
    broken man 'does not have PMEM_DIR_NONE'
    edit include/pmem/region.h 's/^\tvoid \*reserved;/\tuint64_t more;\n&/'
    broken man 'does not have more of struct pmem_alloc_opts'
    sed -i '/^\.El$/d' "$work/pages/man/man3/pmem_region.3"
    broken man 'pmem_region.3.*ERROR'
    pages
    echo '.so man3/pmem_io.3' >"$work/pages/man/man3/pmem_region_map.3"
    broken man 'pmem_region_map has no page'

    pages
    sound html
    html=$work/pages/man/html
    rm "$html/guide_rules.html"
    broken html 'dead link guide_rules.html'
    pages
    sed -i 's/ id="[a-z0-9]*" name/ name/g; s/ name="a[a-z0-9]*"//g' "$html/soc_8h.html"
    broken html 'no such place in that page'
    pages
    sed -i 's|<td class="mdescRight">Unmap and give back.*|<td class="mdescRight"><br /></td></tr>|' "$html/region_8h.html"
    broken html 'pmem_region_close has no entry with words'
    pages
    sed -i 's|guide_costs.html|guide_rules.html|g' "$html"/*.html
    broken html 'nothing leads to guide_costs.html'
    pages
    sed -i 's|Overview|[Overview](index.html)|' "$html/files.html"
    broken html 'files.html shows'
fi

edit include/pmem/vaddr.h '/^ \* - Cancellation/d'
broken promises 'vaddr.h: its first comment has no "- Cancellation: ..."'
edit include/pmem/soc.h 's/^ \* \*\*Threads, cancellation.*/ * Words/'
broken promises 'soc.h: its first comment has no "\*\*Threads'
sed 's/^#define PMEM_SELFTEST_H/&_2/;s/^#ifndef PMEM_SELFTEST_H/&_2/;/^ \* - /d' \
    "$work/tree/include/pmem/selftest.h" >"$work/tree/include/pmem/later.h"
broken promises 'later.h: its first comment has no "- Signals'
edit lib/backend/backend.h '/^\t \* - fork: the memory must be kept/,/^\t \* *it is when/d'
broken promises 'alloc: no "- fork: ..."'
edit lib/backend/backend.h 's/^\tint (\*forget)/\tint (*added)(void);\n&/'
broken promises 'forget: no "- Called by: ..."'
mkdir -p "$work/objects/lib/base"
echo 'int printf(const char *, ...); void io_fill(void); void io_fill(void) { printf("%d", 1); }' >"$work/io.c"
cc -c -o "$work/objects/lib/base/io.c.o" "$work/io.c"
broken signals 'io.c.o calls .* printf'
rm -rf "$work/objects"

junit() { printf '<testsuite><testcase name="a" status="run"/>%s</testsuite>' "$1" \
    >"$work/junit.xml"; }
junit ''
: >"$work/tree/test/expected-skips"
sound skips
junit '<testcase name="b" status="notrun"><skipped message="x"/></testcase>'
: >"$work/tree/test/expected-skips"
broken skips 'junit/b .*not expected'
echo 'c: reason' >"$work/tree/test/expected-skips"
junit ''
broken skips 'c .*did not skip'
: >"$work/tree/test/expected-skips"
printf '<testsuite></testsuite>' >"$work/junit.xml"
broken skips 'no test ran'
: >"$work/tree/test/expected-skips"
junit '<testcase name="b" status="fail"><failure message="x"/></testcase>'
broken skips '^FAILED: junit/b'

figures() # text: of docs/testing.md, and what is kept
{
    echo 'a.b | ci | s | What | command' >"$work/tree/test/figures/rows"
    printf 'a.b\t1000\n' >"$work/tree/test/figures/kept"
    printf '%s\n' '<!-- figures: s -->' '| what | how much | made by |' '|---|---:|---|' "$1" '<!-- end -->' \
        >"$work/tree/docs/testing.md"
}
row="| What | 1,000 | \`command\` |"
figures "$row"
sound figures
figures "| What | 2,000 | \`command\` |"
broken figures 'not what .test/figures'
figures "$row"
: >"$work/tree/test/figures/kept"
broken figures 'a.b: no figure is kept'
figures "$row"
printf 'a.b\t400\na.b\t500\n' >"$work/figures"
sound compare
figures "$row"
printf 'a.b\t899\n' >"$work/figures"
broken compare 'a.b: 899, far less than the 1000'
figures "$row"
: >"$work/figures"
broken compare 'made no such figure'
fresh
sound planted
edit lib/pages/ways.c 's/t->size > t->want->align/t->want->align < t->size/'
broken planted 'wrong-alignment: .* 0 times'
fresh
sound mutants
echo 'lib/base/log.c ~ log_write ~ if (gone) ~ if (!gone) ~ text: only words' >>"$work/tree/test/mutants/explained"
broken mutants 'no such line: log_write: if .gone.'
sound reached
echo 'lib/base/log.c ~ log_write ~ gone(); ~ only words' >>"$work/tree/test/mutants/uncovered"
broken reached 'no such line: log_write: gone..'

[ $faults -gt 30 ] || { echo "only $faults faults tried"; exit 1; }
[ $failures -eq 0 ] || exit 1
echo "each of $faults faults was found by its guard"
