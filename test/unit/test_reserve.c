/* SPDX-License-Identifier: MIT */
/* Huge pages that the kernel makes on request: pools as files, what is written down, and who puts back. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "forks_at_locks.h"
#include "pagemap.h"
#include "os/inherit.h"
#include "pages/reserve.h"
#include "suite.h"
#include "vm.h"

#define GIB    ((size_t)1 << 30)
#define MIB    ((size_t)1 << 20)
#define HUGEPAGES   "/sys/kernel/mm/hugepages/"
#define LARGE  HUGEPAGES "hugepages-1048576kB/"
#define SMALL  HUGEPAGES "hugepages-2048kB/"
#define BOOT   "01234567-89ab-cdef-0123-456789abcdef"
#define RECORD "/run/libpmem/hugepages"

static struct pmem_ctx *ctx;
static struct os_calls calls;
static bool stingy;         /* the kernel has no room for another page */
static bool takes_surplus;  /* it makes surplus pages ordinary ones first, as set_max_huge_pages() does */
static bool short_record;   /* the folder of the record is full */
static bool undivided;      /* it takes no page apart, and does not say so */
static unsigned compacted;

static unsigned long number(const char *path)
{
	char full[4096], text[32] = "";
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", fake_root(), path);
	f = fopen(full, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), f));
	fclose(f);
	return strtoul(text, NULL, 10);
}

static void set(const char *path, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu\n", value);
	fake_text(path, text);
}

static char *record(void)
{
	static char text[512];
	char path[4096];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s" RECORD, fake_root());
	f = fopen(path, "r");
	if (f) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return text;
}

/* What is written to a pool's file is what the kernel makes of it. */
static ssize_t played_write(int fd, const void *buf, size_t count)
{
	char link[64], path[4096], text[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	snprintf(text, sizeof(text), "%.*s\n", (int)count, (const char *)buf);
	if (strstr(path, "nr_hugepages")) {
		unsigned long wanted = strtoul(text, NULL, 10), now = number(path + strlen(fake_root()));

		/* It must have been written down before. */
		ck_assert_ptr_nonnull(strstr(record(), BOOT));
		if (wanted > now && takes_surplus)
			set(LARGE "surplus_hugepages", 0);
		if (wanted > now && stingy)
			return (ssize_t)count;
		/* Pages that are mapped stay, as surplus. */
		if (takes_surplus && wanted < now) {
			set(LARGE "surplus_hugepages", now - wanted);
			return (ssize_t)count;
		}
		fake_text(path + strlen(fake_root()), text);
		return (ssize_t)count;
	}
	if (strstr(path, "/demote") && !strstr(path, "demote_size") && !undivided) {
		set(LARGE "nr_hugepages", number(LARGE "nr_hugepages") - 1);
		set(SMALL "nr_hugepages", number(SMALL "nr_hugepages") + 512);
	}
	if (strstr(path, "compact_memory"))
		compacted++;
	if (short_record && strstr(path, RECORD)) {
		set(LARGE "nr_hugepages", 1); /* somebody else's, meanwhile */
		count /= 2;
	}
	return os_linux.write(fd, buf, count);
}

static void setup(void)
{
	stingy = takes_surplus = short_record = undivided = false;
	compacted = 0;
	fake_start();
	fake_page_size(4096);
	fake_text("/proc/sys/kernel/random/boot_id", BOOT "\n");
	fake_text("/proc/meminfo", "MemAvailable: 8192 kB\n");
	fake_text("/proc/sys/vm/compact_memory", "");
	set(LARGE "nr_hugepages", 0);
	set(LARGE "surplus_hugepages", 0);
	set(SMALL "nr_hugepages", 3);
	set(SMALL "surplus_hugepages", 1);
	fake_dir("/run");
	calls = *os;
	calls.write = played_write;
	os = &calls;
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

/* An end in order, or that of one who is killed and followed by another. */
static void leave(struct reserve *reserve, bool dead)
{
	if (!dead) {
		assert_works(reserve_end(reserve));
		return;
	}
	ck_assert_int_eq(inherit_close(reserve->fd), 0);
	assert_works(reserve_reap(ctx));
}

START_TEST(test_whole)
{
	struct reserve reserve;
	bool parts = true;

	assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
	ck_assert(!parts);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	ck_assert_str_eq(record(), BOOT "\n1073741824 0 1\n");
	assert_works(reserve_end(&reserve));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_str_eq(record(), "");
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* Of three pages of the small pool one is somebody's surplus: two are put back. */
START_TEST(test_parts)
{
	struct reserve reserve;
	bool parts = false;

	fake_text(LARGE "demote", "");
	fake_text(LARGE "demote_size", "");
	assert_works(reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts));
	ck_assert(parts);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(number(SMALL "nr_hugepages"), 515);
	ck_assert_str_eq(record(), BOOT "\n1073741824 0 1\n2097152 2 512\n");
	assert_works(reserve_end(&reserve));
	ck_assert_uint_eq(number(SMALL "nr_hugepages"), 2);
}
END_TEST

/* Linux before 5.16 cannot take it apart: then it is taken whole. */
START_TEST(test_no_parts)
{
	struct reserve reserve;
	bool parts = true;

	assert_works(reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts));
	ck_assert(!parts);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	assert_works(reserve_end(&reserve));
	fake_text(LARGE "demote", "");
	fake_text(LARGE "demote_size", "");
	parts = undivided = true;
	assert_works(reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts));
	ck_assert(!parts);
	assert_works(reserve_end(&reserve));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

START_TEST(test_no_room)
{
	struct reserve reserve;
	bool parts;

	stingy = true;
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_str_eq(record(), "");
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

START_TEST(test_refused)
{
	struct reserve reserve;
	bool parts;

	fake_fail_named("openat", EACCES);
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), EACCES, PMEM_CAUSE_CAPABILITY);
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* Killed with a page in the pool: the next one puts it back; of another boot there is nothing to. */
START_TEST(test_the_dead)
{
	struct reserve reserve;
	bool parts;

	fake_text(RECORD, BOOT "\n1073741824 0 1\n2097152 2 512\n");
	set(LARGE "nr_hugepages", 1);
	set(SMALL "nr_hugepages", 515);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(number(SMALL "nr_hugepages"), 2);
	ck_assert_str_eq(record(), "");

	fake_text(RECORD, "fedcba98" "-89ab-cdef-0123-456789abcdef\n1073741824 0 1\n");
	set(LARGE "nr_hugepages", 1);
	assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 2);
	assert_works(reserve_end(&reserve));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
}
END_TEST

/* What an administrator, or another program, does to the pools meanwhile stays done. */
START_TEST(test_changed_meanwhile)
{
	struct reserve reserve;
	bool parts;

	for (int dead = 0; dead < 2; dead++) {
		static const unsigned long large[][2] = { { 1, 0 }, { 20, 19 }, { 0, 0 } },
			small[][2] = { { 515, 2 }, { 615, 102 }, { 100, 100 }, { 0, 0 } };

		for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
			set(LARGE "nr_hugepages", 0);
			assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
			set(LARGE "nr_hugepages", large[i][0]);
			leave(&reserve, dead);
			ck_assert_uint_eq(number(LARGE "nr_hugepages"), large[i][1]);
		}
		fake_text(LARGE "demote", "");
		fake_text(LARGE "demote_size", "");
		for (size_t i = 0; i < ARRAY_SIZE(small); i++) {
			set(LARGE "nr_hugepages", 0);
			set(SMALL "nr_hugepages", 3);
			assert_works(reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts));
			set(SMALL "nr_hugepages", small[i][0]);
			leave(&reserve, dead);
			ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
			ck_assert_uint_eq(number(SMALL "nr_hugepages"), small[i][1]);
		}
		ck_assert_str_eq(record(), "");
	}
}
END_TEST

/* What was somebody's surplus is made a page of the pool first; then the kernel has no room. */
START_TEST(test_surplus_meanwhile)
{
	struct reserve reserve;
	bool parts;

	set(LARGE "nr_hugepages", 3);
	set(LARGE "surplus_hugepages", 2);
	takes_surplus = stingy = true;
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 3);
	ck_assert_uint_eq(number(LARGE "surplus_hugepages"), 2);
	ck_assert_str_eq(record(), "");
}
END_TEST

/* A record that is not whole protects nobody: nothing is changed, and what others made in the same moment is theirs. */
START_TEST(test_short_record)
{
	struct reserve reserve;
	bool parts;

	short_record = true;
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), ENOSPC, PMEM_CAUSE_SYSTEM);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	ck_assert_str_eq(record(), "");
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* Nor is one believed that somebody else may have written. */
START_TEST(test_record_of_others)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s" RECORD, fake_root());
	fake_text(RECORD, BOOT "\n1073741824 0 1\n");
	set(LARGE "nr_hugepages", 1);
	ck_assert_int_eq(chmod(path, 0622), 0);
	assert_fails(reserve_reap(ctx), EACCES, PMEM_CAUSE_CAPABILITY);
	ck_assert_int_eq(chmod(path, 0600), 0);
	if (chown(path, 12345, 12345) == 0) {
		assert_fails(reserve_reap(ctx), EACCES, PMEM_CAUSE_CAPABILITY);
		ck_assert_int_eq(chown(path, geteuid(), getegid()), 0);
	}
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

/* What cannot be read cannot be put back: it stays written down for the next one. */
START_TEST(test_unreadable)
{
	struct reserve reserve;
	bool parts;

	assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
	fake_fail_named("read", EIO);
	ck_assert_int_eq(reserve_end(&reserve), -EIO);
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

/* Damage is not believed, and what an administrator took away meanwhile is not given back. */
START_TEST(test_damage)
{
	fake_text(RECORD, BOOT "\nwhat\n1073741824\n1073741824 0\n12345 0 1\n99999999999999999999999 0 1\n"
		"1073741824 5 1\n1073741824 2 1");
	set(LARGE "nr_hugepages", 3);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 3);
	ck_assert_str_eq(record(), "");
}
END_TEST

/* Somebody is at it: not waited for when only what the dead left is looked for; else for a while. */
START_TEST(test_in_use)
{
	char path[4096];
	struct reserve reserve;
	bool parts;
	int fd;

	fake_text(RECORD, BOOT "\n1073741824 0 1\n");
	set(LARGE "nr_hugepages", 1);
	snprintf(path, sizeof(path), "%s" RECORD, fake_root());
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), EWOULDBLOCK, PMEM_CAUSE_SYSTEM);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	close(fd);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

START_TEST(test_children_hold_no_lock)
{
	struct reserve reserve;
	bool parts;

	fork_at_locks();
	assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
	assert_works(reserve_end(&reserve));
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(forks_at_locks, 2);
	fork_no_more();
}
END_TEST

/* A link in the folder leads to nobody's file. */
START_TEST(test_links)
{
	struct reserve reserve;
	bool parts;

	fake_dir("/run/libpmem");
	fake_text("/precious", "precious");
	fake_link(RECORD, "../../precious");
	ck_assert_int_lt(reserve_begin(ctx, GIB, 0, &reserve, &parts), 0);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

static int once(void *user)
{
	struct reserve reserve;
	bool parts;
	int r = reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts);

	(void)user;
	return r < 0 ? r : reserve_end(&reserve);
}

START_TEST(test_each_call_fails)
{
	fake_text(LARGE "demote", "");
	fake_text(LARGE "demote_size", "");
	ck_assert_uint_ge(fake_fail_each(EIO, once, NULL), 10);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

/* --- by the public function ---------------------------------------------------------------------- */

static int alloc(uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .backend = "pages" };
	struct pmem_region *region;
	int r = pmem_region_alloc(ctx, size, &opts, &region);

	return r < 0 ? r : pmem_region_close(region);
}

static void vm_setup(void)
{
	setup();
	pagemap_play(PAGEMAP_APART);
	vm_play();
	calls = *os;
	calls.write = played_write;
	os = &calls;
	fake_text("/proc/meminfo", "MemAvailable: 8388608 kB\n");
}

/* Nothing is changed unless the caller says so. */
START_TEST(test_only_if_asked)
{
	assert_fails(alloc(8 * MIB, 0), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(compacted, 0);
	ck_assert_str_eq(record(), "");
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	assert_fails(alloc(8 * MIB, PMEM_ALLOC_TRY_HARD), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(compacted, 1);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(number(SMALL "nr_hugepages"), 3);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("reserve");
	TCase *pools = tcase_create("pools"), *public = tcase_create("public");

	tcase_add_checked_fixture(pools, setup, teardown);
	tcase_add_test(pools, test_whole);
	tcase_add_test(pools, test_parts);
	tcase_add_test(pools, test_no_parts);
	tcase_add_test(pools, test_no_room);
	tcase_add_test(pools, test_refused);
	tcase_add_test(pools, test_the_dead);
	tcase_add_test(pools, test_changed_meanwhile);
	tcase_add_test(pools, test_surplus_meanwhile);
	tcase_add_test(pools, test_short_record);
	tcase_add_test(pools, test_record_of_others);
	tcase_add_test(pools, test_unreadable);
	tcase_add_test(pools, test_damage);
	tcase_add_test(pools, test_in_use);
	tcase_add_test(pools, test_children_hold_no_lock);
	tcase_add_test(pools, test_links);
	tcase_add_test(pools, test_each_call_fails);
	suite_add_tcase(suite, pools);
	tcase_add_checked_fixture(public, vm_setup, teardown);
	tcase_add_test(public, test_only_if_asked);
	suite_add_tcase(suite, public);
	return suite;
}
