/* SPDX-License-Identifier: MIT */
/* physmem alloc: memory for a device that lives as long as a command. */
#include "alloc_options.h"
#include "selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bsd/string.h>

enum { EXIT_NOT_STARTED = 126, EXIT_NOT_FOUND = 127, EXIT_SIGNAL = 128 }; /* as sh(1) has them */

struct loan {
	struct pmem_ctx *ctx;
	struct pmem_alloc_opts opts;
	uint64_t size;
	bool json, dry_run;
	struct pmem_region *region;
	int fd;           /* that the command gets; -1: none */
	const char *kind; /* of it */
	void *shared;     /* of a memfd: its mapping here */
};

/* Pages lie where they lie: what an allocation would look for is only looked at. Behind an IOMMU nothing is known. */
static bool is_reached(const struct loan *loan)
{
	size_t count;

	return loan->opts.flags & (PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_NO_MASTER) ||
		pmem_region_extents(loan->region, 0, PMEM_TO_END, PMEM_EXTENTS_BUS, NULL, 0,
			&count) == 0 || pmem_error_cause(pmem_error_last()) != PMEM_CAUSE_OUTSIDE_WINDOW;
}

static bool register_pages(struct loan *loan, uint32_t flags)
{
	if (pmem_region_register(loan->ctx, loan->shared, loan->size, flags, &loan->region))
		return false;
	if (is_reached(loan))
		return true;
	(void)pmem_region_close(loan->region);
	loan->region = NULL;
	return false;
}

/* Whether any page will do: then none need be chosen, and there is nothing to refuse. */
static bool any_page_will_do(const struct loan *loan, uint64_t page)
{
	const struct pmem_alloc_opts *opts = &loan->opts;

	return opts->align <= page && !(opts->align & (opts->align - 1)) && !opts->max_addr && !opts->master &&
		!opts->backend && !opts->heap && !(opts->flags & (PMEM_ALLOC_DMABUF | PMEM_ALLOC_UNCACHED));
}

/* Memory that another process can map, for machines without dma-bufs: pinned here, shared by memfd. */
static bool share_pages(struct loan *loan)
{
	uint64_t page = pmem_soc_page_size(loan->ctx), length = (loan->size + page - 1) / page * page;
	uint32_t flags = (loan->opts.flags & PMEM_ALLOC_NO_ADDRESS ? PMEM_REGISTER_NO_ADDRESS : 0) |
		(loan->opts.flags & PMEM_ALLOC_MAY_MOVE ? PMEM_REGISTER_MAY_MOVE : 0);

	if (!(loan->opts.flags & PMEM_ALLOC_SCATTERED) && length > page)
		return false;
	if (!any_page_will_do(loan, page) || length > SIZE_MAX)
		return false;
	loan->fd = memfd_create("physmem alloc", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (loan->fd < 0)
		return false;
	if (ftruncate(loan->fd, (off_t)length) == 0) {
		loan->shared = mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE, MAP_SHARED, loan->fd, 0);
		if (loan->shared != MAP_FAILED && fcntl(loan->fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0 &&
			register_pages(loan, flags)) {
			loan->kind = "memfd";
			return true;
		}
		if (loan->shared != MAP_FAILED) /* touched already: it would stay as long as the command runs */
			(void)munmap(loan->shared, (size_t)length);
	}
	(void)close(loan->fd);
	loan->fd = -1;
	return false;
}

/* With a descriptor if there is any way to one, else without. */
static int take(struct loan *loan)
{
	uint32_t flags = loan->opts.flags;

	loan->fd = -1;
	loan->kind = "none";
	loan->opts.flags |= PMEM_ALLOC_DMABUF;
	if (pmem_region_alloc(loan->ctx, loan->size, &loan->opts, &loan->region) == 0) {
		loan->fd = pmem_region_dup_fd(loan->region);
		if (loan->fd < 0)
			return fail_library(NULL);
		loan->kind = "dmabuf";
		return 0;
	}
	if (flags & PMEM_ALLOC_DMABUF)
		return fail_library(NULL);
	loan->opts.flags &= ~PMEM_ALLOC_DMABUF;
	if (share_pages(loan))
		return 0;
	if (pmem_region_alloc(loan->ctx, loan->size, &loan->opts, &loan->region))
		return fail_library(NULL);
	report("this memory has no descriptor: the command can reach it by its physical address only");
	report_more("-> --scattered gives a memfd where there are no dma-bufs");
	return 0;
}

static void put(const char *name, const char *text)
{
	if (setenv(name, text, 1))
		no_memory();
}

static void put_hex(const char *name, int unknown, uint64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "0x%08" PRIx64, value);
	if (unknown)
		(void)unsetenv(name);
	else
		put(name, text);
}

/* "0x1000+0x2000 0x8000+0x1000": as long as an environment takes it. */
static void put_pieces(json_object *pieces)
{
	size_t count = pieces ? json_object_array_length(pieces) : 0, size = count * 48 + 1;
	char *text = need(calloc(1, size)), piece[48];

	for (size_t i = 0; i < count; i++) {
		json_object *object = json_object_array_get_idx(pieces, i);

		(void)snprintf(piece, sizeof(piece), "%s%s+0x%" PRIx64, i ? " " : "",
			text_of(object, "phys"), number_of(object, "size"));
		(void)strlcat(text, piece, size);
	}
	if (count && strlen(text) < 100000)
		put("LIBPMEM_REGION_PIECES", text);
	else
		(void)unsetenv("LIBPMEM_REGION_PIECES");
	free(text);
}

static void put_facts(const struct loan *loan, json_object *facts)
{
	uint64_t phys = 0, bus = 0;
	int unknown;
	char text[24];

	(void)snprintf(text, sizeof(text), "%d", loan->fd);
	if (loan->fd < 0)
		(void)unsetenv("LIBPMEM_REGION_FD");
	else
		put("LIBPMEM_REGION_FD", text);
	(void)snprintf(text, sizeof(text), "%" PRIu64, loan->size);
	put("LIBPMEM_REGION_SIZE", text);
	put("LIBPMEM_REGION_KIND", loan->kind);
	put("LIBPMEM_REGION_BACKEND", pmem_region_backend(loan->region));
	put("LIBPMEM_REGION_ATTRIBUTES", joined(member(facts, "attributes")));
	unknown = pmem_region_phys(loan->region, &phys);
	put_hex("LIBPMEM_REGION_PHYS", unknown, phys);
	unknown = pmem_region_bus(loan->region, &bus);
	put_hex("LIBPMEM_REGION_BUS", unknown, bus);
	put_pieces(member(facts, "pieces"));
}

static int not_started(const char *command)
{
	int why = errno;

	(void)fail(why == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED, "%s: %s", command, strerror(why));
	return why == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_STARTED;
}

static volatile sig_atomic_t child;

static void pass_on(int sig)
{
	if (child > 0)
		(void)kill((pid_t)child, sig);
}

/* What a terminal sends, it sends to the command too; what is sent to this process alone is passed on. */
static void hold_signals(void)
{
	struct sigaction action = { .sa_handler = pass_on, .sa_flags = SA_RESTART };

	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigaction(SIGHUP, &action, NULL);
}

_Noreturn static void start(const struct loan *loan, char **argv, pid_t parent, const sigset_t *mask)
{
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	/* Without this process nothing keeps pages in place; the command must not go on then. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM))
		_exit(not_started(argv[0]));
	if (getppid() != parent)
		_exit(EXIT_FAILED);
	if (loan->fd >= 0 && fcntl(loan->fd, F_SETFD, 0))
		_exit(not_started(argv[0]));
	(void)execvp(argv[0], argv);
	_exit(not_started(argv[0]));
}

static int run_command(const struct loan *loan, char **argv)
{
	pid_t parent = getpid(), pid;
	sigset_t held, before;
	int status;

	/* What comes before there is anybody to pass it on to waits. */
	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGTERM);
	(void)sigaddset(&held, SIGHUP);
	(void)sigaddset(&held, SIGINT);
	(void)sigaddset(&held, SIGQUIT);
	(void)sigprocmask(SIG_BLOCK, &held, &before);
	pid = fork();
	if (pid < 0)
		return fail(EXIT_FAILED, "fork: %s", strerror(errno));
	if (pid == 0)
		start(loan, argv, parent, &before);
	child = pid;
	hold_signals();
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return fail(EXIT_FAILED, "waiting for %s: %s", argv[0], strerror(errno));
	}
	if (WIFSIGNALED(status))
		return EXIT_SIGNAL + WTERMSIG(status);
	return WEXITSTATUS(status);
}

static int tell(const struct loan *loan, json_object *facts)
{
	json_object *document;

	if (!loan->json && !loan->dry_run)
		return 0;
	if (!loan->json) {
		show_region(facts);
		row("descriptor", "%s", loan->kind);
		return out_finish();
	}
	document = json_document("alloc");
	json_set(document, "region", json_object_get(facts));
	json_set_text(document, "descriptor", loan->kind);
	json_set_bool(document, "dry_run", loan->dry_run);
	return json_finish(document);
}

static int lend(struct loan *loan, char **argv)
{
	json_object *facts;
	int code = open_context(&loan->ctx);

	if (code)
		return code;
	code = take(loan);
	if (!code) {
		facts = facts_region(loan->region);
		put_facts(loan, facts);
		code = tell(loan, facts);
		json_object_put(facts);
		if (!code && !loan->dry_run)
			code = run_command(loan, argv);
	}
	if (pmem_region_close(loan->region) && !code)
		code = fail_library(NULL);
	pmem_ctx_unref(loan->ctx);
	return code;
}

static const struct option table[] = {
	{ "dry-run", no_argument, NULL, 'n' },
	ALLOC_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

/* '+': what follows the command is its own. */
static int parse_options(const struct command *self, int argc, char **argv, struct loan *loan)
{
	int option, code = -1;

	while (code == -1 && (option = getopt_long(argc, argv, "+n" ALLOC_LETTERS, table, NULL)) != -1) {
		if (option == 'n')
			loan->dry_run = true;
		else
			code = alloc_option(self, option, &loan->opts, &loan->json);
	}
	return code;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct loan loan = { .opts.size = sizeof(loan.opts), .opts.name = "physmem alloc" };
	int code = parse_options(self, argc, argv, &loan);

	if (code != -1)
		return code;
	if (optind == argc || !parse_size(argv[optind], &loan.size) || !loan.size)
		return usage_error(self, "a size such as 4096, 64K or 0x1000 comes first");
	optind++; /* options may follow the size; getopt goes on there */
	code = parse_options(self, argc, argv, &loan);
	if (code == -1)
		code = alloc_options_check(self, &loan.opts);
	if (code != -1)
		return code;
	if (optind == argc && !loan.dry_run)
		return usage_error(self, "a command is needed, or --dry-run");
	return lend(&loan, argv + optind);
}

const struct command cmd_alloc = {
	.name = "alloc",
	.run = run,
	.synopsis = "[OPTIONS] [--dry-run] [--json] SIZE -- COMMAND [ARGUMENT...]",
	.summary = "Run a command that is lent memory for a device",
	.help = "Allocates SIZE bytes, runs COMMAND, and gives the memory back when it ends; the exit\n"
		"status is that of the command (126: it cannot be started, 127: it is not there,\n"
		"128+N: it was ended by signal N). The environment tells what it got:\n"
		"  LIBPMEM_REGION_FD      an open descriptor to mmap; not set if there is none\n"
		"  LIBPMEM_REGION_KIND    dmabuf, memfd or none\n"
		"  LIBPMEM_REGION_SIZE    bytes\n"
		"  LIBPMEM_REGION_PHYS, LIBPMEM_REGION_BUS   addresses, where they are one and known\n"
		"  LIBPMEM_REGION_PIECES  ADDRESS+BYTES of each piece, where they are known\n"
		"  LIBPMEM_REGION_BACKEND, LIBPMEM_REGION_ATTRIBUTES   as physmem selftest prints them\n\n"
		ALLOC_HELP
		"  -n, --dry-run     allocate, print what it would be, and give it back\n"
		"  -j, --json        print what it is, as JSON, before the command runs\n"
		"  -h, --help        this text\n\n"
		"Examples:\n"
		"  physmem alloc 1M -- sh -c 'echo $LIBPMEM_REGION_PHYS'\n"
		"  physmem alloc --heap linux,cma 4M -- ./capture\n"
		"  physmem alloc --dry-run --below 1G 64K\n",
};
