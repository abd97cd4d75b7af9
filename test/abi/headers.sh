#!/bin/sh
# SPDX-License-Identifier: MIT
# Each public header compiles alone and twice, as C99 and as C++, without a warning, and says
# nothing that differs between compilers or is not for every language. The umbrella has them all.
# usage: headers.sh INCLUDE_DIR COMPILER...     (a name that ends in ++ is a C++ compiler)
set -eu
include=$1
shift
status=0
bad() { echo "$1"; status=1; }
strict="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wundef -Werror -fsyntax-only"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compiled=0

for header in "$include"/pmem/*.h; do
    name=pmem/${header##*/}
    printf '#include <%s>\n#include <%s>\nextern int used;\nint used;\n' "$name" "$name" \
        >"$work/one.c"
    cp "$work/one.c" "$work/one.cc"
    for compiler in "$@"; do
        case $compiler in
        *++) language="-std=c++11 -x c++" ;;
        *) language="-std=c99 -Wstrict-prototypes -x c" ;;
        esac
        # shellcheck disable=SC2086 # lists of words
        "$compiler" $language $strict -I"$include" "$work/one.c" ||
            bad "$name does not compile with $compiler"
        compiled=$((compiled + 1))
    done
    [ "$name" = pmem/pmem.h ] || grep -q "#include <$name>" "$include/pmem/pmem.h" ||
        bad "pmem/pmem.h does not include <$name>"
done
[ $compiled -gt 0 ] || bad "nothing compiled"

# The header for C++ alone, in the oldest and the newest language that users have.
printf '#include <pmem/pmem.hpp>\n#include <pmem/pmem.hpp>\nint main() { pmem::context().alloc(1); }\n' \
    >"$work/owners.cc"
for compiler in "$@"; do
    for language in c++11 c++20; do
        case $compiler in
        *++) # shellcheck disable=SC2086 # lists of words
            "$compiler" -std=$language -Wold-style-cast $strict -I"$include" "$work/owners.cc" ||
                bad "pmem/pmem.hpp does not compile with $compiler -std=$language" ;;
        esac
    done
done

# The macros, as programs use them.
cat >"$work/macros.c" <<'EOT'
#include <pmem/pmem.h>
struct block { volatile uint32_t set; uint64_t wide; };
int use(struct pmem_ctx *ctx, struct pmem_region *region);
int use(struct pmem_ctx *ctx, struct pmem_region *region)
{
	volatile struct block *first = PMEM_REGION_AS(region, volatile struct block);
	size_t count;
	const uint64_t *words = PMEM_REGION_ARRAY(region, uint64_t, &count);
	struct block *block;
	volatile struct block *registers;
	struct pmem_region *one, *two;
	int r = PMEM_MAP_AS(ctx, 0x3f200000, &block, &one);
	if (r == 0)
		r = PMEM_MAP_AS(ctx, 0x3f200000, &registers, &two);
	return r == 0 && first && words ? (int)registers->set : r;
}
EOT
cp "$work/macros.c" "$work/macros.cc"
for compiler in "$@"; do
    case $compiler in
    *++) language="-std=c++11 -x c++" ;;
    *) language="-std=c99 -Wstrict-prototypes -Wcast-align -x c" ;;
    esac
    # shellcheck disable=SC2086 # lists of words
    "$compiler" $language $strict -I"$include" "$work/macros.c" ||
        bad "the macros do not compile with $compiler"
done

# The code without its comments: what foreign-function interfaces cannot express.
cat "$include"/pmem/*.h | tr '\n\t' '  ' | sed 's@/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/@ @g' |
    tr -s ' ' >"$work/code"
grep -qw enum "$work/code" && bad "an enum: its size differs between compilers"
grep -Eqw 'bool|_Bool' "$work/code" && bad "a bool: its size differs between compilers"
grep -Eq '[a-z_0-9] *: *[0-9]+ *;' "$work/code" && bad "a bit-field"
grep -q '\.\.\. *)' "$work/code" && bad "varargs"
grep -qE 'static (inline )?[a-z]' "$work/code" && bad "a static function"
# Structs with a body are options, and begin with their size; or they are a row of an array that a
# program gives, and never grow.
grep -Eo 'struct [a-z_0-9]+ *\{ *[a-z_0-9]+ [^;]*;' "$work/code" >"$work/structs" || true
while IFS= read -r struct; do
    case $struct in
    "struct pmem_"*"_opts { uint32_t size;") ;;
    "struct pmem_extent { uint64_t offset;") ;;
    *) bad "not opaque, or options that do not begin with size: $struct" ;;
    esac
done <"$work/structs"
exit $status
