/* SPDX-License-Identifier: MIT */
/* lib/soc/dt/kept.c, and what lib/soc keeps: the same question costs no system call again. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "counted.h"
#include "dt/kept.h"
#include "soc/soc.h"
#include "suite.h"

static struct pmem_ctx *ctx;

static void tree(void)
{
	COMPATIBLE("raspberrypi,3-model-b\0brcm,bcm2837");
	fake_string("/", "model", "Raspberry Pi 3 Model B");
	CELLS("/", "#address-cells", 1);
	CELLS("/", "#size-cells", 1);
	fake_string("/soc", "compatible", "simple-bus");
	CELLS("/soc", "#address-cells", 1);
	CELLS("/soc", "#size-cells", 1);
	CELLS("/soc", "ranges", 0x7e000000, 0x3f000000, 0x1000000);
	CELLS("/soc", "dma-ranges", 0xc0000000, 0, 0x3f000000, 0x7e000000, 0x3f000000, 0x1000000);
	fake_string("/soc/dma@7e007000", "compatible", "brcm,bcm2835-dma");
	CELLS("/soc/dma@7e007000", "reg", 0x7e007000, 0xf00);
	fake_string("/soc/gpio@7e200000", "compatible", "brcm,bcm2835-gpio");
	CELLS("/soc/gpio@7e200000", "reg", 0x7e200000, 0xb4);
	CELLS("/soc/gpio@7e200000", "phandle", 7);
	fake_string("/soc/serial@7e201000", "compatible", "arm,pl011");
	CELLS("/soc/serial@7e201000", "reg", 0x7e201000, 0x200);
	fake_string("/aliases", "serial0", "/soc/serial@7e201000");
	fake_string("/__symbols__", "gpio", "/soc/gpio@7e200000");
	fake_string("/cpus/cpu@0", "compatible", "arm,cortex-a53");
}

static void start(void)
{
	fake_start();
	tree();
	counted_start();
	assert_works(pmem_ctx_new(&ctx));
}

static void stop(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

/* Every question that the tree answers, by a number. */
static int ask(struct pmem_ctx *of, int question)
{
	uint64_t a, b;
	char path[SOC_PATH_MAX];

	switch (question) {
	case 0:
		return pmem_soc_family(of) ? 0 : -errno;
	case 1:
		return pmem_soc_vendor(of) && pmem_soc_model(of) && pmem_soc_compatible(of, 1) ? 0 : -1;
	case 2:
		return pmem_soc_node(of, "/soc/serial@7e201000", 0, &a, &b);
	case 3:
		return pmem_soc_node(of, "serial0", 0, &a, &b);
	case 4:
		return pmem_soc_node(of, "&gpio", 0, &a, &b);
	case 5:
		return pmem_soc_node(of, "arm,pl011", 0, &a, &b);
	case 6:
		return pmem_soc_node_path(of, "brcm,bcm2835-dma", 0, path, sizeof(path));
	case 7:
		return pmem_soc_node_available(of, "&gpio") == 1 ? 0 : -1;
	case 8:
		return pmem_soc_gpio(of, &a, &b);
	case 9:
		return pmem_soc_bus_to_phys(of, NULL, 0xc0001000, &a);
	case 10:
		return pmem_soc_phys_to_bus(of, NULL, 0x1000, &a);
	case 11:
		return pmem_soc_phys_to_bus(of, "arm,pl011", 0x1000, &a);
	case 12:
		return pmem_soc_coherent(of, NULL) == 0 ? 0 : -1;
	case 13: /* that there is none is an answer, too */
		return pmem_soc_node(of, "/soc/none", 0, &a, &b) == -ENOENT ? 0 : -1;
	case 14:
		return pmem_soc_node(of, "maker,none", 0, &a, &b) == -ENOENT ? 0 : -1;
	default:
		return 1;
	}
}

#define QUESTIONS 15

START_TEST(the_second_time)
{
	unsigned before = counted.calls;

	assert_works(ask(ctx, _i));
	ck_assert_uint_gt(counted.calls, before);
	before = counted.calls;
	assert_works(ask(ctx, _i));
	ck_assert_uint_eq(counted.calls, before);
}
END_TEST

START_TEST(contexts_share)
{
	struct pmem_ctx *other;
	unsigned before;

	assert_works(ask(ctx, _i));
	before = counted.calls;
	assert_works(pmem_ctx_new(&other));
	assert_works(ask(other, _i));
	ck_assert_uint_eq(counted.calls, before);
	pmem_ctx_unref(ctx); /* whoever asked first */
	ctx = NULL;
	assert_works(ask(other, _i));
	ck_assert_uint_eq(counted.calls, before);
	pmem_ctx_unref(other);
	/* With the last one it is forgotten. */
	assert_works(pmem_ctx_new(&ctx));
	assert_works(ask(ctx, _i));
	ck_assert_uint_gt(counted.calls, before);
}
END_TEST

START_TEST(another_root_is_another_machine)
{
	char path[PATH_MAX];
	struct pmem_ctx *other;

	ck_assert_str_eq(pmem_soc_family(ctx), "bcm2837");
	fake_text("elsewhere/compatible", "allwinner,sun8i-h3");
	snprintf(path, sizeof(path), "%s/elsewhere", fake_root());
	fake_env("LIBPMEM_DEVICE_TREE", path);
	assert_works(pmem_ctx_new(&other));
	ck_assert_str_eq(pmem_soc_family(other), "sun8i-h3");
	pmem_ctx_unref(other);
	fake_env("LIBPMEM_DEVICE_TREE", NULL);
	fake_text("proc/device-tree/proc/device-tree/compatible", "rockchip,rk3399");
	snprintf(path, sizeof(path), "%s/proc/device-tree", fake_root());
	fake_env("LIBPMEM_ROOT", path);
	assert_works(pmem_ctx_new(&other));
	ck_assert_str_eq(pmem_soc_family(other), "rk3399");
	pmem_ctx_unref(other);
	ck_assert_str_eq(pmem_soc_family(ctx), "bcm2837");
}
END_TEST

/* Whatever fails once, the next answer is the right one: of a context that shares, too. */
START_TEST(failures_are_not_kept)
{
	static const int errnums[] = { ENOMEM, EACCES };
	int failures = 0;

	for (unsigned n = 1, failed = 1; failed; n++) {
		pmem_ctx_unref(ctx);
		assert_works(pmem_ctx_new(&ctx));
		fake_fail(n, errnums[_i / QUESTIONS]);
		failures += ask(ctx, _i % QUESTIONS) < 0;
		failed = fake_failed() != NULL;
		fake_fail(0, 0);
		for (int question = 0; question < QUESTIONS; question++)
			assert_works(ask(ctx, question));
	}
	ck_assert_int_gt(failures, 0);
}
END_TEST

/* One that stays: a directory that hides, a property that is no plain file. */
START_TEST(what_is_no_answer_costs_a_call_each_time)
{
	unsigned before;

	fake_fail_named("list_directories", EACCES);
	ck_assert_int_lt(pmem_soc_gpio(ctx, &(uint64_t){ 0 }, NULL), 0);
	before = counted.calls;
	ck_assert_int_lt(pmem_soc_gpio(ctx, &(uint64_t){ 0 }, NULL), 0);
	ck_assert_uint_gt(counted.calls, before);
	fake_fail_named(NULL, 0);
	assert_works(pmem_soc_gpio(ctx, &(uint64_t){ 0 }, NULL));
}
END_TEST

START_TEST(region_of_the_tree)
{
	struct pmem_region *region;
	unsigned first, second;

	fake_sparse("dev/mem", 0x40000000);
	first = counted.calls;
	assert_works(pmem_region_map_node(ctx, "serial0", 0, 0, &region));
	first = counted.calls - first;
	assert_works(pmem_region_close(region));
	second = counted.calls;
	assert_works(pmem_region_map_node(ctx, "serial0", 0, 0, &region));
	second = counted.calls - second;
	ck_assert_uint_gt(first, second + 20);
	ck_assert_uint_lt(second, 25);
	second = counted.calls;
	assert_works(pmem_region_bus(region, &(uint64_t){ 0 }));
	ck_assert_uint_gt(counted.calls, second);
	second = counted.calls;
	assert_works(pmem_region_bus(region, &(uint64_t){ 0 }));
	ck_assert_uint_eq(counted.calls, second);
	assert_works(pmem_region_close(region));
}
END_TEST

/* Names without end: memory is bounded, and what is not kept is as true. */
START_TEST(bounded)
{
	struct kept *kept = kept_new();
	const struct kept_answer *answer;
	char path[64], data[4096] = "";
	size_t count = 0;

	ck_assert_ptr_nonnull(kept);
	do {
		snprintf(path, sizeof(path), "/none%zu", count++);
	} while (kept_add(kept, KEPT_PROPERTY, path, 0, data, sizeof(data)));
	ck_assert_uint_gt(count, KEPT_MAX / sizeof(data) / 2);
	ck_assert_uint_le(count, KEPT_MAX / sizeof(data) + 1);
	ck_assert_ptr_null(kept_find(kept, KEPT_PROPERTY, path));
	answer = kept_find(kept, KEPT_PROPERTY, "/none17");
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_eq(answer->size, sizeof(data));
	ck_assert_ptr_null(kept_find(kept, KEPT_NODE, "/none17"));
	/* What is there is not added again. */
	ck_assert_ptr_null(kept_add(kept, KEPT_NODE, "/more", 0, data, sizeof(data)));
	kept_free(kept);
	kept_free(NULL);
}
END_TEST

/* Names chosen so that all fall into one place: the time to find one is bounded as well. */
START_TEST(names_that_collide)
{
	struct kept *kept = kept_new();
	unsigned count = 0, tried = 0;
	char path[32];

	ck_assert_ptr_nonnull(kept);
	for (unsigned i = 0; tried < 1000; i++) {
		/* As lib/soc/dt/kept.c has it, to the 10 bits that count. */
		uint32_t hash = (2166136261u ^ (uint32_t)KEPT_NODE) * 16777619u;

		snprintf(path, sizeof(path), "/n%u", i);
		for (const char *p = path; *p; p++)
			hash = (hash ^ (unsigned char)*p) * 16777619u;
		if (hash % 1024)
			continue;
		tried++;
		if (kept_add(kept, KEPT_NODE, path, 0, "", 0)) {
			ck_assert_ptr_nonnull(kept_find(kept, KEPT_NODE, path));
			count++;
		} else {
			ck_assert_ptr_null(kept_find(kept, KEPT_NODE, path));
		}
	}
	ck_assert_uint_eq(count, KEPT_ALIKE_MAX);
	ck_assert_ptr_nonnull(kept_add(kept, KEPT_NODE, "/another", 0, "", 0));
	kept_free(kept);
}
END_TEST

START_TEST(more_than_is_kept)
{
	static char bytes[60000];
	char name[16], path[64], *data;
	unsigned before;
	size_t size;

	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		snprintf(path, sizeof(path), "proc/device-tree/big/%s", name);
		fake_file(path, bytes, sizeof(bytes));
		assert_works(soc_node_property(ctx, "/big", name, &data, &size));
		ck_assert(size == sizeof(bytes) && memcmp(data, bytes, size) == 0);
		free(data);
		fake_remove(path);
	}
	/* And what is left of it, less than one of those: 35 bytes each on 32 bit. */
	for (int i = 0; i < 2000; i++) {
		snprintf(path, sizeof(path), "/none%d", i);
		ck_assert_int_eq(soc_node_available(ctx, path), -ENOENT);
	}
	assert_works(soc_node_property(ctx, "/big", "p0", &data, &size));
	free(data);
	ck_assert_int_eq(soc_node_property(ctx, "/big", "p299", &data, &size), -ENOENT);
	for (int twice = 0; twice < 2; twice++) {
		before = counted.calls;
		for (int question = 0; question < QUESTIONS; question++)
			assert_works(ask(ctx, question));
		ck_assert_uint_gt(counted.calls, before);
	}
}
END_TEST

/* More in one directory than any tree has: an error that says so, and not much memory. */
START_TEST(too_many_names)
{
	char name[300], path[PATH_MAX];

	memset(name, 'x', 250);
	for (int i = 0; i < 4500; i++) {
		snprintf(name + 238, 12, "%d", 1000000 + i);
		snprintf(path, sizeof(path), "proc/device-tree/cpus/%s", name);
		fake_dir(path);
	}
	assert_fails(pmem_soc_node(ctx, "no,such", 0, &(uint64_t){ 0 }, NULL), ENXIO,
		PMEM_CAUSE_DEVICE_TREE);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "more nodes below"));
}
END_TEST

/* A file system that counts no links, or all alike: the nodes are found all the same. */
static int odd_links(const char *path, struct os_stat *out)
{
	int r = os_linux.lstat(path, out);

	out->nlink = 2;
	return r;
}

START_TEST(links_that_lie)
{
	struct os_calls odd = os_linux;

	odd.lstat = odd.stat = odd_links;
	odd.getenv = os->getenv;
	os = &odd;
	assert_works(pmem_soc_node(ctx, "arm,pl011", 0, &(uint64_t){ 0 }, NULL));
}
END_TEST

static void *ask_all(void *user)
{
	uintptr_t bad = 0;

	(void)user;
	for (int i = 0; i < 40; i++) {
		struct pmem_ctx *own = NULL;

		bad += pmem_ctx_new(&own) != 0;
		for (int question = 0; question < QUESTIONS; question++)
			bad += ask(own, (question + i) % QUESTIONS) != 0;
		pmem_ctx_unref(own);
	}
	return (void *)bad;
}

/* Contexts come and go, each thread's with it what is known. */
START_TEST(several_threads)
{
	pthread_t threads[4];

	pmem_ctx_unref(ctx);
	ctx = NULL;
	os = &os_linux; /* the played kernel keeps books without locks */
	ck_assert_int_eq(setenv("LIBPMEM_ROOT", fake_root(), 1), 0);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_all, NULL), 0);
	for (int i = 0; i < 4; i++) {
		void *bad;

		pthread_join(threads[i], &bad);
		ck_assert_ptr_null(bad);
	}
}
END_TEST

#if !SANITIZE_ADDRESS && !SANITIZE_THREAD
/* Forked while others ask: the child asks with what it inherited, with a new one, and closes both. */
START_TEST(forked_meanwhile)
{
	pthread_t thread;

	os = &os_linux;
	ck_assert_int_eq(setenv("LIBPMEM_ROOT", fake_root(), 1), 0);
	for (int i = 0; i < 30; i++) {
		int status;
		pid_t child;

		ck_assert_int_eq(pthread_create(&thread, NULL, ask_all, NULL), 0);
		usleep((useconds_t)i * 50);
		child = fork();
		if (child == 0) {
			struct pmem_ctx *own;
			int bad = pmem_ctx_new(&own) != 0;

			alarm(20);
			for (int question = 0; question < QUESTIONS && !bad; question++)
				bad = ask(ctx, question) != 0 || ask(own, question) != 0;
			pmem_ctx_unref(ctx);
			pmem_ctx_unref(own);
			if (bad)
				_exit(bad);
			/* What the other thread had is nobody's here: no leak to look for. */
			raise(SIGKILL);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, SIGKILL);
		pthread_join(thread, NULL);
	}
}
END_TEST
#endif

Suite *test_suite(void)
{
	Suite *suite = suite_create("kept");
	TCase *tc = tcase_create("kept"), *forks = tcase_create("forked");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_loop_test(tc, the_second_time, 0, QUESTIONS);
	tcase_add_loop_test(tc, contexts_share, 0, QUESTIONS);
	tcase_add_loop_test(tc, failures_are_not_kept, 0, 2 * QUESTIONS);
	tcase_add_test(tc, another_root_is_another_machine);
	tcase_add_test(tc, what_is_no_answer_costs_a_call_each_time);
	tcase_add_test(tc, region_of_the_tree);
	tcase_add_test(tc, bounded);
	tcase_add_test(tc, names_that_collide);
	tcase_add_test(tc, more_than_is_kept);
	tcase_add_test(tc, too_many_names);
	tcase_add_test(tc, links_that_lie);
	tcase_add_test(tc, several_threads);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(forks, start, stop);
#if !SANITIZE_ADDRESS && !SANITIZE_THREAD
	tcase_add_test(forks, forked_meanwhile); /* the sanitizers' own locks are inherited taken */
#endif
	tcase_set_tags(forks, "wipeonfork"); /* cmake/stages: not under QEMU's user mode */
	tcase_set_timeout(forks, 60);
	suite_add_tcase(suite, forks);
	return suite;
}
