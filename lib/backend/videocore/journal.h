/* SPDX-License-Identifier: MIT */
/*
 * The journal of firmware memory: a file of fixed size, mapped shared, locked by its process for
 * as long as it may hold anything. Its pages belong to the kernel's page cache, so what was
 * stored is there after SIGKILL; its lock goes with the last descriptor, so a free lock says that
 * no thread of that process is left. Children have neither the descriptor nor what is mapped.
 *
 * Where: os/run_dir.h.
 */
#ifndef BACKEND_JOURNAL_H
#define BACKEND_JOURNAL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "soc/ctx.h"
#include "videocore/owner.h"
#include "videocore/record.h"

#define JOURNAL_SUFFIX  ".journal"
#define JOURNAL_RECORDS 511
#define JOURNAL_SIZE    65536 /* whole pages, whatever a page is */

/* The file's first 128 bytes; the same for 32- and 64-bit programs. */
struct journal_header {
	char magic[8];
	uint32_t version;
	uint32_t pid;
	uint64_t start;                /* field 22 of /proc/PID/stat */
	char boot[PROCESS_BOOT_SIZE];  /* /proc/sys/kernel/random/boot_id */
	uint32_t salt;                 /* differs between files */
	uint32_t check;                /* of all before it */
	uint32_t spare[14];
};

struct journal_file {
	struct journal_header header;
	struct fwmem_record records[JOURNAL_RECORDS];
};

_Static_assert(sizeof(struct journal_header) == 128, "the layout is a file format");
_Static_assert(sizeof(struct journal_file) == JOURNAL_SIZE, "the layout is a file format");

struct journal {
	struct journal *next;
	struct journal_file *file;
	int dir; /* its folder: see run_dir_open() */
	int fd;
	char path[PATH_MAX];
};

/* Is that the name of a journal? Nothing else is looked at, let alone removed. */
bool journal_is_name(const char *name);

/* A new, empty, locked journal of this process. Sets the error. */
int journal_create(struct pmem_ctx *ctx, struct journal **out);

/*
 * Somebody else's journal, locked: the owner is gone, or is this process, which has closed it.
 * dir is path's folder. 1 and *out; 0 not to be touched (in use, not trusted, removed here as
 * begun but never used, or older than this boot); else a negative errno with the error set. Removes nothing if look_only.
 */
int journal_adopt(struct pmem_ctx *ctx, int dir, const char *path, bool look_only,
	struct journal **out);

/* A record, filled and TAKEN; NULL if all are in use. The caller sees to one thread at a time. */
struct fwmem_record *journal_take(struct journal *journal, uint32_t size, uint32_t flags,
	uint32_t channels);

uint32_t journal_salt(const struct journal *journal, const struct fwmem_record *record);

/* Does any record still stand for memory? */
bool journal_in_use(const struct journal *journal);

/*
 * Unmap, unlock, close; remove the file if nothing in it is in use and keep is false. 0, or the
 * first error, after doing all.
 */
int journal_close(struct journal *journal, bool keep);

#endif
