#!/bin/sh
# SPDX-License-Identifier: MIT
# Guards of headers, symbols and the built library can fail; see guards.sh.
# usage: guards_abi_fail.sh PROJECT_DIR BUILD_DIR
# shellcheck source=test/meta/guards.sh
. "$1/test/meta/guards.sh"
version=$(sed -n 's/^#define PMEM_VERSION_M[AI][A-Z]* \([0-9]*\).*/\1/p' "$project/include/pmem/version.h" |
    paste -sd.)
so=$work/libpmem.so.3
map=$tree/lib/libpmem.map

guard() # name
{
    case $1 in
    symbols) run_guard test/abi/symbols.sh "$tree/include" "$map" "$so" "$work/libpmem.a" \
        "$tree/debian/libpmem3.symbols" ;;
    versions) run_guard test/abi/versions.sh "$map" "$version.0" ;;
    elf) run_guard test/abi/elf.sh "$so" ;;
    size) run_guard test/link/size.sh "$so" ;;
    hardening) run_guard test/link/hardening.sh readelf "$so" "$work/libpmem.a" ;;
    relocations) run_guard test/abi/relocations.sh readelf "$work"/families/* ;;
    headers) run_guard test/abi/headers.sh "$tree/include" cc ;;
    plain) run_guard test/abi/plain.sh "$tree/include" ;;
    pmdk) run_guard test/abi/pmdk.sh "$tree/include" "$tree/lib" ;;
    sizes) run_guard cc -I"$tree/include" -fsyntax-only test/abi/opts_sizes.c ;;
    sizes32) run_guard clang --target=i386-linux-gnu -ffreestanding -I"$tree/include" -fsyntax-only \
        test/abi/opts_sizes.c ;;
    abi) run_guard test/abi/diff.sh check "$so" "$tree/include" "$work/baseline.abi" ;;
    constants) run_guard test/abi/constants.sh check "$tree/include" "$work/constants" ;;
    api) run_guard cmake/api check "$tree/include" "$work/api.json" ;;
    esac
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

"$project/test/abi/constants.sh" dump "$project/include" "$work/constants"
for name in symbols versions elf headers plain pmdk sizes constants; do
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

printf 'LIBPMEM_3.999 {\nglobal:\n\tpmem_new;\n};\n' >>"$tree/lib/libpmem.map"
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

all_found
