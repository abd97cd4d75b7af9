/* SPDX-License-Identifier: MIT */
#include "videocore/reclaim.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "os/os.h"
#include "os/run_dir.h"
#include "videocore/dma_channels.h"
#include "videocore/journal.h"

/* A folder that holds more than this was not filled by libpmem. */
#define MAX_FILES 4096

struct reaper {
	struct pmem_ctx *ctx;
	struct session *session;
	bool look_only;
	const char *dir;
	int dir_fd;
	unsigned files;
	size_t count;
	uint64_t bytes;
	struct pmem_error error; /* the first one */
	int first;
	bool hangs; /* the firmware: nothing more is asked of it, since each message takes a second then */
};

static void note(struct reaper *reaper, int r)
{
	reaper->hangs |= r == -ETIMEDOUT;
	if (r < 0 && reaper->first == 0) {
		reaper->first = r;
		error_save(&reaper->error);
	}
}

/* The same handle twice is damage, and releasing it twice would hit its next owner. */
static bool seen_before(const struct journal *journal, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		const struct fwmem_record *earlier = &journal->file->records[k];

		if (fwmem_holds(earlier) && earlier->handle == journal->file->records[i].handle)
			return true;
	}
	return false;
}

/* Is record i, a settled copy or the real one, memory to be given back? */
static bool wanted(const struct fwmem_record *record)
{
	return fwmem_holds(record) &&
		(!(record->flags & FWMEM_NO_RECLAIM) || (record->flags & FWMEM_ABANDONED));
}

/*
 * Bring every record to rest. false for a file of which nothing may be touched: a record that
 * cannot be believed makes its neighbours doubtful too.
 */
static bool settle_all(struct journal *journal)
{
	for (size_t i = 0; i < JOURNAL_RECORDS; i++) {
		struct fwmem_record *record = &journal->file->records[i];

		if (!fwmem_settle(record, journal_salt(journal, record)))
			return false;
		if (fwmem_holds(record) && seen_before(journal, i))
			return false;
	}
	return true;
}

/* The DMA channels that may still write to what is about to be given back. */
static uint32_t channels_of(const struct journal *journal)
{
	uint32_t channels = 0;

	for (size_t i = 0; i < JOURNAL_RECORDS; i++) {
		if (wanted(&journal->file->records[i]))
			channels |= journal->file->records[i].channels;
	}
	return channels;
}

static void give_back_all(struct reaper *reaper, struct journal *journal)
{
	uint32_t channels = channels_of(journal);
	int stopped = channels ? channels_stop(reaper->ctx, channels) : 0;

	note(reaper, stopped);
	for (size_t i = 0; i < JOURNAL_RECORDS && !reaper->hangs; i++) {
		struct fwmem_record *record = &journal->file->records[i];
		int r;

		if (!wanted(record) || (record->channels && stopped < 0))
			continue;
		r = fwmem_give_back(session_fd(reaper->session), record);
		note(reaper, r);
		if (r == 0) {
			reaper->count++;
			reaper->bytes += record->size;
			fwmem_free(record);
		}
	}
}

/* What would be given back: settled in a copy, so that the file stays as it is. */
static void count_all(struct reaper *reaper, const struct journal *journal)
{
	for (size_t i = 0; i < JOURNAL_RECORDS; i++) {
		struct fwmem_record copy = journal->file->records[i];

		if (fwmem_settle(&copy, journal_salt(journal, &journal->file->records[i])) &&
			wanted(&copy)) {
			reaper->count++;
			reaper->bytes += copy.size;
		}
	}
}

static void reap_journal(struct reaper *reaper, struct journal *journal)
{
	if (reaper->look_only) {
		count_all(reaper, journal);
		note(reaper, journal_close(journal, true));
		return;
	}
	if (settle_all(journal)) {
		give_back_all(reaper, journal);
		note(reaper, journal_close(journal, false));
		return;
	}
	log_write(&reaper->ctx->log, PMEM_LEVEL_WARNING,
		"%s is damaged: what it lists is left alone, and lost until the next boot",
		journal->path);
	note(reaper, journal_close(journal, true));
}

static int reap_name(void *user, const char *name)
{
	struct reaper *reaper = user;
	struct journal *journal;
	char path[PATH_MAX];
	int r;

	if (!journal_is_name(name))
		return 0;
	if (++reaper->files > MAX_FILES || reaper->hangs)
		return 1;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", reaper->dir, name) >= sizeof(path) ||
		session_owns(path))
		return 0;
	r = journal_adopt(reaper->ctx, reaper->dir_fd, path, reaper->look_only, &journal);
	note(reaper, r);
	if (r == 1)
		reap_journal(reaper, journal);
	return 0;
}

int reclaim_run(struct pmem_ctx *ctx, struct session *session, bool look_only, size_t *count,
	uint64_t *bytes)
{
	struct reaper reaper = { .ctx = ctx, .session = session, .look_only = look_only };
	char dir[PATH_MAX];

	note(&reaper, session_retry(session, look_only, &reaper.count, &reaper.bytes));
	for (unsigned i = 0; run_dir_path(ctx->root, ctx->run_dir, i, dir); i++) {
		int r;

		reaper.dir = dir;
		r = reaper.dir_fd = run_dir_open(dir);
		if (r >= 0) {
			r = os->list(dir, reap_name, &reaper);
			os->close(reaper.dir_fd);
		}
		/* No folder: no process has ever kept a journal there. */
		if (r < 0 && r != -ENOENT && r != -EACCES && r != -ENOTDIR && r != -ELOOP)
			note(&reaper, error_set(-r, PMEM_CAUSE_SYSTEM, "list", dir, NULL,
				"the folder of journals cannot be read"));
	}
	*count = reaper.count;
	*bytes = reaper.bytes;
	if (reaper.count && !look_only)
		log_write(&ctx->log, PMEM_LEVEL_INFO,
			"gave back %zu pieces of firmware memory, %llu bytes, of dead processes",
			reaper.count, (unsigned long long)reaper.bytes);
	return reaper.first < 0 ? error_restore(&reaper.error) : 0;
}
