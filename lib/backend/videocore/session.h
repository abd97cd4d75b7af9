/* SPDX-License-Identifier: MIT */
/*
 * What the firmware memory of one process shares: the open mailbox and the journals. It begins
 * with the first piece and ends with the last, so that a program which drops its privileges in
 * between can still give everything back, and old kernels that let the mailbox be opened only
 * once serve any number of regions.
 */
#ifndef BACKEND_SESSION_H
#define BACKEND_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "soc/ctx.h"
#include "videocore/record.h"

struct session;

/* The session of this process and this view of the machine. Sets the error. */
int session_get(struct pmem_ctx *ctx, struct session **out);
/*
 * The last one closes the mailbox and the journals; what they still hold stays on file. 0, or the
 * first error, after closing all.
 */
int session_put(struct session *session);

/* The same after some work: the result of that if it failed, with its error, else put's. */
int session_put_after(struct session *session, int result);

/* The mailbox's descriptor. */
int session_fd(const struct session *session);


/* True for the first caller: the dead are looked for once per session. */
bool session_first(struct session *session);

/* A journalled record, TAKEN. Sets the error if no journal can be kept. */
int session_record(struct session *session, struct pmem_ctx *ctx, uint32_t size, uint32_t flags,
	uint32_t channels, struct fwmem_record **out);

/* Leave a journalled record that still holds memory to session_retry(). */
void session_abandon(struct fwmem_record *record);

/* Is that file the journal of a session of this process? */
bool session_owns(const char *path);

/* Try again what close could not give back; counts what went, 0 or the first error; none after -ETIMEDOUT. */
int session_retry(struct session *session, bool look_only, size_t *count, uint64_t *bytes);

#endif
