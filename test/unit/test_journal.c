/* SPDX-License-Identifier: MIT */
/* Journals that lie: damaged, cut, of other users, of another boot, in use. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "forks_at_locks.h"
#include "videocore/journal.h"
#include "videocore/mailbox.h"
#include "videocore/owner.h"
#include "os/os.h"
#include "suite.h"
#include "vcfw.h"

static struct pmem_ctx *ctx;

static void setup(void)
{
	vcfw_begin("brcm,bcm2837", &ctx);
}

static void teardown(void)
{
	vcfw_end(ctx);
}

static size_t reclaim(uint32_t flags)
{
	return vcfw_reclaim(ctx, flags);
}

/* The journal file that is there. */
static char journal_path[512];

static int note_name(void *user, const char *name)
{
	(void)user;
	snprintf(journal_path, sizeof(journal_path), "%s/run/libpmem/%s", fake_root(), name);
	return 0;
}

static void find_journal(void)
{
	char dir[512];

	snprintf(dir, sizeof(dir), "%s/run/libpmem", fake_root());
	ck_assert_int_eq(os_linux.list(dir, note_name, NULL), 0);
	ck_assert_uint_eq(vcfw_journals(), 1);
}

/* A process that dies and leaves three pieces of memory. */
static void take_three(void *user)
{
	struct pmem_region *region;

	(void)user;
	for (int i = 0; i < 3; i++)
		assert_works(pmem_region_alloc(ctx, 4096, NULL, &region));
	kill(getpid(), SIGKILL);
}

/* Nor does a reaper's child have what it looks through. */
START_TEST(children_hold_no_lock)
{
	struct pmem_region *region;

	fork_at_locks();
	assert_works(pmem_region_alloc(ctx, 4096, NULL, &region));
	ck_assert_uint_eq(forks_at_locks, 1);
	assert_works(pmem_region_close(region));
	vcfw_child(take_three, NULL);
	ck_assert_uint_eq(reclaim(PMEM_RECLAIM_DRY_RUN), 3);
	ck_assert_uint_eq(forks_at_locks, 2);
	ck_assert_uint_eq(reclaim(0), 3);
	ck_assert_uint_eq(forks_at_locks, 3);
	fork_no_more();
}
END_TEST

/* --- journals that lie ------------------------------------------------------------------------ */

static void edit(size_t offset, const void *bytes, size_t size)
{
	int fd = open(journal_path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, bytes, size, (off_t)offset), (ssize_t)size);
	close(fd);
}

START_TEST(damage_harms_nothing)
{
	static const uint32_t words[] = { 0, 1, 0xffffffff, FWMEM_HELD, FWMEM_RELEASING, 0x20202020 };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		for (size_t at = 0; at < 512; at += 4) {
			vcfw_child(take_three, NULL);
			find_journal();
			edit(at, &words[i], sizeof(words[i]));
			reclaim(0);
			ck_assert_msg(vcfw->bad_release == 0 && vcfw->live <= 3, "word %zu", at / 4);
			unlink(journal_path);
			memset(vcfw->blocks, 0, sizeof(vcfw->blocks));
			vcfw->live = 0;
			vcfw->bad_unlock = 0; /* refused by the firmware, and no harm */
			vcfw->release_locked = 0;
		}
	}
}
END_TEST

START_TEST(short_and_long_files_harm_nothing)
{
	vcfw_child(take_three, NULL);
	find_journal();
	ck_assert_int_eq(truncate(journal_path, JOURNAL_SIZE + 1), 0);
	ck_assert_uint_eq(reclaim(PMEM_RECLAIM_DRY_RUN), 3); /* a program printed into it */
	ck_assert_int_eq(truncate(journal_path, JOURNAL_SIZE - 1), 0);
	ck_assert_uint_eq(reclaim(0), 0); /* never complete, so it never held anything */
	ck_assert_uint_eq(vcfw_journals(), 0);
	ck_assert_uint_eq(vcfw->live, 3);
}
END_TEST

START_TEST(files_of_others_are_not_believed)
{
	char other[600];

	vcfw_child(take_three, NULL);
	find_journal();
	ck_assert_int_eq(chmod(journal_path, 0620), 0);
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_int_eq(chmod(journal_path, 0600), 0);
	snprintf(other, sizeof(other), "%s/run/link", fake_root());
	ck_assert_int_eq(link(journal_path, other), 0);
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_int_eq(unlink(other), 0);
	if (chown(journal_path, 12345, 12345) == 0) {
		ck_assert_uint_eq(reclaim(0), 0);
		ck_assert_int_eq(chown(journal_path, geteuid(), getegid()), 0);
	}
	ck_assert_int_eq(rename(journal_path, other), 0);
	ck_assert_int_eq(symlink(other, journal_path), 0);
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_int_eq(unlink(journal_path), 0);
	ck_assert_int_eq(mkfifo(journal_path, 0600), 0);
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_int_eq(unlink(journal_path), 0);
	ck_assert_int_eq(mkdir(journal_path, 0700), 0);
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_int_eq(rmdir(journal_path), 0);
	ck_assert_int_eq(rename(other, journal_path), 0);
	ck_assert_uint_eq(reclaim(0), 3);
}
END_TEST

/* Root's own folder, reached by the link of a user: nothing there is touched. */
START_TEST(what_a_user_links_to_is_not_touched)
{
	char link_path[600], elsewhere[600], file[700];

	snprintf(elsewhere, sizeof(elsewhere), "%s/root", fake_root());
	snprintf(link_path, sizeof(link_path), "%s/run/libpmem", fake_root());
	fake_text("/root/1-00000000.journal", "");
	fake_dir("/run");
	ck_assert_int_eq(symlink(elsewhere, link_path), 0);
	ck_assert_uint_eq(reclaim(0), 0);
	snprintf(file, sizeof(file), "%s/1-00000000.journal", elsewhere);
	ck_assert_int_eq(access(file, F_OK), 0);
	ck_assert_int_eq(unlink(link_path), 0);
	/* Nor a file that only has the name, nor one that has neither. */
	fake_text("/run/libpmem/1-00000000.journal", "mine, and precious");
	fake_text("/run/libpmem/precious.journal", "");
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_uint_eq(vcfw_journals(), 2);
}
END_TEST

/* A folder that anybody can write to, or that is somebody else's, is not used. */
START_TEST(folders_of_others_are_not_used)
{
	struct pmem_firmware_opts firmware = { .size = sizeof(firmware),
		.flags = PMEM_FIRMWARE_MUST_JOURNAL };
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .firmware = &firmware };
	struct pmem_region *region;
	char dir[600];

	snprintf(dir, sizeof(dir), "%s/run/libpmem", fake_root());
	fake_dir("/run/libpmem");
	ck_assert_int_eq(chmod(dir, 0777), 0);
	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), EACCES, PMEM_CAUSE_FILE_MODE);
	ck_assert_int_eq(chmod(dir, 0755), 0);
	if (chown(dir, 12345, 12345) == 0) {
		assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), EACCES,
			PMEM_CAUSE_FILE_MODE);
		ck_assert_int_eq(chown(dir, geteuid(), getegid()), 0);
	}
	assert_works(pmem_region_alloc(ctx, 4096, &opts, &region));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(handles_of_another_boot_are_forgotten)
{
	vcfw_child(take_three, NULL);
	fake_text("/proc/stat", "cpu 1\nbtime 1000\nx 1\n");
	fake_text("/proc/sys/kernel/random/boot_id", "11111111-0000-4000-8000-000000000000\n");
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_uint_eq(vcfw_journals(), 1); /* made since this boot: a container's */
	fake_text("/proc/stat", "cpu 1\nbtime 99999999999\nx 1\n");
	fake_text("/proc/sys/kernel/random/boot_id", "00000000-0000-4000-8000-000000000000\n");
	ck_assert_uint_eq(reclaim(PMEM_RECLAIM_DRY_RUN), 0);
	ck_assert_uint_eq(vcfw_journals(), 1);
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_uint_eq(vcfw_journals(), 0);
	ck_assert_uint_eq(vcfw->live, 3); /* which a reboot would have freed */
}
END_TEST

/* All of the boot's id is the process's own, not only to its end: it is written, and looked at. */
START_TEST(who_a_process_is)
{
	static const char zero[PROCESS_BOOT_SIZE] = "";
	struct process_id self;
	size_t length;

	memset(&self, 0xff, sizeof(self));
	assert_works(process_self(ctx, &self));
	length = strnlen(self.boot, PROCESS_BOOT_SIZE);
	ck_assert_uint_eq(length, 36);
	ck_assert_mem_eq(self.boot + length, zero, PROCESS_BOOT_SIZE - length);
}
END_TEST

START_TEST(a_locked_journal_is_left_to_its_reaper)
{
	int fd;

	vcfw_child(take_three, NULL);
	find_journal();
	fd = open(journal_path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_uint_eq(reclaim(0), 0);
	close(fd);
	ck_assert_uint_eq(reclaim(0), 3);
}
END_TEST

static int reclaim_action(void *user)
{
	(void)user;
	return pmem_firmware_reclaim(ctx, 0, NULL, NULL);
}

START_TEST(every_system_call_of_the_reaper_may_fail)
{
	reclaim(0);
	vcfw_child(take_three, NULL);
	ck_assert_uint_gt(fake_fail_each(EIO, reclaim_action, NULL), 5);
	reclaim(0);
	/* A call that fails after the firmware obeyed cannot be told from one that did not. */
	ck_assert_uint_eq(vcfw_journals(), 0);
}
END_TEST

/* A reaper that locks a new file before its maker does takes it for remains: another is made. */
START_TEST(a_reaper_in_between)
{
	bool locked = false;

	for (unsigned n = 1; !locked; n++) {
		struct journal *journal;
		const char *failed;
		int r;

		fake_fail(n, EWOULDBLOCK);
		r = journal_create(ctx, &journal);
		failed = fake_failed();
		fake_fail(0, 0);
		ck_assert_msg(failed != NULL, "nothing was locked");
		locked = strcmp(failed, "flock") == 0;
		ck_assert_msg(!locked || r == 0, "%s", pmem_error_text(pmem_error_last()));
		if (r == 0)
			assert_works(journal_close(journal, false));
	}
	ck_assert_uint_eq(vcfw_journals(), 1); /* the reaper's */
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_uint_eq(vcfw_journals(), 0);
}
END_TEST

/*
 * Between the moment that memory is back at the firmware and the moment that its owner lets go of
 * the record nobody else may get it: the owner still looks at it, however slow it is.
 */
START_TEST(a_record_is_its_owners_until_it_lets_go)
{
	struct fwmem_record *record, *other;
	struct journal *journal;
	int fd = mailbox_open(ctx);

	ck_assert_int_ge(fd, 0);
	assert_works(journal_create(ctx, &journal));
	record = journal_take(journal, 4096, 0, 0);
	assert_works(fwmem_allocate(fd, record, 4096, 0));
	assert_works(fwmem_give_back(fd, record));
	ck_assert(!fwmem_holds(record));
	other = journal_take(journal, 8192, 0, 0);
	ck_assert_ptr_ne(other, record);
	ck_assert_uint_eq(record->size, 4096);
	fwmem_free(record);
	ck_assert_ptr_eq(journal_take(journal, 12288, 0, 0), record);
	fwmem_free(record);
	fwmem_free(other);
	assert_works(journal_close(journal, false));
	os->close(fd);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("journal");
	TCase *tcase = tcase_create("journal");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, children_hold_no_lock);
	tcase_add_test(tcase, damage_harms_nothing);
	tcase_add_test(tcase, short_and_long_files_harm_nothing);
	tcase_add_test(tcase, files_of_others_are_not_believed);
	tcase_add_test(tcase, what_a_user_links_to_is_not_touched);
	tcase_add_test(tcase, folders_of_others_are_not_used);
	tcase_add_test(tcase, handles_of_another_boot_are_forgotten);
	tcase_add_test(tcase, who_a_process_is);
	tcase_add_test(tcase, a_locked_journal_is_left_to_its_reaper);
	tcase_add_test(tcase, every_system_call_of_the_reaper_may_fail);
	tcase_add_test(tcase, a_reaper_in_between);
	tcase_add_test(tcase, a_record_is_its_owners_until_it_lets_go);
	suite_add_tcase(suite, tcase);
	return suite;
}
