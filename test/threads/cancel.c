/* SPDX-License-Identifier: MIT */
/*
 * Threads that are cancelled inside the library: the next call, of the same context too, finds no
 * lock taken. Runs on the real machine. Public functions only.
 */
#include <pmem/pmem.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS 300

#define CHECK(condition)                                                              \
	do {                                                                          \
		if (!(condition)) {                                                   \
			fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition,    \
				pmem_error_text(pmem_error_last()));                  \
			exit(1);                                                      \
		}                                                                     \
	} while (0)

static void use(struct pmem_ctx *ctx)
{
	size_t count;
	uint64_t bytes;

	(void)pmem_soc_family(ctx);
	(void)pmem_firmware_reclaim(ctx, PMEM_RECLAIM_DRY_RUN, &count, &bytes);
	(void)pmem_vaddr_pagemap(ctx, &ctx, &bytes);
}

/* Cancelled before it begins: the first cancellation point is where it ends. */
static void *work(void *argument)
{
	pthread_cancel(pthread_self());
	use(argument);
	pthread_testcancel();
	return NULL;
}

int main(void)
{
	alarm(60); /* a lock that stays taken is waited for without end */
	for (int i = 0; i < ROUNDS; i++) {
		struct pmem_ctx *ctx;
		pthread_t thread;
		void *result;

		CHECK(pmem_ctx_new(&ctx) == 0);
		CHECK(pthread_create(&thread, NULL, work, ctx) == 0);
		CHECK(pthread_join(thread, &result) == 0);
		CHECK(result == PTHREAD_CANCELED);
		use(ctx);
		pmem_ctx_unref(ctx);
	}
	return 0;
}
