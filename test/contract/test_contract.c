/* SPDX-License-Identifier: MIT */
/* lib/backend/backend.h, sentence by sentence, for every entry of the table. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "child.h"
#include "machine.h"
#include "memory.h"
#include "opens.h"
#include "pool.h"

/* --- the table ------------------------------------------------------------------------------ */

START_TEST(table)
{
	ck_assert_ptr_eq(backend_find("pages"), &backend_pages); /* the real table, not a played one */
	ck_assert_ptr_null(backend_find("no such backend"));
	ck_assert_ptr_null(backend_find(""));
	ck_assert_ptr_null(backend_find(backend_template.name));
	for (size_t i = 0; contract_fixtures[i]; i++)
		ck_assert_msg(backend_find(contract_fixtures[i]->name) != NULL ||
				contract_fixtures[i] == &fixture_template,
			"the fixture %s has no backend", contract_fixtures[i]->name);
}
END_TEST

START_TEST(description)
{
	uint32_t caps;

	machine_start(_i, false);
	caps = ops->caps;
	if (ops != &backend_template)
		ck_assert_ptr_eq(backend_find(ops->name), ops); /* so the name is unique */
	for (const char *p = ops->name; *p; p++)
		ck_assert(islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '-');
	ck_assert(ops->probe != NULL);
	ck_assert_msg(!(caps & PMEM_BACKEND_MAP) == !(ops->map || fixture->make),
		"%s: MAP and its map operation disagree", ops->name);
	ck_assert_msg(!(caps & PMEM_BACKEND_ALLOC) == !ops->alloc,
		"%s: ALLOC and its alloc operation disagree", ops->name);
	ck_assert_msg(!(caps & PMEM_BACKEND_IMPORT) == !ops->import,
		"%s: IMPORT and its import operation disagree", ops->name);
	ck_assert_msg(ops->close || !(caps & (PMEM_BACKEND_MAP | PMEM_BACKEND_ALLOC |
					      PMEM_BACKEND_IMPORT)),
		"%s: makes regions and does not close them", ops->name);
	for (unsigned bit = 0; bit < 32; bit++)
		ck_assert_msg(!(caps & (1u << bit)) || pmem_constant_name("PMEM_BACKEND_", 1u << bit),
			"%s: the capability bit %u has no name", ops->name, bit);
	machine_stop();
}
END_TEST

/* --- a machine without it ------------------------------------------------------------------------- */

START_TEST(absent)
{
	static const int documented[] = { ENOENT, EACCES, EPERM, EOPNOTSUPP };
	struct pmem_region region;
	bool good = false;
	int r;

	machine_start(_i, false);
	r = ops->probe(ctx);
	rule_error(ops->name, "probe", r);
	for (size_t i = 0; i < ARRAY_SIZE(documented); i++)
		good |= r == -documented[i];
	ck_assert_msg(good, "%s: probe gave %d, which is not documented", ops->name, r);
	foreign_fd = os->memfd_create("none", 0);
	for (enum way way = WAY_MAP; way < WAYS; way++) {
		if (way_exists(way))
			rule_error(ops->name, way_names[way], way_make(way, 0, &region));
	}
	nothing_is_left(1, "the refusals");
	machine_stop();
}
END_TEST

static int probe(void *user)
{
	(void)user;
	return ops->probe(ctx);
}

START_TEST(absent_faults)
{
	machine_start(_i, false);
	fake_fail_each(EIO, probe, NULL);
	machine_stop();
}
END_TEST

/* --- a machine that has it -------------------------------------------------------------------------- */

/* On a machine that has it; false if there is none, as for the template. */
static bool started(int i)
{
	machine_start(i, true);
	if (fixture->usable)
		return true;
	machine_stop();
	return false;
}

START_TEST(usable)
{
	size_t fds;

	if (!started(_i))
		return;
	fds = fake_fds();
	assert_works(ops->probe(ctx));
	nothing_is_left(fds, "probe");
	assert_works(ops->probe(ctx));
	machine_stop();
}
END_TEST

static void check_region(struct pmem_region *region, enum way way)
{
	unsigned char *data = region->data;
	bool zero = way == WAY_ALLOC;

	rule_region(region, way_size(way));
	if (way == WAY_MAP || way == WAY_MAKE) {
		ck_assert_uint_eq(region->run_count, 1);
		ck_assert_msg(region->runs[0].phys == fixture->phys, "%s: mapped 0x%llx for 0x%llx",
			ops->name, (unsigned long long)region->runs[0].phys,
			(unsigned long long)fixture->phys);
		ck_assert_uint_eq((uintptr_t)data % os->page_size(),
			fixture->phys % os->page_size());
	}
	if (!fixture->touchable || (region->attrs & PMEM_REGION_READONLY))
		return;
	for (uint64_t i = 0; i < region->size; i++) {
		ck_assert_msg(!zero || data[i] == 0, "%s: byte %llu is 0x%02x, not 0", ops->name,
			(unsigned long long)i, data[i]);
		data[i] = (unsigned char)i;
	}
	for (uint64_t i = 0; i < region->size; i++)
		ck_assert_uint_eq(data[i], (unsigned char)i);
}

START_TEST(regions)
{
	if (!started(_i))
		return;
	for (enum way way = WAY_MAP; way < WAYS; way++) {
		struct pmem_region region;
		size_t fds = fake_fds();

		if (!way_exists(way))
			continue;
		assert_works(way_make(way, 0, &region));
		check_region(&region, way);
		assert_works(machine_close(&region));
		nothing_is_left(fds, way_names[way]);
	}
	machine_stop();
}
END_TEST

static uint32_t no_map(enum way way)
{
	return way == WAY_IMPORT ? PMEM_IMPORT_NO_MAP : PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ADDRESS;
}

/* Memory that is not mapped, or the refusal of a backend whose memory is the mapping. */
START_TEST(not_mapped)
{
	if (!started(_i))
		return;
	for (enum way way = WAY_ALLOC; way < WAYS; way++) {
		struct pmem_region region;
		size_t fds = fake_fds(), mapped;

		if (!way_exists(way))
			continue;
		assert_works(way_make(way, 0, &region));
		mapped = fake_mapped(); /* a journal may be there, too */
		assert_works(machine_close(&region));
		if (way_make(way, no_map(way), &region) < 0) {
			ck_assert_uint_eq(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_UNSUPPORTED);
			ck_assert_str_eq(ops->name, "pages");
			nothing_is_left(fds, "a refusal to leave memory unmapped");
			continue;
		}
		rule_region(&region, way_size(way));
		ck_assert(region.attrs & PMEM_REGION_UNMAPPED);
		ck_assert_uint_le(fake_mapped() + way_size(way), mapped);
		child_forgets(way, &region);
		assert_works(machine_close(&region));
		nothing_is_left(fds, "memory that was not mapped");
	}
	machine_stop();
}
END_TEST

START_TEST(read_only)
{
	if (!started(_i))
		return;
	for (enum way way = WAY_MAP; way < WAYS; way++) {
		struct pmem_region region;

		if (!way_exists(way) || way == WAY_ALLOC)
			continue;
		assert_works(way_make(way, 0, &region));
		ck_assert_uint_eq(region.attrs & PMEM_REGION_READONLY, 0);
		assert_works(machine_close(&region));
		assert_works(way_make(way, PMEM_MAP_READONLY, &region));
		ck_assert_msg(region.attrs & PMEM_REGION_READONLY, "%s: %s is not read-only",
			ops->name, way_names[way]);
		check_region(&region, way);
		assert_works(machine_close(&region));
	}
	machine_stop();
}
END_TEST

/* Memory that may be in pieces, too. */
START_TEST(pieces)
{
	if (!started(_i))
		return;
	for (enum way way = WAY_MAP; way < WAYS; way++) {
		struct pmem_region region;

		if (!way_exists(way))
			continue;
		assert_works(way_make(way, 0, &region));
		rule_pieces(&region);
		assert_works(machine_close(&region));
		if (way != WAY_ALLOC)
			continue;
		assert_works(way_make(way, PMEM_ALLOC_SCATTERED, &region));
		rule_pieces(&region);
		assert_works(machine_close(&region));
	}
	machine_stop();
}
END_TEST

START_TEST(each_its_own)
{
	if (!started(_i))
		return;
	for (enum way way = WAY_MAP; way < WAYS; way++) {
		struct pmem_region first, second;
		size_t fds = fake_fds();

		if (!way_exists(way))
			continue;
		assert_works(way_make(way, 0, &first));
		assert_works(way_make(way, 0, &second));
		ck_assert_ptr_ne(first.data, second.data);
		if (way == WAY_ALLOC && first.run_count && second.run_count)
			ck_assert_uint_ne(first.runs[0].phys, second.runs[0].phys);
		assert_works(machine_close(&first));
		ck_assert_uint_ne(fake_mapped(), 0);
		check_region(&second, way);
		assert_works(machine_close(&second));
		nothing_is_left(fds, "two regions");
	}
	machine_stop();
}
END_TEST

START_TEST(a_child_closes_what_its_parent_made)
{
	if (!started(_i))
		return;
	for (enum way way = WAY_MAP; way < WAYS; way++) {
		struct pmem_region region;
		size_t fds = fake_fds();

		if (!way_exists(way))
			continue;
		assert_works(way_make(way, 0, &region));
		child_forgets(way, &region);
		check_region(&region, way);
		assert_works(machine_close(&region));
		nothing_is_left(fds, "a child");
	}
	machine_stop();
}
END_TEST

START_TEST(outside)
{
	struct pmem_region region = { .fd = -1 };
	uint32_t cause;
	int r;

	if (!started(_i))
		return;
	if (ops->map && fixture->outside) {
		region.ctx = ctx;
		region.ops = ops;
		r = ops->map(ctx, fixture->outside, 4, 0, &region);
		rule_error(ops->name, "map outside", r);
		cause = pmem_error_cause(pmem_error_last());
		ck_assert_int_eq(r, -ERANGE);
		ck_assert(cause == PMEM_CAUSE_OUTSIDE_WINDOW || cause == PMEM_CAUSE_BUS_WIDTH);
		nothing_is_left(foreign_fd >= 0, "a range outside");
	}
	machine_stop();
}
END_TEST

START_TEST(wrong_import)
{
	struct pmem_region region;
	int mine;

	if (!started(_i))
		return;
	if (ops->import) {
		mine = foreign_fd;
		foreign_fd = os->memfd_create("no dma-buf", 0);
		assert_fails(way_make(WAY_IMPORT, 0, &region), EINVAL, PMEM_CAUSE_WRONG_KIND);
		ck_assert_int_ge(os->fcntl(foreign_fd, F_GETFD, 0), 0); /* it stays the caller's */
		ck_assert_int_eq(os->close(foreign_fd), 0);
		foreign_fd = mine;
		nothing_is_left(mine >= 0, "a wrong import");
	}
	machine_stop();
}
END_TEST

/* --- what a region can do ----------------------------------------------------------------------------- */

static void sync_all(struct pmem_region *region)
{
	const uint64_t last = region->size - 1;

	for (uint32_t direction = PMEM_DIR_READ; direction <= PMEM_DIR_BOTH; direction++) {
		assert_works(ops->sync(region, 0, region->size, direction, true));
		assert_works(ops->sync(region, 0, region->size, direction, false));
		assert_works(ops->sync(region, last, 1, direction, true));
		assert_works(ops->sync(region, last, 1, direction, false));
	}
}

static void dup_fd(struct pmem_region *region)
{
	int fd = os->fcntl(region->fd, F_DUPFD_CLOEXEC, 0);

	ck_assert_msg(fd >= 0, "%s: no descriptor: %d", ops->name, fd);
	ck_assert_int_ne(fd, region->fd);
	ck_assert_int_eq(os->fcntl(fd, F_GETFD, 0) & FD_CLOEXEC, FD_CLOEXEC);
	ck_assert_int_eq(os->close(fd), 0);
}

START_TEST(abilities)
{
	if (!started(_i))
		return;
	for (enum way way = WAY_MAP; way < WAYS; way++) {
		uint32_t flags = 0;
		struct pmem_region region;

		if (!way_exists(way))
			continue;
		if (way == WAY_ALLOC && (ops->caps & PMEM_BACKEND_EXPORT))
			flags = PMEM_ALLOC_DMABUF;
		assert_works(way_make(way, flags, &region));
		if (flags)
			ck_assert_msg(region.attrs & PMEM_REGION_DMABUF,
				"%s: exports, but not this region", ops->name);
		if (region.attrs & PMEM_REGION_DMABUF)
			dup_fd(&region);
		if (way == WAY_ALLOC && (ops->caps & PMEM_BACKEND_BUS))
			ck_assert_msg(region.has_bus, "%s: BUS without a bus address", ops->name);
		if (ops->sync)
			sync_all(&region);
		assert_works(machine_close(&region));
	}
	machine_stop();
}
END_TEST

/* --- each call of the kernel failing in turn ------------------------------------------------------------ */

static int make_and_close(void *user)
{
	const enum way *way = user;
	struct pmem_region region;
	int r = way_make(*way, 0, &region);

	return r < 0 ? r : machine_close(&region);
}

static int make_unmapped_and_close(void *user)
{
	const enum way *way = user;
	struct pmem_region region;
	int r = way_make(*way, no_map(*way), &region);

	return r < 0 ? r : machine_close(&region);
}

START_TEST(faults)
{
	static const int errnums[] = { EIO, ENOMEM, EPERM };

	if (!started(_i))
		return;
	for (size_t e = 0; e < ARRAY_SIZE(errnums); e++) {
		ck_assert_uint_gt(fake_fail_each(errnums[e], probe, NULL), 0);
		for (enum way way = WAY_MAP; way < WAYS; way++) {
			if (way_exists(way))
				ck_assert_uint_gt(fake_fail_each(errnums[e], make_and_close, &way), 0);
			if (way_exists(way) && way >= WAY_ALLOC)
				fake_fail_each(errnums[e], make_unmapped_and_close, &way);
		}
	}
	machine_stop();
}
END_TEST

/* Close with its first call failing, then its second, ...: it frees all the same, and tells. */
static void close_faults(enum way way)
{
	size_t fds = fake_fds();

	for (unsigned n = 1;; n++) {
		struct pmem_region region;
		const char *failed;
		int r;

		assert_works(way_make(way, 0, &region));
		fake_fail(n, EIO);
		r = machine_close(&region);
		failed = fake_failed();
		fake_fail(0, 0);
		nothing_is_left(fds, failed ? failed : "close");
		if (!failed) {
			ck_assert_int_eq(r, 0);
			return;
		}
		if (strcmp(failed, "munmap") == 0)
			rule_error(ops->name, "close", r);
		ck_assert_int_le(r, 0);
	}
}

START_TEST(closing_faults)
{
	if (!started(_i))
		return;
	for (enum way way = WAY_MAP; way < WAYS; way++) {
		if (way_exists(way))
			close_faults(way);
	}
	machine_stop();
}
END_TEST

Suite *test_suite(void)
{
	const TTest *const tests[] = { description, absent, absent_faults, usable, regions, not_mapped,
		read_only, pieces, each_its_own,
		a_child_closes_what_its_parent_made, outside, wrong_import, abilities, faults, closing_faults };
	Suite *suite = suite_create("contract");
	TCase *tc = tcase_create("table");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, table);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_loop_test(tc, tests[i], 0, machine_count());
	memory_add(tc, machine_count());
	opens_add(tc, machine_count());
	pool_add(tc, machine_count());
	suite_add_tcase(suite, tc);
	return suite;
}
