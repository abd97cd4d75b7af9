/* SPDX-License-Identifier: MIT */
/*
 * PMEM_ALLOC_TRY_HARD: what no other request does, since it takes time or changes settings of the machine
 * for a moment. The kernel's own allocator of contiguous memory makes a huge page, moving others out
 * of the way (alloc_contig_pages() of mm/page_alloc.c); what is not needed of it goes back at once where
 * the kernel can take it apart (Linux 5.16). If that cannot be, all memory is compacted.
 */
#include <errno.h>
#include <fcntl.h>

#include "base/bits.h"
#include "base/error.h"
#include "os/file.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/hugetlb.h"
#include "pages/reserve.h"
#include "pages/ways.h"

#define COMPACT "/proc/sys/vm/compact_memory"

/* The smallest pool whose page holds all of it; and the smallest of all, of whose pages least is kept. */
static bool choose_pools(const struct taking *t, size_t *size, size_t *part)
{
	size_t sizes[HUGETLB_POOLS], count = hugetlb_sizes(t->root, sizes), i = 0;

	while (i < count && (sizes[i] < t->size || sizes[i] < t->want->align))
		i++;
	if (i == count)
		return false;
	*size = sizes[i];
	*part = i > 0 && t->want->align <= sizes[0] && t->size <= sizes[i] / 2 ? sizes[0] : 0;
	return true;
}

/* Pages of the pool in a row, or one of them: it gives them in one order or the other. */
static int map_parts(const struct taking *t, size_t part, bool backwards,
	struct pages_block *block)
{
	uint64_t whole;
	size_t length;
	void *at;
	int r;

	bits_align_up(t->size, part, &whole);
	length = (size_t)whole;
	r = area_map_hugetlb(part, length, &at);
	if (r < 0)
		return r;
	for (size_t n = length / part, i = 0; r == 0 && i < n; i++)
		r = area_populate((unsigned char *)at + (backwards ? n - 1 - i : i) * part, part);
	*block = (struct pages_block){ .data = at, .length = length };
	if (r == 0)
		r = block_check(t, block);
	if (r < 0)
		area_unmap(at, length);
	return r;
}

int hard_reserve(const struct taking *t, struct pages_block *block)
{
	struct reserve reserve;
	struct pmem_error why;
	size_t size, part;
	bool parts;
	int r, end;

	if (!choose_pools(t, &size, &part))
		return WAY_NOT_FOR_THIS;
	r = reserve_begin(t->ctx, size, part, &reserve, &parts);
	if (r < 0)
		return r;
	r = -ENOMEM;
	for (unsigned n = 0; parts && part && r < 0 && n < 2; n++)
		r = map_parts(t, part, n == 1, block);
	if (!parts)
		r = map_parts(t, size, false, block);
	if (r < 0)
		error_save(&why);
	end = reserve_end(&reserve);
	if (r < 0)
		return error_restore(&why);
	if (end < 0) {
		error_save(&why);
		pages_give(block);
		return error_restore(&why);
	}
	return 0;
}

int hard_compact(const struct taking *t)
{
	int fd = file_open(t->root, COMPACT, O_WRONLY), r;

	log_write(&t->ctx->log, PMEM_LEVEL_INFO, "all memory is compacted, as PMEM_ALLOC_TRY_HARD asks for");
	r = fd < 0 ? fd : (int)os->write(fd, "1", 1);
	if (fd >= 0)
		os->close(fd);
	return r < 0 ? error_set(-r, r == -EACCES || r == -EPERM ? PMEM_CAUSE_CAPABILITY :
			PMEM_CAUSE_UNSUPPORTED, "write", COMPACT, "only root may ask for it",
		"the kernel cannot be asked to compact memory") : 0;
}
