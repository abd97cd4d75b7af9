/* SPDX-License-Identifier: MIT */
/*
 * A call that maps in place of something fails when the kernel has already taken that away: the hole may be another
 * thread's a moment later, and is not unmapped. That it is not is watched by the played munmap().
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "dmabuf/udmabuf_memfd.h"
#include "dmabuf/udmabuf_source.h"
#include "os/hole.h"
#include "played_pages.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static struct os_calls calls, below;
static unsigned good; /* calls that work before the one that fails */
static bool full;     /* no mapping more can be made then */
static bool failed;
static bool wish; /* Linux before 4.17: where something is, the mapping comes elsewhere */

/* The failure that leaves a hole. */
static int punch(void *at, size_t length)
{
	ck_assert_int_eq(os_linux.munmap(at, length), 0);
	failed = true;
	return -ENOMEM;
}

static int punching_mmap(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset, void **out)
{
	if (failed && full)
		return -ENOMEM;
	if (wish)
		return below.mmap(NULL, length, prot, flags & ~MAP_FIXED_NOREPLACE, fd, offset, out);
	if (!failed && (flags & MAP_FIXED) && good-- == 0)
		return punch(hint, length);
	return below.mmap(hint, length, prot, flags, fd, offset, out);
}

static int punching_mremap(void *old, size_t old_length, size_t new_length, int flags, void *to, void **out)
{
	if (!failed && good-- == 0)
		return punch(to, new_length);
	return below.mremap(old, old_length, new_length, flags, to, out);
}

static void hole_setup(void)
{
	setup();
	below = *os;
	calls = *os;
	calls.mmap = punching_mmap;
	calls.mremap = punching_mremap;
	os = &calls;
	good = UINT32_MAX;
	full = failed = wish = false;
	if (os->page_size() != 4096)
		exit(77);
}

static void begin(unsigned calls_before, bool no_more)
{
	good = calls_before;
	full = no_more;
	failed = false;
}

static void end(void)
{
	ck_assert(failed);
	failed = full = false;
	good = UINT32_MAX;
}

static unsigned char *room(void)
{
	void *at;

	ck_assert_int_eq(os->mmap(NULL, 4 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, &at), 0);
	return at;
}

/* By the list: QEMU's user mode keeps what is unmapped for itself, and valgrind minds calls on what is not mapped. */
static bool mapped(const void *at)
{
	uintptr_t first, end, address = (uintptr_t)at;
	FILE *maps = fopen("/proc/self/maps", "re");
	bool found = false;
	char line[512];

	ck_assert_ptr_nonnull(maps);
	while (!found && fgets(line, sizeof(line), maps))
		found = sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &first, &end) == 2 && first <= address && address < end;
	fclose(maps);
	return found;
}

START_TEST(test_parts)
{
	for (size_t part = 0; part < 4; part++) {
		unsigned char *at = room();

		hole_unmap_around(at, 4 * 4096, at + part * 4096, 4096);
		ck_assert_uint_eq(fake_mapped(), 0);
		at = room();
		punch(at + part * 4096, 4096);
		hole_unmap_around(at, 4 * 4096, at + part * 4096, 4096);
		ck_assert_uint_eq(fake_mapped(), 0);
		at = room();
		begin(0, true);
		punch(at + part * 4096, 4096);
		hole_unmap_around(at, 4 * 4096, at + part * 4096, 4096);
		end();
		for (size_t i = 0; i < 4; i++)
			ck_assert(!mapped(at + i * 4096));
		/* The played kernel counts what it has not seen go. */
		ck_assert_int_eq(os->mmap(at + part * 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			0, (void **)&at), 0);
		ck_assert_int_eq(os->munmap(at, 4096), 0);
		/* At the limit of mappings nothing was taken away, and none can be made. */
		at = room();
		failed = full = true;
		hole_unmap_around(at, 4 * 4096, at + part * 4096, 4096);
		end();
		ck_assert_uint_eq(fake_mapped(), 0);
	}
}
END_TEST

/* What came elsewhere goes again. */
START_TEST(test_old_kernel)
{
	unsigned char *at = room();

	wish = true;
	hole_unmap_around(at, 4 * 4096, at + 4096, 4096);
	ck_assert_uint_eq(fake_mapped(), 0);
}
END_TEST

START_TEST(test_gather)
{
	for (unsigned i = 0; i < 16; i += 5) {
		pagemap_rule(PAGEMAP_BACKWARDS);
		begin(i, false);
		ck_assert_int_lt(take(request(64 * KIB)), 0);
		end();
		ck_assert_uint_eq(fake_fds(), 0);
		ck_assert_uint_eq(fake_mapped(), 0);
	}
}
END_TEST

START_TEST(test_source)
{
	const struct memfd_part parts[] = { { 0, 8192 }, { 16384, 4096 }, { 8192, 4096 } };
	struct memfd memfd = { .fd = os->memfd_create("source", 0) };
	struct udmabuf_source *source;
	size_t length;
	void *base;

	ck_assert_int_eq(os->ftruncate(memfd.fd, 32768), 0);
	source = udmabuf_source_new(&memfd, 0, parts, 3);
	ck_assert_ptr_nonnull(source);
	for (unsigned i = 0; i < 3; i++) {
		begin(i, false);
		ck_assert_int_eq(udmabuf_source_map(source, &base, &length), -ENOMEM);
		end();
		ck_assert_uint_eq(fake_mapped(), 0);
	}
	udmabuf_source_free(source, false);
	ck_assert_int_eq(os->close(memfd.fd), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("hole");
	TCase *tc = tcase_create("hole"), *parts = tcase_create("parts");

	tcase_set_tags(parts, "madvise"); /* test/emulated: not under QEMU's user mode */
	tcase_add_checked_fixture(parts, hole_setup, stop);
	tcase_add_test(parts, test_parts);
	tcase_add_test(parts, test_old_kernel);
	suite_add_tcase(suite, parts);
	tcase_add_checked_fixture(tc, hole_setup, stop);
	tcase_add_test(tc, test_gather);
	tcase_add_test(tc, test_source);
	suite_add_tcase(suite, tc);
	return suite;
}
