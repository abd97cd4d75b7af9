/* SPDX-License-Identifier: MIT */
/* Compaction, memory that gets scarce, huge pages that come and go, pages that are merged. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "disturb.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

static unsigned char *take(size_t length, int advice)
{
	unsigned char *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	if (advice)
		madvise(at, length, advice);
	return at;
}

#define COMPACT "/proc/sys/vm/compact_memory"

static const char *begin_compaction(void)
{
	return access(COMPACT, W_OK) == 0 ? NULL : COMPACT " cannot be written";
}

/* Small pages in half of a range, which are in the way; and the rest of it free. */
static bool step_compaction(uint64_t number)
{
	const size_t length = 64 * MIB;
	unsigned char *at = take(length, MADV_NOHUGEPAGE);

	if (at) {
		memset(at, (int)number, length);
		for (size_t i = 0; i < length; i += 2 * PAGE)
			madvise(at + i, PAGE, MADV_DONTNEED);
	}
	soak_write(COMPACT, "1");
	if (at)
		munmap(at, length);
	return true;
}

/* A gibibyte, or a quarter of what there is; as pages that can be moved and thrown away. */
static bool step_machine(uint64_t number)
{
	uint64_t available = soak_number("/proc/meminfo", "MemAvailable:") * 1024;
	size_t length = available / 4 < 1024 * MIB ? (size_t)available / 4 : 1024 * MIB;
	unsigned char *at = take(length, number % 2 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);

	if (!at)
		return true;
	for (size_t i = 0; i < length; i += PAGE)
		at[i] = (unsigned char)number;
	soak_sleep_ms(200);
	munmap(at, length);
	return true;
}

#define POOL "/proc/sys/vm/nr_hugepages"

static uint64_t pool_was;
/* For those who hold and churn. */
#define POOL_RESERVE 8

static void remember_pool(void)
{
	pool_was = soak_number(POOL, "");
}

void disturb_pools_reserve(void)
{
	if (pool_was != UINT64_MAX)
		soak_write_number(POOL, pool_was + POOL_RESERVE);
}

static const char *begin_pool(void)
{
	return pool_was != UINT64_MAX && access(POOL, W_OK) == 0 ? NULL : POOL " cannot be written";
}

static int undo_pool(void)
{
	return pool_was == UINT64_MAX || soak_number(POOL, "") == pool_was ? 0 : soak_write_number(POOL, pool_was);
}

/* A region for which the kernel makes a huge page, now and then, while nobody else changes the pools. */
static bool try_hard(void)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_TRY_HARD, .backend = "pages" };
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx;
	uint64_t before, after;

	if (pmem_ctx_new(&ctx))
		return true;
	before = soak_number(POOL, "");
	if (pmem_region_alloc(ctx, 32 * MIB, &opts, &region) == 0)
		memset(pmem_region_data(region), 1, 32 * MIB);
	pmem_region_close(region);
	after = soak_number(POOL, "");
	if (before != after)
		soak_fault("TRY_HARD: there were %llu huge pages, and are %llu", (unsigned long long)before,
			(unsigned long long)after);
	pmem_ctx_unref(ctx);
	return before == after;
}

static bool step_pool(uint64_t number)
{
	if (number % 4 == 3)
		return try_hard();
	soak_write_number(POOL, pool_was + POOL_RESERVE + 32 * (number % 4 + 1));
	soak_sleep_ms(100);
	soak_write_number(POOL, pool_was + POOL_RESERVE);
	return true;
}

#define THP "/sys/kernel/mm/transparent_hugepage/enabled"

static const char *begin_thp(void)
{
	char text[64] = "";
	FILE *file = fopen(THP, "re");

	if (!file)
		return "this kernel has no transparent huge pages";
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return strstr(text, "[never]") ? "transparent huge pages are switched off" : NULL;
}

/* Taken, split, put together again. */
static bool step_thp(uint64_t number)
{
	const size_t length = 64 * MIB;
	unsigned char *at = take(length, MADV_HUGEPAGE);

	if (!at)
		return true;
	memset(at, (int)number, length);
	for (size_t i = 0; i < length; i += 4 * MIB)
		madvise(at + i + PAGE, 8 * PAGE, MADV_DONTNEED);
	madvise(at, length, MADV_PAGEOUT);
	madvise(at, length, MADV_COLLAPSE);
	munmap(at, length);
	return true;
}

#define KSM "/sys/kernel/mm/ksm/"

static const char *const ksm_files[] = { KSM "run", KSM "pages_to_scan", KSM "sleep_millisecs" };
static const uint64_t ksm_values[] = { 1, 400, 50 };
static uint64_t ksm_was[3];

static void remember_ksm(void)
{
	for (size_t i = 0; i < 3; i++)
		ksm_was[i] = soak_number(ksm_files[i], "");
}

static const char *begin_ksm(void)
{
	for (size_t i = 3; i-- > 0;) {
		if (soak_write_number(ksm_files[i], ksm_values[i]))
			return "this kernel has no KSM";
	}
	return NULL;
}

static int undo_ksm(void)
{
	int r = 0;

	for (size_t i = 0; i < 3; i++) {
		if (ksm_was[i] != UINT64_MAX && soak_number(ksm_files[i], "") != ksm_was[i])
			r = soak_write_number(ksm_files[i], ksm_was[i]);
	}
	return r;
}

/* Many equal pages, of which some become others for a while. */
static bool step_ksm(uint64_t number)
{
	const size_t length = 16 * MIB;
	static unsigned char *at;
	uint64_t merged;

	if (!at) {
		at = take(length, MADV_MERGEABLE);
		if (!at)
			return true;
		memset(at, 0x5a, length); /* as one of those that are held is filled */
	}
	merged = soak_number(KSM "pages_sharing", "");
	if (merged != UINT64_MAX && merged > atomic_load(&soak->merged))
		atomic_store(&soak->merged, merged);
	for (size_t i = 0; i < length; i += 8 * PAGE) {
		at[i] = number % 2 ? 0x5a : (unsigned char)number;
		if (at[i + 1] != 0x5a || at[i + PAGE] != 0x5a) {
			soak_fault("a page that was merged has another content");
			return false;
		}
	}
	return true;
}

const struct disturbance disturb_compaction = { .name = "compaction", .begin = begin_compaction, .step = step_compaction,
	.percent = 5, .least_ms = 500 };
const struct disturbance disturb_machine = { .name = "memory of the machine", .step = step_machine, .percent = 4,
	.least_ms = 1000 };
const struct disturbance disturb_pools = { .name = "pools of huge pages, TRY_HARD", .remember = remember_pool,
	.begin = begin_pool, .step = step_pool, .undo = undo_pool, .percent = 4, .least_ms = 700 };
const struct disturbance disturb_thp = { .name = "transparent huge pages", .begin = begin_thp, .step = step_thp, .percent = 4,
	.least_ms = 500 };
const struct disturbance disturb_ksm = { .name = "KSM", .remember = remember_ksm, .begin = begin_ksm, .step = step_ksm,
	.undo = undo_ksm, .percent = 3, .least_ms = 1000 };
