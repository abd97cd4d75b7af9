/* SPDX-License-Identifier: MIT */
/*
 * Where pages are, by a pagemap that says anything: lib/pages. Questions of any address, and memory of the backend
 * pages, of which whoever has it is told one address for each byte.
 */
#include <errno.h>

#include <pmem/pmem.h>

#include "answers.h"
#include "regions.h"

#define PAGES   10000 /* more than 32 MiB: from there on huge pages are asked for */
#define STEPS   12
#define SCAN    0xc0606610ul

static struct input *in;
static uint64_t phys[PAGES], addrs[64];

static int64_t bad(uint8_t how)
{
	static const int errnums[] = { EIO, EPERM, ENOMEM, EFAULT, ENOTTY, EINVAL };

	return -errnums[(how >> 3) % 6];
}

/* A row of plain frames, or noise, or less than was asked for. */
static ssize_t entries(int fd, void *buf, size_t count, uint64_t offset)
{
	uint8_t how = in_byte(in);
	uint64_t *to = buf, value;

	(void)fd;
	MUST(count % 8 == 0 && offset % 8 == 0);
	count /= 8;
	switch (how & 7) {
	case 3:
		return bad(how);
	case 4:
		return 0;
	case 5: /* not the number of entries that was wanted */
		count = count > (size_t)(how >> 3) ? (size_t)(how >> 3) + 1 : count;
		break;
	case 6:
		value = in_number(in, 8);
		for (size_t i = 0; i < count; i++)
			to[i] = value;
		return (ssize_t)(8 * count);
	default:
		break;
	}
	value = how & 0x40 ? in_place(in) : offset / 8 ^ (how & 0x80 ? 1 : 0);
	for (size_t i = 0; i < count; i++)
		to[i] = PMEM_PAGEMAP_PRESENT | (how & 0x20 ? PMEM_PAGEMAP_FILE : PMEM_PAGEMAP_EXCLUSIVE) |
			((value + i) & PMEM_PAGEMAP_PFN_MASK);
	if ((how & 7) == 7 && count)
		to[(how >> 3) % count] = in_number(in, 8);
	return (ssize_t)(8 * count);
}

/* PAGEMAP_SCAN: struct pm_scan_arg begins size, flags, start, end, walk_end, vec, vec_len. */
static int scan(int fd, unsigned long request, void *arg)
{
	uint64_t *words = arg, *region;
	uint8_t how = in_byte(in);

	(void)fd;
	if (request != SCAN || (how & 7) == 7)
		return (int)bad(how);
	region = (uint64_t *)(uintptr_t)words[5];
	MUST(words[6] == 1);
	if (words[2] > words[3]) /* beyond the end of the address space */
		return -EINVAL;
	region[0] = how & 8 ? in_place(in) : words[2];
	region[1] = how & 16 ? in_place(in) : words[3];
	region[2] = in_byte(in);
	return how & 1;
}

static const struct answers_device pagemap = { .pread = entries, .ioctl = scan };

static const void *pointer(void)
{
	return (const void *)(uintptr_t)in_place(in);
}

static void extents(struct pmem_ctx *ctx, uint8_t what)
{
	static struct pmem_extent found[512];
	const void *addr = pointer();
	uint64_t length = what & 0x80 ? in_number(in, 4) % (40u << 20) : in_number(in, 2), offset = 0;
	size_t count = 0;

	if (answers_result(pmem_vaddr_extents(ctx, addr, length, what & 0x40 ? found : NULL, what & 0x40 ? 512 : 0,
		    &count)) < 0 || !(what & 0x40))
		return;
	MUST(count <= 512);
	for (size_t i = 0; i < count; i++) {
		MUST(found[i].offset == offset && found[i].length && found[i].length <= length - offset);
		offset += found[i].length;
	}
	MUST(offset == length);
}

static void allocate(struct pmem_ctx *ctx, uint8_t what)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages", .wait_ms = 1,
		.align = what & 0x40 ? 8192 : 0, .max_addr = what & 0x80 ? in_place(in) : 0,
		.flags = what & 0x20 ? PMEM_ALLOC_SCATTERED : 0 };
	uint64_t size = 1 + in_number(in, 2);
	struct pmem_region *region;

	if (answers_result(pmem_region_alloc(ctx, size, &opts, &region)) < 0)
		return;
	region_must_fit(region, size, opts.align, opts.max_addr);
	region_touch(region);
	answers_result(pmem_region_close(region));
}

static void step(struct pmem_ctx *ctx)
{
	uint8_t what = in_byte(in);
	uint64_t value = 1;
	const void *addr;
	size_t count;

	switch (what & 7) {
	case 0:
		addr = pointer();
		if (answers_result(pmem_vaddr_phys(ctx, addr, &value)) == 0)
			MUST((value & 4095) == ((uintptr_t)addr & 4095));
		else
			MUST(value == 1);
		break;
	case 1:
		answers_result(pmem_vaddr_pagemap(ctx, pointer(), &value));
		break;
	case 2:
		count = what & 0x80 ? PAGES : in_below(in, 64);
		if (answers_result(pmem_vaddr_phys_bulk(ctx, pointer(), count, phys)) == 0)
			for (size_t i = 0; i < count; i++)
				MUST(phys[i] % 4096 == 0);
		break;
	case 3:
		count = in_below(in, 64);
		for (size_t i = 0; i < count; i++)
			addrs[i] = (uintptr_t)pointer();
		if (answers_result(pmem_vaddr_phys_list(ctx, addrs, count, phys)) == 0)
			for (size_t i = 0; i < count; i++)
				MUST(phys[i] % 4096 == addrs[i] % 4096);
		break;
	case 4:
		allocate(ctx, what);
		break;
	default:
		extents(ctx, what);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint8_t what;
	struct pmem_ctx *ctx;

	in = &input;
	what = in_byte(in);
	answers_start();
	answers_device(ANSWERS_ROOT "/proc/self/pagemap", &pagemap);
	if (what & 1)
		answers_text(ANSWERS_ROOT "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152\n");
	if (what & 2)
		answers_faults(in);
	if (what & 4)
		answers_unprivileged();
	ctx = answers_ctx();
	for (int i = 0; ctx && i < STEPS && in->left; i++)
		step(ctx);
	pmem_ctx_unref(ctx);
	answers_stop();
	return 0;
}
