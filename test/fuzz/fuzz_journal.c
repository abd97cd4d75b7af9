/* SPDX-License-Identifier: MIT */
/*
 * The reader of journals with damaged ones, over the played firmware. Whatever the damage: no
 * crash, nothing left open or mapped, and no handle released that this journal never held.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "videocore/journal.h"
#include "suite.h"
#include "vcfw.h"

/* Handles of somebody else: far from those in the journal in every bit that is damaged alone. */
#define FOREIGN       0x5ace0000u
#define FOREIGN_COUNT 8

static struct pmem_ctx *ctx;
static struct journal_file good; /* as it was found */
static struct vcfw firmware;     /* as it was then */

static void take_some(void *user)
{
	struct pmem_region *region;

	(void)user;
	for (int i = 0; i < 6; i++)
		assert_works(pmem_region_alloc(ctx, 4096, NULL, &region));
	/* Dies while the firmware's answer to the last release is on its way back. */
	vcfw->die_after = 2;
	pmem_region_close(region);
}

static char path[512];

static int note_name(void *user, const char *name)
{
	(void)user;
	snprintf(path, sizeof(path), "%s/run/libpmem/%s", fake_root(), name);
	return 0;
}

static void setup(void)
{
	char dir[512];
	int fd;

	fake_start();
	fake_env("LIBPMEM_BACKEND", "videocore");
	vcfw_start("brcm,bcm2837");
	assert_works(pmem_ctx_new(&ctx));
	ck_assert(WIFSIGNALED(vcfw_child(take_some, NULL)));
	snprintf(dir, sizeof(dir), "%s/run/libpmem", fake_root());
	ck_assert_int_eq(os_linux.list(dir, note_name, NULL), 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(read(fd, &good, sizeof(good)), sizeof(good));
	close(fd);
	for (uint32_t i = 0; i < FOREIGN_COUNT; i++) {
		vcfw->blocks[VCFW_HANDLES - 1 - i] = (struct vcfw_block){
			.handle = FOREIGN + i, .offset = 0x800000 + i * 4096, .size = 4096,
			.locks = 1, .owner = 1
		};
	}
	firmware = *vcfw;
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	vcfw_stop();
	fake_stop();
}

static void write_journal(const struct journal_file *file, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, file, size), (ssize_t)size);
	close(fd);
}

static void check_reclaim(const struct journal_file *file, size_t size, size_t at_most)
{
	uint64_t bytes;
	size_t count = 0;

	*vcfw = firmware;
	write_journal(file, size);
	if (fuzz_below(4) == 0)
		pmem_firmware_reclaim(ctx, PMEM_RECLAIM_DRY_RUN, &count, &bytes);
	pmem_firmware_reclaim(ctx, 0, &count, &bytes);
	ck_assert_uint_le(count, at_most);
	ck_assert_uint_le(vcfw->releases - firmware.releases, at_most);
	for (uint32_t i = 0; i < FOREIGN_COUNT; i++)
		ck_assert_uint_eq(vcfw->blocks[VCFW_HANDLES - 1 - i].handle, FOREIGN + i);
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
}

START_TEST(sound)
{
	check_reclaim(&good, sizeof(good), 5);
	ck_assert_uint_eq(vcfw->releases - firmware.releases, 5); /* the sixth was released */
	ck_assert_uint_eq(vcfw->bad_release, 0);
}
END_TEST

START_TEST(damaged)
{
	uint64_t runs = fuzz_begin(3000);

	while (runs--) {
		struct journal_file file = good;
		size_t size = sizeof(file);

		/* Most of it where something is: the header and the first records. */
		for (size_t n = 1 + fuzz_below(4); n > 0; n--)
			fuzz_mutate(&file, fuzz_below(8) ? 1024 : sizeof(file));
		if (fuzz_below(16) == 0)
			size = fuzz_below(sizeof(file));
		check_reclaim(&file, size, 6);
	}
}
END_TEST

START_TEST(shuffled)
{
	uint64_t runs = fuzz_begin(1000);

	while (runs--) {
		struct journal_file file = good;

		/* Records at other places are not those that were written there. */
		for (size_t n = 1 + fuzz_below(3); n > 0; n--)
			memcpy(&file.records[fuzz_below(8)], &good.records[fuzz_below(8)],
				sizeof(file.records[0]));
		check_reclaim(&file, sizeof(file), 6);
		ck_assert_uint_eq(vcfw->bad_release, 0);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("journal");
	TCase *tcase = tcase_create("files");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, sound);
	tcase_add_test(tcase, damaged);
	tcase_add_test(tcase, shuffled);
	suite_add_tcase(suite, tcase);
	return suite;
}
