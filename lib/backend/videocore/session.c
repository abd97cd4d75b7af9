/* SPDX-License-Identifier: MIT */
#include "videocore/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "os/fork_lock.h"
#include "os/os.h"
#include "videocore/journal.h"
#include "videocore/mailbox.h"

struct session {
	struct session *next;
	char *root;       /* of the context that began it */
	char *run_dir;    /* or NULL */
	int fd;
	bool looked;
	unsigned users;
	struct journal *journals;
};

/*
 * Guards the list and everything in a session but the records, which belong to one region each.
 * No callback runs and no message is sent to the firmware while it is held, but for retries.
 */
static struct fork_lock lock;
static struct session *sessions;

/* Sessions that were inherited by fork() are the parent's. */
static void take_lock(void)
{
	if (fork_lock_take(&lock))
		sessions = NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct session *find(const struct pmem_ctx *ctx)
{
	for (struct session *s = sessions; s; s = s->next) {
		if (same(s->root, ctx->root) && same(s->run_dir, ctx->run_dir))
			return s;
	}
	return NULL;
}

static int session_free(struct session *session)
{
	int r = session->fd >= 0 ? os->close(session->fd) : 0;

	free(session->root);
	free(session->run_dir);
	free(session);
	return r < 0 ? error_set(-r, PMEM_CAUSE_SYSTEM, "close", MAILBOX_PATH, NULL,
			       "closing the mailbox failed") :
		       0;
}

static int session_new(struct pmem_ctx *ctx, struct session **out)
{
	struct session *session = calloc(1, sizeof(*session));
	int fd;

	if (session) {
		session->fd = -1;
		session->root = strdup(ctx->root);
		session->run_dir = ctx->run_dir ? strdup(ctx->run_dir) : NULL;
	}
	if (!session || !session->root || (ctx->run_dir && !session->run_dir)) {
		if (session)
			session_free(session);
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "session", NULL, NULL,
			"no memory to open the mailbox");
	}
	fd = mailbox_open(ctx);
	if (fd < 0) {
		session_free(session);
		return fd;
	}
	session->fd = fd;
	*out = session;
	return 0;
}

int session_get(struct pmem_ctx *ctx, struct session **out)
{
	int r = 0;

	/* Opened under the lock: two openers at once would disturb each other on old kernels. */
	take_lock();
	*out = find(ctx);
	if (!*out) {
		r = session_new(ctx, out);
		if (r == 0) {
			(*out)->next = sessions;
			sessions = *out;
		}
	}
	if (r == 0)
		(*out)->users++;
	fork_lock_give(&lock);
	return r;
}

static void unlink_from_list(struct session *session)
{
	for (struct session **p = &sessions; *p; p = &(*p)->next) {
		if (*p == session) {
			*p = session->next;
			return;
		}
	}
}

/* Everything is closed, whatever fails; the first error counts. */
static int session_end(struct session *session)
{
	struct pmem_error saved;
	int first = 0, r;

	unlink_from_list(session);
	while (session->journals) {
		struct journal *journal = session->journals;

		session->journals = journal->next;
		r = journal_close(journal, false);
		if (r < 0 && first == 0) {
			first = r;
			error_save(&saved);
		}
	}
	r = session_free(session);
	return first < 0 ? error_restore(&saved) : r;
}

int session_put(struct session *session)
{
	int r = 0;

	take_lock();
	if (--session->users == 0)
		r = session_end(session);
	fork_lock_give(&lock);
	return r;
}

int session_put_after(struct session *session, int result)
{
	struct pmem_error saved;

	if (result == 0)
		return session_put(session);
	error_save(&saved);
	session_put(session);
	return error_restore(&saved);
}

int session_fd(const struct session *session)
{
	return session->fd;
}

bool session_first(struct session *session)
{
	bool first;

	take_lock();
	first = !session->looked;
	session->looked = true;
	fork_lock_give(&lock);
	return first;
}

int session_record(struct session *session, struct pmem_ctx *ctx, uint32_t size, uint32_t flags,
	uint32_t channels, struct fwmem_record **out)
{
	struct fwmem_record *record = NULL;
	struct journal *journal;
	int r = 0;

	take_lock();
	for (journal = session->journals; journal && !record; journal = journal->next)
		record = journal_take(journal, size, flags, channels);
	if (!record) {
		r = journal_create(ctx, &journal);
		if (r == 0) {
			journal->next = session->journals;
			session->journals = journal;
			record = journal_take(journal, size, flags, channels);
		}
	}
	fork_lock_give(&lock);
	*out = record;
	return r;
}

void session_abandon(struct fwmem_record *record)
{
	take_lock();
	record->flags |= FWMEM_ABANDONED;
	fork_lock_give(&lock);
}

bool session_owns(const char *path)
{
	bool found = false;

	take_lock();
	for (struct session *s = sessions; s; s = s->next) {
		for (struct journal *j = s->journals; j; j = j->next)
			found |= strcmp(j->path, path) == 0;
	}
	fork_lock_give(&lock);
	return found;
}

/*
 * The lock is held: an abandoned record has no region, so nobody else would touch it. -ETIMEDOUT: the firmware hangs, and
 * each message more would take another second.
 */
static int retry_journal(int fd, struct journal *journal, bool look_only, size_t *count,
	uint64_t *bytes)
{
	int first = 0;

	for (size_t i = 0; i < JOURNAL_RECORDS; i++) {
		struct fwmem_record *record = &journal->file->records[i];
		int r;

		if (!fwmem_holds(record) || !(record->flags & FWMEM_ABANDONED))
			continue;
		r = look_only ? 0 : fwmem_give_back(fd, record);
		if (r == -ETIMEDOUT)
			return r;
		if (r == 0) {
			(*count)++;
			*bytes += record->size;
		} else if (first == 0) {
			first = r;
		}
		if (r == 0 && !look_only)
			fwmem_free(record);
	}
	return first;
}

int session_retry(struct session *session, bool look_only, size_t *count, uint64_t *bytes)
{
	int first = 0;

	take_lock();
	for (struct journal *j = session->journals; j && first != -ETIMEDOUT; j = j->next) {
		int r = retry_journal(session->fd, j, look_only, count, bytes);

		if (first == 0 || r == -ETIMEDOUT)
			first = r;
	}
	fork_lock_give(&lock);
	return first;
}
