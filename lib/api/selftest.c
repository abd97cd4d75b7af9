/* SPDX-License-Identifier: MIT */
/*
 * The proof of a copy engine. The destination starts as the complement of what would arrive at
 * each place if the engine did not know where to stop: so each byte that is missing, and each
 * byte that is written too many, is seen, whatever the random content.
 */
#include <pmem/selftest.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <bsd/stdlib.h>

#include "backend/backing.h"
#include "api/call.h"
#include "base/error.h"
#include "base/io.h"
#include <pmem/region.h>

struct selftest {
	struct pmem_ctx *ctx;
	size_t size;
	size_t hole;
	size_t src_offset;
	pmem_selftest_alloc_fn *alloc;
	pmem_selftest_copy_fn *copy;
	void *user;
	struct pmem_region *src;
	struct pmem_region *dst;
	unsigned char *source;   /* what is in src */
	unsigned char *expected; /* what must be in dst */
	unsigned char *seen;
};

/* Put an image into a region, and make it visible to devices. */
static int put(struct pmem_region *region, const unsigned char *image, size_t size)
{
	int r = pmem_region_cpu_begin(region, 0, size, PMEM_DIR_WRITE);

	if (r < 0)
		return r;
	io_copy_to(region->data, image, size);
	return pmem_region_cpu_end(region, 0, size, PMEM_DIR_WRITE);
}

static int get(struct pmem_region *region, unsigned char *image, size_t size)
{
	int r = pmem_region_cpu_begin(region, 0, size, PMEM_DIR_READ);

	if (r < 0)
		return r;
	io_copy_from(image, region->data, size);
	return pmem_region_cpu_end(region, 0, size, PMEM_DIR_READ);
}

/* Up to 16 bytes from p as hexadecimal. */
static void hex(char out[3 * 16 + 1], const unsigned char *p, size_t n)
{
	out[0] = '\0';
	for (size_t i = 0; i < n && i < 16; i++)
		snprintf(out + 3 * i, 4, "%02x%s", p[i], i + 1 < n && i < 15 ? " " : "");
}

/* Compare what is in a region with what should be; where names the region. */
static int verify(struct selftest *t, struct pmem_region *region, const unsigned char *expected,
	const char *where)
{
	char want[3 * 16 + 1], have[3 * 16 + 1];
	size_t first = t->size, wrong = 0, end = t->size - t->hole;
	const char *part = where;
	int r = get(region, t->seen, t->size);

	if (r < 0)
		return r;
	for (size_t i = 0; i < t->size; i++) {
		if (t->seen[i] != expected[i] && wrong++ == 0)
			first = i;
	}
	if (wrong == 0)
		return 0;
	if (region == t->dst)
		part = first < t->hole ? "hole before the destination" :
			first >= end ? "hole after the destination" : "destination";
	hex(want, expected + first, t->size - first);
	hex(have, t->seen + first, t->size - first);
	return error_set(EILSEQ, PMEM_CAUSE_MISMATCH, "selftest", NULL, NULL,
		"%zu of %zu bytes are wrong, the first at offset 0x%zx in the %s: expected %s, "
		"found %s", wrong, t->size, first, part, want, have);
}

static int default_alloc(struct selftest *t, struct pmem_region **out)
{
	return t->alloc ? t->alloc(t->user, t->size, out) :
			  pmem_region_alloc(t->ctx, t->size, NULL, out);
}

/* A callback's failure is passed on; if it left no error of ours, make one. */
static int callback_failed(int r, const char *what)
{
	const struct pmem_error *e = error_last();

	if (r > 0)
		return error_set(EPROTO, PMEM_CAUSE_SYSTEM, "selftest", NULL, NULL,
			"the %s callback returned %d, neither 0 nor a negative errno", what, r);
	if (e && e->errnum == -r)
		return r;
	return error_set(-r, PMEM_CAUSE_SYSTEM, "selftest", NULL, NULL, "the %s callback failed",
		what);
}

/* Two regions, each at least as large as asked for. */
static int make_regions(struct selftest *t)
{
	struct pmem_region **regions[] = { &t->src, &t->dst };

	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		int r = default_alloc(t, regions[i]);

		if (r != 0)
			return callback_failed(r, "alloc");
		if (!*regions[i] || (*regions[i])->size < t->size)
			return error_set(EPROTO, PMEM_CAUSE_BOUNDS, "selftest", NULL, NULL,
				"the alloc callback gave a region smaller than %zu bytes", t->size);
	}
	if (t->src != t->dst)
		return 0;
	t->dst = NULL; /* to be closed once */
	return error_set(EPROTO, PMEM_CAUSE_WRONG_KIND, "selftest", NULL, NULL,
		"the alloc callback gave the same region twice");
}

/* The CPU as the engine: through the device-safe accessors, since the regions may be anything. */
static int cpu_copy(struct selftest *t, size_t length)
{
	int r = get(t->src, t->seen, t->size);

	if (r < 0)
		return r;
	r = pmem_region_cpu_begin(t->dst, 0, t->size, PMEM_DIR_WRITE);
	if (r < 0)
		return r;
	io_copy_to((unsigned char *)t->dst->data + t->hole, t->seen + t->src_offset, length);
	return pmem_region_cpu_end(t->dst, 0, t->size, PMEM_DIR_WRITE);
}

static int run(struct selftest *t)
{
	size_t length = t->size - 2 * t->hole;
	int r;

	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): not run without the images */
	arc4random_buf(t->source, t->size);
	for (size_t i = 0; i < t->size; i++)
		t->expected[i] = (unsigned char)~t->source[
			(t->src_offset + t->size - t->hole + i) % t->size];
	r = put(t->src, t->source, t->size);
	if (r == 0)
		r = put(t->dst, t->expected, t->size);
	if (r < 0)
		return r;
	if (t->copy) {
		r = t->copy(t->user, t->dst, t->hole, t->src, t->src_offset, length);
		if (r != 0)
			return callback_failed(r, "copy");
	} else {
		r = cpu_copy(t, length);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < length; i++)
		t->expected[t->hole + i] = t->source[t->src_offset + i];
	r = verify(t, t->dst, t->expected, "destination");
	return r < 0 ? r : verify(t, t->src, t->source, "source");
}

/* Close both; a failure here counts only if nothing failed before. */
static int clean_up(struct selftest *t, int r)
{
	struct pmem_region *regions[] = { t->src, t->dst };
	struct pmem_error first;

	if (r < 0)
		error_save(&first);
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		int closing = pmem_region_close(regions[i]);

		if (closing < 0 && r == 0) {
			r = closing;
			error_save(&first);
		}
	}
	free(t->source);
	free(t->expected);
	free(t->seen);
	return r < 0 ? error_restore(&first) : 0;
}

static int selftest_copy(struct pmem_ctx *ctx, uint64_t size, uint64_t hole, uint64_t src_offset,
	pmem_selftest_alloc_fn *alloc, pmem_selftest_copy_fn *copy, void *user)
{
	struct selftest t = { .ctx = ctx, .alloc = alloc, .copy = copy, .user = user };
	int r;

	if (!ctx && !alloc)
		return error_null("selftest", "ctx, with no alloc callback,");
	if (size == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "selftest", NULL, NULL, "the size is 0");
	if (size > SIZE_MAX / 4)
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "selftest", NULL, NULL,
			"0x%llx bytes do not fit into this program's address space",
			(unsigned long long)size);
	if (hole >= size || size - hole <= hole)
		return error_set(EINVAL, PMEM_CAUSE_BOUNDS, "selftest", NULL, NULL,
			"two holes of 0x%llx bytes leave nothing to copy of 0x%llx",
			(unsigned long long)hole, (unsigned long long)size);
	if (src_offset > 2 * hole)
		return error_set(EINVAL, PMEM_CAUSE_BOUNDS, "selftest", NULL, NULL,
			"a copy from offset 0x%llx would pass the end of the source",
			(unsigned long long)src_offset);
	t.size = (size_t)size;
	t.hole = (size_t)hole;
	t.src_offset = (size_t)src_offset;
	t.source = malloc(t.size);
	t.expected = malloc(t.size);
	t.seen = malloc(t.size);
	if (t.source && t.expected && t.seen)
		r = make_regions(&t);
	else
		r = error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "selftest", NULL, NULL,
			"no memory for the images to compare");
	if (r == 0)
		r = run(&t);
	return clean_up(&t, r);
}

/*
 * Not one CALL(): the callbacks are the program's, and their errors too. A thread that is cancelled in
 * one would leave the buffers.
 */
int pmem_selftest_copy(struct pmem_ctx *ctx, uint64_t size, uint64_t hole, uint64_t src_offset,
	pmem_selftest_alloc_fn *alloc, pmem_selftest_copy_fn *copy, void *user)
{
	int cancel_state, r;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	r = selftest_copy(ctx, size, hole, src_offset, alloc, copy, user);
	if (r < 0)
		call_tell(ctx);
	pthread_setcancelstate(cancel_state, &cancel_state);
	return r;
}
