/* SPDX-License-Identifier: MIT */
/* Each message to the firmware made to fail in each way: a clear error, and nothing held after. */
#include <pthread.h>

#include "vc.h"

#define THREADS 4
#define ROUNDS  100
#define REFUSED 20

static const char *const tags[] = { "alloc", "lock", "unlock", "release" };
static const char *const faults[] = { "fail", "nobit31", "short", "timeout", "einval", "enomem" };

/* Allocate and close; the first error of the two, or 0. */
static int use(void)
{
	struct pmem_region *region;
	int r = vc_alloc(65536, 0, 0, &region);

	return r ? r : pmem_region_close(region);
}

static void check_fault(const char *tag, const char *fault)
{
	bool again = strcmp(tag, "alloc") == 0 &&
		(strcmp(fault, "fail") == 0 || strcmp(fault, "enomem") == 0);
	/* Whether a release without an answer was obeyed is not known: hands off the number. */
	bool unknown = strcmp(tag, "release") == 0 && strcmp(fault, "timeout") == 0;
	char name[64], command[64];
	size_t count;
	int r;

	/* Without memory it looks for the dead's and asks once more: let that fail too. */
	snprintf(command, sizeof(command), "%s %s %d", fault, tag, again ? 2 : 1);
	vc_tell(command);
	r = use();
	vc_tell("reset");
	snprintf(name, sizeof(name), "%s-%s", tag, fault);
	CHECK(name, r < 0 && pmem_error_code(pmem_error_last()) == r &&
			pmem_error_cause(pmem_error_last()) != PMEM_CAUSE_SYSTEM,
		"%d: %s", r, why());
	printf("%s: %s\n", name, why());
	r = pmem_firmware_reclaim(ctx, 0, &count, NULL);
	snprintf(name, sizeof(name), "%s-%s-held", tag, fault);
	CHECK(name, r == 0 && vc_count("live") == unknown, "reclaim %d, live %lld", r,
		vc_count("live"));
	vc_tell("drain");
}

static void *use_often(void *unused)
{
	long failed = 0;

	(void)unused;
	for (unsigned i = 0; i < ROUNDS; i++)
		failed += use() != 0;
	return (void *)failed;
}

/* Several threads, some of whose releases the firmware refuses: tried again, and each once. */
static void check_threads(void)
{
	struct pmem_region *kept; /* so that all share one session with the firmware */
	pthread_t threads[THREADS];
	long failed = 0;
	void *result;
	size_t count = 0;

	CHECK("kept", vc_alloc(4096, 0, 0, &kept) == 0, "%s", why());
	vc_tell("fail release 20 7");
	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ("thread", pthread_create(&threads[i], NULL, use_often, NULL), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		failed += (long)result;
	}
	vc_tell("reset");
	CHECK_EQ("refused", failed, REFUSED);
	CHECK_EQ("refused-held", vc_count("live"), REFUSED + 1);
	CHECK("refused-reclaim", pmem_firmware_reclaim(ctx, 0, &count, NULL) == 0, "%s", why());
	CHECK_EQ("refused-count", count, REFUSED);
	CHECK_EQ("kept-live", vc_count("live"), 1);
	CHECK_EQ("kept-close", pmem_region_close(kept), 0);
	vc_check_clean("threads");
}

int main(void)
{
	vc_begin();
	if (pmem_ctx_new(&ctx)) {
		CHECK("context", 0, "%s", why());
		return 1;
	}
	CHECK("works", use() == 0, "%s", why());
	for (size_t t = 0; t < sizeof(tags) / sizeof(tags[0]); t++) {
		for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++)
			check_fault(tags[t], faults[f]);
	}
	CHECK("works-again", use() == 0, "%s", why());
	check_threads();
	vc_check_clean("end");
	pmem_ctx_unref(ctx);
	return check_end();
}
