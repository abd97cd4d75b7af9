#!/bin/sh
# SPDX-License-Identifier: MIT
# Guards of sources, documents and figures can fail; see guards.sh.
# usage: guards_tree_fail.sh PROJECT_DIR BUILD_DIR
# shellcheck source=test/meta/guards.sh
. "$1/test/meta/guards.sh"

guard() # name
{
    case $1 in
    figures) run_guard python3 -B "$tree/test/figures/figures.py" check ;;
    compare) run_guard python3 -B "$tree/test/figures/figures.py" compare "$work/figures" ;;
    planted) run_guard python3 -B "$tree/test/planted/planted.py" check ;;
    mutants) run_guard python3 -B "$tree/test/mutants/mutants.py" check ;;
    reached) run_guard python3 -B "$tree/test/mutants/reached.py" check ;;
    skips) run_guard cmake/count --skips "$tree/test/expected-skips" "$work/junit.xml" ;;
    commands) run_guard test/tool/commands.py "$tree" ;;
    docs) run_guard test/meta/docs.sh "$tree" "$build" ;;
    man) run_guard test/meta/man.sh "$tree" "$work/pages" ;;
    html) run_guard test/meta/html_pages.py "$tree" --html "$work/pages/man/html" ;;
    signals) run_guard test/meta/promises.sh "$tree" "$work/objects" ;;
    arrows) run_guard test/meta/layering.sh "$tree" "$work/objects" ;;
    *) run_guard "test/meta/$1.sh" "$tree" ;;
    esac
}

for name in layering lengths words promises commands; do
    sound "$name"
done

edit lib/base/error.c 's/^#include "base\/error.h"/&\n#include "backend.h"/'
broken layering 'base/error.c includes "backend.h" without its folder'
edit lib/base/error.c 's/^#include "base\/error.h"/&\n#include "..\/backend\/backend.h"/'
broken layering "not by its layer's name"
edit lib/base/error.c 's/^#include "base\/error.h"/&\nstatic int f(void) { return ioctl(0, 0); }/'
broken layering 'makes a system call'
cp "$tree/lib/base/log.c" "$tree/lib/os/log.c"
broken layering 'two files called: log.c'

fresh
mkdir "$work/objects"
(cd "$build" && find lib -name '*.o' -path '*/pmem_*' | tar -cf - -T -) | tar -xf - -C "$work/objects"
sound arrows
echo 'int backend_find(void); int upwards(void) { return backend_find(); }' >"$tree/lib/base/upwards.c"
cc -c -o "$work/objects/lib/base/CMakeFiles/pmem_base.dir/upwards.c.o" "$tree/lib/base/upwards.c"
broken arrows 'base/upwards.c.o calls backend_find of backend/choice/table.c.o'
for way in "hither thither" "thither hither"; do
    echo "int ${way#* }(void); int ${way% *}(void) { return ${way#* }(); }" >"$tree/lib/base/${way% *}.c"
    cc -c -o "$work/objects/lib/base/CMakeFiles/pmem_base.dir/${way% *}.c.o" "$tree/lib/base/${way% *}.c"
done
broken arrows 'in a circle: base/hither.c.o base/thither.c.o'
rm -rf "$work/objects"

awk 'BEGIN { while (i++ < 501) print "int v" i ";" }' >"$tree/lib/base/long.c"
broken lengths 'long.c: more than 500 lines'
awk 'BEGIN { print "void f(void)\n{"; while (i++ < 61) print "\tg();"; print "}" }' \
    >"$tree/lib/base/long.c"
broken lengths 'a function of 61 lines'

edit lib/base/error.c 1d
broken words 'SPDX'
edit lib/base/error.c "s/^#include \"base.error.h\"/\\/* TO""DO *\\/\\n&/"
broken words 'left half done'

# A command in a hint, one in a document, a setting; and one that is listed and stands nowhere.
edit lib/pages/frames.c 's/"try again"/"modprobe pagemap, then try again"/'
broken commands 'lib/pages/frames.c: neither run nor listed: modprobe pagemap'
echo 'As root: sysctl vm.overcommit_memory=1' >>"$tree/docs/pages.md"
broken commands 'docs/pages.md: neither run nor listed: sysctl vm.overcommit_memory=1'
edit lib/backend/dmabuf/ion.c 's/"a udev rule can give it to a group"/"KERNEL==\\"ion\\", RUN+=\\"chmod 666\\""/'
broken commands 'ion.c: neither run nor listed: KERNEL=="ion"'
edit README.md "s/^libpmem maps/Set LIBPMEM_COLOUR. &/"
broken commands 'README.md: neither run nor listed: LIBPMEM_COLOUR'
edit lib/pages/frames.c 's/mount -t proc proc/mount it at/'
broken commands 'stands nowhere: mount -t proc'

rm -rf "$tree/docs/man"
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
    "$tree/include/pmem/selftest.h" >"$tree/include/pmem/later.h"
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
: >"$tree/test/expected-skips"
sound skips
junit '<testcase name="b" status="notrun"><skipped message="x"/></testcase>'
: >"$tree/test/expected-skips"
broken skips 'junit/b .*not expected'
echo 'c: reason' >"$tree/test/expected-skips"
junit ''
broken skips 'c .*did not skip'
: >"$tree/test/expected-skips"
printf '<testsuite></testsuite>' >"$work/junit.xml"
broken skips 'no test ran'
: >"$tree/test/expected-skips"
junit '<testcase name="b" status="fail"><failure message="x"/></testcase>'
broken skips '^FAILED: junit/b'

figures() # text: of docs/testing.md, and what is kept
{
    echo 'a.b | ci | s | What | command' >"$tree/test/figures/rows"
    printf 'a.b\t1000\n' >"$tree/test/figures/kept"
    printf '%s\n' '<!-- figures: s -->' '| what | how much | made by |' '|---|---:|---|' "$1" '<!-- end -->' \
        >"$tree/docs/testing.md"
}
row="| What | 1,000 | \`command\` |"
figures "$row"
sound figures
figures "| What | 2,000 | \`command\` |"
broken figures 'not what .test/figures'
figures "$row"
: >"$tree/test/figures/kept"
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
echo 'lib/base/log.c ~ log_write ~ if (gone) ~ if (!gone) ~ text: only words' >>"$tree/test/mutants/explained"
broken mutants 'no such line: log_write: if .gone.'
sound reached
echo 'lib/base/log.c ~ log_write ~ gone(); ~ only words' >>"$tree/test/mutants/uncovered"
broken reached 'no such line: log_write: gone..'

all_found
