/* SPDX-License-Identifier: MIT */
#include "os/hole.h"

#include <errno.h>
#include <sys/mman.h>

#include "os/os.h"

/* include/uapi/asm-generic/mman-common.h; a mere wish before Linux 4.17 */
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

/*
 * Is the part mapped, by now by us? Most failures are told before anything is touched (vm.max_map_count), so what is
 * there is taken for ours. That another thread has filled a hole since is what cannot be told from that. At that limit
 * mmap() says ENOMEM before it looks what is there (do_mmap() of mm/mmap.c); madvise() says it of a hole alone.
 */
static int take_back(void *part, size_t length)
{
	void *out;
	int r = os->mmap(part, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
		-1, 0, &out);

	if (r == 0 && out != part)
		os->munmap(out, length);
	if (r == -ENOMEM)
		r = os->madvise(part, length, MADV_NORMAL);
	return r == -EEXIST ? 0 : r;
}

void hole_unmap_around(void *base, size_t length, void *part, size_t part_length)
{
	unsigned char *from = base, *at = part, *end = from + length;

	if (take_back(part, part_length) == 0) {
		os->munmap(base, length);
		return;
	}
	if (at > from)
		os->munmap(from, (size_t)(at - from));
	if (at + part_length < end)
		os->munmap(at + part_length, (size_t)(end - at) - part_length);
}
