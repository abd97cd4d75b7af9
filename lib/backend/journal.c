/* SPDX-License-Identifier: MIT */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <bsd/stdlib.h>
#include <bsd/string.h>

#include "error.h"
#include "file.h"
#include "os.h"

#define MAGIC   "pmemjrnl"
#define VERSION 1u

#define FOLDER "/run/libpmem"

/* Losing the race for a new file to a reaper this often means that something else is wrong. */
#define TRIES 16

bool journal_dir(const struct pmem_ctx *ctx, unsigned i, char *out)
{
	const char *user = os->getenv("XDG_RUNTIME_DIR");
	char path[PATH_MAX];

	if (ctx->run_dir)
		return i == 0 && strlcpy(out, ctx->run_dir, PATH_MAX) < PATH_MAX;
	if (i == 0)
		return file_path(out, ctx->root, FOLDER) == 0;
	if (i > 1 || !user || *user != '/')
		return false;
	return (size_t)snprintf(path, sizeof(path), "%s/libpmem", user) < sizeof(path) &&
		file_path(out, ctx->root, path) == 0;
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/: finds damage, not malice. */
static uint32_t header_check(const struct journal_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < offsetof(struct journal_header, check); i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

/* All of the file at once, so that a full file system says so here and not by SIGBUS later. */
static int write_new(int fd, const struct process_id *self)
{
	struct journal_file *file = calloc(1, sizeof(*file));
	size_t done = 0;
	ssize_t n = 0;

	if (!file)
		return -ENOMEM;
	memcpy(file->header.magic, MAGIC, sizeof(file->header.magic));
	file->header.version = VERSION;
	file->header.pid = self->pid;
	file->header.start = self->start;
	memcpy(file->header.boot, self->boot, sizeof(file->header.boot));
	file->header.salt = arc4random();
	file->header.check = header_check(&file->header);
	while (done < sizeof(*file) &&
		(n = os->write(fd, (char *)file + done, sizeof(*file) - done)) > 0)
		done += (size_t)n;
	free(file);
	return n < 0 ? (int)n : done < JOURNAL_SIZE ? -ENOSPC : 0;
}

static int map_file(struct journal *journal)
{
	void *base;
	int r = os->mmap(NULL, JOURNAL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, journal->fd, 0,
		&base);

	if (r < 0)
		return r;
	/* A child has no business in it: without this it would keep the parent's records. */
	r = os->madvise(base, JOURNAL_SIZE, MADV_DONTFORK);
	if (r < 0)
		os->munmap(base, JOURNAL_SIZE);
	else
		journal->file = base;
	return r;
}

/*
 * Open and lock, as flopen(3) of libbsd does, but through the table of calls. A reaper that finds
 * the file before its lock takes it for the remains of a process that died here, locks it and
 * removes it. So each try has a name of its own: the old one may be there for a moment yet.
 */
static int open_locked(const char *dir, const struct process_id *self, char path[PATH_MAX])
{
	struct os_stat st;
	int fd, r;

	for (unsigned i = 0; i < TRIES; i++) {
		if ((size_t)snprintf(path, PATH_MAX, "%s/%u-%08x" JOURNAL_SUFFIX, dir, self->pid,
			    arc4random()) >= PATH_MAX)
			return -ENAMETOOLONG;
		fd = os->open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
		if (fd < 0)
			return fd;
		r = os->flock(fd, LOCK_EX | LOCK_NB);
		if (r == 0)
			r = os->fstat(fd, &st);
		if (r == 0 && st.nlink > 0)
			return fd;
		os->close(fd);
		if (r < 0 && r != -EWOULDBLOCK) {
			os->unlink(path);
			return r;
		}
	}
	return -EBUSY;
}

static int create_in(struct journal *journal, const char *dir, const struct process_id *self)
{
	int r = os->mkdir(dir, 0755);

	if (r < 0 && r != -EEXIST)
		return r;
	journal->fd = open_locked(dir, self, journal->path);
	if (journal->fd < 0)
		return journal->fd;
	r = write_new(journal->fd, self);
	if (r == 0)
		r = map_file(journal);
	if (r < 0) {
		os->unlink(journal->path);
		os->close(journal->fd);
	}
	return r;
}

int journal_create(struct pmem_ctx *ctx, struct journal **out)
{
	struct journal *journal;
	struct process_id self;
	char dir[PATH_MAX] = "";
	int r = process_self(ctx, &self), first = -ENOENT;

	if (r < 0)
		return r;
	journal = calloc(1, sizeof(*journal));
	if (!journal)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "journal", NULL, NULL,
			"no memory for a journal");
	for (unsigned i = 0; journal_dir(ctx, i, dir); i++) {
		r = create_in(journal, dir, &self);
		if (r == 0) {
			*out = journal;
			return 0;
		}
		if (i == 0)
			first = r;
	}
	free(journal);
	journal_dir(ctx, 0, dir);
	return error_set(-first, first == -EACCES ? PMEM_CAUSE_FILE_MODE : PMEM_CAUSE_SYSTEM,
		"journal", dir, "make that folder, or name another in LIBPMEM_RUN_DIR",
		"no journal of firmware memory can be kept there");
}

/* Is this a file that only we or root can have written, and which nobody else can name? */
static bool trusted(const struct os_stat *st)
{
	uint32_t self;

	if (!S_ISREG(st->mode) || (st->mode & (S_IWGRP | S_IWOTH)) || st->nlink != 1)
		return false;
	return st->uid == 0 || (process_owner(&self) == 0 && st->uid == self);
}

static bool header_valid(const struct journal_header *header)
{
	return memcmp(header->magic, MAGIC, sizeof(header->magic)) == 0 &&
		header->version == VERSION && header->check == header_check(header) &&
		header->boot[PROCESS_BOOT_SIZE - 1] == '\0';
}

/* A locked, trusted file: 1 to be worked on, 0 to be left or gone. */
static int inspect(struct pmem_ctx *ctx, struct journal *journal, uint64_t size, bool look_only)
{
	const struct journal_header *header;
	struct process_id self;
	int r;

	if (size < JOURNAL_SIZE) { /* died while making it: it never held anything */
		if (!look_only)
			os->unlink(journal->path);
		return 0;
	}
	if (size > JOURNAL_SIZE)
		return 0;
	r = map_file(journal);
	if (r == 0)
		r = process_self(ctx, &self);
	if (r < 0)
		return r;
	header = &journal->file->header;
	if (!header_valid(header))
		return 0;
	if (strcmp(header->boot, self.boot) != 0) { /* the handles died with that boot */
		if (!look_only)
			os->unlink(journal->path);
		return 0;
	}
	if (header->pid == self.pid && header->start == self.start)
		return 1;
	return process_lives(ctx, header->pid, header->start) ? 0 : 1;
}

/* Open, lock and look; journal->fd is set when it must be closed. 1, 0 or -errno */
static int adopt(struct pmem_ctx *ctx, struct journal *journal, bool look_only)
{
	struct os_stat st;
	int r = os->lstat(journal->path, &st);

	/* Looked at before it is opened, because opening a device or a fifo has effects. */
	if (r < 0 || !trusted(&st))
		return r == -ENOENT ? 0 : r;
	journal->fd = os->open(journal->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (journal->fd < 0)
		return journal->fd == -ENOENT || journal->fd == -EACCES ? 0 : journal->fd;
	r = os->flock(journal->fd, LOCK_EX | LOCK_NB);
	if (r == 0)
		r = os->fstat(journal->fd, &st);
	if (r < 0 || !trusted(&st))
		return r == -EWOULDBLOCK ? 0 : r;
	return inspect(ctx, journal, st.size, look_only);
}

int journal_adopt(struct pmem_ctx *ctx, const char *path, bool look_only, struct journal **out)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int r;

	if (!journal)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "journal", path, NULL,
			"no memory for a journal");
	journal->fd = -1;
	if (strlcpy(journal->path, path, sizeof(journal->path)) >= sizeof(journal->path))
		r = -ENAMETOOLONG;
	else
		r = adopt(ctx, journal, look_only);
	if (r == 1) {
		*out = journal;
		return 1;
	}
	journal_close(journal, true);
	return r == 0 ? 0 :
			error_set(-r, PMEM_CAUSE_SYSTEM, "journal", path, NULL,
				"the journal of a dead process cannot be read");
}

uint32_t journal_salt(const struct journal *journal, const struct fwmem_record *record)
{
	return journal->file->header.salt + (uint32_t)(record - journal->file->records);
}

struct fwmem_record *journal_take(struct journal *journal, uint32_t size, uint32_t flags,
	uint32_t channels)
{
	for (size_t i = 0; i < JOURNAL_RECORDS; i++) {
		struct fwmem_record *record = &journal->file->records[i];

		if (atomic_load_explicit(&record->state, memory_order_relaxed) == FWMEM_FREE) {
			fwmem_take(record, journal_salt(journal, record), size, flags, channels);
			return record;
		}
	}
	return NULL;
}

bool journal_in_use(const struct journal *journal)
{
	for (size_t i = 0; i < JOURNAL_RECORDS; i++) {
		uint32_t state = atomic_load_explicit(&journal->file->records[i].state,
			memory_order_relaxed);

		if (state != FWMEM_FREE && state != FWMEM_LOST)
			return true;
	}
	return false;
}

int journal_close(struct journal *journal, bool keep)
{
	int first = 0, r;

	/* Removed while it is locked, so that nobody works on a file that has no name. */
	if (!keep && !journal_in_use(journal))
		os->unlink(journal->path);
	if (journal->file) {
		r = os->munmap(journal->file, JOURNAL_SIZE);
		if (r < 0)
			first = error_set(-r, PMEM_CAUSE_SYSTEM, "munmap", journal->path, NULL,
				"the mapping of the journal could not be removed");
	}
	if (journal->fd >= 0) {
		r = os->close(journal->fd);
		if (r < 0 && first == 0)
			first = error_set(-r, PMEM_CAUSE_SYSTEM, "close", journal->path, NULL,
				"closing the journal failed");
	}
	free(journal);
	return first;
}
