/* SPDX-License-Identifier: MIT */
/* Ten backends in place of lib/backend/choice/table.c, each with a long reason; for one file of tests. */
#ifndef TEST_PLAYED_TEN_H
#define TEST_PLAYED_TEN_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "suite.h"

#define BACKENDS 10
#define LENGTH   300 /* of a reason */

static struct pmem_ctx *ctx;
static size_t length;    /* of each reason */
static uint64_t granted; /* the size that the last backend has */
static bool absent;      /* no backend can be used */

/* A reason is a row of one digit. */
static int digit_of(const struct pmem_backend_ops *ops)
{
	return ops->name[4];
}

static int refuse(const struct pmem_region *region)
{
	static const uint32_t causes[] = { PMEM_CAUSE_NO_DEVICE, PMEM_CAUSE_NO_MEMORY };
	int digit = digit_of(region->ops);
	char reason[LENGTH + 1], path[] = "/dev/play?";

	memset(reason, digit, length);
	reason[length] = '\0';
	path[sizeof(path) - 2] = (char)digit;
	return error_set(ENOENT, causes[digit & 1], "open", path, "a hint", "%s", reason);
}

static int play_probe(struct pmem_ctx *context)
{
	(void)context;
	if (!absent)
		return 0;
	return error_set(ENXIO, PMEM_CAUSE_NO_DEVICE, "open", "/dev/play", NULL, "it is not there");
}

static int play_alloc(struct pmem_ctx *context, const struct alloc_request *request,
	struct pmem_region *region)
{
	(void)context;
	if (request->size != granted || digit_of(region->ops) != '9')
		return refuse(region);
	region->data = malloc((size_t)granted);
	region->size = granted;
	region_set_phys(region, 0x1000);
	region->attrs |= PMEM_REGION_PINNED | PMEM_REGION_COHERENT;
	return 0;
}

static int play_map(struct pmem_ctx *context, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region *region)
{
	(void)context;
	(void)phys;
	(void)size;
	(void)flags;
	return refuse(region);
}

static int play_import(struct pmem_ctx *context, int fd, uint32_t flags, struct pmem_region *region)
{
	(void)context;
	(void)fd;
	(void)flags;
	return refuse(region);
}

static int play_close(struct pmem_region *region)
{
	free(region->data);
	return 0;
}

#define PLAY(text)                                                                          \
	{                                                                                   \
		.name = text, .caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_MAP | PMEM_BACKEND_IMPORT, \
		.probe = play_probe, .map = play_map, .alloc = play_alloc,                  \
		.import = play_import, .close = play_close                                  \
	}

static const struct pmem_backend_ops played[BACKENDS] = { PLAY("play0"), PLAY("play1"),
	PLAY("play2"), PLAY("play3"), PLAY("play4"), PLAY("play5"), PLAY("play6"), PLAY("play7"),
	PLAY("play8"), PLAY("play9") };

/* In place of lib/backend/choice/table.c. */
const struct pmem_backend_ops *const backend_table[] = { &played[0], &played[1], &played[2],
	&played[3], &played[4], &played[5], &played[6], &played[7], &played[8], &played[9], NULL };

size_t backend_order(const struct pmem_ctx *context,
	const struct pmem_backend_ops *order[BACKENDS_MAX])
{
	(void)context;
	for (size_t i = 0; i < BACKENDS; i++)
		order[i] = backend_table[i];
	return BACKENDS;
}

const struct pmem_backend_ops *backend_find(const char *name)
{
	return name[4] >= '0' && name[4] <= '9' ? &played[name[4] - '0'] : NULL;
}

static void setup(void)
{
	fake_start();
	assert_works(pmem_ctx_new(&ctx));
	length = LENGTH;
	granted = 0;
	absent = false;
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

/* Every backend refuses. */
static const struct pmem_error *all_refuse(void)
{
	struct pmem_region *region;

	assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), ENOENT, PMEM_CAUSE_NO_MEMORY);
	return pmem_error_last();
}

/* All ten reasons, each with all that belongs to it. */
static void check_whole(const struct pmem_error *parent)
{
	ck_assert_uint_eq(pmem_error_child_count(parent), BACKENDS);
	for (size_t i = 0; i < BACKENDS; i++) {
		const struct pmem_error *child = pmem_error_child(parent, i);
		const char *message = pmem_error_message(child);

		ck_assert_str_eq(pmem_error_backend(child), played[i].name);
		ck_assert_uint_eq(strlen(message), LENGTH);
		ck_assert_uint_eq(strspn(message, (const char[]){ (char)('0' + (int)i), '\0' }),
			LENGTH);
		ck_assert_int_eq(pmem_error_code(child), -ENOENT);
		ck_assert_uint_eq(pmem_error_cause(child),
			i & 1 ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_NO_DEVICE);
		ck_assert_str_eq(pmem_error_operation(child), "open");
		ck_assert_int_eq(pmem_error_path(child)[9], '0' + (int)i);
		ck_assert_str_eq(pmem_error_hint(child), "a hint");
		ck_assert_ptr_nonnull(strstr(pmem_error_text(child), message));
		ck_assert_uint_eq(pmem_error_child_count(child), 0);
	}
	ck_assert_ptr_null(pmem_error_child(parent, BACKENDS));
	ck_assert_ptr_null(pmem_error_child(parent, SIZE_MAX));
}

#endif
