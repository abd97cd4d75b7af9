/* SPDX-License-Identifier: MIT */
/* LIBPMEM_DEBUG=coherence: who touches memory outside its windows, and who begins without an end. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "played_dmabuf.h"
#include "suite.h"

#define PAGE 4096u

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static char said[4096]; /* warnings */
static unsigned infos;

static const struct fake_device cma = { .path = "/dev/dma_heap/linux,cma",
	.ioctl = played_heap_ioctl };

static void listen(void *user, uint32_t level, const char *message)
{
	size_t used = strlen(said);

	(void)user;
	if (level == PMEM_LEVEL_WARNING)
		snprintf(said + used, sizeof(said) - used, "%s\n", message);
	if (level == PMEM_LEVEL_INFO && strstr(message, "a fault in there"))
		infos++;
}

static int alloc(void)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_NO_ADDRESS,
		.backend = "dmaheap", .name = "frame buffer" };

	return pmem_region_alloc(ctx, 3 * PAGE - 100, &opts, &region);
}

static void setup(void)
{
	fake_start();
	fake_string("/", "compatible", "fsl,imx8mm");
	fake_file("/proc/device-tree/dma-coherent", "", 0);
	fake_node(&cma);
	fake_env("LIBPMEM_DEBUG", "coherence");
	assert_works(pmem_ctx_new(&ctx));
	pmem_ctx_set_log(ctx, listen, NULL);
	said[0] = '\0';
	infos = 0;
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

/* --- does an access fault? the test may have a handler, the library has none ------------------------ */

static sigjmp_buf jump;
static const void *fault_at;
static int fault_code;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	fault_at = info->si_addr;
	fault_code = info->si_code;
	siglongjmp(jump, 1);
}

static volatile unsigned char sink;

static bool faults(size_t offset, bool write)
{
	volatile unsigned char *const p = (unsigned char *)pmem_region_data(region) + offset;
	const struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	struct sigaction before;
	volatile bool faulted = true;

	sigaction(SIGSEGV, &action, &before);
	if (sigsetjmp(jump, 1) == 0) {
		if (write)
			*p = 1;
		else
			sink = *p; /* valgrind drops a load that nobody uses */
		faulted = false;
	}
	sigaction(SIGSEGV, &before, NULL);
	if (faulted) {
		ck_assert(fault_at == p);
		ck_assert_int_eq(fault_code, SEGV_ACCERR); /* protected, not absent */
	}
	return faulted;
}

START_TEST(windows)
{
	struct sigaction before, after;

	sigaction(SIGSEGV, NULL, &before);
	assert_works(alloc());
	ck_assert_uint_eq(infos, 1);
	sigaction(SIGSEGV, NULL, &after);
	ck_assert(before.sa_handler == after.sa_handler); /* the library leaves it alone */
	ck_assert(faults(0, false));
	assert_works(pmem_region_cpu_begin(region, 10, 20, PMEM_DIR_READ));
	ck_assert(!faults(0, false)); /* pages are what can be protected */
	ck_assert(faults(0, true));
	ck_assert(faults(PAGE, false));
	assert_works(pmem_region_cpu_end(region, 10, 20, PMEM_DIR_READ));
	ck_assert(faults(0, false));
	assert_works(pmem_region_cpu_begin(region, PAGE, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert(faults(PAGE - 1, false));
	ck_assert(!faults(PAGE, true));
	ck_assert(!faults(3 * PAGE - 101, true));
	assert_works(pmem_region_cpu_end(region, PAGE, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert(faults(3 * PAGE - 101, false));
	assert_works(pmem_region_close(region));
	ck_assert_str_eq(said, "");
}
END_TEST

/* A program that looks at the attributes is to behave as on the strictest machine. */
START_TEST(attributes)
{
	assert_works(alloc());
	ck_assert(pmem_region_attrs(region) & PMEM_REGION_NEEDS_SYNC);
	ck_assert(!(pmem_region_attrs(region) & PMEM_REGION_COHERENT));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(mismatches)
{
	assert_works(alloc());
	assert_works(pmem_region_cpu_end(region, 0, 8, PMEM_DIR_WRITE));
	ck_assert_ptr_nonnull(strstr(said, "region frame buffer: cpu_end of [0x0, + 0x8) for writing"));
	ck_assert_ptr_nonnull(strstr(said, "coherence+0x")); /* the program that called */
	ck_assert_ptr_nonnull(strstr(said, "has no cpu_begin"));
	ck_assert(faults(0, false));
	said[0] = '\0';
	assert_works(pmem_region_cpu_begin(region, 0, 100, PMEM_DIR_WRITE));
	assert_works(pmem_region_cpu_end(region, 0, 100, PMEM_DIR_BOTH));
	ck_assert_ptr_nonnull(strstr(said, "an open window there is for writing"));
	said[0] = '\0';
	assert_works(pmem_region_cpu_begin(region, 99, 1, PMEM_DIR_READ));
	ck_assert_ptr_nonnull(strstr(said, "overlaps the open window [0x0, + 0x64) for writing"));
	said[0] = '\0';
	assert_works(pmem_region_close(region));
	ck_assert_ptr_nonnull(strstr(said, "2 of its windows did not end"));
}
END_TEST

/* Two readers are no conflict, and each closes its own. */
START_TEST(readers)
{
	assert_works(alloc());
	for (int i = 0; i < 20; i++)
		assert_works(pmem_region_cpu_begin(region, 0, 8, PMEM_DIR_READ));
	for (int i = 0; i < 20; i++) {
		ck_assert(!faults(0, false));
		assert_works(pmem_region_cpu_end(region, 0, 8, PMEM_DIR_READ));
	}
	ck_assert(faults(0, false));
	assert_works(pmem_region_close(region));
	ck_assert_str_eq(said, "");
}
END_TEST

/* The library's own accessors return an error with a name in place of the fault. */
START_TEST(accessors)
{
	uint32_t value;

	assert_works(alloc());
	assert_fails(pmem_region_read32(region, 0, &value), EACCES, PMEM_CAUSE_NOT_COHERENT);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()),
		"region frame buffer: reading [0x0, + 0x4) outside cpu_begin and cpu_end, by "));
	assert_works(pmem_region_cpu_begin(region, 0, 8, PMEM_DIR_READ));
	assert_works(pmem_region_read32(region, 4, &value));
	assert_fails(pmem_region_write32(region, 0, 1), EACCES, PMEM_CAUSE_NOT_COHERENT);
	assert_fails(pmem_region_read32(region, 8, &value), EACCES, PMEM_CAUSE_NOT_COHERENT);
	assert_works(pmem_region_cpu_end(region, 0, 8, PMEM_DIR_READ));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(sync_that_fails)
{
	assert_works(alloc());
	played.sync_errnum = EIO;
	assert_fails(pmem_region_cpu_begin(region, 0, 8, PMEM_DIR_READ), EIO, PMEM_CAUSE_SYSTEM);
	played.sync_errnum = 0;
	ck_assert(faults(0, false));
	assert_works(pmem_region_close(region));
	ck_assert_str_eq(said, "");
}
END_TEST

/* A mapping of huge pages cannot be protected by the page: the books are kept all the same. */
START_TEST(no_protection)
{
	fake_fail_named("mprotect", EINVAL);
	assert_works(alloc());
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(infos, 0);
	ck_assert_ptr_nonnull(strstr(said, "cannot be protected"));
	said[0] = '\0';
	assert_works(pmem_region_cpu_end(region, 0, 8, PMEM_DIR_WRITE));
	ck_assert_ptr_nonnull(strstr(said, "has no cpu_begin"));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(not_asked_for)
{
	pmem_ctx_unref(ctx);
	fake_env("LIBPMEM_DEBUG", NULL);
	assert_works(pmem_ctx_new(&ctx));
	assert_works(alloc());
	ck_assert(!faults(0, true));
	ck_assert(pmem_region_attrs(region) & PMEM_REGION_COHERENT);
	assert_works(pmem_region_cpu_end(region, 0, 8, PMEM_DIR_WRITE));
	assert_works(pmem_region_close(region));
	ck_assert_str_eq(said, "");
}
END_TEST

static int whole(void *user)
{
	int r = alloc();

	(void)user;
	if (r < 0)
		return r;
	r = pmem_region_cpu_begin(region, 0, 8, PMEM_DIR_WRITE);
	if (r == 0)
		r = pmem_region_cpu_end(region, 0, 8, PMEM_DIR_WRITE);
	pmem_region_close(region);
	return r;
}

START_TEST(every_call_failing)
{
	ck_assert_uint_ge(fake_fail_each(EIO, whole, NULL), 10);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("coherence");
	TCase *tc = tcase_create("coherence");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, windows);
	tcase_add_test(tc, attributes);
	tcase_add_test(tc, mismatches);
	tcase_add_test(tc, readers);
	tcase_add_test(tc, accessors);
	tcase_add_test(tc, sync_that_fails);
	tcase_add_test(tc, no_protection);
	tcase_add_test(tc, not_asked_for);
	tcase_add_test(tc, every_call_failing);
	suite_add_tcase(suite, tc);
	return suite;
}
