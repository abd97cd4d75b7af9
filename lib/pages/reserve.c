/* SPDX-License-Identifier: MIT */
#include "pages/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/error.h"
#include "os/file.h"
#include "os/inherit.h"
#include "os/os.h"
#include "os/run_dir.h"
#include "pages/hugetlb.h"

#define NAME    "hugepages"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* A boot id of 36, and two pools of three numbers. */
#define RECORD_MAX 256

/* In a record: no machine has as many. */
#define MAX_PAGES ((uint64_t)1 << 48)

#define ROOT_HINT "pools of huge pages are root's to change: run as root, or reserve pages at boot"

static int failed(int r, const char *operation, const char *path, const char *what)
{
	bool denied = r == -EACCES || r == -EPERM || r == -EROFS;

	return error_set(-r, denied ? PMEM_CAUSE_CAPABILITY : PMEM_CAUSE_SYSTEM, operation, path,
		denied ? ROOT_HINT : NULL, "%s", what);
}

static void pool_path(char path[PATH_MAX], size_t size, const char *name)
{
	snprintf(path, PATH_MAX, HUGETLB_FOLDER "/hugepages-%zukB/%s", size / 1024, name);
}

static int pool_write(const char *root, size_t size, const char *name, const char *text)
{
	char path[PATH_MAX];
	int fd, r;

	pool_path(path, size, name);
	fd = file_open(root, path, O_WRONLY);
	r = fd < 0 ? fd : (int)os->write(fd, text, strlen(text));
	if (fd >= 0)
		os->close(fd);
	return r < 0 ? failed(r, "write", path, "the pool of huge pages cannot be changed") : 0;
}

static int pool_set(const char *root, size_t size, uint64_t pages)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, pages);
	return pool_write(root, size, "nr_hugepages", text);
}

static int pool_read(const char *root, size_t size, const char *name, uint64_t *pages)
{
	char path[PATH_MAX];
	int r;

	pool_path(path, size, name);
	r = file_read_u64(root, path, pages);
	return r < 0 ? failed(r, "read", path, "the pool of huge pages cannot be read") : 0;
}

/* All pages of it. */
static int pool_total(const char *root, size_t size, uint64_t *pages)
{
	return pool_read(root, size, "nr_hugepages", pages);
}

/* Those that stay in the pool: not those that go back when they are unmapped, of which some may be ours. */
static int pool_kept(const char *root, size_t size, uint64_t *pages)
{
	uint64_t total, surplus;
	int r = pool_total(root, size, &total);

	if (r == 0)
		r = pool_read(root, size, "surplus_hugepages", &surplus);
	if (r == 0)
		*pages = total > surplus ? total - surplus : 0;
	return r;
}

/*
 * The pool without our share. An administrator, or a program with a record in another folder, may have set it to
 * anything meanwhile. With more in it ours is among that; with less, it is not known whether ours is,
 * and what they want is what they said. One less than we leave is a page that the kernel could not make.
 */
static int give_back(const char *root, size_t size, uint64_t before, uint64_t share)
{
	uint64_t kept;
	int r = pool_kept(root, size, &kept);

	if (r < 0 || kept == before || kept + 1 < before + share)
		return r;
	return pool_set(root, size, kept < before + share ? before : kept - share);
}

static bool is_pool(const char *root, size_t size)
{
	uint64_t pages;
	char path[PATH_MAX];

	pool_path(path, size, "nr_hugepages");
	return file_read_u64(root, path, &pages) != -ENOENT;
}

static int boot_id(const char *root, char id[40])
{
	char *text;
	size_t size;
	int r = file_read(root, BOOT_ID, 4096, &text, &size);

	if (r < 0)
		return r;
	snprintf(id, 40, "%.36s", text);
	free(text);
	return size < 36 ? -EINVAL : 0;
}

/* What the record says was added. A line without an end is one that was not written whole. */
static int put_back(const char *root, char *record)
{
	char id[40], *rest = record, *line = strsep(&rest, "\n");
	int r = boot_id(root, id), first = 0;

	if (r < 0 || strcmp(line, id) != 0)
		return r; /* of another boot, whose pools are gone */
	while ((line = strsep(&rest, "\n")) && rest) {
		unsigned long long size, before, share;

		if (sscanf(line, "%llu %llu %llu", &size, &before, &share) != 3 || size > SIZE_MAX ||
			before > MAX_PAGES || share > MAX_PAGES || !is_pool(root, (size_t)size))
			continue;
		r = give_back(root, (size_t)size, before, share);
		first = first ? first : r;
	}
	return first;
}

/* Making a page takes up to some seconds; a child of who was killed meanwhile may have the lock for longer. */
#define WAIT_MS 5000
#define STEP_MS 10

static int wait_for(int fd, bool patient)
{
	int r = os->flock(fd, LOCK_EX | LOCK_NB);

	for (unsigned ms = 0; patient && r == -EWOULDBLOCK && ms < WAIT_MS; ms += STEP_MS) {
		os->pause_ms(STEP_MS);
		r = os->flock(fd, LOCK_EX | LOCK_NB);
	}
	return r;
}

/* Nobody but root or this user can have written it. That its writer is dead is told by the lock. */
static bool is_trusted(const struct os_stat *st)
{
	uint32_t self;

	if (!S_ISREG(st->mode) || st->nlink != 1 || (st->mode & (S_IWGRP | S_IWOTH)))
		return false;
	return st->uid == 0 || (run_dir_owner(&self) == 0 && st->uid == self);
}

/* A locked file that is empty: what it held was a dead process's, and is put back. */
static int take_over(const char *root, int fd, bool patient)
{
	char record[RECORD_MAX + 1];
	struct os_stat st;
	ssize_t n;
	int r = os->fstat(fd, &st);

	if (r == 0 && !is_trusted(&st))
		r = -EACCES;
	if (r == 0)
		r = wait_for(fd, patient);
	if (r < 0)
		return r;
	n = os->pread(fd, record, RECORD_MAX, 0);
	if (n <= 0)
		return (int)n;
	record[n] = '\0';
	r = put_back(root, record);
	return r < 0 ? r : os->ftruncate(fd, 0);
}

static int open_in(const char *dir, bool create)
{
	int folder, fd;

	if (create)
		os->mkdir(dir, 0755);
	folder = run_dir_open(dir);
	if (folder < 0)
		return folder;
	fd = inherit_never(os->openat(folder, NAME,
		O_RDWR | O_NOFOLLOW | O_NONBLOCK | (create ? O_CREAT : 0), 0600));
	os->close(folder);
	return fd;
}

/* Not close() alone: a child that was forked between open and inherit_never() has the descriptor, too. */
static void unlock(int fd)
{
	if (inherit_holds(fd))
		os->flock(fd, LOCK_UN);
	inherit_close(fd);
}

/* The file of that folder, locked and empty. */
static int lock_in(struct pmem_ctx *ctx, const char *dir, bool create)
{
	int fd = open_in(dir, create), r;

	if (fd < 0)
		return fd;
	r = take_over(ctx->root, fd, create);
	if (r == 0)
		return fd;
	unlock(fd);
	return r;
}

/* In the first folder where that works. One that another has is not passed by: both would change the same pools. */
static int lock(struct pmem_ctx *ctx)
{
	char dir[PATH_MAX];
	int r = -ENOENT;

	for (unsigned i = 0; r < 0 && r != -EWOULDBLOCK && run_dir_path(ctx->root, ctx->run_dir, i, dir); i++)
		r = lock_in(ctx, dir, true);
	return r;
}

static int write_record(const struct reserve *reserve)
{
	char record[RECORD_MAX], id[40];
	ssize_t n = boot_id(reserve->root, id);
	int length;

	if (n < 0)
		return failed((int)n, "read", BOOT_ID, "this boot cannot be told from others");
	length = snprintf(record, sizeof(record), "%s\n", id);
	for (size_t i = 0; i < RESERVE_POOLS && reserve->sizes[i]; i++)
		length += snprintf(record + length, sizeof(record) - (size_t)length,
			"%zu %" PRIu64 " %" PRIu64 "\n", reserve->sizes[i], reserve->before[i],
			reserve->share[i]);
	n = os->write(reserve->fd, record, (size_t)length);
	if (n >= 0 && n < length)
		n = -ENOSPC;
	return n < 0 ? failed((int)n, "write", NAME, "no record can be kept of what is changed") : 0;
}

/*
 * One more page in the first pool, whose parts go to the second. Surplus pages are counted as kept first, and only
 * what is above them is made.
 */
static int plan(struct reserve *reserve, uint64_t *total)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < RESERVE_POOLS && reserve->sizes[i]; i++)
		r = pool_kept(reserve->root, reserve->sizes[i], &reserve->before[i]);
	if (r == 0)
		r = pool_total(reserve->root, reserve->sizes[0], total);
	if (r < 0)
		return r;
	reserve->share[0] = *total + 1 > reserve->before[0] ? *total + 1 - reserve->before[0] : 1;
	reserve->share[1] = reserve->sizes[1] ? reserve->sizes[0] / reserve->sizes[1] : 0;
	return 0;
}

/* That one page; then its parts, if the kernel can. */
static int make(struct reserve *reserve, uint64_t total, bool *parts)
{
	const size_t size = reserve->sizes[0], part = reserve->sizes[1];
	uint64_t now, total_parts;
	char text[24];
	int r = pool_set(reserve->root, size, total + 1);

	if (r == 0)
		r = pool_total(reserve->root, size, &now);
	if (r < 0)
		return r;
	if (now <= total)
		return error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL, NULL,
			"the kernel can make no huge page of %zu bytes", size);
	if (!part)
		return 0;
	r = pool_total(reserve->root, part, &total_parts);
	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "%zukB", part / 1024);
	*parts = pool_write(reserve->root, size, "demote_size", text) == 0 &&
		pool_write(reserve->root, size, "demote", "1") == 0 &&
		pool_total(reserve->root, part, &now) == 0 && now > total_parts;
	return 0;
}

int reserve_begin(struct pmem_ctx *ctx, size_t size, size_t part_size, struct reserve *out,
	bool *parts)
{
	struct pmem_error why;
	uint64_t total = 0;
	int r;

	*parts = false;
	*out = (struct reserve){ .root = ctx->root, .sizes = { size, part_size } };
	r = out->fd = lock(ctx);
	if (r < 0)
		return failed(r, "open", NAME, "no record can be kept of what is changed: without one "
			"a killed program would leave huge pages in the kernel's pool");
	r = plan(out, &total);
	if (r == 0)
		r = write_record(out);
	if (r == 0)
		r = make(out, total, parts);
	else
		out->sizes[0] = 0; /* there is nothing to give back yet */
	if (r == 0) {
		log_write(&ctx->log, PMEM_LEVEL_INFO, "the kernel made a huge page of %zu bytes, as "
			"PMEM_ALLOC_TRY_HARD asks for", size);
		return 0;
	}
	error_save(&why);
	reserve_end(out);
	return error_restore(&why);
}

int reserve_end(struct reserve *reserve)
{
	int first = 0, r;

	for (size_t i = 0; i < RESERVE_POOLS && reserve->sizes[i]; i++) {
		r = give_back(reserve->root, reserve->sizes[i], reserve->before[i], reserve->share[i]);
		first = first ? first : r;
	}
	/* What could not be put back stays written down: the next one tries. */
	if (first == 0)
		os->ftruncate(reserve->fd, 0);
	unlock(reserve->fd);
	return first;
}

int reserve_reap(struct pmem_ctx *ctx)
{
	char dir[PATH_MAX];
	int fd = -ENOENT;

	for (unsigned i = 0; run_dir_path(ctx->root, ctx->run_dir, i, dir); i++) {
		fd = lock_in(ctx, dir, false);
		if (fd >= 0)
			unlock(fd);
	}
	/* Whoever has the lock sees to it. */
	return fd == -ENOENT || fd == -EWOULDBLOCK || fd >= 0 ? 0 :
		failed(fd, "open", NAME, "what killed programs left cannot be looked for");
}
