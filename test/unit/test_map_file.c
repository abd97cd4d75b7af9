/* SPDX-License-Identifier: MIT */
/* pmem_region_map_file(): registers that were saved, devices, and what is neither. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define DUMP "/boards/gpio.bin"
#define SIZE 10000u

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static unsigned char dump[SIZE];

static struct {
	uint64_t offset;
	size_t length;
	int errnum;
	int flags; /* of the last open */
} uio;

static int uio_mmap(void *user, size_t length, int prot, int flags, uint64_t offset, void **out)
{
	(void)user;
	(void)flags;
	uio.offset = offset;
	uio.length = length;
	if (uio.errnum)
		return -uio.errnum;
	return os_linux.mmap(NULL, length, prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0, out);
}

static struct fake_device uio0 = { .path = "/dev/uio0", .memory = 8192, .mmap = uio_mmap };
static struct os_calls calls;
static const struct os_calls *below;

static int noting_open(const char *path, int flags, uint32_t mode)
{
	uio.flags = flags;
	return below->open(path, flags, mode);
}

static void setup(void)
{
	memset(&uio, 0, sizeof(uio));
	uio0.open_errnum = 0;
	fake_start();
	below = os;
	calls = *os;
	calls.open = noting_open;
	os = &calls;
	for (size_t i = 0; i < SIZE; i++)
		dump[i] = (unsigned char)(i ^ (i >> 8));
	fake_file(DUMP, dump, SIZE);
	fake_device(&uio0);
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

static int map(const char *path, uint64_t offset, uint64_t size, uint64_t phys, uint32_t flags)
{
	return pmem_region_map_file(ctx, path, offset, size, phys, flags, &region);
}

START_TEST(a_saved_file)
{
	struct pmem_region *found;
	uint64_t phys = 0, offset = 0;
	uint32_t value = 0;

	assert_works(map(DUMP, 4100, 5000, 0x7e200004, PMEM_MAP_READONLY));
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(pmem_region_size(region), 5000);
	ck_assert_int_eq(memcmp(pmem_region_data(region), dump + 4100, 5000), 0);
	ck_assert_str_eq(pmem_region_backend(region), "file");
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_COHERENT |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_READONLY);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x7e200004);
	assert_works(pmem_region_find_phys(ctx, 0x7e200010, &found, &offset));
	ck_assert_ptr_eq(found, region);
	ck_assert_uint_eq(offset, 12);
	assert_works(pmem_region_read32(region, 4, &value));
	ck_assert_int_eq(memcmp(&value, dump + 4104, 4), 0);
	assert_fails(pmem_region_write32(region, 4, 0), EACCES, PMEM_CAUSE_READONLY);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(written_back)
{
	unsigned char *data;

	assert_works(map(DUMP, 0, SIZE, PMEM_ADDRESS_NONE, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_COHERENT);
	data = pmem_region_data(region);
	data[77] ^= 0xff;
	assert_works(pmem_region_close(region));
	assert_works(map(DUMP, 77, 1, PMEM_ADDRESS_NONE, 0));
	ck_assert_uint_eq(*(unsigned char *)pmem_region_data(region), dump[77] ^ 0xff);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(no_address)
{
	uint64_t phys = 77;

	assert_works(map(DUMP, 0, 4, PMEM_ADDRESS_NONE, 0));
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "pmem_region_map_file"));
	ck_assert_uint_eq(phys, 77);
	assert_works(pmem_region_close(region));
	assert_works(map(DUMP, 0, 4, 0, 0)); /* 0 is one */
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(to_the_end_and_beyond)
{
	assert_works(map(DUMP, 9000, PMEM_TO_END, PMEM_ADDRESS_NONE, 0));
	ck_assert_uint_eq(pmem_region_size(region), 1000);
	ck_assert_int_eq(memcmp(pmem_region_data(region), dump + 9000, 1000), 0);
	assert_works(pmem_region_close(region));
	assert_works(map(DUMP, SIZE - 1, 1, PMEM_ADDRESS_NONE, 0));
	assert_works(pmem_region_close(region));
	assert_fails(map(DUMP, SIZE, PMEM_TO_END, 0, 0), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(map(DUMP, SIZE, 1, 0, 0), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(map(DUMP, 0, SIZE + 1, 0, 0), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(map(DUMP, 8, UINT64_MAX - 1, 0, 0), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(map(DUMP, UINT64_MAX - 1, 2, 0, 0), ERANGE, PMEM_CAUSE_BOUNDS);
	fake_text("/empty", "");
	assert_fails(map("/empty", 0, PMEM_TO_END, 0, 0), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(map(DUMP, 0, 16, UINT64_MAX - 8, 0), EOVERFLOW, PMEM_CAUSE_WRAPS);
}
END_TEST

/* Of /dev/uioN the offset is the number of the map; what is over is an offset in it. */
START_TEST(a_device)
{
	uint64_t page = os->page_size(), phys = 0;

	assert_works(map("/dev/uio0", page + 8, 64, 0x40001008, 0));
	ck_assert_uint_eq(uio.offset, page);
	ck_assert_uint_eq(uio.length, page);
	ck_assert_uint_eq((uintptr_t)pmem_region_data(region) % page, 8);
	ck_assert(uio.flags & O_SYNC && uio.flags & O_NONBLOCK);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_DEVICE | PMEM_REGION_COHERENT |
		PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x40001008);
	ck_assert_uint_eq(fake_fds(), 0);
	assert_works(pmem_region_close(region));
	assert_fails(map("/dev/uio0", 0, PMEM_TO_END, 0, 0), EINVAL, PMEM_CAUSE_WRONG_KIND);
	assert_fails(map("/dev/uio0", UINT64_MAX - 1, 4, 0, 0), EOVERFLOW, PMEM_CAUSE_WRAPS);
	uio.errnum = EINVAL;
	assert_fails(map("/dev/uio0", 0, 65536, 0, 0), EINVAL, PMEM_CAUSE_SYSTEM);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "maps/mapM/size"));
	uio.errnum = ENODEV;
	assert_fails(map("/dev/uio0", 0, 4, 0, 0), ENODEV, PMEM_CAUSE_UNSUPPORTED);
	uio0.open_errnum = EACCES;
	assert_fails(map("/dev/uio0", 0, 4, 0, 0), EACCES, PMEM_CAUSE_FILE_MODE);
	uio0.open_errnum = EBUSY;
	assert_fails(map("/dev/uio0", 0, 4, 0, 0), EBUSY, PMEM_CAUSE_BUSY);
}
END_TEST

/* Registers are a child's, too; the pages of a file are not. */
static int closed_by_a_child(bool expect)
{
	const unsigned char *data = pmem_region_data(region);
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		void *page = (void *)((uintptr_t)data & ~(uintptr_t)(os->page_size() - 1));
		unsigned char resident;
		bool there = mincore(page, 1, &resident) == 0;

		pmem_region_close(region);
		_exit(there != expect || (expect && mincore(page, 1, &resident) == 0));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

START_TEST(children)
{
	assert_works(map("/dev/uio0", 0, 64, 0, 0));
	ck_assert_int_eq(closed_by_a_child(true), 0);
	assert_works(pmem_region_close(region));
	assert_works(map(DUMP, 0, 64, 0, 0));
	ck_assert_int_eq(closed_by_a_child(false), 0);
	assert_works(pmem_region_close(region));
}
END_TEST

static int mem_stat(const char *path, struct os_stat *out)
{
	int r = below->stat(path, out);

	if (r == 0 && strstr(path, "/dev/mem"))
		out->rdev = makedev(1, 1);
	return r;
}

START_TEST(neither)
{
	static const struct fake_device mem = { .path = "/dev/mem", .memory = 4096 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char full[512];
	int made;

	alarm(20); /* a pipe makes the opener wait */
	snprintf(full, sizeof(full), "%s/pipe", fake_root());
	ck_assert_int_eq(mkfifo(full, 0600), 0);
	assert_fails(map("/pipe", 0, 4, 0, 0), EINVAL, PMEM_CAUSE_WRONG_KIND);
	assert_fails(map("/pipe", 0, 4, 0, PMEM_MAP_READONLY), EINVAL, PMEM_CAUSE_WRONG_KIND);
	ck_assert_int_eq(uio.flags, 0); /* not even opened */
	assert_fails(map("/boards", 0, 4, 0, PMEM_MAP_READONLY), EINVAL, PMEM_CAUSE_WRONG_KIND);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", fake_root());
	made = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(made, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_fails(map("/socket", 0, 4, 0, 0), EINVAL, PMEM_CAUSE_WRONG_KIND);
	close(made);
	fake_device(&mem);
	calls.stat = mem_stat;
	assert_fails(map("/dev/mem", 0, 4, 0, 0), EINVAL, PMEM_CAUSE_WRONG_KIND);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "pmem_region_map()"));
	assert_fails(map("/dev/uio7", 0, 4, 0, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_ptr_nonnull(strstr(pmem_error_path(pmem_error_last()), "/dev/uio7"));
	alarm(0);
}
END_TEST

START_TEST(paths)
{
	char longest[5000];
	struct pmem_ctx *other;

	assert_works(map("boards/gpio.bin", 0, 4, 0, 0)); /* below LIBPMEM_ROOT all the same */
	assert_works(pmem_region_close(region));
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_fails(map(longest, 0, 4, 0, 0), ENAMETOOLONG, PMEM_CAUSE_LIMIT);
	ck_assert_int_eq(chdir(fake_root()), 0);
	fake_env("LIBPMEM_ROOT", NULL);
	assert_works(pmem_ctx_new(&other));
	assert_works(pmem_region_map_file(other, "boards/gpio.bin", 0, 4, 0, 0, &region));
	assert_works(pmem_region_close(region));
	pmem_ctx_unref(other);
}
END_TEST

START_TEST(arguments)
{
	region = (struct pmem_region *)dump;
	assert_fails(pmem_region_map_file(NULL, DUMP, 0, 4, 0, 0, &region), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(map(NULL, 0, 4, 0, 0), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_map_file(ctx, DUMP, 0, 4, 0, 0, NULL), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(map(DUMP, 0, 0, 0, 0), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	assert_fails(map(DUMP, 0, 4, 0, PMEM_MAP_CACHED), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(map(DUMP, 0, 4, 0, PMEM_IMPORT_NO_MAP), EINVAL, PMEM_CAUSE_FLAGS);
	ck_assert_ptr_eq(region, dump);
}
END_TEST

static int map_and_close(void *user)
{
	int r = map(user, 5, 100, 0x1000, 0);

	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(every_call_failing)
{
	char device[] = "/dev/uio0", plain[] = DUMP;

	ck_assert_uint_ge(fake_fail_each(EIO, map_and_close, device), 5);
	ck_assert_uint_ge(fake_fail_each(EIO, map_and_close, plain), 6);
	ck_assert_uint_ge(fake_fail_each(ENOMEM, map_and_close, plain), 6);
	ck_assert_uint_ge(fake_fail_each(EPERM, map_and_close, plain), 6);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("map file");
	TCase *tc = tcase_create("map file"), *forks = tcase_create("children");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_saved_file);
	tcase_add_test(tc, written_back);
	tcase_add_test(tc, no_address);
	tcase_add_test(tc, to_the_end_and_beyond);
	tcase_add_test(tc, a_device);
	tcase_add_test(tc, neither);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, arguments);
	tcase_add_test(tc, every_call_failing);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(forks, setup, teardown);
	tcase_add_test(forks, children);
	tcase_set_tags(forks, "wipeonfork"); /* cmake/stages: not under QEMU's user mode */
	suite_add_tcase(suite, forks);
	return suite;
}
