/* SPDX-License-Identifier: MIT */
/* lib/soc/dt/dt.c and walk.c: reading a device tree, and one that means harm. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dt/dt.h"
#include "dt/find.h"
#include "suite.h"

static struct dt dt;

static void start(void)
{
	fake_start();
	fake_string("/", "compatible", "maker,board");
}

static void stop(void)
{
	dt_close(&dt);
	fake_stop();
}

static int reopen(const char *path)
{
	dt_close(&dt);
	return dt_open(&dt, fake_root(), path);
}

static void open_tree(void)
{
	ck_assert_int_eq(reopen(NULL), 0);
}

START_TEST(base)
{
	char absolute[] = "/sys/firmware/devicetree/base";

	open_tree();
	fake_remove("proc/device-tree");
	ck_assert_int_eq(reopen(NULL), -ENOENT);
	/* The kernel's link is absolute; below another root it means that root. */
	fake_link("proc/device-tree", absolute);
	ck_assert_int_eq(reopen(NULL), -ENOLINK);
	fake_text("sys/firmware/devicetree/base/model", "linked");
	open_tree();
	ck_assert_int_eq(dt_has(&dt, "/", "model"), 1);
	fake_remove("proc/device-tree");
	fake_link("proc/device-tree", "../sys/firmware/devicetree/base");
	open_tree();
	ck_assert_int_eq(dt_has(&dt, "/", "model"), 1);
	fake_remove("proc/device-tree");
	fake_text("proc/device-tree", "a file");
	open_tree(); /* what the link would have led to */
	ck_assert_int_eq(dt_has(&dt, "/", "model"), 1);
	fake_remove("proc/device-tree");
	fake_link("proc/device-tree", "device-tree");
	ck_assert_int_eq(reopen(NULL), -ELOOP);
}
END_TEST

/* /proc that shows processes only, and a container that hides all of it. */
START_TEST(without_the_link)
{
	char path[512];

	fake_text("sys/firmware/devicetree/base/model", "seen");
	fake_remove("proc/device-tree");
	open_tree();
	ck_assert_int_eq(dt_has(&dt, "/", "model"), 1);
	fake_text("elsewhere/tree/model", "named");
	snprintf(path, sizeof(path), "%s/elsewhere/tree", fake_root());
	ck_assert_int_eq(reopen(path), 0);
	ck_assert_str_eq(dt.base, path);
	ck_assert_int_eq(reopen("/nowhere"), -ENOENT);
}
END_TEST

START_TEST(properties)
{
	const uint32_t cells[] = { 1, 0xfffffffe, 3 };
	struct dt_prop prop;
	uint32_t value = 7;

	fake_cells("/node", "reg", 3, cells);
	fake_file("proc/device-tree/node/list", "one\0two\0\0last", 13);
	fake_file("proc/device-tree/node/short", "\1\2\3", 3);
	fake_text("proc/device-tree/node/empty", "");
	open_tree();
	ck_assert_int_eq(dt_read(&dt, "/node", "reg", &prop), 0);
	ck_assert_uint_eq(prop.size, 12);
	ck_assert_uint_eq(dt_cell(&prop, 1), 0xfffffffe);
	ck_assert_uint_eq(dt_number(&prop, 0, 2), 0x1fffffffeu);
	ck_assert_uint_eq(dt_number(&prop, 0, 3), 0xfffffffe00000003u);
	ck_assert_uint_eq(dt_number(&prop, 0, 0), 0);
	dt_free(&prop);
	ck_assert_int_eq(dt_u32(&dt, "/node", "reg", &value), 0);
	ck_assert_uint_eq(value, 1);
	ck_assert_int_eq(dt_u32(&dt, "/node", "short", &value), -ENOENT);
	ck_assert_int_eq(dt_u32(&dt, "/node", "empty", &value), -ENOENT);
	ck_assert_int_eq(dt_has(&dt, "/node", "empty"), 1);
	ck_assert_int_eq(dt_has(&dt, "/node", "none"), 0);
	ck_assert_int_eq(dt_read(&dt, "/", "node", &prop), -ENOENT); /* a directory */

	ck_assert_int_eq(dt_read(&dt, "/node", "list", &prop), 0);
	ck_assert_str_eq(dt_string(&prop, 0), "one");
	ck_assert_str_eq(dt_string(&prop, 2), "");
	ck_assert_str_eq(dt_string(&prop, 3), "last"); /* its NUL is missing */
	ck_assert_ptr_null(dt_string(&prop, 4));
	ck_assert_int_eq(dt_string_index(&prop, "LAST"), 3);
	ck_assert_int_eq(dt_string_index(&prop, "las"), -ENOENT);
	dt_free(&prop);
}
END_TEST

/* sysfs gives one page a time, and files may be longer. */
START_TEST(long_property)
{
	size_t size = 60000;
	char *big = malloc(size);
	struct dt_prop prop;

	ck_assert_ptr_nonnull(big);
	memset(big, 'x', size);
	fake_file("proc/device-tree/big", big, size);
	fake_sparse("proc/device-tree/huge", 66000); /* a walk may meet many of them */
	open_tree();
	ck_assert_int_eq(dt_read(&dt, "/", "big", &prop), 0);
	ck_assert_uint_eq(prop.size, size);
	ck_assert_mem_eq(prop.data, big, size);
	dt_free(&prop);
	ck_assert_int_eq(dt_read(&dt, "/", "huge", &prop), -EFBIG);
	free(big);
}
END_TEST

START_TEST(look_up)
{
	char node[DT_PATH_MAX], longest[DT_PATH_MAX + 8];

	fake_dir("proc/device-tree/bus@1/dev@2");
	fake_dir("proc/device-tree/with space");
	fake_text("proc/device-tree/bus@1/sub", "property");
	fake_dir("proc/device-tree/bus@1/sub#1/deep");
	open_tree();
	ck_assert_int_eq(dt_find(&dt, "/", node), 0);
	ck_assert_str_eq(node, "/");
	ck_assert_int_eq(dt_find(&dt, "//bus@1///dev@2/", node), 0);
	ck_assert_str_eq(node, "/bus@1/dev@2");
	ck_assert_int_eq(dt_find(&dt, "/with space", node), 0);
	ck_assert_int_eq(dt_find(&dt, "/bus@1/sub/deep", node), 0);
	ck_assert_str_eq(node, "/bus@1/sub#1/deep");
	ck_assert_int_eq(dt_find(&dt, "/bus", node), -ENOENT);
	ck_assert_int_eq(dt_find(&dt, "/compatible", node), -ENOENT);
	ck_assert_int_eq(dt_find(&dt, "/bus@1/../bus@1", node), -ENOENT);
	ck_assert_int_eq(dt_find(&dt, "/./bus@1", node), -ENOENT);
	ck_assert_int_eq(dt_find(&dt, "/../../..", node), -ENOENT);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(dt_find(&dt, longest, node), -ENAMETOOLONG);
	strcpy(node, "/a/b");
	ck_assert(dt_parent(node));
	ck_assert_str_eq(node, "/a");
	ck_assert(dt_parent(node));
	ck_assert_str_eq(node, "/");
	ck_assert(!dt_parent(node));
	ck_assert(dt_is_named("/a/pcie@1", "pcie"));
	ck_assert(dt_is_named("/pcie#1", "pcie"));
	ck_assert(!dt_is_named("/pcie-x@1", "pcie"));
}
END_TEST

static int available(const char *node)
{
	open_tree(); /* it has changed */
	return dt_available(&dt, node);
}

START_TEST(status)
{
	fake_dir("proc/device-tree/a/b/c");
	ck_assert_int_eq(available("/a/b/c"), 1);
	fake_string("/a/b", "status", "okay");
	ck_assert_int_eq(available("/a/b/c"), 1);
	fake_string("/a/b/c", "status", "ok");
	ck_assert_int_eq(available("/a/b/c"), 1);
	fake_string("/a", "status", "disabled");
	ck_assert_int_eq(available("/a/b/c"), 0);
	ck_assert_int_eq(available("/"), 1);
	fake_string("/a", "status", "reserved");
	ck_assert_int_eq(available("/a"), 0);
	fake_text("proc/device-tree/a/status", "");
	ck_assert_int_eq(available("/a"), 0);
	fake_text("proc/device-tree/a/status", "okay"); /* without its NUL */
	ck_assert_int_eq(available("/a"), 1);
}
END_TEST

struct seen {
	char order[512];
	unsigned count;
	int stop_at;
};

static int note(void *user, const char *node)
{
	struct seen *seen = user;

	if (strlen(seen->order) + strlen(node) + 2 < sizeof(seen->order)) {
		strcat(seen->order, node);
		strcat(seen->order, " ");
	}
	return (int)++seen->count == seen->stop_at ? 42 : 0;
}

START_TEST(order)
{
	struct seen seen = { .count = 0 };

	fake_dir("proc/device-tree/uart@1000/x");
	fake_dir("proc/device-tree/uart@900");
	fake_dir("proc/device-tree/dma@ff000000");
	fake_dir("proc/device-tree/uarts");
	open_tree();
	ck_assert_int_eq(dt_walk(&dt, note, &seen), 0);
	ck_assert_str_eq(seen.order, "/ /dma@ff000000 /uart@900 /uart@1000 /uart@1000/x /uarts ");
	seen = (struct seen){ .stop_at = 3 };
	ck_assert_int_eq(dt_walk(&dt, note, &seen), 42);
	ck_assert_str_eq(seen.order, "/ /dma@ff000000 /uart@900 ");
	seen = (struct seen){ .count = 0 };
	ck_assert_int_eq(dt_children(&dt, "/uart@1000", note, &seen), 0);
	ck_assert_str_eq(seen.order, "/uart@1000/x ");
	seen = (struct seen){ .count = 0 };
	ck_assert_int_eq(dt_children(&dt, "/nowhere", note, &seen), 0);
	ck_assert_uint_eq(seen.count, 0);
}
END_TEST

/* A link to the parent is a circle, one to /etc a way out, a pipe waits for ever. */
START_TEST(links_and_pipes)
{
	char path[PATH_MAX], node[DT_PATH_MAX];
	struct seen seen = { .count = 0 };
	struct dt_prop prop;
	uint32_t value;

	fake_dir("proc/device-tree/bus");
	fake_link("proc/device-tree/bus/self", "..");
	fake_link("proc/device-tree/bus/reg", "/etc/passwd");
	fake_link("proc/device-tree/bus/status", "status");
	snprintf(path, sizeof(path), "%s/proc/device-tree/bus/ranges", fake_root());
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	open_tree();
	ck_assert_int_eq(dt_find(&dt, "/bus/self/bus", node), -ELOOP);
	ck_assert_int_eq(dt_read(&dt, "/bus", "reg", &prop), -ELOOP);
	ck_assert_int_eq(dt_read(&dt, "/bus", "ranges", &prop), -ELOOP);
	ck_assert_int_eq(dt_u32(&dt, "/bus", "reg", &value), -ELOOP);
	ck_assert_int_eq(dt_available(&dt, "/bus"), -ELOOP);
	ck_assert_int_eq(dt_has(&dt, "/bus", "ranges"), -ELOOP);
	ck_assert_int_eq(dt_walk(&dt, note, &seen), 0);
	ck_assert_str_eq(seen.order, "/ /bus ");
}
END_TEST

START_TEST(depth)
{
	struct seen seen = { .count = 0 };
	char path[PATH_MAX] = "proc/device-tree", node[DT_PATH_MAX];

	for (int i = 0; i < 200; i++)
		strcat(path, "/d");
	fake_dir(path);
	open_tree();
	ck_assert_int_eq(dt_walk(&dt, note, &seen), 0);
	ck_assert_uint_eq(seen.count, DT_DEPTH_MAX + 1);
	ck_assert_int_eq(dt_find(&dt, path + strlen("proc/device-tree"), node), -ENOENT);
}
END_TEST

/* Names so long that a few of them pass what a path may have. */
START_TEST(long_names)
{
	struct seen seen = { .count = 0 };
	char path[PATH_MAX] = "proc/device-tree", name[202];

	memset(name, 'n', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 10; i++)
		strcat(path, name);
	fake_dir(path);
	open_tree();
	ck_assert_int_eq(dt_walk(&dt, note, &seen), 0);
	ck_assert_uint_eq(seen.count, 1 + DT_PATH_MAX / (sizeof(name) - 1));
}
END_TEST

START_TEST(phandles)
{
	const uint32_t five = 5, six = 6;
	char node[DT_PATH_MAX];

	fake_cells("/a/b", "phandle", 1, &five);
	fake_cells("/c", "phandle", 1, &six);
	fake_link("proc/device-tree/a/phandle", "b");
	open_tree();
	ck_assert_int_eq(find_phandle(&dt, 6, node), 0);
	ck_assert_str_eq(node, "/c");
	ck_assert_int_eq(find_phandle(&dt, 5, node), 0);
	ck_assert_str_eq(node, "/a/b");
	ck_assert_int_eq(find_phandle(&dt, 0, node), -ENOENT);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("dt");
	TCase *tc = tcase_create("reader");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, base);
	tcase_add_test(tc, without_the_link);
	tcase_add_test(tc, properties);
	tcase_add_test(tc, long_property);
	tcase_add_test(tc, look_up);
	tcase_add_test(tc, status);
	tcase_add_test(tc, order);
	tcase_add_test(tc, links_and_pipes);
	tcase_add_test(tc, depth);
	tcase_add_test(tc, long_names);
	tcase_add_test(tc, phandles);
	suite_add_tcase(suite, tc);
	return suite;
}
