/* SPDX-License-Identifier: MIT */
/* Pools of huge pages that are files, and the record of what was changed in them, for the files of tests that have them. */
#ifndef TEST_PLAYED_RESERVE_H
#define TEST_PLAYED_RESERVE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pages/reserve.h"
#include "suite.h"

#define GIB    ((size_t)1 << 30)
#define MIB    ((size_t)1 << 20)
#define HUGEPAGES   "/sys/kernel/mm/hugepages/"
#define LARGE  HUGEPAGES "hugepages-1048576kB/"
#define SMALL  HUGEPAGES "hugepages-2048kB/"
#define BOOT   "01234567-89ab-cdef-0123-456789abcdef"
#define RECORD "/run/libpmem/hugepages"

static struct pmem_ctx *ctx;
static struct os_calls calls;
static bool stingy;         /* the kernel has no room for another page */
static bool takes_surplus;  /* it makes surplus pages ordinary ones first, as set_max_huge_pages() does */
static bool short_record;   /* the folder of the record is full */
static bool undivided;      /* it takes no page apart, and does not say so */
static unsigned compacted;

static unsigned long number(const char *path)
{
	char full[4096], text[32] = "";
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", fake_root(), path);
	f = fopen(full, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), f));
	fclose(f);
	return strtoul(text, NULL, 10);
}

static void set(const char *path, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu\n", value);
	fake_text(path, text);
}

static char *record(void)
{
	static char text[512];
	char path[4096];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s" RECORD, fake_root());
	f = fopen(path, "r");
	if (f) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return text;
}

/* What is written to a pool's file is what the kernel makes of it. */
static ssize_t played_write(int fd, const void *buf, size_t count)
{
	char link[64], path[4096], text[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	snprintf(text, sizeof(text), "%.*s\n", (int)count, (const char *)buf);
	if (strstr(path, "nr_hugepages")) {
		unsigned long wanted = strtoul(text, NULL, 10), now = number(path + strlen(fake_root()));

		/* It must have been written down before. */
		ck_assert_ptr_nonnull(strstr(record(), BOOT));
		if (wanted > now && takes_surplus)
			set(LARGE "surplus_hugepages", 0);
		if (wanted > now && stingy)
			return (ssize_t)count;
		/* Pages that are mapped stay, as surplus. */
		if (takes_surplus && wanted < now) {
			set(LARGE "surplus_hugepages", now - wanted);
			return (ssize_t)count;
		}
		fake_text(path + strlen(fake_root()), text);
		return (ssize_t)count;
	}
	if (strstr(path, "/demote") && !strstr(path, "demote_size") && !undivided) {
		set(LARGE "nr_hugepages", number(LARGE "nr_hugepages") - 1);
		set(SMALL "nr_hugepages", number(SMALL "nr_hugepages") + 512);
	}
	if (strstr(path, "compact_memory"))
		compacted++;
	if (short_record && strstr(path, RECORD)) {
		set(LARGE "nr_hugepages", 1); /* somebody else's, meanwhile */
		count /= 2;
	}
	return os_linux.write(fd, buf, count);
}

static void setup(void)
{
	stingy = takes_surplus = short_record = undivided = false;
	compacted = 0;
	fake_start();
	fake_page_size(4096);
	fake_text("/proc/sys/kernel/random/boot_id", BOOT "\n");
	fake_text("/proc/meminfo", "MemAvailable: 8192 kB\n");
	fake_text("/proc/sys/vm/compact_memory", "");
	set(LARGE "nr_hugepages", 0);
	set(LARGE "surplus_hugepages", 0);
	set(SMALL "nr_hugepages", 3);
	set(SMALL "surplus_hugepages", 1);
	fake_dir("/run");
	calls = *os;
	calls.write = played_write;
	os = &calls;
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

#endif
