/* SPDX-License-Identifier: MIT */
/* The program's own memory as a region: kept in place, found, and let go as it was. */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pagemap.h"
#include "suite.h"
#include "vm.h"

#define PAGE  ((size_t)4096)
#define PAGES 16

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static unsigned char *memory, as_it_was[PAGES * PAGE];

static void setup(void)
{
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	memset(memory, 0x5a, PAGES * PAGE);
	memset(as_it_was, 0x5a, PAGES * PAGE);
	fake_start();
	fake_string("/", "compatible", "a board");
	fake_file("/proc/device-tree/dma-coherent", "", 0);
	pagemap_play(PAGEMAP_IN_ORDER);
	vm_play();
	fake_page_size(PAGE);
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
	/* One assertion: each is a message to another process. */
	ck_assert_mem_eq(memory, as_it_was, PAGES * PAGE);
	ck_assert_int_eq(munmap(memory, PAGES * PAGE), 0); /* still there, and ours */
}

static int keep(void *addr, uint64_t length, uint32_t flags)
{
	return pmem_region_register(ctx, addr, length, flags, &region);
}

START_TEST(test_whole_pages)
{
	uint64_t phys = 0, offset = 0;
	struct pmem_region *found = NULL;

	assert_works(keep(memory, PAGES * PAGE, 0));
	ck_assert_str_eq(pmem_region_backend(region), "registered");
	ck_assert_ptr_eq(pmem_region_data(region), memory);
	ck_assert_uint_eq(pmem_region_size(region), PAGES * PAGE);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_COHERENT |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, pagemap_frame_of(memory));
	assert_works(pmem_region_find(ctx, memory + 5000, &found, &offset));
	ck_assert_ptr_eq(found, region);
	ck_assert_uint_eq(offset, 5000);
	assert_works(pmem_region_find_phys(ctx, phys + 5000, &found, &offset));
	ck_assert_uint_eq(offset, 5000);
	assert_fails(pmem_region_fd(region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_uint_eq(vm.dont_fork, 0); /* children need it */
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* From byte 100 of page 3 to byte 4 of page 5: three pages are pinned, its own bytes are told. */
START_TEST(test_any_bytes)
{
	unsigned char *first = memory + 3 * PAGE + 100;
	const uint64_t length = 2 * PAGE - 96;
	struct pmem_extent extent;
	struct pmem_region *found;
	uint64_t phys = 0;
	uint32_t word = 0;
	size_t count = 0;

	assert_works(keep(first, length, 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, pagemap_frame_of(first - 100) + 100);
	assert_works(pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, &extent, 1, &count));
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(extent.offset, 0);
	ck_assert_uint_eq(extent.length, length);
	ck_assert_uint_eq(extent.phys, phys);
	assert_works(pmem_region_read32(region, 0, &word));
	ck_assert_uint_eq(word, 0x5a5a5a5a);
	assert_fails(pmem_region_read32(region, length, &word), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_region_find(ctx, first - 1, &found, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_region_find_phys(ctx, phys - 1, &found, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_region_find_phys(ctx, phys + length, &found, NULL), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_works(pmem_region_close(region));
	/* Nearer to the end of its page than to the beginning. */
	assert_works(keep(first + PAGE - 200, 100, 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, pagemap_frame_of(first - 100) + PAGE - 100);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(test_in_pieces)
{
	struct pmem_extent extents[4];
	uint64_t phys;
	size_t count = 0;

	pagemap_rule(PAGEMAP_APART);
	assert_works(keep(memory + 1, 3 * PAGE, 0));
	assert_fails(pmem_region_phys(region, &phys), EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS, 0);
	assert_works(pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, extents, 4, &count));
	ck_assert_uint_eq(count, 4);
	ck_assert_uint_eq(extents[0].length, PAGE - 1);
	ck_assert_uint_eq(extents[1].offset, PAGE - 1);
	ck_assert_uint_eq(extents[3].length, 1);
	ck_assert_uint_eq(extents[0].phys % PAGE, 1);
	ck_assert_uint_eq(extents[3].phys % PAGE, 0);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(test_twice)
{
	struct pmem_region *other, *found;

	assert_works(keep(memory, 2 * PAGE, 0));
	assert_works(pmem_region_register(ctx, memory + PAGE, 2 * PAGE, 0, &other));
	assert_works(pmem_region_find(ctx, memory + PAGE, &found, NULL));
	ck_assert(found == region || found == other);
	assert_works(pmem_region_close(region));
	assert_works(pmem_region_find(ctx, memory + PAGE, &found, NULL));
	ck_assert_ptr_eq(found, other);
	assert_works(pmem_region_close(other));
}
END_TEST

START_TEST(test_refused)
{
	assert_fails(pmem_region_register(NULL, memory, 1, 0, &region), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(keep(NULL, 1, 0), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_register(ctx, memory, 1, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(keep(memory, 0, 0), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	assert_fails(keep(memory, 1, 1u << 31), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(keep(memory, UINT64_MAX, 0), EOVERFLOW, PMEM_CAUSE_WRAPS);
	/* To the last byte there is, so it does not wrap; no program has that much. */
	assert_fails(keep((void *)PAGE, UINTPTR_MAX - PAGE + 1, 0), EOVERFLOW, PMEM_CAUSE_WRAPS);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* The first page gives one byte, which is a piece too: the pool knows where the others are. */
START_TEST(test_in_a_pool)
{
	static const struct pmem_pool_opts opts = { .size = sizeof(opts), .flags = PMEM_POOL_NO_GROW };
	struct pmem_pool *pool = NULL;
	uint64_t phys = 0;
	void *object;

	pagemap_rule(PAGEMAP_APART);
	assert_works(keep(memory + PAGE - 1, 2 * PAGE + 1, 0));
	assert_works(pmem_pool_new(ctx, &opts, &pool));
	assert_works(pmem_pool_add_region(pool, region));
	ck_assert_ptr_null(pmem_pool_alloc(pool, PAGE + 64, 64)); /* no page has a neighbour */
	object = pmem_pool_alloc(pool, 64, 64);
	ck_assert_ptr_nonnull(object);
	assert_works(pmem_pool_phys(pool, object, &phys));
	ck_assert_uint_eq(phys, pagemap_frame_of((void *)((uintptr_t)object & ~(PAGE - 1))) + (uintptr_t)object % PAGE);
	assert_works(pmem_pool_free(pool, object));
	assert_works(pmem_pool_close(pool));
	assert_works(pmem_region_close(region));
}
END_TEST

/* A pin that a fork() would undo is none; a kernel without any; an account that is full. */
START_TEST(test_nothing_pins)
{
	fake_kernel(5011);
	assert_fails(keep(memory, PAGE, 0), EOPNOTSUPP, PMEM_CAUSE_NOT_PINNED);
	assert_works(keep(memory, PAGE, PMEM_REGISTER_MAY_MOVE));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_PINNED, 0);
	assert_works(pmem_region_close(region));
	fake_kernel(6012);
	vm.ring_errnum = ENOSYS;
	assert_fails(keep(memory, PAGE, 0), ENOSYS, PMEM_CAUSE_UNSUPPORTED);
	vm.ring_errnum = 0;
}
END_TEST

START_TEST(test_no_address)
{
	uint64_t phys;

	pagemap_rule(PAGEMAP_HIDDEN);
	assert_fails(keep(memory, PAGE, 0), EPERM, PMEM_CAUSE_CAPABILITY);
	assert_works(keep(memory, PAGE, PMEM_REGISTER_NO_ADDRESS));
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_CAPABILITY);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(test_pages_that_move)
{
	pagemap_rule(PAGEMAP_MOVING);
	assert_fails(keep(memory, 2 * PAGE, 0), EAGAIN, PMEM_CAUSE_MOVED);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* Of shared memory: pinned, and all the same out of the page table. It is brought in again, but not for ever. */
START_TEST(test_taken_out)
{
	pagemap_entry(memory + PAGE, 0, 4); /* each look reads it twice */
	assert_works(keep(memory, 2 * PAGE, 0));
	assert_works(pmem_region_close(region));
	pagemap_entry(memory + PAGE, 0, 2);
	vm.populate = false;
	assert_fails(keep(memory, 2 * PAGE, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	vm.populate = true;
	assert_works(keep(memory, 2 * PAGE, 0));
	assert_works(pmem_region_close(region));
	pagemap_entry(memory + PAGE, 0, 0);
	assert_fails(keep(memory, 2 * PAGE, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

START_TEST(test_caches)
{
	fake_remove("/proc/device-tree/dma-coherent");
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
	assert_works(keep(memory, PAGE, 0));
	ck_assert_uint_ne(pmem_region_attrs(region) & PMEM_REGION_NEEDS_SYNC, 0);
	assert_works(pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert_uint_gt(fake_cache_calls(), 0);
	assert_works(pmem_region_close(region));
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_fails(keep(memory, PAGE, 0), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
}
END_TEST

/* A child's finalizer frees what the child has of it: the parent's pin stays. */
START_TEST(test_a_child_closes_it)
{
	size_t fds;
	int status;
	pid_t child;

	assert_works(keep(memory, PAGES * PAGE, 0));
	fds = fake_fds();
	child = fork();
	if (child == 0) {
		int bad = pmem_region_close(region) != 0 || fake_fds() != fds;

		bad |= memory[0] != 0x5a;
		_exit(bad);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	assert_works(pmem_region_close(region));
}
END_TEST

/* LIBPMEM_DEBUG=coherence exchanges pages; not these. */
START_TEST(test_not_watched)
{
	pmem_ctx_unref(ctx);
	fake_env("LIBPMEM_DEBUG", "coherence");
	assert_works(pmem_ctx_new(&ctx));
	assert_works(keep(memory, PAGE, 0));
	ck_assert_uint_ne(pmem_region_attrs(region) & PMEM_REGION_COHERENT, 0);
	ck_assert_uint_eq(memory[0], 0x5a);
	assert_works(pmem_region_close(region));
}
END_TEST

static int once(void *user)
{
	int r = keep(memory + 7, 3 * PAGE, 0);

	(void)user;
	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(test_each_call_fails)
{
	ck_assert_uint_ge(fake_fail_each(EIO, once, NULL), 4);
	ck_assert_uint_ge(fake_fail_each(ENOMEM, once, NULL), 4);
}
END_TEST

/* --- by the real io_uring, which sees the kinds of memory -------------------------------------- */

static void real_setup(void)
{
	fake_start();
	assert_works(pmem_ctx_new(&ctx));
}

static void real_teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

static int keep_without_address(void *addr, uint64_t length)
{
	return keep(addr, length, PMEM_REGISTER_NO_ADDRESS);
}

START_TEST(test_kinds_of_memory)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = memfd_create("register", MFD_CLOEXEC);
	unsigned char *never_touched = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char *shared, *allocated = malloc(3 * page);

	ck_assert(never_touched != MAP_FAILED && allocated && ftruncate(fd, (off_t)page) == 0);
	shared = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(shared, MAP_FAILED);
	assert_works(keep_without_address(never_touched, 4 * page));
	assert_works(pmem_region_close(region));
	assert_works(keep_without_address(shared, page));
	assert_works(pmem_region_close(region));
	assert_works(keep_without_address(allocated, 3 * page)); /* from the middle of a page */
	assert_works(pmem_region_close(region));
	free(allocated);
	munmap(shared, page);
	close(fd);

	ck_assert_int_eq(mprotect(never_touched + page, page, PROT_READ), 0);
	assert_fails(keep_without_address(never_touched, 4 * page), EFAULT, PMEM_CAUSE_WRONG_KIND);
	munmap(never_touched + page, page);
	assert_fails(keep_without_address(never_touched, 4 * page), EFAULT, PMEM_CAUSE_WRONG_KIND);
	assert_fails(keep(never_touched, 4 * page, PMEM_REGISTER_NO_ADDRESS | PMEM_REGISTER_MAY_MOVE),
		EFAULT, PMEM_CAUSE_WRONG_KIND);
	fake_fail_named("io_uring_setup", ENOSYS);
	assert_fails(keep(never_touched, 4 * page, PMEM_REGISTER_NO_ADDRESS | PMEM_REGISTER_MAY_MOVE),
		EFAULT, PMEM_CAUSE_WRONG_KIND);
	assert_works(keep(never_touched + 2 * page, 2 * page,
		PMEM_REGISTER_NO_ADDRESS | PMEM_REGISTER_MAY_MOVE));
	assert_works(pmem_region_close(region));
	fake_fail_named(NULL, 0);
	munmap(never_touched, 4 * page);
}
END_TEST

START_TEST(test_limits)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *own = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(own, MAP_FAILED);
	fake_capability(CAP_IPC_LOCK, false);
	fake_fail_named("io_uring_register", ENOMEM);
	assert_fails(keep_without_address(own, page), ENOMEM, PMEM_CAUSE_LIMIT);
	fake_fail_named("io_uring_register", EOPNOTSUPP);
	assert_fails(keep_without_address(own, page), EOPNOTSUPP, PMEM_CAUSE_WRONG_KIND);
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(fake_fds(), 0);
	munmap(own, page);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("register");
	TCase *played = tcase_create("played"), *real = tcase_create("real");
	TCase *fork = tcase_create("fork");

	tcase_add_checked_fixture(played, setup, teardown);
	tcase_add_test(played, test_whole_pages);
	tcase_add_test(played, test_any_bytes);
	tcase_add_test(played, test_in_pieces);
	tcase_add_test(played, test_twice);
	tcase_add_test(played, test_refused);
	tcase_add_test(played, test_in_a_pool);
	tcase_add_test(played, test_nothing_pins);
	tcase_add_test(played, test_no_address);
	tcase_add_test(played, test_pages_that_move);
	tcase_add_test(played, test_taken_out);
	tcase_add_test(played, test_caches);
	tcase_add_test(played, test_not_watched);
	tcase_add_test(played, test_each_call_fails);
	suite_add_tcase(suite, played);
	tcase_add_checked_fixture(fork, setup, teardown);
	tcase_add_test(fork, test_a_child_closes_it);
	tcase_set_tags(fork, "wipeonfork"); /* test/emulated: not under QEMU's user mode */
	suite_add_tcase(suite, fork);
	tcase_add_checked_fixture(real, real_setup, real_teardown);
	tcase_add_test(real, test_kinds_of_memory);
	tcase_add_test(real, test_limits);
	tcase_set_tags(real, "io_uring");
	suite_add_tcase(suite, real);
	return suite;
}
