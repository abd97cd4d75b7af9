/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "errnos.h"
#include "figures.h"
#include "heap.h"
#include "plan.h"
#include "state.h"
#include "suite.h"

/* More calls than that, and each is tried with some of its errnos only, each call with others. */
#define LONG 150
#define SOME 3

/* A fault: of a call, or of an allocation. */
struct trial {
	struct plan plan;
	unsigned heap; /* 0: none fails */
	bool heap_for_good;
};

static const struct trial undisturbed;

static struct {
	const struct ground *ground;
	struct pmem_ctx *keeper; /* keeps what is known of the machine */
	size_t fds, mapped, blocks, cold_blocks;
	bool was_open[MAX_FDS];
	char what[256];  /* is tried */
	bool failed;     /* did something, in the round that runs or ran last */
	bool interrupts, settling, cold;
	uint64_t rounds, operations;
	int expected;    /* of the operation, undisturbed */
} e;

/* --- what a failure has to say -------------------------------------------------------------- */

/* EINTR is what it is, or what it came from is said. */
static bool speaks_of(const struct pmem_error *error, const char *name)
{
	if (strstr(pmem_error_text(error), name))
		return true;
	for (size_t i = 0; i < pmem_error_child_count(error); i++) {
		if (speaks_of(pmem_error_child(error, i), name))
			return true;
	}
	return false;
}

static void check_error(const char *call, const struct pmem_error *error)
{
	const char *text = pmem_error_text(error), *message = pmem_error_message(error);
	uint32_t cause = pmem_error_cause(error);
	int code = pmem_error_code(error);
	size_t n = strlen(message);

	ck_assert_msg(code < 0 && code > -4096, "%s: %s: the code %d", e.what, call, code);
	ck_assert_msg(cause != PMEM_CAUSE_NONE && strcmp(pmem_error_cause_name(cause), "unknown"),
		"%s: %s: no cause: %s", e.what, call, text);
	ck_assert_msg(pmem_error_operation(error)[0], "%s: %s: no operation: %s", e.what, call, text);
	ck_assert_msg(n && message[n - 1] != '.' && message[n - 1] != '\n' && strstr(text, message),
		"%s: %s: the message: %s", e.what, call, text);
	if (cause == PMEM_CAUSE_NO_DEVICE || cause == PMEM_CAUSE_FILE_MODE)
		ck_assert_msg(pmem_error_path(error)[0], "%s: %s: no path: %s", e.what, call, text);
	if (cause == PMEM_CAUSE_CAPABILITY || cause == PMEM_CAUSE_FILE_MODE || cause == PMEM_CAUSE_LOCKDOWN ||
		code == -EMFILE || code == -ENFILE)
		ck_assert_msg(pmem_error_hint(error)[0] || pmem_error_child_count(error),
			"%s: %s: no hint: %s", e.what, call, text);
	for (size_t i = 0; i < pmem_error_child_count(error); i++)
		check_error(call, pmem_error_child(error, i));
}

int told(const char *call, int result)
{
	const struct pmem_error *error = pmem_error_last();

	if (result >= 0)
		return result;
	ck_assert_msg(pmem_error_code(error) == result, "%s: %s gave %d, its error says %d: %s", e.what, call,
		result, pmem_error_code(error), pmem_error_text(error));
	check_error(call, error);
	return result;
}

/* --- what must be as it was ------------------------------------------------------------------- */

/*
 * What the library does not close, since it cannot tell whether it is its own still (docs/rules.md, Lifetimes): it looks
 * twice, by lseek() at a pagemap, by fstat() and fcntl() at what is a device's. Of open files no kernel refuses that.
 */
static void close_doubtful(void)
{
	bool pagemaps = plan_failed("lseek") > 1;
	bool devices = plan_failed("fstat") + plan_failed("fcntl") > 1;

	for (int fd = 0; fd < MAX_FDS; fd++) {
		if (f.open[fd] && !e.was_open[fd] && (f.pagemap[fd] ? pagemaps : devices))
			ck_assert_int_eq(os->close(fd), 0);
	}
}

/* What is there now is right. */
static void measure(void)
{
	if (e.keeper)
		e.blocks = heap_live();
	else
		e.cold_blocks = heap_live();
	e.fds = fake_all_fds();
	memcpy(e.was_open, f.open, sizeof(e.was_open));
	e.mapped = plan_mapped();
}

/* What is kept for ever ends here; its own description stays in the list of the library. */
static void unstick(void)
{
	for (int fd = 0; fd < MAX_FDS; fd++) {
		if (f.open[fd] && !e.was_open[fd])
			ck_assert_int_eq(os->close(fd), 0);
	}
	ck_assert_uint_eq(e.mapped, 0);
	while (f.map_count)
		ck_assert_int_eq(os->munmap((void *)f.maps[0].start, f.maps[0].length), 0);
	e.cold_blocks += heap_live() - e.blocks;
	e.blocks = heap_live();
}

static void know_machine(void)
{
	assert_works(pmem_ctx_new(&e.keeper));
	pmem_soc_family(e.keeper);
}

/* What the thread's last error holds goes with the next. */
static void forget_error(void)
{
	pmem_ctx_new(NULL);
}

/* What is known of the machine grows while somebody has a context; all of it goes with the last. */
static void check_heap(void)
{
	if (heap_live() == (e.keeper ? e.blocks : e.cold_blocks))
		return;
	pmem_ctx_unref(e.keeper);
	e.keeper = NULL;
	ck_assert_msg(heap_live() == e.cold_blocks, "%s: %zd blocks of memory are left", e.what,
		(ssize_t)(heap_live() - e.cold_blocks));
	ck_assert_msg(!e.cold, "%s: blocks of memory come and go", e.what);
	know_machine();
	e.blocks = heap_live();
}

static void check_rest(void)
{
	size_t mapped = plan_mapped();

	close_doubtful();
	ck_assert_msg(fake_all_fds() == e.fds, "%s: %zd descriptors are left", e.what,
		(ssize_t)(fake_all_fds() - e.fds));
	ck_assert_msg(mapped == e.mapped, "%s: %zd bytes are left mapped", e.what, (ssize_t)(mapped - e.mapped));
	if (e.ground->settled)
		e.ground->settled(e.what);
}

/* --- one round -------------------------------------------------------------------------------- */

static int disturbed(const struct operation *o, struct world *w, const struct trial *trial)
{
	struct plan plan;
	unsigned failed;
	int r;

	if (trial->heap && trial->heap_for_good)
		heap_arm_for_good(trial->heap);
	else
		heap_arm(trial->heap);
	plan = trial->plan;
	plan.what = e.what;
	plan_begin(&plan);
	r = o->act(o, w);
	failed = plan_end();
	e.failed = heap_disarm() || failed;
	heap_arm(0);
	return r;
}

static int round_of(const struct operation *o, const struct trial *trial)
{
	struct world w = { .fd = -1 };
	int r;

	heap_arm(0);
	if (!o->cold)
		assert_works(pmem_ctx_new(&w.ctx));
	if (o->before)
		o->before(o, &w);
	r = disturbed(o, &w, trial);
	if (r < 0)
		told(o->name, r);
	if (r < 0 && e.interrupts && e.failed && r != e.expected)
		ck_assert_msg(speaks_of(pmem_error_last(), "EINTR"), "%s: it fails, and does not say that: %s",
			e.what, pmem_error_text(pmem_error_last()));
	if (o->after)
		o->after(o, &w);
	pmem_ctx_unref(w.ctx);
	forget_error();
	if (o->sticks && plan_failed("ioctl"))
		unstick();
	if (!e.settling) {
		check_rest();
		check_heap();
	}
	heap_disarm();
	e.rounds += e.failed;
	return r;
}

/* false: nothing failed. */
static bool attempt(const struct operation *o, const struct trial *trial)
{
	int r;

	round_of(o, trial);
	if (!e.failed)
		return false;
	r = round_of(o, &undisturbed);
	ck_assert_msg(r == e.expected, "%s: undisturbed afterwards it gives %d, not %d", e.what, r, e.expected);
	return true;
}

/* --- all faults of an operation ------------------------------------------------------------------ */

#define SAY(...) snprintf(e.what, sizeof(e.what), __VA_ARGS__)

static void call_once(const struct operation *o, unsigned n, const char *call, bool some)
{
	const int *errnos = errnos_of(call);
	size_t count = 0;

	while (errnos[count])
		count++;
	for (size_t i = 0; i < (some && count > SOME ? SOME : count); i++) {
		struct trial trial = { .plan = { .nth = n, .times = 1 } };

		trial.plan.errnum = errnos[some ? (i + n) % count : i];
		SAY("%s: %s: call %u, %s, gives %s", e.ground->name, o->name, n, call,
			strerror(trial.plan.errnum));
		attempt(o, &trial);
	}
	for (int cut = PLAN_HALF; errnos_short(call) && cut <= PLAN_NOTHING; cut++) {
		struct trial trial = { .plan = { .nth = n, .times = 1, .errnum = cut } };

		SAY("%s: %s: call %u, %s, does %s", e.ground->name, o->name, n, call,
			cut == PLAN_HALF ? "half" : "nothing");
		attempt(o, &trial);
	}
}

static void call_for_good(const struct operation *o, unsigned n, const char *call, bool same)
{
	struct trial trial = { .plan = { .nth = n, .times = PLAN_FOR_GOOD, .same = same } };

	trial.plan.errnum = errno_lasting(call, n);
	SAY("%s: %s: from call %u, %s, on %s with %s", e.ground->name, o->name, n, call,
		same ? "those of its name fail" : "all fail", strerror(trial.plan.errnum));
	attempt(o, &trial);
}

static void call_storm(const struct operation *o, unsigned n, const char *call)
{
	for (unsigned times = 1; errnos_interrupted(call) && times <= 5; times++) {
		struct trial trial = { .plan = { .nth = n, .times = times, .same = true, .errnum = EINTR } };

		SAY("%s: %s: call %u, %s, is interrupted %u times", e.ground->name, o->name, n, call, times);
		e.interrupts = true;
		attempt(o, &trial);
		e.interrupts = false;
	}
}

static void try_calls(const struct operation *o, enum mode mode)
{
	static const char *names[8192];
	unsigned count = plan_calls();

	ck_assert_uint_lt(count, 8192);
	for (unsigned n = 1; n <= count; n++)
		names[n] = plan_call(n);
	for (unsigned n = 1; n <= count; n++) {
		if (mode == MODE_ONCE)
			call_once(o, n, names[n], count > LONG);
		else if (mode == MODE_STORM)
			call_storm(o, n, names[n]);
		else
			call_for_good(o, n, names[n], mode == MODE_KIND);
	}
}

static void try_heap(const struct operation *o)
{
	for (int for_good = 0; for_good < 2; for_good++) {
		bool more = true;

		for (unsigned n = 1; more; n++) {
			struct trial trial = { .heap = n, .heap_for_good = for_good };

			SAY("%s: %s: allocation %u%s fails", e.ground->name, o->name, n,
				for_good ? " and all after it" : "");
			more = attempt(o, &trial);
		}
	}
}

/* What is made once in a process, or kept of the machine, is made now. */
static void settle(const struct operation *o)
{
	e.settling = true;
	for (int i = 0; i < 2; i++)
		round_of(o, &undisturbed);
	e.settling = false;
	measure();
}

static void try_one(const struct operation *o, enum mode mode)
{
	e.cold = o->cold;
	if (o->cold && e.keeper) {
		pmem_ctx_unref(e.keeper);
		e.keeper = NULL;
	} else if (!o->cold && !e.keeper) {
		heap_arm(0);
		know_machine();
	}
	SAY("%s: %s: undisturbed", e.ground->name, o->name);
	settle(o);
	e.expected = round_of(o, &undisturbed);
	e.operations++;
	if (mode == MODE_HEAP)
		try_heap(o);
	else
		try_calls(o, mode);
}

void engine_start(const struct ground *ground)
{
	e.ground = ground;
	forget_error();
	heap_strict(true);
}

/* The cold ones first, which tell what is there when nothing is. */
void engine_try(const struct operation *operations, enum mode mode)
{
	for (const struct operation *o = operations; o->name; o++) {
		if (!o->fits || o->fits())
			try_one(o, mode);
	}
}

void engine_stop(enum mode mode)
{
	static const char *const figures[] = { "faults.once", "faults.lasting", "faults.lasting", "faults.storms",
		"faults.allocations" };

	pmem_ctx_unref(e.keeper);
	e.keeper = NULL;
	heap_strict(false);
	plan_forget();
	if (mode == MODE_ONCE)
		test_figure("faults.operations", e.operations);
	test_figure(figures[mode], e.rounds);
}
