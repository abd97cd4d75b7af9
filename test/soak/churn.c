/* SPDX-License-Identifier: MIT */
/* Beside what is held: regions and pools made and given back at random, children, and others' descriptors and memory. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "held.h"

#define CHURNERS 2
#define AT_ONCE  8
#define PAGES_MOST (4 * MIB / PAGE)

static pthread_t threads[CHURNERS + 2];
static unsigned thread_count;
static pthread_rwlock_t running = PTHREAD_RWLOCK_INITIALIZER;

/* What the children write to: memory of this process, not the library's. */
static unsigned char *shared_with_children;
#define WRITTEN (2 * MIB)

static const size_t sizes[] = { 100, 4096, 8192, 65536, 300000, 1 << 20, 2 << 20, 4 << 20 };
static const uint32_t flags[] = { 0, 0, PMEM_ALLOC_SCATTERED, PMEM_ALLOC_SCATTERED, PMEM_ALLOC_NO_ZERO, PMEM_ALLOC_NO_MASTER,
	PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS, PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE, PMEM_ALLOC_CACHED };

/* Nothing of this size in one piece, or no more of the cgroup's limit: everything else is a fault. */
static bool may_be_refused(const char *what)
{
	const struct pmem_error *e = pmem_error_last();
	uint32_t cause = pmem_error_cause(e);

	if (cause != PMEM_CAUSE_LIMIT && cause != PMEM_CAUSE_NOT_CONTIGUOUS && cause != PMEM_CAUSE_NO_MEMORY) {
		soak_fault("%s: %s", what, pmem_error_text(e));
		return false;
	}
	atomic_fetch_add(&soak->refused, 1);
	return true;
}

static bool is_zero(const struct entry *entry)
{
	for (size_t i = 0; i < entry->length; i += i % PAGE ? PAGE - i % PAGE : 63) {
		if (entry->at[i]) {
			soak_fault("%s: byte %zu of new memory is 0x%x", entry->what, i, entry->at[i]);
			return false;
		}
	}
	return true;
}

static const char of_malloc[] = "malloc(), registered and let go", of_mmap[] = "shared memory, registered and let go";

static void free_own(const char *what, unsigned char *at, size_t length)
{
	if (what == of_malloc)
		free(at);
	else if (what == of_mmap)
		munmap(at, length);
}

static bool make_own(struct pmem_ctx *ctx, struct entry *entry, bool shared)
{
	void *at = shared ? mmap(NULL, entry->length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) :
		malloc(entry->length);

	entry->what = shared ? of_mmap : of_malloc;
	if (!at || at == MAP_FAILED)
		return true;
	if (pmem_region_register(ctx, at, entry->length, 0, &entry->region)) {
		free_own(entry->what, at, entry->length);
		return may_be_refused(entry->what);
	}
	entry->at = at;
	return true;
}

/* One entry of any kind; at NULL: refused. */
static bool make(struct pmem_ctx *ctx, struct pmem_pool *pool, uint64_t *random, struct entry *entry)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages" };
	unsigned kind = (unsigned)(soak_random(random) >> 20) % 8;

	*entry = (struct entry){ .length = sizes[(soak_random(random) >> 20) % 8] };
	opts.flags = flags[(soak_random(random) >> 20) % (sizeof(flags) / sizeof(flags[0]))];
	if (kind == 0)
		return make_own(ctx, entry, soak_random(random) >> 20 & 1);
	if (kind <= 2) {
		entry->what = "an object that comes and goes";
		entry->pool = pool;
		entry->at = pmem_pool_alloc(pool, entry->length, 0);
		return entry->at || may_be_refused(entry->what);
	}
	entry->what = "a region that comes and goes";
	entry->moves = opts.flags & PMEM_ALLOC_MAY_MOVE;
	if (pmem_region_alloc(ctx, entry->length, &opts, &entry->region))
		return may_be_refused(entry->what);
	entry->at = pmem_region_data(entry->region);
	return opts.flags & PMEM_ALLOC_NO_ZERO || is_zero(entry);
}

static void unmake(struct entry *entry)
{
	int r;

	book_leave(entry);
	r = entry->pool ? pmem_pool_free(entry->pool, entry->at) : pmem_region_close(entry->region);
	if (r)
		soak_fault("%s: giving it back: %s", entry->what, pmem_error_text(pmem_error_last()));
	free_own(entry->what, entry->at, entry->length);
}

/* Some are made, looked at, kept for a moment, looked at again, and given back in the order in which they were made. */
static bool round_of(struct pmem_ctx *ctx, struct pmem_pool *pool, uint64_t *random, uint64_t *room)
{
	struct entry entries[AT_ONCE];
	unsigned count = 1 + (unsigned)(soak_random(random) >> 20) % AT_ONCE, made = 0;
	bool good = true;

	while (good && made < count) {
		good = make(ctx, pool, random, &entries[made]);
		if (!good || !entries[made].at) {
			count--;
			continue;
		}
		good = book_enter(ctx, &entries[made]) && book_look(ctx, &entries[made], room, true);
		made++;
	}
	soak_sleep_ms(2);
	for (unsigned i = 0; i < made; i++) {
		good = good && book_look(ctx, &entries[i], room, true);
		unmake(&entries[i]);
		atomic_fetch_add(&soak->rounds, 1);
	}
	return good;
}

static void *churner(void *user)
{
	uint64_t random = 0x9e3779b9 + (uintptr_t)user, *room = malloc(PAGES_MOST * sizeof(*room) + 64);
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .flags = PMEM_ALLOC_SCATTERED, .backend = "pages" };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc, .grow = 4 * MIB };
	struct pmem_pool *pool;
	struct pmem_ctx *ctx;
	struct pace pace;
	bool good = room != NULL;

	pace_begin(&pace, 6, 20);
	while (good) {
		pthread_rwlock_rdlock(&running);
		/* Of a context of its own each time, or of the one that all is held in. */
		ctx = NULL;
		if ((soak_random(&random) >> 20) % 2 && pmem_ctx_new(&ctx))
			soak_fault("a context: %s", pmem_error_text(pmem_error_last()));
		if (!ctx)
			ctx = pmem_ctx_ref(held_ctx());
		if (pmem_pool_new(ctx, &opts, &pool) == 0) {
			good = round_of(ctx, pool, &random, room);
			if (pmem_pool_close(pool))
				soak_fault("closing a pool: %s", pmem_error_text(pmem_error_last()));
		}
		pmem_ctx_unref(ctx);
		pthread_rwlock_unlock(&running);
		good = pace_rest(&pace) && good;
	}
	free(room);
	return NULL;
}

/* A child that writes to what it has, and the parent that writes to the same. */
static void *forker(void *user)
{
	struct pace pace;
	uint64_t round = 0;

	(void)user;
	pace_begin(&pace, 4, 500);
	do {
		pid_t child;
		int status = 0;

		pthread_rwlock_rdlock(&running);
		child = fork();
		if (child == 0) {
			memset(shared_with_children, 1, WRITTEN);
			_exit(0);
		}
		for (size_t i = 0; i < WRITTEN; i += PAGE)
			shared_with_children[i] = (unsigned char)++round;
		if (child > 0 && (waitpid(child, &status, 0) != child || status))
			soak_fault("a child ended with status 0x%x", (unsigned)status);
		if (child > 0)
			atomic_fetch_add(&soak->forks, 1);
		pthread_rwlock_unlock(&running);
	} while (pace_rest(&pace));
	return NULL;
}

#define STRANGERS 32

struct stranger {
	int fd;
	ino_t inode;
	uint64_t *at, word;
};

static bool strange(struct stranger *s, uint64_t word)
{
	struct stat stat;

	*s = (struct stranger){ .fd = memfd_create("stranger", MFD_CLOEXEC), .word = word };
	if (s->fd < 0 || ftruncate(s->fd, PAGE) < 0 || fstat(s->fd, &stat) < 0)
		return false;
	s->inode = stat.st_ino;
	s->at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	if (s->at == MAP_FAILED)
		return false;
	*s->at = word;
	return true;
}

static void end_stranger(struct stranger *s)
{
	struct stat stat;

	if (fstat(s->fd, &stat) < 0 || stat.st_ino != s->inode)
		soak_fault("a descriptor of somebody else was closed");
	else if (*s->at != s->word)
		soak_fault("memory of somebody else holds 0x%llx", (unsigned long long)*s->at);
	munmap(s->at, PAGE);
	close(s->fd);
	atomic_fetch_add(&soak->others, 1);
}

/* Takes each number and each hole that the library leaves for a moment. */
static void *stranger(void *user)
{
	struct stranger all[STRANGERS];
	uint64_t word = 0;
	struct pace pace;

	(void)user;
	pace_begin(&pace, 4, 1);
	do {
		unsigned count = 0;

		pthread_rwlock_rdlock(&running);
		while (count < STRANGERS && strange(&all[count], ++word))
			count++;
		while (count)
			end_stranger(&all[--count]);
		pthread_rwlock_unlock(&running);
	} while (pace_rest(&pace));
	return NULL;
}

static bool begin(void *(*run)(void *), unsigned number)
{
	if (pthread_create(&threads[thread_count], NULL, run, (void *)(uintptr_t)(number + 1))) {
		soak_fault("no thread");
		return false;
	}
	thread_count++;
	return true;
}

bool churn_start(void)
{
	shared_with_children = mmap(NULL, WRITTEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (shared_with_children == MAP_FAILED)
		return false;
	for (unsigned i = 0; i < CHURNERS; i++) {
		if (!begin(churner, i))
			return false;
	}
	return begin(forker, 0) && begin(stranger, 0);
}

void churn_quiet(bool quiet)
{
	if (quiet)
		pthread_rwlock_wrlock(&running);
	else
		pthread_rwlock_unlock(&running);
}

void churn_end(void)
{
	while (thread_count)
		pthread_join(threads[--thread_count], NULL);
}
