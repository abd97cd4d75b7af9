/* SPDX-License-Identifier: MIT */
/*
 * All at once: threads that allocate, register, import, attach, translate, sync, detect, use pools, open and close
 * contexts and devices; beside them one that maps memory of its own and one that opens files all the time, one that
 * forks, one that is cancelled, one that sends signals, one that loads and unloads the library. A book (storm_work.c)
 * knows whose each range and each descriptor is. The pages are the real machine's, devices and dma-bufs are played.
 * usage: storm [LIBRARY]; STORM_SECONDS=N instead of ROUNDS rounds
 */
#include "storm.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "figures.h"

#define WORKERS 4
#define ROUNDS  4000 /* of each worker */
#define PIECES  128
#define FILES   64

#define SANITIZED (SANITIZE_ADDRESS || SANITIZE_THREAD)

static atomic_bool stop;
static struct storm_worker workers[WORKERS];
static pthread_t threads[WORKERS];
static atomic_bool ended[WORKERS];
static struct pmem_region *common[2]; /* that children find, and close */
static unsigned long seconds;         /* 0: ROUNDS */
static const char *library;

static void pause_us(long us)
{
	nanosleep(&(struct timespec){ us / 1000000, us % 1000000 * 1000 }, NULL);
}

/* --- those who use the library --------------------------------------------------------------- */

static bool goes_on(const struct storm_worker *worker, time_t end)
{
	return seconds ? time(NULL) < end : worker->rounds < ROUNDS;
}

static void *work(void *argument)
{
	struct storm_worker *worker = argument;
	time_t end = time(NULL) + (time_t)seconds;

	while (goes_on(worker, end))
		storm_round(worker);
	atomic_store(&ended[worker - workers], true);
	return NULL;
}

static void clean_up(void *argument)
{
	storm_worker_end(argument);
}

static void *work_until_cancelled(void *argument)
{
	pthread_cleanup_push(clean_up, argument);
	for (;;) {
		storm_round(argument);
		pthread_testcancel();
	}
	pthread_cleanup_pop(1);
	return NULL;
}

static void *cancels(void *unused)
{
	static struct storm_worker worker;
	unsigned seed = 7;
	pthread_t thread;

	for (uint64_t number = 100; !atomic_load(&stop); number++) {
		storm_worker_begin(&worker, number);
		CHECK(pthread_create(&thread, NULL, work_until_cancelled, &worker) == 0);
		pause_us(rand_r(&seed) % 20000);
		CHECK(pthread_cancel(thread) == 0);
		CHECK(pthread_join(thread, NULL) == 0);
	}
	return unused;
}

/* --- those who do not ------------------------------------------------------------------------- */

/* More and more pieces, so that the highest hole of the program is soon one of the library's; then a look at all. */
static void *maps(void *unused)
{
	static uint64_t *pieces[PIECES];

	while (!atomic_load(&stop)) {
		for (uint64_t i = 0; i < PIECES; i++) {
			pieces[i] = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			CHECK(pieces[i] != MAP_FAILED);
			*pieces[i] = i;
		}
		for (uint64_t i = 0; i < PIECES; i++) {
			CHECK(*pieces[i] == i);
			CHECK(munmap(pieces[i], 16 * PAGE) == 0);
		}
	}
	return unused;
}

/* Each number stays the file that it was opened as. */
static void *opens(void *unused)
{
	struct { int fd; ino_t inode; } files[FILES];
	unsigned seed = 2;
	struct stat st;

	for (size_t i = 0; i < FILES; i++)
		files[i].fd = -1;
	while (!atomic_load(&stop)) {
		size_t i = (size_t)rand_r(&seed) % FILES;

		if (files[i].fd >= 0) {
			CHECK(fstat(files[i].fd, &st) == 0 && st.st_ino == files[i].inode);
			CHECK(close(files[i].fd) == 0);
		}
		files[i].fd = memfd_create("other", MFD_CLOEXEC);
		CHECK(files[i].fd >= 0 && fstat(files[i].fd, &st) == 0);
		files[i].inode = st.st_ino;
	}
	for (size_t i = 0; i < FILES; i++) {
		if (files[i].fd >= 0)
			close(files[i].fd);
	}
	return unused;
}

/* As finalizers do; then memory of its own. A sanitizer's allocator may be locked there. */
static void child(void)
{
	struct pmem_region *region;

	alarm(20);
	if (SANITIZED)
		_exit(0);
	CHECK(pmem_device_close(storm.device) == 0);
	for (int i = 0; i < 2; i++)
		CHECK(pmem_region_close(common[i]) == 0);
	CHECK(pmem_pool_close(storm.pool) == 0);
	CHECK(pmem_region_alloc(storm.real, PAGE, NULL, &region) < 0 || pmem_region_close(region) == 0);
	_exit(0);
}

static void *forks(void *unused)
{
	while (!atomic_load(&stop)) {
		int status = -1;
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid == 0)
			child();
		while (waitpid(pid, &status, 0) < 0)
			CHECK(errno == EINTR);
		if (status != 0) {
			fprintf(stderr, "a child ended with 0x%x\n", (unsigned)status);
			exit(1);
		}
		pause_us(3000);
	}
	return unused;
}

static void nothing(int sig)
{
	(void)sig;
}

/* No call is begun again by the kernel. */
static void *signals(void *unused)
{
	unsigned seed = 3;

	while (!atomic_load(&stop)) {
		pthread_kill(threads[(unsigned)rand_r(&seed) % WORKERS], SIGUSR1);
		pause_us(100 + rand_r(&seed) % 400);
	}
	return unused;
}

static void *find(void *handle, const char *name)
{
	void *p = dlsym(handle, name);

	CHECK(p);
	return p;
}

static void *loads(void *unused)
{
	while (library && !SANITIZED && !atomic_load(&stop)) {
		void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
		int (*ctx_new)(struct pmem_ctx **), (*close_region)(struct pmem_region *);
		int (*alloc)(struct pmem_ctx *, uint64_t, const struct pmem_alloc_opts *, struct pmem_region **);
		void (*unref)(struct pmem_ctx *);
		struct pmem_region *region;
		struct pmem_ctx *ctx;

		CHECK(handle);
		*(void **)&ctx_new = find(handle, "pmem_ctx_new");
		*(void **)&alloc = find(handle, "pmem_region_alloc");
		*(void **)&close_region = find(handle, "pmem_region_close");
		*(void **)&unref = find(handle, "pmem_ctx_unref");
		CHECK(ctx_new(&ctx) == 0);
		if (alloc(ctx, 8u << 20, NULL, &region) == 0)
			CHECK(close_region(region) == 0);
		unref(ctx);
		CHECK(dlclose(handle) == 0);
	}
	return unused;
}

/* --- all of them ------------------------------------------------------------------------------ */

static unsigned descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	CHECK(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void take_common(void)
{
	static const struct pmem_alloc_opts opts = { .size = sizeof(opts),
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE };
	uint64_t bus;

	CHECK(pmem_region_alloc(storm.played, PAGE, &opts, &common[0]) == 0);
	CHECK(pmem_device_attach(storm.device, common[0], PMEM_DMA_BOTH, &bus) == 0);
	CHECK(pmem_region_alloc(storm.real, PAGE, &opts, &common[1]) == 0);
}

static uint64_t tell(void)
{
	static const char *const names[] = { "", "pages", "registered", "dma-bufs", "attached", "objects" };
	uint64_t rounds = 0;

	for (int i = 0; i < WORKERS; i++)
		rounds += workers[i].rounds;
	printf("%llu rounds;", (unsigned long long)rounds);
	for (int i = 1; i < 6; i++)
		printf(" %s %u (%u refused)", names[i], storm.done[i], storm.refused[i]);
	printf("\n");
	return rounds;
}

int main(int argc, char **argv)
{
	static void *(*const others[])(void *) = { maps, opens, forks, signals, cancels, loads };
	const size_t other_count = sizeof(others) / sizeof(others[0]);
	pthread_t beside[sizeof(others) / sizeof(others[0])];
	unsigned before;

	library = argc > 1 ? argv[1] : NULL;
	seconds = getenv("STORM_SECONDS") ? strtoul(getenv("STORM_SECONDS"), NULL, 10) : 0;
	CHECK(sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = nothing }, NULL) == 0);
	before = descriptors();
	storm_begin();
	take_common();
	for (int i = 0; i < WORKERS; i++)
		storm_worker_begin(&workers[i], (uint64_t)i + 1);
	for (int i = 0; i < WORKERS; i++)
		CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
	for (size_t i = 0; i < other_count; i++)
		CHECK(pthread_create(&beside[i], NULL, others[i], NULL) == 0);
	/* The one that sends signals ends before those that it sends them to are gone. */
	for (bool busy = true; busy;) {
		busy = false;
		for (int i = 0; i < WORKERS; i++)
			busy |= !atomic_load(&ended[i]);
		pause_us(10000);
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < other_count; i++)
		CHECK(pthread_join(beside[i], NULL) == 0);
	for (int i = 0; i < WORKERS; i++) {
		CHECK(pthread_join(threads[i], NULL) == 0);
		storm_worker_end(&workers[i]);
	}
	for (int i = 0; i < 2; i++)
		CHECK(pmem_region_close(common[i]) == 0);
	storm_end();
	CHECK(descriptors() == before);
	test_figure("threads.rounds", tell());
	return 0;
}
