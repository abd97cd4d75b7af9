/* SPDX-License-Identifier: MIT */
/*
 * Rings of packet sockets as contiguous memory, by the real kernel that plays an older one: its io_uring
 * has no memory regions, and it makes no huge pages.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pages/pages.h"
#include "soc/ctx.h"
#include "suite.h"

#define MIB ((size_t)1 << 20)

static struct pmem_ctx *ctx;
static struct os_calls calls;

const char *test_skip(void)
{
	int fd = os_linux.socket(17 /* AF_PACKET */, 3 /* SOCK_RAW */, 0);

	if (fd < 0)
		return "this program may make no packet sockets (CAP_NET_RAW)";
	os_linux.close(fd);
	return addresses_are_hidden();
}

static int old_kernel(void)
{
	return 6001;
}

static int no_regions(int fd, unsigned opcode, void *arg, unsigned count)
{
	return opcode == 34 ? -EINVAL : os_linux.io_uring_register(fd, opcode, arg, count);
}

static int no_huge_pages(const char *path, int flags, uint32_t mode)
{
	return strstr(path, "hugepage") ? -ENOENT : os_linux.open(path, flags, mode);
}

static int no_order(void *addr, size_t length, int advice)
{
	/* 14: MADV_HUGEPAGE, by which larger folios come too */
	return advice == 14 ? -EINVAL : os_linux.madvise(addr, length, advice);
}

static void setup(void)
{
	calls = os_linux;
	calls.kernel_version = old_kernel;
	calls.io_uring_register = no_regions;
	calls.open = no_huge_pages;
	calls.madvise = no_order;
	os = &calls;
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	os = &os_linux;
}

START_TEST(test_sizes)
{
	unsigned rings = 0, all = 0;

	for (size_t size = 256 << 10; size <= 4 * MIB; size *= 2) {
		for (unsigned n = 0; n < 4; n++, all++) {
			const struct pages_request want = { .size = size, .align = 4096,
				.max_addr = UINT64_MAX, .need_address = true };
			struct pages_block block;
			unsigned char *data;

			assert_works(pages_take(ctx, &want, &block));
			rings += block.pin.class == PIN_PACKET;
			ck_assert_uint_eq(block.run_count, 1);
			data = block.data;
			for (size_t i = 0; i < size; i += 4096) {
				ck_assert_uint_eq(data[i], 0);
				data[i] = 1;
			}
			assert_works(pages_give(&block));
		}
	}
	printf("%u of %u pieces of 256 KiB to 4 MiB were rings of packet sockets\n", rings, all);
	ck_assert_uint_ge(rings, all / 2);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("packet");
	TCase *tc = tcase_create("packet");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_sizes);
	suite_add_tcase(suite, tc);
	return suite;
}
