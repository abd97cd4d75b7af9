/* SPDX-License-Identifier: MIT */
/*
 * A process that takes and gives memory in every way this machine has is killed at any moment, while children of
 * it may live on. The next one can allocate at once: no lock is left, no page in the kernel's pools of huge pages, no
 * file.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "figures.h"
#include "os/file.h"
#include "os/os.h"
#include "os/run_dir.h"
#include "pages/hugetlb.h"
#include "pages/reserve.h"
#include "suite.h"

#define KIB   ((size_t)1 << 10)
#define MIB   ((size_t)1 << 20)
#define KILLS 200
/* Of the life of a process that is killed, in milliseconds; one that goes on is one too late. */
#define LIFE  40
/* What the next process may take for all that it does, with others on this machine at work. */
#define AT_ONCE_S 10

static size_t pool; /* the smallest pool of huge pages that is ours to change, or 0 */

/* The child of the one that is killed; in shared memory. */
static volatile struct orphan {
	pid_t pid;
} *orphan;

const char *test_skip(void)
{
	return addresses_are_hidden();
}

static void pause_us(long us)
{
	nanosleep(&(struct timespec){ us / 1000000, us % 1000000 * 1000 }, NULL);
}

/* --- the one that is killed ------------------------------------------------------------------- */

static void alloc(struct pmem_ctx *ctx, uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags };
	struct pmem_region *region;

	if (pmem_region_alloc(ctx, size, &opts, &region) < 0)
		return;
	memset(pmem_region_data(region), 0x5a, (size_t)size);
	if (pmem_region_close(region) < 0)
		_exit(1);
}

static void use_pool(struct pmem_ctx *ctx, unsigned *seed)
{
	struct pmem_pool *objects;
	void *kept[16];

	if (pmem_pool_new(ctx, NULL, &objects) < 0)
		return;
	for (int i = 0; i < 16; i++)
		kept[i] = pmem_pool_alloc(objects, (uint64_t)(1 + rand_r(seed) % 8192), 0);
	for (int i = 0; i < 16; i++) {
		if (kept[i] && pmem_pool_free(objects, kept[i]) < 0)
			_exit(1);
	}
	if (pmem_pool_close(objects) < 0)
		_exit(1);
}

static void use_own(struct pmem_ctx *ctx)
{
	static unsigned char own[256 << 10];
	struct pmem_region *region;

	if (pmem_region_register(ctx, own, sizeof(own), 0, &region) == 0 && pmem_region_close(region) < 0)
		_exit(1);
}

static void use_huge_pages(struct pmem_ctx *ctx)
{
	struct reserve reserve;
	bool parts;

	if (pool && reserve_begin(ctx, pool, 0, &reserve, &parts) == 0 && reserve_end(&reserve) < 0)
		_exit(1);
}

/* --- its children ----------------------------------------------------------------------------- */

static bool leaves_child;

/* Forked while a lock is held, as by another thread; it lives longer than its parent, with all that it was given. */
static void leave_child(void)
{
	pid_t child;

	if (orphan->pid) {
		kill(orphan->pid, SIGKILL);
		waitpid(orphan->pid, NULL, 0);
		orphan->pid = 0;
	}
	child = fork();
	if (child < 0)
		_exit(1);
	if (child == 0) {
		alarm(60); /* its parent may be killed before it has told of it */
		for (;;)
			pause();
	}
	orphan->pid = child;
}

static int flock_and_fork(int fd, int operation)
{
	int r = os_linux.flock(fd, operation);

	if (leaves_child && r == 0 && (operation & LOCK_EX))
		leave_child();
	return r;
}

static void use_any(struct pmem_ctx *ctx, unsigned *seed)
{
	switch (rand_r(seed) % 5) {
	case 0:
		alloc(ctx, 4 * KIB << rand_r(seed) % 10, 0);
		break;
	case 1:
		alloc(ctx, 8 * MIB, 0);
		break;
	case 2:
		alloc(ctx, 32 * MIB, PMEM_ALLOC_SCATTERED);
		break;
	case 3:
		use_pool(ctx, seed);
		break;
	default:
		use_own(ctx);
	}
}

static void live(unsigned number)
{
	static struct os_calls calls;
	struct pmem_ctx *ctx;
	unsigned seed = number;

	calls = os_linux;
	calls.flock = flock_and_fork;
	os = &calls;
	leaves_child = number % 2;
	if (pmem_ctx_new(&ctx) < 0)
		_exit(1);
	for (;;) {
		if (number / 2 % 3 == 0)
			use_any(ctx, &seed);
		else if (number / 2 % 3 == 1)
			use_huge_pages(ctx);
		else
			alloc(ctx, 8 * MIB, 0); /* a row of huge pages: the sieve and its lock */
	}
}

/* --- what is left ------------------------------------------------------------------------------ */

/* All pools in one number, so that no change goes unseen. */
static uint64_t all_pools(void)
{
	size_t sizes[HUGETLB_POOLS], count = hugetlb_sizes("", sizes);
	uint64_t all = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t total = 0;
		char path[256];

		snprintf(path, sizeof(path), HUGETLB_FOLDER "/hugepages-%zukB/nr_hugepages", sizes[i] / 1024);
		assert_works(file_read_u64("", path, &total));
		all = all * 4096 + total;
	}
	return all;
}

static uint64_t meminfo(const char *name)
{
	char *text, *at;
	uint64_t value;
	size_t size;

	assert_works(file_read("", "/proc/meminfo", 1u << 16, &text, &size));
	at = strstr(text, name);
	ck_assert_ptr_nonnull(at);
	value = strtoull(at + strlen(name) + 1, NULL, 10);
	free(text);
	return value * 1024;
}

static int count_name(void *user, const char *name)
{
	(void)name;
	++*(unsigned *)user;
	return 0;
}

static unsigned files_in(const char *dir)
{
	unsigned count = 0;

	(void)os_linux.list(dir, count_name, &count);
	return count;
}

/* Nothing is in the record of huge pages. */
static void assert_no_record(void)
{
	struct stat st;
	char dir[PATH_MAX], path[PATH_MAX + 16];

	for (unsigned i = 0; run_dir_path("", NULL, i, dir); i++) {
		snprintf(path, sizeof(path), "%s/hugepages", dir);
		ck_assert(stat(path, &st) < 0 || st.st_size == 0);
	}
}

/* The next process: each way works, or is refused for another reason than that somebody has it. */
static void next(void)
{
	struct pmem_ctx *ctx;
	struct reserve reserve;
	uint64_t phys;
	bool parts;
	pid_t child = fork();
	int status = -1, r;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct pmem_region *small, *large;
		struct pmem_alloc_opts opts = { .size = sizeof(opts) };

		alarm(AT_ONCE_S);
		if (pmem_ctx_new(&ctx) < 0 || pmem_region_alloc(ctx, 4096, &opts, &small) < 0 ||
			pmem_region_phys(small, &phys) < 0)
			_exit(1);
		if (pmem_region_alloc(ctx, 8 * MIB, &opts, &large) == -EBUSY)
			_exit(2);
		if (reserve_reap(ctx) < 0)
			_exit(3);
		r = pool ? reserve_begin(ctx, pool, 0, &reserve, &parts) : -ENOENT;
		if (r == -EWOULDBLOCK)
			_exit(4); /* it waits for five seconds first */
		_exit(r == 0 && reserve_end(&reserve) < 0 ? 5 : 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(status == 0, "the next process ends with 0x%x", (unsigned)status);
}

static void end_orphan(void)
{
	if (orphan->pid)
		kill(orphan->pid, SIGKILL);
	orphan->pid = 0;
}

static void choose_pool(void)
{
	size_t sizes[HUGETLB_POOLS];

	pool = hugetlb_sizes("", sizes) && access(HUGETLB_FOLDER, W_OK) == 0 ? sizes[0] : 0;
}

START_TEST(test_killed)
{
	const unsigned kills = getenv("KILLED_ROUNDS") ? (unsigned)atoi(getenv("KILLED_ROUNDS")) : KILLS;
	uint64_t pools, shared;
	void *memory;
	unsigned seed = 1, files = files_in("/dev/shm");

	choose_pool();
	memory = mmap(NULL, sizeof(*orphan), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	orphan = memory;
	next();
	pools = all_pools();
	shared = meminfo("\nShmem:");
	for (unsigned i = 0; i < kills; i++) {
		int status = -1;
		pid_t child = fork();

		ck_assert_int_ge(child, 0);
		if (child == 0)
			live(i);
		pause_us(1000 + rand_r(&seed) % (LIFE * 1000));
		kill(child, SIGKILL);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "it ended by itself: 0x%x",
			(unsigned)status);
		next();
		/* Somebody else may change a pool for a moment; what is left by the dead stays. */
		for (unsigned n = 0; n < 50 && all_pools() != pools; n++)
			pause_us(100000);
		ck_assert_msg(all_pools() == pools, "after kill %u huge pages are left in a pool", i);
		assert_no_record();
		end_orphan();
	}
	/* Files in memory of the dead go with them; others on this machine may make some, too. */
	for (unsigned i = 0; i < 100 && meminfo("\nShmem:") > shared + 64 * MIB; i++)
		pause_us(100000);
	ck_assert_uint_le(meminfo("\nShmem:"), shared + 64 * MIB);
	ck_assert_uint_eq(files_in("/dev/shm"), files);
	test_figure("threads.kills", kills);
	munmap(memory, sizeof(*orphan));
	printf("%u kills: nothing was left\n", kills);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("killed");
	TCase *tc = tcase_create("killed");

	tcase_set_timeout(tc, 250);
	tcase_add_test(tc, test_killed);
	suite_add_tcase(suite, tc);
	return suite;
}
