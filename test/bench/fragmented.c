/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* MADV_* */
#endif
#include "fragmented.h"

#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define HUGE      ((size_t)2 << 20)
#define GROUP     8
#define PER_RING  16384 /* what one ring takes at most */
#define LEFT_OVER 160   /* of 2 MiB in large blocks: with none at all no way has a chance above 1 MiB */

size_t memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	size_t kib = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %zu", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib * 1024;
}

void memory_blocks(size_t *of_2m, size_t *of_4m)
{
	FILE *file = fopen("/proc/buddyinfo", "re");
	char line[512];

	*of_2m = *of_4m = 0;
	while (file && fgets(line, sizeof(line), file)) {
		size_t n[11] = { 0 };

		if (sscanf(line, "Node %*u, zone %*s %zu %zu %zu %zu %zu %zu %zu %zu %zu %zu %zu", &n[0],
			&n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8], &n[9], &n[10]) != 11)
			continue;
		*of_2m += n[9];
		*of_4m += n[10];
	}
	if (file)
		fclose(file);
}

static void *take(size_t length, int advice)
{
	void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		-1, 0);

	if (at == MAP_FAILED)
		return NULL;
	madvise(at, length, advice);
	return at;
}

/* Whatever is free in large blocks, but for the spare bytes. */
static void hold_large(struct fragmented *f, size_t spare)
{
	uintptr_t at = ((uintptr_t)f->huge + HUGE - 1) & ~(uintptr_t)(HUGE - 1);
	size_t of_2m, of_4m, least = SIZE_MAX;

	/* Others free memory meanwhile; 4 GiB without fewer blocks than ever, and it stays as it is. */
	for (int idle = 0; idle < 256; idle++) {
		memory_blocks(&of_2m, &of_4m);
		if (of_2m + 2 * of_4m <= LEFT_OVER)
			return;
		if (of_2m + 2 * of_4m < least) {
			least = of_2m + 2 * of_4m;
			idle = 0;
		}
		for (size_t i = 0; i < 8; i++) {
			if (memory_available() < spare || f->huge_used + 2 * HUGE > f->huge_length)
				return;
			*(volatile char *)(at + f->huge_used) = 1; /* the kernel gives all of a huge page */
			f->huge_used += HUGE;
		}
	}
}

static bool pin(struct fragmented *f, struct iovec *kept, size_t count)
{
	for (size_t i = 0; i < count; i += PER_RING) {
		unsigned n = (unsigned)(count - i < PER_RING ? count - i : PER_RING);
		struct io_uring_params params;
		int ring;

		memset(&params, 0, sizeof(params));
		ring = (int)syscall(SYS_io_uring_setup, 1, &params);
		if (ring < 0 || f->ring_count == sizeof(f->rings) / sizeof(f->rings[0]))
			return false;
		f->rings[f->ring_count++] = ring;
		if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, kept + i, n) != 0)
			return false;
	}
	return true;
}

/* Frees seven pages of each group. */
static void thin(struct fragmented *f, const struct iovec *kept, size_t group)
{
	for (size_t i = 0; i < f->small_length / group; i++) {
		unsigned char *begin = f->small + i * group, *page = kept[i].iov_base;

		if (page > begin)
			madvise(begin, (size_t)(page - begin), MADV_DONTNEED);
		page += kept[i].iov_len;
		if (page < begin + group)
			madvise(page, (size_t)(begin + group - page), MADV_DONTNEED);
	}
}

/* What is left in large blocks is what nobody touched for longest: see warm() of bench_contiguous.c. */
static void warm_rest(void)
{
	size_t of_2m, of_4m, length;
	uintptr_t at;
	void *rest;

	memory_blocks(&of_2m, &of_4m);
	length = (of_2m + 2 * of_4m) * HUGE;
	rest = take(length + HUGE, MADV_HUGEPAGE);
	if (!rest)
		return;
	at = ((uintptr_t)rest + HUGE - 1) & ~(uintptr_t)(HUGE - 1);
	for (size_t i = 0; i < length; i += HUGE)
		*(volatile char *)(at + i) = 1;
	munmap(rest, length + HUGE);
}

bool fragmented_make(struct fragmented *f, size_t length, size_t spare, bool pinned)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), group = GROUP * page, available;
	struct iovec *kept;
	bool done = true;

	memset(f, 0, sizeof(*f));
	available = memory_available();
	if (available < spare + (1u << 30))
		return false;
	if (length > available - spare)
		length = available - spare;
	f->small_length = length / group * group;
	f->huge_length = available;
	f->small = take(f->small_length, MADV_NOHUGEPAGE);
	f->huge = take(f->huge_length, MADV_HUGEPAGE);
	kept = calloc(f->small_length / group, sizeof(*kept));
	if (!f->small || !f->huge || !kept)
		return false;
	for (size_t i = 0; i < f->small_length; i += page)
		f->small[i] = 1;
	for (size_t i = 0; i < f->small_length / group; i++) {
		kept[i].iov_base = f->small + i * group + (size_t)(random() % GROUP) * page;
		kept[i].iov_len = page;
	}
	if (pinned)
		done = pin(f, kept, f->small_length / group);
	/* Before there is room elsewhere: the kernel would spare the memory of old devices (DMA32). */
	hold_large(f, spare);
	thin(f, kept, group);
	free(kept);
	hold_large(f, spare);
	warm_rest();
	return done;
}

void fragmented_drop(struct fragmented *f)
{
	while (f->ring_count)
		close(f->rings[--f->ring_count]);
	if (f->small)
		munmap(f->small, f->small_length);
	if (f->huge)
		munmap(f->huge, f->huge_length);
}
