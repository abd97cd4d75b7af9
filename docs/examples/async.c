/* SPDX-License-Identifier: MIT */
/*
 * An asynchronous host, as Node.js, Go or asyncio with an executor: a loop hands tasks to a pool of
 * threads, and another thread than the one that made a call asks why it failed. pmem_error_last()
 * would tell of some other task there, so each task has a context of its own, and pmem_ctx_error()
 * tells. Every call fails in its own way: the file that it names has the task's number.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pmem/pmem.h>

#define TASKS   100000u
#define THREADS 4u
#define FLIGHT  64u /* tasks that are under way at once */

struct task {
	struct pmem_ctx *ctx;
	char path[40];
	int result;
};

struct pool {
	int jobs[2], done[2]; /* pipes, by which pointers to tasks travel */
};

static void *work(void *user)
{
	const struct pool *pool = user;
	struct task *task;

	while (read(pool->jobs[0], &task, sizeof(task)) == sizeof(task)) {
		struct pmem_region *region;

		task->result = pmem_region_map_file(
			task->ctx, task->path, 0, 4096, PMEM_ADDRESS_NONE, 0, &region);
		if (write(pool->done[1], &task, sizeof(task)) != sizeof(task))
			break;
	}
	return NULL;
}

static int submit(const struct pool *pool, struct task *task, unsigned number)
{
	int r = pmem_ctx_new(&task->ctx); /* cheap: nothing is opened or looked at */

	if (r < 0)
		return r;
	snprintf(task->path, sizeof(task->path), "/no-such-folder/task-%u", number);
	if (write(pool->jobs[1], &task, sizeof(task)) == sizeof(task))
		return 0;
	pmem_ctx_unref(task->ctx);
	return -EPIPE;
}

/* In the loop's thread: is the failure that was kept the task's own? */
static unsigned collect(struct task *task)
{
	struct pmem_error *err = NULL;
	unsigned right = task->result == -ENOENT && pmem_ctx_error(task->ctx, &err) == 0 &&
			 pmem_error_code(err) == -ENOENT &&
			 !strcmp(pmem_error_path(err), task->path);

	pmem_error_free(err);
	pmem_ctx_unref(task->ctx);
	return right;
}

static int loop(const struct pool *pool, unsigned *right)
{
	static struct task tasks[FLIGHT]; /* the threads use them to their end */
	struct task *task;
	unsigned number = 0;
	int r = 0;

	while (r == 0 && number < FLIGHT) {
		r = submit(pool, &tasks[number], number);
		number += r == 0;
	}
	/* One in for each one out; whatever was begun is waited for. */
	for (unsigned out = 0; out < number; out++) {
		if (read(pool->done[0], &task, sizeof(task)) != sizeof(task))
			return -EPIPE;
		*right += collect(task);
		if (r == 0 && number < TASKS) {
			r = submit(pool, task, number);
			number += r == 0;
		}
	}
	return r;
}

int main(void)
{
	pthread_t threads[THREADS];
	unsigned started = 0, right = 0;
	struct pool pool;
	int r = pipe(pool.jobs) || pipe(pool.done) ? -errno : 0;

	while (r == 0 && started < THREADS) {
		r = -pthread_create(&threads[started], NULL, work, &pool);
		started += r == 0;
	}
	if (r == 0)
		r = loop(&pool, &right);
	close(pool.jobs[1]); /* the end of file ends the threads */
	while (started > 0)
		pthread_join(threads[--started], NULL);
	if (r < 0)
		fprintf(stderr, "%s\n", strerror(-r));
	printf("%u of %u failures were told right\n", right, TASKS);
	return right == TASKS ? 0 : 1;
}
