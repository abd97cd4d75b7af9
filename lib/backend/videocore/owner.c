/* SPDX-License-Identifier: MIT */
#include "videocore/owner.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/error.h"
#include "os/file.h"
#include "os/os.h"

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

/* PID_MAX_LIMIT, include/linux/threads.h */
#define MAX_PID (4u << 20)

/* What proc(5) tells of a process: fields 3, 20 and 22 of its stat. */
struct stat_facts {
	char state;
	long threads;
	uint64_t start;
};

static int read_stat(const struct pmem_ctx *ctx, uint32_t pid, struct stat_facts *out)
{
	char path[64], *text, *after;
	size_t size;
	int r, found;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/stat", pid);
	r = file_read(ctx->root, path, 4096, &text, &size);
	if (r < 0)
		return r;
	after = strrchr(text, ')'); /* the name before it may hold anything */
	found = after ? sscanf(after + 1,
				" %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld "
				"%*d %" SCNu64,
				&out->state, &out->threads, &out->start) :
			0;
	free(text);
	return found == 3 ? 0 : -EINVAL;
}

int process_self(const struct pmem_ctx *ctx, struct process_id *out)
{
	struct stat_facts facts;
	char *text;
	size_t size;
	int r;

	memset(out, 0, sizeof(*out));
	out->pid = (uint32_t)os->getpid();
	r = read_stat(ctx, out->pid, &facts);
	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "read", "/proc/PID/stat",
			"is /proc mounted?", "when this process was started cannot be learnt");
	out->start = facts.start;
	r = file_read(ctx->root, BOOT_ID_PATH, 4096, &text, &size);
	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "read", BOOT_ID_PATH, "is /proc mounted?",
			"this boot cannot be told from others");
	text[strcspn(text, "\n")] = '\0';
	strlcpy(out->boot, text, sizeof(out->boot));
	free(text);
	return 0;
}

bool process_lives(const struct pmem_ctx *ctx, uint32_t pid, uint64_t start)
{
	struct stat_facts facts;

	if (pid == 0 || pid > MAX_PID || os->kill((int)pid, 0) == -ESRCH)
		return false;
	if (read_stat(ctx, pid, &facts) < 0)
		return true; /* hidden from us, see hidepid in proc(5) */
	if (facts.start != start)
		return false;
	/* The leader of a process whose other threads go on is a zombie, too. */
	return !strchr("ZX", facts.state) || facts.threads > 1;
}
