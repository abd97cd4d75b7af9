/* SPDX-License-Identifier: MIT */
/* lib/pages/migrate.c: when pinning huge pages could hang the kernel. */
#include <linux/capability.h>

#include "pages/migrate.h"
#include "suite.h"

#define PAGE ((size_t)4096)

static void setup(void)
{
	fake_start();
	fake_page_size(PAGE);
}

static bool hangs(const char *zoneinfo, size_t pages)
{
	fake_text("/proc/zoneinfo", zoneinfo);
	return migrate_may_hang(fake_root(), pages * PAGE);
}

START_TEST(nothing_to_move_out_of)
{
	ck_assert(!migrate_may_hang(fake_root(), 512 * PAGE)); /* no such file */
	ck_assert(!hangs("", 512));
	ck_assert(!hangs("Node 0, zone Normal\n nr_active_anon 1\n managed 99\n cma 0\n", 512));
	ck_assert(!hangs("Node 0, zone Movable\n managed 0\n", 512));
	ck_assert(!hangs("nonsense\n\n Node x\ncma\ncma x\n managed 5", 512));
}
END_TEST

/* A thirty-second of what is on the lists: 3200 allow 100. */
START_TEST(the_limit)
{
	const char *info = "Node 0, zone Normal\n"
			   "  per-node stats\n"
			   "      nr_inactive_anon 800\n      nr_active_anon 800\n"
			   "      nr_inactive_file 800\n      nr_active_file 800\n"
			   "      nr_unevictable 9999\n      nr_isolated_anon 7\n"
			   "  pages free     20278\n"
			   "        managed  22102\n        cma      4096\n"
			   "      nr_zone_active_anon 9999\n      nr_free_cma  4072\n";

	ck_assert(!hangs(info, 100));
	ck_assert(hangs(info, 101));
}
END_TEST

/* No more pages can be moved than there are in such areas. */
START_TEST(a_small_area)
{
	const char *info = "Node 0, zone Normal\n nr_active_file 3200\n cma 100\n";

	ck_assert(!hangs(info, 5000));
	ck_assert(hangs("Node 0, zone Normal\n nr_active_file 3200\n cma 101\n", 5000));
}
END_TEST

/* Linux before 5.12 tells the free ones only; before 4.8 the lists were kept by zone. */
START_TEST(older_kernels)
{
	const char *info = "Node 0, zone DMA\n nr_active_file 1600\n nr_free_cma 60\n"
			   "Node 0, zone Normal\n nr_active_file 1600\n nr_free_cma 60\n";

	ck_assert(!hangs(info, 100));
	ck_assert(hangs(info, 101));
}
END_TEST

START_TEST(movable_zone)
{
	const char *info = "Node 0, zone Normal\n nr_active_file 3200\n managed 9999\n cma 0\n"
			   "Node 0, zone Movable\n managed 9999\n cma 0\n"
			   "Node 0, zone Device\n managed 0\n";

	ck_assert(!hangs(info, 100));
	ck_assert(hangs(info, 101));
}
END_TEST

/* Each node has lists of its own. */
START_TEST(nodes)
{
	const char *first = "Node 0, zone Normal\n nr_active_file 320\n cma 11\n"
			    "Node 1, zone Normal\n nr_active_file 320000\n cma 5000\n";
	const char *last = "Node 0, zone Normal\n nr_active_file 320000\n cma 5000\n"
			   "Node 1, zone Normal\n nr_active_file 320\n cma 11\n";
	const char *none = "Node 0, zone Normal\n nr_active_file 320000\n cma 5000\n"
			   "Node 1, zone Normal\n nr_active_file 320\n cma 10\n";

	ck_assert(hangs(first, 5000));
	ck_assert(hangs(last, 5000));
	ck_assert(!hangs(none, 5000));
}
END_TEST

/* No compaction is called for where the kernel lets that be said; what was said before stays. */
START_TEST(without_compaction)
{
	const char *info = "Node 0, zone Normal\n nr_active_file 3200\n cma 101\n";
	int was;

	ck_assert(hangs(info, 5000));
	fake_capability(CAP_SYS_RESOURCE, true);
	ck_assert(!hangs(info, 5000));
	ck_assert(!fake_io_flusher_is_on());
	was = migrate_begin();
	ck_assert(fake_io_flusher_is_on());
	migrate_end(was);
	ck_assert(!fake_io_flusher_is_on());
	os->io_flusher(1); /* the caller's own */
	ck_assert(!hangs(info, 5000));
	migrate_end(migrate_begin());
	ck_assert(fake_io_flusher_is_on());
	os->io_flusher(0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *s = suite_create("migrate");
	TCase *tc = tcase_create("migrate");

	tcase_add_checked_fixture(tc, setup, fake_stop);
	tcase_add_test(tc, nothing_to_move_out_of);
	tcase_add_test(tc, the_limit);
	tcase_add_test(tc, a_small_area);
	tcase_add_test(tc, older_kernels);
	tcase_add_test(tc, movable_zone);
	tcase_add_test(tc, nodes);
	tcase_add_test(tc, without_compaction);
	suite_add_tcase(s, tc);
	return s;
}
