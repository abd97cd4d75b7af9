/* SPDX-License-Identifier: MIT */
#include "videocore/journal.h"

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

#include "base/error.h"
#include "os/file.h"
#include "os/inherit.h"
#include "os/os.h"
#include "os/run_dir.h"

#define MAGIC   "pmemjrnl"
#define VERSION 1u

/* Losing the race for a new file to a reaper this often means that something else is wrong. */
#define TRIES 16

/* Ten digits, a dash, eight, the suffix and a NUL. */
#define JOURNAL_NAME 32

/* "PID-RANDOM.journal", as open_locked() makes it. */
bool journal_is_name(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits > 0 && digits <= 10 && name[digits] == '-' &&
		strspn(name + digits + 1, "0123456789abcdef") == 8 &&
		strcmp(name + digits + 9, JOURNAL_SUFFIX) == 0;
}

static const char *name_of(const struct journal *journal)
{
	return strrchr(journal->path, '/') + 1;
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
 * A lock is the open file's, so a child would keep it for as long as it lives, also when this process has been
 * killed: none has the descriptor (inherit.h). One that was forked in the moment of opening does, hence not by
 * close() alone.
 */
static int unlock(int fd)
{
	if (inherit_holds(fd))
		os->flock(fd, LOCK_UN);
	return inherit_close(fd);
}

/*
 * Open and lock, as flopen(3) of libbsd does, but through the table of calls. A reaper that finds
 * the file before its lock takes it for the remains of a process that died here, locks it and
 * removes it. So each try has a name of its own: the old one may be there for a moment yet.
 */
static int open_locked(int dir, const struct process_id *self, char name[JOURNAL_NAME])
{
	struct os_stat st;
	int fd, r;

	for (unsigned i = 0; i < TRIES; i++) {
		snprintf(name, JOURNAL_NAME, "%u-%08x" JOURNAL_SUFFIX, self->pid, arc4random());
		fd = os->openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
		if (fd < 0)
			return fd;
		fd = inherit_never(fd);
		if (fd < 0) {
			os->unlinkat(dir, name);
			return fd;
		}
		r = os->flock(fd, LOCK_EX | LOCK_NB);
		if (r == 0)
			r = os->fstat(fd, &st);
		if (r == 0 && st.nlink > 0)
			return fd;
		unlock(fd);
		if (r < 0 && r != -EWOULDBLOCK) {
			os->unlinkat(dir, name);
			return r;
		}
	}
	return -EBUSY;
}

static int create_in(struct journal *journal, const char *dir, const struct process_id *self)
{
	char name[JOURNAL_NAME];
	int r = os->mkdir(dir, 0755);

	if (r < 0 && r != -EEXIST)
		return r;
	journal->dir = run_dir_open(dir);
	if (journal->dir < 0)
		return journal->dir;
	r = journal->fd = open_locked(journal->dir, self, name);
	if (r >= 0) {
		r = snprintf(journal->path, sizeof(journal->path), "%s/%s", dir, name) <
				(int)sizeof(journal->path) ?
			write_new(journal->fd, self) :
			-ENAMETOOLONG;
		if (r == 0)
			r = map_file(journal);
		if (r == 0)
			return 0;
		os->unlinkat(journal->dir, name);
		unlock(journal->fd);
	}
	os->close(journal->dir);
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
	for (unsigned i = 0; run_dir_path(ctx->root, ctx->run_dir, i, dir); i++) {
		r = create_in(journal, dir, &self);
		if (r == 0) {
			*out = journal;
			return 0;
		}
		if (i == 0)
			first = r;
	}
	free(journal);
	run_dir_path(ctx->root, ctx->run_dir, 0, dir);
	return error_set(-first, first == -EACCES ? PMEM_CAUSE_FILE_MODE : PMEM_CAUSE_SYSTEM,
		"journal", dir, "make that folder, root's or this user's own and writable by nobody else, or name another in "
		"LIBPMEM_RUN_DIR",
		"no journal of firmware memory can be kept there");
}

/* Is this a file that only we or root can have written, and which nobody else can name? */
static bool trusted(const struct os_stat *st)
{
	uint32_t self;

	if (!S_ISREG(st->mode) || (st->mode & (S_IWGRP | S_IWOTH)) || st->nlink != 1)
		return false;
	return st->uid == 0 || (run_dir_owner(&self) == 0 && st->uid == self);
}

/* Died while making it: it never held anything, and nothing is in it but our own beginning. */
static bool is_begun(int fd, uint64_t size)
{
	char head[sizeof(MAGIC) - 1];
	size_t n = size < sizeof(head) ? (size_t)size : sizeof(head);

	return os->pread(fd, head, n, 0) == (ssize_t)n && memcmp(head, MAGIC, n) == 0;
}

/*
 * Handles die with the boot. But a container may show a boot id of its own (systemd-nspawn), so
 * another id alone says little: the journal of a container stays, for the next one that has its
 * id. Its handles are never acted on: a clock that was wrong cannot tell boots apart for certain.
 * btime is seconds since 1970.
 */
static bool is_older_than_boot(const struct pmem_ctx *ctx, uint64_t changed)
{
	uint64_t boot = 0;
	char *text, *at;
	size_t size;

	if (file_read(ctx->root, "/proc/stat", 1u << 20, &text, &size) < 0)
		return false;
	at = strstr(text, "\nbtime ");
	if (at)
		boot = strtoull(at + sizeof("\nbtime ") - 1, NULL, 10);
	free(text);
	return changed < boot;
}

static bool header_valid(const struct journal_header *header)
{
	return memcmp(header->magic, MAGIC, sizeof(header->magic)) == 0 &&
		header->version == VERSION && header->check == header_check(header) &&
		header->boot[PROCESS_BOOT_SIZE - 1] == '\0';
}

/* A locked, trusted file: 1 to be worked on, 0 to be left or gone. */
static int inspect(struct pmem_ctx *ctx, struct journal *journal, const struct os_stat *st,
	bool look_only)
{
	const struct journal_header *header;
	struct process_id self;
	int r;

	if (st->size < JOURNAL_SIZE) {
		if (!look_only && is_begun(journal->fd, st->size))
			os->unlinkat(journal->dir, name_of(journal));
		return 0;
	}
	r = map_file(journal); /* what somebody appended is not looked at */
	if (r == 0)
		r = process_self(ctx, &self);
	if (r < 0)
		return r;
	header = &journal->file->header;
	if (!header_valid(header))
		return 0;
	if (strcmp(header->boot, self.boot) != 0) {
		if (!look_only && is_older_than_boot(ctx, st->changed))
			os->unlinkat(journal->dir, name_of(journal));
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
	int r;

	if (!journal_is_name(name_of(journal)))
		return 0;
	/* Not through a link; and a pipe or device in the folder keeps nobody waiting. */
	journal->fd = inherit_never(os->openat(journal->dir, name_of(journal),
		O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0));
	switch (journal->fd) {
	case -ENOENT:
	case -EACCES:
	case -ELOOP:
	case -EISDIR:
	case -ENXIO:
		return 0;
	}
	if (journal->fd < 0)
		return journal->fd;
	r = os->flock(journal->fd, LOCK_EX | LOCK_NB);
	if (r == 0)
		r = os->fstat(journal->fd, &st);
	if (r < 0 || !trusted(&st))
		return r == -EWOULDBLOCK ? 0 : r;
	return inspect(ctx, journal, &st, look_only);
}

int journal_adopt(struct pmem_ctx *ctx, int dir, const char *path, bool look_only,
	struct journal **out)
{
	struct journal *journal = calloc(1, sizeof(*journal));
	int r = -ENAMETOOLONG;

	if (!journal)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "journal", path, NULL,
			"no memory for a journal");
	journal->fd = -1;
	journal->dir = os->fcntl(dir, F_DUPFD_CLOEXEC, 3);
	if (journal->dir < 0)
		r = journal->dir;
	else if (strlcpy(journal->path, path, sizeof(journal->path)) < sizeof(journal->path))
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
		os->unlinkat(journal->dir, name_of(journal));
	if (journal->file) {
		r = os->munmap(journal->file, JOURNAL_SIZE);
		if (r < 0)
			first = error_set(-r, PMEM_CAUSE_SYSTEM, "munmap", journal->path, NULL,
				"the mapping of the journal could not be removed");
	}
	if (journal->fd >= 0) {
		r = unlock(journal->fd);
		if (r < 0 && first == 0)
			first = error_set(-r, PMEM_CAUSE_SYSTEM, "close", journal->path, NULL,
				"closing the journal failed");
	}
	if (journal->dir >= 0)
		os->close(journal->dir);
	free(journal);
	return first;
}
