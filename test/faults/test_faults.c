/* SPDX-License-Identifier: MIT */
/*
 * Every call fails, and keeps failing, on the played machine of each backend (test/contract/fixture_*.c). One case of
 * libcheck for each kind of fault, so that they run beside each other: CMakeLists.txt.
 */
#include <errno.h>
#include <string.h>

#include "devices.h"
#include "machine.h"
#include "pagemap.h"
#include "plan.h"
#include "played_kmod.h"
#include "vcfw.h"

static void kmod_settled(const char *what)
{
	for (size_t i = 0; i < played_kmod.count; i++)
		ck_assert_msg(played_kmod.buffers[i].holder == -1, "%s: buffer %zu is left locked", what, i);
}

/* What the firmware holds for nobody, as docs/videocore.md has it: only what it is not known to have given back. */
static unsigned lost; /* handles, for good */
static bool doubted, refused;

static void videocore_settled(const char *what)
{
	unsigned failed = plan_failed("ioctl");
	int errnum = plan_errnum();
	bool doubt = failed && (errnum == EIO || errnum == EFAULT || errnum == ETIMEDOUT);

	/* By EINVAL the driver says that the firmware refused: what it does not unlock is not locked, now or by the next. */
	refused |= failed && errnum == EINVAL;
	if (refused)
		vcfw->release_locked = 0;
	refused &= vcfw->live > 0;
	ck_assert_msg(!vcfw->bad_release && !vcfw->release_locked && !vcfw->behind_back,
		"%s: %u handles released twice, %u while locked, %u behind their owner's back", what,
		vcfw->bad_release, vcfw->release_locked, vcfw->behind_back);
	/* What is in doubt is unlocked once more; what was perhaps given back is not touched again. */
	doubted |= doubt;
	ck_assert_msg(!vcfw->bad_unlock || doubted, "%s: %u handles unlocked twice", what, vcfw->bad_unlock);
	if (failed > 1 || doubt)
		lost = vcfw->live;
	/* Else the next one who asks gives it back, who is here the one that was not disturbed. */
	if (!failed)
		ck_assert_msg(vcfw->live <= lost, "%s: %u handles are left", what, vcfw->live);
}

static void pages_settled(const char *what)
{
	(void)what;
	pagemap_settle();
}

static const struct ground grounds[] = {
	{ "udmabuf-kmod", kmod_settled },
	{ "videocore", videocore_settled },
	{ "pages", pages_settled },
};

static void all_fail(int i, enum mode mode)
{
	struct ground ground = { .name = NULL };

	machine_start(i, true);
	pmem_ctx_unref(ctx);
	ctx = NULL;
	ground.name = ops->name;
	for (size_t n = 0; n < ARRAY_SIZE(grounds); n++) {
		if (strcmp(grounds[n].name, ops->name) == 0)
			ground = grounds[n];
	}
	engine_start(&ground);
	engine_try(operations_ask, mode);
	engine_try(operations_region, mode);
	engine_stop(mode);
	machine_stop();
}

static void devices_fail(int i, enum mode mode)
{
	engine_start(device_start(i));
	engine_try(operations_device, mode);
	engine_stop(mode);
	device_stop();
}

/* Of backends and of devices, one case for each machine. */
#define CASE(name, mode)                           \
	START_TEST(name)                           \
	{                                          \
		if (_i < device_grounds)           \
			devices_fail(_i, mode);    \
		else                               \
			all_fail(_i - device_grounds, mode); \
	}                                          \
	END_TEST

CASE(once, MODE_ONCE)
CASE(kind, MODE_KIND)
CASE(all, MODE_ALL)
CASE(storm, MODE_STORM)
CASE(heap, MODE_HEAP)

Suite *test_suite(void)
{
	const struct {
		const char *name;
		const TTest *test;
	} cases[] = { { "once", once }, { "kind", kind }, { "all", all }, { "storm", storm }, { "heap", heap } };
	Suite *suite = suite_create("faults");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		TCase *tc = tcase_create(cases[i].name);

		tcase_add_loop_test(tc, cases[i].test, 0, device_grounds + machine_count());
		suite_add_tcase(suite, tc);
	}
	return suite;
}
