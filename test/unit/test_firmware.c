/* SPDX-License-Identifier: MIT */
/* lib/api/firmware.c: what is told of a Raspberry Pi. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"
#include "vcfw.h"

static struct pmem_ctx *ctx;

static void setup(void)
{
	fake_start();
	vcfw_start("brcm,bcm2837");
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	vcfw_stop();
	fake_stop();
}

static uint64_t get(uint32_t what)
{
	uint64_t value = 0;

	assert_works(pmem_firmware_get(ctx, what, &value));
	return value;
}

/* A DMA channel of the kernel, as sysfs shows it. */
static void channel(unsigned device, unsigned number, const char *compatible, const char *users)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/dma/dma%uchan%u/in_use", device, number);
	fake_text(path, users);
	snprintf(path, sizeof(path), "/sys/class/dma/dma%uchan%u/device/of_node/compatible", device,
		number);
	fake_file(path, compatible, strlen(compatible) + 1);
}

START_TEST(the_firmware_tells)
{
	ck_assert_uint_eq(get(PMEM_FACT_REVISION), 1700000000);
	ck_assert_uint_eq(get(PMEM_FACT_BOARD_REVISION), 0xa02082);
	ck_assert_uint_eq(get(PMEM_FACT_BOARD_SERIAL), 0x0123456789abcdefull);
	ck_assert_uint_eq(get(PMEM_FACT_ARM_BASE), 0);
	ck_assert_uint_eq(get(PMEM_FACT_ARM_SIZE), VCFW_BASE);
	ck_assert_uint_eq(get(PMEM_FACT_VC_BASE), VCFW_BASE);
	ck_assert_uint_eq(get(PMEM_FACT_VC_SIZE), VCFW_SIZE);
	ck_assert_uint_eq(get(PMEM_FACT_DMA_CHANNELS), 0x7f35);
	ck_assert_uint_eq(get(PMEM_FACT_DMA_KERNEL), 0x7f35);
}
END_TEST

START_TEST(the_tree_stands_in_for_old_firmware)
{
	static const uint32_t mask = 0x7f34;

	vcfw->no_dma_tag = true;
	fake_cells("/soc/dma@7e007000", "brcm,dma-channel-mask", 1, &mask);
	ck_assert_uint_eq(get(PMEM_FACT_DMA_CHANNELS), 0x7f34);
}
END_TEST

/* The kernel numbers what it has; the hardware's numbers are the bits of the mask. */
START_TEST(channels_in_use_are_those_of_the_hardware)
{
	static const unsigned bits[] = { 0, 2, 4, 5, 8, 9, 10, 11, 12, 13, 14 };

	for (unsigned k = 0; k < ARRAY_SIZE(bits); k++)
		channel(1, k, "brcm,bcm2835-dma", k == 3 || k == 10 ? "1\n" : "0\n");
	channel(0, 0, "arm,pl330", "1\n");
	ck_assert_uint_eq(get(PMEM_FACT_DMA_IN_USE), 1u << 5 | 1u << 14);
}
END_TEST

START_TEST(kernels_that_keep_channel_0_aside_are_known)
{
	uint64_t value = 77;

	for (unsigned k = 0; k < 10; k++)
		channel(0, k, "brcm,bcm2835-dma", k == 0 ? "2\n" : "0\n");
	ck_assert_uint_eq(get(PMEM_FACT_DMA_IN_USE), 1u << 2);
	channel(0, 10, "brcm,bcm2835-dma", "0\n");
	channel(0, 11, "brcm,bcm2835-dma", "0\n");
	assert_fails(pmem_firmware_get(ctx, PMEM_FACT_DMA_IN_USE, &value), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	ck_assert_uint_eq(value, 77);
}
END_TEST

START_TEST(what_is_not_there_is_an_error)
{
	uint64_t value = 77;

	assert_fails(pmem_firmware_get(ctx, PMEM_FACT_DMA_IN_USE, &value), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	fake_remove("proc/device-tree/soc");
	assert_fails(pmem_firmware_get(ctx, PMEM_FACT_DMA_KERNEL, &value), ENODEV,
		PMEM_CAUSE_DEVICE_TREE);
	fake_fail_named("open", ENOENT);
	assert_fails(pmem_firmware_get(ctx, PMEM_FACT_REVISION, &value), ENODEV,
		PMEM_CAUSE_NO_DEVICE);
	fake_fail_named("ioctl", ETIMEDOUT);
	assert_fails(pmem_firmware_get(ctx, PMEM_FACT_REVISION, &value), ETIMEDOUT,
		PMEM_CAUSE_TIMEOUT);
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(value, 77);
}
END_TEST

/* What is there and cannot be read, now or ever, is not "this machine has none", nor half of the answer. */
START_TEST(what_cannot_be_had_is_not_absent)
{
	static const int errnums[] = { ENOMEM, EMFILE, EIO, EACCES };
	static const struct {
		uint32_t what;
		uint64_t value;
	} facts[] = {
		{ PMEM_FACT_DMA_CHANNELS, 0x7f35 },
		{ PMEM_FACT_DMA_KERNEL, 0x7f35 },
		{ PMEM_FACT_DMA_IN_USE, 1u << 5 },
	};
	unsigned failures = 0;
	int errnum = errnums[_i % 4];

	for (unsigned k = 0; k < 11; k++)
		channel(1, k, "brcm,bcm2835-dma", k == 3 ? "1\n" : "0\n");
	for (unsigned n = 1, failed = 1; failed; n++) {
		uint64_t value = 77;
		int r;

		pmem_ctx_unref(ctx);
		assert_works(pmem_ctx_new(&ctx));
		fake_fail(n, errnum);
		r = pmem_firmware_get(ctx, facts[_i / 4].what, &value);
		failed = fake_failed() != NULL;
		fake_fail(0, 0);
		if (r == 0) {
			ck_assert_msg(value == facts[_i / 4].value, "call %u: 0x%llx", n,
				(unsigned long long)value);
			continue;
		}
		failures++;
		ck_assert_msg(r == -errnum, "call %u: %s", n, pmem_error_text(pmem_error_last()));
		ck_assert_uint_eq(value, 77);
	}
	/* Of the firmware's mask the tree has a copy. */
	ck_assert_uint_gt(failures + (_i == 2 || _i == 3 ? 3 : 0), 2);
}
END_TEST

START_TEST(what_the_firmware_said_is_the_reason_where_the_tree_has_none)
{
	uint64_t value = 77;

	fake_fail_named("ioctl", ETIMEDOUT);
	ck_assert_uint_eq(get(PMEM_FACT_DMA_CHANNELS), 0x7f35);
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
	fake_remove("proc/device-tree/soc");
	assert_fails(pmem_firmware_get(ctx, PMEM_FACT_DMA_CHANNELS, &value), ETIMEDOUT,
		PMEM_CAUSE_TIMEOUT);
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(value, 77);
}
END_TEST

START_TEST(arguments_are_checked)
{
	uint64_t value = 0;

	assert_fails(pmem_firmware_get(NULL, PMEM_FACT_REVISION, &value), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_firmware_get(ctx, PMEM_FACT_REVISION, NULL), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_firmware_get(ctx, 0, &value), EINVAL, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_firmware_get(ctx, 11, &value), EINVAL, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_firmware_reclaim(NULL, 0, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_firmware_reclaim(ctx, 2, NULL, NULL), EINVAL, PMEM_CAUSE_FLAGS);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("firmware");
	TCase *tcase = tcase_create("facts");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_firmware_tells);
	tcase_add_test(tcase, the_tree_stands_in_for_old_firmware);
	tcase_add_test(tcase, channels_in_use_are_those_of_the_hardware);
	tcase_add_test(tcase, kernels_that_keep_channel_0_aside_are_known);
	tcase_add_test(tcase, what_is_not_there_is_an_error);
	tcase_add_loop_test(tcase, what_cannot_be_had_is_not_absent, 0, 12);
	tcase_add_test(tcase, what_the_firmware_said_is_the_reason_where_the_tree_has_none);
	tcase_add_test(tcase, arguments_are_checked);
	suite_add_tcase(suite, tcase);
	return suite;
}
