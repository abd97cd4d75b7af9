/* SPDX-License-Identifier: MIT */
/* The backend udmabuf through the public functions: pieces, neighbours, huge pages, refusals. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/udmabuf.h>
#include <string.h>
#include <sys/mman.h>

#include "pagemap.h"
#include "played_dmabuf.h"
#include "suite.h"

#undef HUGE /* a name of <math.h>, where libcheck includes that */
#define HUGE (2u << 20)

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static struct os_calls calls;
static const struct os_calls *below;

static struct {
	bool hugetlb;     /* the kernel has such memfds */
	unsigned asked;   /* for one */
	int memfd_errnum; /* there is no memfd at all */
	int seals_errnum; /* sealing fails with this; -1: it does nothing */
	unsigned collapsed;
	unsigned compacts; /* pins without PR_SET_IO_FLUSHER */
	unsigned memfds;
	unsigned opens;    /* of the device */
	int open_errnum;
} k;

static int counting_open(const char *path, int flags, uint32_t mode)
{
	const char *name = strstr(path, "/dev/udmabuf");

	if (name && strcmp(name, "/dev/udmabuf") == 0) {
		k.opens++;
		if (k.open_errnum)
			return -k.open_errnum;
	}
	return below->open(path, flags, mode);
}

/* hugetlb memfds, whether the real kernel has free huge pages or not. */
static int huge_memfd_create(const char *name, unsigned flags)
{
	k.memfds++;
	if (k.memfd_errnum)
		return -k.memfd_errnum;
	if (flags & 4) { /* MFD_HUGETLB */
		k.asked++;
		if (!k.hugetlb)
			return -EINVAL;
		ck_assert_uint_eq(flags >> 26, 21);
		pagemap_rule(PAGEMAP_IN_ORDER);
		flags = 2; /* MFD_ALLOW_SEALING */
	}
	return below->memfd_create(name, flags);
}

static int seal_fcntl(int fd, int cmd, int arg)
{
	if (cmd == F_ADD_SEALS && k.seals_errnum)
		return k.seals_errnum < 0 ? 0 : -k.seals_errnum;
	return below->fcntl(fd, cmd, arg);
}

static int counting_madvise(void *addr, size_t length, int advice)
{
	k.collapsed += advice == 25; /* MADV_COLLAPSE */
	return below->madvise(addr, length, advice);
}

static int noting_ioctl(int fd, unsigned long request, void *arg)
{
	if (request == UDMABUF_CREATE || request == UDMABUF_CREATE_LIST)
		k.compacts += !fake_io_flusher_is_on();
	return below->ioctl(fd, request, arg);
}

static void setup(void)
{
	memset(&k, 0, sizeof(k));
	fake_start();
	fake_kernel(6012);
	fake_string("/", "compatible", "a,board");
	fake_file("/proc/device-tree/dma-coherent", "", 0);
	fake_text("/proc/meminfo", "MemAvailable: 900000 kB\n");
	fake_text("/sys/module/udmabuf/parameters/size_limit_mb", "64\n");
	fake_text("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0\n");
	fake_text("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "0\n");
	pagemap_play(PAGEMAP_IN_ORDER);
	played_udmabuf();
	below = os;
	calls = *os;
	calls.open = counting_open;
	calls.memfd_create = huge_memfd_create;
	calls.fcntl = seal_fcntl;
	calls.madvise = counting_madvise;
	calls.ioctl = noting_ioctl;
	os = &calls;
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
	ck_assert_uint_eq(played.created, played.closed);
}

static int alloc_aligned(uint64_t size, uint64_t align, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .align = align,
		.backend = "udmabuf" };

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static int alloc(uint64_t size, uint32_t flags)
{
	return alloc_aligned(size, 0, flags);
}

START_TEST(pieces)
{
	uint64_t phys, length;

	pagemap_rule(PAGEMAP_APART);
	assert_works(alloc(70000, PMEM_ALLOC_SCATTERED));
	ck_assert_str_eq(pmem_region_backend(region), "udmabuf");
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_COHERENT |
		PMEM_REGION_PINNED | PMEM_REGION_DMABUF);
	assert_fails(pmem_region_phys(region, &phys), EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS);
	for (uint64_t at = 0; at < 70000; at += length)
		assert_works(pmem_region_extent(region, at, &phys, &length));
	ck_assert_uint_eq(played.parts, 1);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(70000, 0), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_works(alloc(100, 0)); /* a page is one piece */
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(neighbours)
{
	uint64_t phys = 0;

	assert_works(alloc(70000, 0));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS, PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_ne(phys, 0);
	ck_assert_uint_eq(played.parts, 1);
	assert_works(pmem_region_close(region));
	pagemap_rule(PAGEMAP_BACKWARDS); /* the list turns the file's order round */
	assert_works(alloc_aligned(70000, 65536, 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys % 65536, 0);
	ck_assert_uint_eq(played.parts, 18);
	assert_works(pmem_region_close(region));
	fake_text("/sys/module/udmabuf/parameters/list_limit", "17\n");
	assert_fails(alloc(70000, 0), EINVAL, PMEM_CAUSE_LIMIT);
}
END_TEST

/* Whatever is tried, the device is opened once; without it no memory is taken. */
START_TEST(one_open)
{
	pagemap_rule(PAGEMAP_APART);
	k.hugetlb = true;
	fake_text("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "8\n");
	assert_works(alloc(70000, 0)); /* by pages, then by the pool */
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(k.memfds, 2);
	ck_assert_uint_eq(k.opens, 1);
	k.open_errnum = EACCES;
	assert_fails(alloc(70000, 0), EACCES, PMEM_CAUSE_FILE_MODE);
	ck_assert_uint_eq(k.memfds, 2);
	ck_assert_uint_eq(k.opens, 2);
}
END_TEST

/* Nor by this way: see lib/pages/migrate.h. */
START_TEST(large_folios_that_could_hang_the_kernel)
{
	assert_works(alloc(70000, 0));
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(k.collapsed, 1);
	fake_text("/proc/zoneinfo", "Node 0, zone Normal\n nr_active_anon 99\n cma 4096\n");
	assert_works(alloc(70000, 0));
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(k.collapsed, 1);
	ck_assert_uint_eq(k.compacts, 2);
	fake_capability(CAP_SYS_RESOURCE, true);
	assert_works(alloc(70000, 0));
	assert_works(pmem_region_close(region));
	pagemap_rule(PAGEMAP_BACKWARDS); /* a list of parts */
	assert_works(alloc(70000, 0));
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(k.collapsed, 3);
	ck_assert_uint_eq(k.compacts, 2);
}
END_TEST

START_TEST(huge_pages)
{
	uint64_t phys = 0;

	k.hugetlb = true;
	pagemap_rule(PAGEMAP_APART);
	assert_fails(alloc(1u << 20, 0), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(k.asked, 0); /* none is free */
	fake_text("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "8\n");
	assert_works(alloc(1u << 20, 0));
	ck_assert_uint_eq(k.asked, 1);
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS, PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_close(region));
	pagemap_rule(PAGEMAP_APART);
	assert_works(alloc(3 * HUGE, 0)); /* neighbours of the pool */
	ck_assert_uint_eq(k.asked, 2);
	assert_works(pmem_region_close(region));
	/* Where ordinary pages will do the pool keeps its own. */
	pagemap_rule(PAGEMAP_IN_ORDER);
	assert_works(alloc(1u << 20, 0));
	ck_assert_uint_eq(k.asked, 2);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(without_privilege)
{
	uint64_t phys;

	pagemap_rule(PAGEMAP_HIDDEN);
	assert_works(alloc(70000, PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS));
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_CAPABILITY);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(70000, PMEM_ALLOC_NO_ADDRESS), EPERM, PMEM_CAUSE_CAPABILITY);
	assert_works(alloc(4096, PMEM_ALLOC_NO_ADDRESS));
	assert_works(pmem_region_close(region));
}
END_TEST

/* Where its pages are is known by the memfd, which is gone then. */
START_TEST(not_mapped)
{
	uint64_t phys = 0, length;

	assert_works(alloc(70000, PMEM_ALLOC_NO_MAP));
	ck_assert_uint_eq(fake_mapped(), 0);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_COHERENT |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS | PMEM_REGION_DMABUF |
		PMEM_REGION_UNMAPPED);
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_close(region));
	pagemap_rule(PAGEMAP_APART);
	assert_works(alloc(70000, PMEM_ALLOC_NO_MAP | PMEM_ALLOC_SCATTERED));
	assert_works(pmem_region_extent(region, 69999, &phys, &length));
	ck_assert_uint_eq(length, 1);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(limits)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "udmabuf", .heap = "cma" };

	assert_fails(alloc((64u << 20) + 1, PMEM_ALLOC_SCATTERED), EINVAL, PMEM_CAUSE_LIMIT);
	ck_assert_ptr_nonnull(strstr(pmem_error_path(pmem_error_last()), "size_limit_mb"));
	fake_remove("/sys/module/udmabuf/parameters/size_limit_mb");
	assert_fails(alloc((64u << 20) + 1, PMEM_ALLOC_SCATTERED), EINVAL, PMEM_CAUSE_LIMIT);
	fake_text("/proc/meminfo", "MemAvailable: 4 kB\n");
	assert_fails(alloc(70000, PMEM_ALLOC_SCATTERED), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(alloc(4096, PMEM_ALLOC_UNCACHED), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
}
END_TEST

START_TEST(sealed_wrongly)
{
	k.seals_errnum = EPERM;
	assert_fails(alloc(4096, 0), EPERM, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "sealed"));
	k.seals_errnum = -1;
	assert_fails(alloc(4096, 0), EINVAL, PMEM_CAUSE_WRONG_KIND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "sealed wrongly"));
	k.seals_errnum = 0;
	played.create_errnum = EBADFD;
	assert_fails(alloc(4096, 0), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	played.create_errnum = ENOMEM;
	assert_fails(alloc(4096, 0), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	played.create_errnum = EMFILE;
	assert_fails(alloc(4096, 0), EMFILE, PMEM_CAUSE_LIMIT);
	k.memfd_errnum = ENFILE;
	assert_fails(alloc(4096, 0), ENFILE, PMEM_CAUSE_LIMIT);
	k.memfd_errnum = EPERM;
	assert_fails(alloc(4096, 0), EPERM, PMEM_CAUSE_SYSTEM);
}
END_TEST

/* The exporter syncs on a device of its own since 5.6; before, the call returned 0 for nothing. */
START_TEST(synced_by_the_exporter)
{
	fake_remove("/proc/device-tree/dma-coherent");
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_works(alloc(4096, 0));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_NEEDS_SYNC, PMEM_REGION_NEEDS_SYNC);
	ck_assert_uint_eq(played.starts, 1);
	ck_assert_uint_eq(played.ends, 1);
	assert_works(pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert_uint_eq(played.ends, 2);
	assert_works(pmem_region_close(region));
	fake_kernel(5004);
	assert_fails(alloc(4096, 0), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
}
END_TEST

static int alloc_and_close(void *user)
{
	int r = alloc(70000, *(const uint32_t *)user);

	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(every_call_failing)
{
	static const int errnums[] = { EIO, ENOMEM, EPERM };
	uint32_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(errnums); i++) {
		pagemap_rule(PAGEMAP_BACKWARDS);
		ck_assert_uint_ge(fake_fail_each(errnums[i], alloc_and_close, &flags), 15);
	}
	k.hugetlb = true;
	fake_text("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "8\n");
	ck_assert_uint_ge(fake_fail_each(EIO, alloc_and_close, &flags), 15);
	flags = PMEM_ALLOC_SCATTERED;
	ck_assert_uint_ge(fake_fail_each(EIO, alloc_and_close, &flags), 15);
	flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_MAP;
	ck_assert_uint_ge(fake_fail_each(EIO, alloc_and_close, &flags), 15);
	ck_assert_uint_eq(played.created, played.closed);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("udmabuf");
	TCase *tc = tcase_create("udmabuf");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, pieces);
	tcase_add_test(tc, neighbours);
	tcase_add_test(tc, one_open);
	tcase_add_test(tc, large_folios_that_could_hang_the_kernel);
	tcase_add_test(tc, huge_pages);
	tcase_add_test(tc, without_privilege);
	tcase_add_test(tc, not_mapped);
	tcase_add_test(tc, limits);
	tcase_add_test(tc, sealed_wrongly);
	tcase_add_test(tc, synced_by_the_exporter);
	tcase_add_test(tc, every_call_failing);
	suite_add_tcase(suite, tc);
	return suite;
}
