/* SPDX-License-Identifier: MIT */
/*
 * usage: soak          (PMEM_SOAK_SECONDS: how long, 120 if it is not set)
 *
 * Memory of all kinds is held while the machine is disturbed in all ways that it has: no address may change, no byte, and
 * nothing may grow. What is done to the machine is undone at the end, however that comes about. Exit status 0, 1, or 77 if
 * this process may not do it.
 */
#include "soak.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "disturb.h"
#include "figures.h"
#include "growth.h"
#include "holder.h"
#include "keeper.h"

static const struct disturbance *const all[] = { &disturb_swap, &disturb_limit, &disturb_neighbour, &disturb_compaction,
	&disturb_machine, &disturb_pools, &disturb_thp, &disturb_ksm, &disturb_processor };
#define COUNT (sizeof(all) / sizeof(all[0]))
/* By hand it is longer, and its figures are others. */
#define BY_HAND_S 600

/* What two minutes reach on a busy machine as well, and those of a busier one within twice that time. */
#define USUAL_S 120
#define LOOKS   UINT64_C(10000000)
#define ROUNDS  UINT64_C(4000)

static pid_t children[COUNT], holder;
static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
	interrupted = sig;
}

static const char *may_not(void)
{
	static char why[300];
	struct pmem_ctx *ctx;
	uint64_t phys;
	char here = 1;

	if (geteuid() != 0)
		return "only root may disturb the machine";
	if (pmem_ctx_new(&ctx) == 0 && pmem_vaddr_phys(ctx, &here, &phys) == 0) {
		pmem_ctx_unref(ctx);
		return NULL;
	}
	snprintf(why, sizeof(why), "%s", pmem_error_text(pmem_error_last()));
	return why;
}

static pid_t start_holder(void)
{
	pid_t child = soak_child();

	if (child == 0) {
		soak_write("/proc/self/oom_score_adj", "-1000");
		if (!cgroup_enter())
			soak_fault("the cgroup lets nobody in");
		_exit(holder_run(3000));
	}
	return child;
}

static void disturb(size_t i)
{
	struct pace pace;

	if (all[i]->in_cgroup) {
		soak_write("/proc/self/oom_score_adj", "1000");
		if (!cgroup_enter())
			soak_fault("the cgroup lets no neighbour in");
	}
	pace_begin(&pace, all[i]->percent, all[i]->least_ms);
	do {
		uint64_t number = atomic_load(&soak->disturbances[i].steps);

		if (!all[i]->step(number))
			break;
		atomic_fetch_add(&soak->disturbances[i].steps, 1);
	} while (pace_rest(&pace));
	_exit(0);
}

static void start_disturbance(size_t i)
{
	children[i] = soak_child();
	if (children[i] == 0)
		disturb(i);
	if (children[i] < 0)
		soak_fault("%s: no process: %s", all[i]->name, strerror(errno));
}

static void begin_all(void)
{
	for (size_t i = 0; i < COUNT; i++) {
		const char *why = all[i]->begin ? all[i]->begin() : NULL;

		if (why)
			snprintf(soak->disturbances[i].left_out, sizeof(soak->disturbances[i].left_out), "%s", why);
		else
			start_disturbance(i);
	}
}

/* A child ended before it was told to. */
static void ended(pid_t child, int status)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (children[i] != child)
			continue;
		children[i] = 0;
		if (all[i]->in_cgroup && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
			atomic_fetch_add(&soak->disturbances[i].killed, 1);
			start_disturbance(i);
		} else if (!atomic_load(&soak->stop) && !interrupted) {
			soak_fault("%s: its process ended with status 0x%x", all[i]->name, (unsigned)status);
		}
	}
	if (child == holder) {
		holder = 0;
		if (status)
			soak_fault("the process that holds all ended with status 0x%x", (unsigned)status);
	}
}

/* false: interrupted, failed, or the holder ended */
static bool watch(unsigned seconds, const atomic_bool *until)
{
	for (unsigned tenths = 0; tenths < 10 * seconds && !(until && atomic_load(until)); tenths++) {
		pid_t child;
		int status;

		soak_sleep_ms(100);
		while ((child = waitpid(-1, &status, WNOHANG)) > 0)
			ended(child, status);
		if (interrupted || atomic_load(&soak->failed) || !holder)
			return false;
	}
	return true;
}

static void reap(pid_t *child, unsigned seconds, bool judge)
{
	for (unsigned tenths = 0; *child > 0 && tenths < 10 * seconds; tenths++) {
		int status;
		pid_t is = waitpid(*child, &status, WNOHANG);

		if (is == 0) {
			soak_sleep_ms(100);
			continue;
		}
		if (judge && status)
			soak_fault("a process ended with status 0x%x", (unsigned)status);
		*child = 0;
	}
	if (*child > 0) {
		kill(*child, SIGKILL);
		waitpid(*child, NULL, 0);
		*child = 0;
		if (judge)
			soak_fault("a process did not end");
	}
}

/* The disturbers, then the machine as it was as far as the holder sees it, then the holder. */
static void end_all(bool good)
{
	atomic_store(&soak->stop, true);
	for (size_t i = 0; i < COUNT; i++)
		reap(&children[i], good ? 60 : 0, false);
	atomic_store(&soak->look_last, true);
	reap(&holder, good ? 120 : 0, good);
}

static void report(unsigned seconds)
{
	struct rusage used;
	unsigned left_out = 0;

	getrusage(RUSAGE_CHILDREN, &used);
	printf("%-34s %10s\n", "disturbance", "steps");
	for (size_t i = 0; i < COUNT; i++) {
		const struct disturbance_state *state = &soak->disturbances[i];

		left_out += state->left_out[0] != '\0';
		if (state->left_out[0])
			printf("%-34s left out: %s\n", all[i]->name, state->left_out);
		else
			printf("%-34s %10" PRIuFAST64 "%s\n", all[i]->name, atomic_load(&state->steps),
				atomic_load(&state->killed) ? ", killed by its cgroup now and then" : "");
	}
	printf("the machine: %s, %" PRIuFAST64 " merged\n", growth_effects(), atomic_load(&soak->merged));
	printf("%u of %zu disturbances left out, %" PRIuFAST64 " kinds of memory not held\n%s", left_out, COUNT,
		atomic_load(&soak->not_held), soak->growth);
	printf("%u s, %ld s of processors: %" PRIuFAST64 " regions and objects held (%" PRIuFAST64 " MiB), looked at %"
		PRIuFAST64 " times, %" PRIuFAST64 " addresses compared (%" PRIuFAST64 " times after a touch); %" PRIuFAST64 " made and given back, %" PRIuFAST64
		" refused; %" PRIuFAST64 " forks, %" PRIuFAST64 " descriptors of others; locked pages moved %" PRIuFAST64
		" times\n", seconds, (long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec), atomic_load(&soak->held),
		atomic_load(&soak->held_bytes) / MIB, atomic_load(&soak->scans), atomic_load(&soak->looks),
		atomic_load(&soak->absent), atomic_load(&soak->rounds), atomic_load(&soak->refused), atomic_load(&soak->forks),
		atomic_load(&soak->others), atomic_load(&soak->control_moved));
}

/* Whether the machine did what it was told to. */
static void judge(void)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (!soak->disturbances[i].left_out[0] && !atomic_load(&soak->disturbances[i].steps))
			soak_fault("%s: nothing was done", all[i]->name);
	}
	if (!soak->disturbances[3].left_out[0] && !atomic_load(&soak->control_moved))
		soak_fault("nothing moved at all, so nothing is proved");
}

static bool enough(void)
{
	return atomic_load(&soak->looks) >= LOOKS && atomic_load(&soak->rounds) >= ROUNDS;
}

/* The usual run goes on until it has done its work, so that its figures are the same on each machine. */
static bool until_enough(void)
{
	for (unsigned s = 0; s < USUAL_S && !enough(); s++) {
		if (!watch(1, NULL))
			return false;
	}
	if (!enough())
		soak_fault("only %" PRIuFAST64 " addresses were compared, and %" PRIuFAST64 " rounds made",
			atomic_load(&soak->looks), atomic_load(&soak->rounds));
	return enough();
}

static void figures(unsigned seconds)
{
	if (seconds >= BY_HAND_S) {
		test_figure("soak.hand_rounds", atomic_load(&soak->rounds));
		test_figure("soak.hand_looks", atomic_load(&soak->looks));
		return;
	}
	if (seconds < USUAL_S)
		return;
	test_figure("soak.rounds", ROUNDS);
	test_figure("soak.looks", LOOKS);
	test_figure("soak.regions", atomic_load(&soak->held));
}

/* Until the keeper has ended, too, which inherits the lock: two of them would undo each other's work. */
static bool alone(void)
{
	int fd = open("/sys/kernel/mm", O_RDONLY | O_DIRECTORY);

	return fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* 0 or 1 */
static int begin(unsigned seconds)
{
	soak = mmap(NULL, sizeof(*soak), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (soak == MAP_FAILED) {
		perror("soak");
		return 1;
	}
	soak->share = seconds >= BY_HAND_S ? 35 : 75;
	for (size_t i = 0; i < COUNT; i++) {
		if (all[i]->remember)
			all[i]->remember();
	}
	if (!keeper_start(all, COUNT)) {
		perror("soak");
		return 1;
	}
	signal(SIGTERM, interrupt);
	signal(SIGINT, interrupt);
	signal(SIGHUP, interrupt);
	growth_effects();
	disturb_pools_reserve();
	holder = start_holder();
	return 0;
}

/* What threads of glibc keep of freed memory counts as in use, and would hide what is lost. */
static void without_tcache(char **argv)
{
	if (getenv("GLIBC_TUNABLES"))
		return;
	setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
	execv("/proc/self/exe", argv);
}

int main(int argc, char **argv)
{
	const char *text = getenv("PMEM_SOAK_SECONDS"), *why = may_not();
	unsigned seconds = text ? (unsigned)strtoul(text, NULL, 10) : USUAL_S;
	bool good;

	(void)argc;
	without_tcache(argv);
	if (why) {
		printf("SKIP: %s\n", why);
		return 77;
	}
	if (!alone()) {
		printf("another soak disturbs this machine\n");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (begin(seconds))
		return 1;
	good = watch(120, &soak->ready) && atomic_load(&soak->ready);
	if (good) {
		begin_all();
		good = watch(seconds, NULL) && (seconds != USUAL_S || until_enough());
	}
	end_all(good);
	if (good)
		judge();
	if (!keeper_end())
		soak_fault("not all was undone");
	report(seconds);
	if (atomic_load(&soak->failed))
		printf("FAULT: %s\n", soak->fault);
	else if (!good)
		printf("interrupted\n");
	else
		figures(seconds);
	return atomic_load(&soak->failed) || !good;
}
