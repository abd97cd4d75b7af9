/* SPDX-License-Identifier: MIT */
/* A played Linux with its pages, for the suites of lib/pages: included by one file of a program. */
#ifndef TEST_PLAYED_PAGES_H
#define TEST_PLAYED_PAGES_H

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "soc/ctx.h"
#include "pagemap.h"
#include "pages/pages.h"
#include "suite.h"
#include "vm.h"

#define KIB ((uint64_t)1024)
#define MIB (KIB * 1024)

#define THP   "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"
#define POOLS "/sys/kernel/mm/hugepages/"

static struct pmem_ctx ctx;
static struct pages_block block;

static void setup(void)
{
	fake_start();
	ctx = (struct pmem_ctx){ .root = (char *)(uintptr_t)fake_root() };
	fake_text("/proc/meminfo", "MemTotal: 999999 kB\nMemAvailable: 8192 kB\n");
	pagemap_play(PAGEMAP_IN_ORDER);
	vm_play();
}

static void stop(void)
{
	frames_forget(&ctx);
	fake_stop();
}

static struct pages_request request(uint64_t size)
{
	return (struct pages_request){ .size = size, .align = os->page_size(),
		.max_addr = UINT64_MAX, .need_address = true };
}

static inline int take(struct pages_request want)
{
	memset(&block, 0xff, sizeof(block));
	return pages_take(&ctx, &want, &block);
}

static inline void gives(struct pages_request want, enum pin_class class)
{
	assert_works(take(want));
	ck_assert_int_eq(block.pin.class, class);
	ck_assert_uint_eq(block.run_count, 1);
	ck_assert_uint_eq(block.runs[0].length, want.size);
	ck_assert_uint_eq(block.runs[0].phys % want.align, 0);
	ck_assert_uint_ge(block.length, want.size);
	ck_assert_uint_ge(vm.dont_fork, block.length);
	/* zeroed: it begins with a zero, and each byte equals the next */
	ck_assert_int_eq(*(unsigned char *)block.data, 0);
	ck_assert_int_eq(memcmp(block.data, (char *)block.data + 1, (size_t)want.size - 1), 0);
	memset(block.data, 0x5a, block.length); /* all of it is mapped and writable */
}

static inline void give_back(void)
{
	assert_works(pages_give(&block));
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
}

#define message() pmem_error_message(pmem_error_last())

static inline void refused(struct pages_request want, int errnum, uint32_t cause, const char *word)
{
	assert_fails(take(want), errnum, cause);
	ck_assert_msg(strstr(pmem_error_text(pmem_error_last()), word) != NULL, "%s", message());
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
}

#endif
