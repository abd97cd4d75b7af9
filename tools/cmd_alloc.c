/* SPDX-License-Identifier: MIT */
/* physmem alloc: memory for a device that lives as long as a command. */
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
	bool json, dry_run, no_address;
	struct pmem_region *region;
	int fd;           /* that the command gets; -1: none */
	const char *kind; /* of it */
	void *shared;     /* of a memfd: its mapping here */
};

/* Memory that another process can map, for machines without dma-bufs: pinned here, shared by memfd. */
static bool share_pages(struct loan *loan)
{
	uint64_t page = pmem_soc_page_size(loan->ctx), length = (loan->size + page - 1) / page * page;
	uint32_t flags = loan->no_address ? PMEM_REGISTER_NO_ADDRESS : 0;

	if (!(loan->opts.flags & PMEM_ALLOC_SCATTERED) && length > page)
		return false;
	if (loan->opts.align > page || loan->opts.max_addr || loan->opts.backend || loan->opts.heap ||
		(loan->opts.flags & (PMEM_ALLOC_DMABUF | PMEM_ALLOC_UNCACHED)) || length > SIZE_MAX)
		return false;
	loan->fd = memfd_create("physmem alloc", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (loan->fd < 0)
		return false;
	if (ftruncate(loan->fd, (off_t)length) == 0) {
		loan->shared = mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE, MAP_SHARED, loan->fd, 0);
		if (loan->shared != MAP_FAILED && fcntl(loan->fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0 &&
			pmem_region_register(loan->ctx, loan->shared, loan->size, flags,
				&loan->region) == 0) {
			loan->kind = "memfd";
			return true;
		}
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
	if (loan->no_address)
		loan->opts.flags |= PMEM_ALLOC_NO_ADDRESS;
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
	size_t count = json_object_array_length(pieces), size = count * 48 + 1;
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
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) || getppid() != parent)
		_exit(EXIT_FAILED);
	if (loan->fd >= 0 && fcntl(loan->fd, F_SETFD, 0))
		_exit(EXIT_FAILED);
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

enum { OPTION_SCATTERED = 256, OPTION_CACHED, OPTION_UNCACHED, OPTION_DMABUF, OPTION_NO_MASTER,
	OPTION_NO_ADDRESS };

static const struct option table[] = {
	{ "backend", required_argument, NULL, 'b' },
	{ "heap", required_argument, NULL, 'p' },
	{ "align", required_argument, NULL, 'a' },
	{ "below", required_argument, NULL, 'l' },
	{ "master", required_argument, NULL, 'm' },
	{ "no-master", no_argument, NULL, OPTION_NO_MASTER },
	{ "scattered", no_argument, NULL, OPTION_SCATTERED },
	{ "cached", no_argument, NULL, OPTION_CACHED },
	{ "uncached", no_argument, NULL, OPTION_UNCACHED },
	{ "dmabuf", no_argument, NULL, OPTION_DMABUF },
	{ "no-address", no_argument, NULL, OPTION_NO_ADDRESS },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static uint32_t flag_of(int option)
{
	switch (option) {
	case OPTION_SCATTERED:
		return PMEM_ALLOC_SCATTERED;
	case OPTION_CACHED:
		return PMEM_ALLOC_CACHED;
	case OPTION_UNCACHED:
		return PMEM_ALLOC_UNCACHED;
	case OPTION_DMABUF:
		return PMEM_ALLOC_DMABUF;
	case OPTION_NO_MASTER:
		return PMEM_ALLOC_NO_MASTER;
	default:
		return 0;
	}
}

static int parse_sized(const struct command *self, struct loan *loan, int option)
{
	uint64_t value;

	if (!parse_size(optarg, &value) || !value)
		return usage_error(self, "'%s' is not a size such as 4096, 64K or 0x1000", optarg);
	if (option == 'a')
		loan->opts.align = value;
	else
		loan->opts.max_addr = value - 1;
	return -1;
}

static int parse_option(const struct command *self, struct loan *loan, int option)
{
	int code;

	if (option == 'a' || option == 'l')
		return parse_sized(self, loan, option);
	if (option == 'b')
		loan->opts.backend = optarg;
	else if (option == 'p')
		loan->opts.heap = optarg;
	else if (option == 'm')
		loan->opts.master = optarg;
	else if (option == 'n')
		loan->dry_run = true;
	else if (option == OPTION_NO_ADDRESS)
		loan->no_address = true;
	else if (flag_of(option))
		loan->opts.flags |= flag_of(option);
	else if (common_option(self, option, &code))
		return code;
	else
		loan->json = true;
	return -1;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct loan loan = { .opts.size = sizeof(loan.opts), .opts.name = "physmem alloc" };
	int option, code = -1;

	while (code == -1 && (option = getopt_long(argc, argv, "+b:p:a:l:m:njh", table, NULL)) != -1)
		code = parse_option(self, &loan, option);
	if (code != -1)
		return code;
	if (optind == argc || !parse_size(argv[optind], &loan.size) || !loan.size)
		return usage_error(self, "a size such as 4096, 64K or 0x1000 comes first");
	optind++; /* options may follow the size; getopt goes on there */
	while (code == -1 && (option = getopt_long(argc, argv, "+b:p:a:l:m:njh", table, NULL)) != -1)
		code = parse_option(self, &loan, option);
	if (code != -1)
		return code;
	if (loan.opts.master && (loan.opts.flags & PMEM_ALLOC_NO_MASTER))
		return usage_error(self, "--master and --no-master contradict each other");
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
		"  -b, --backend NAME use this backend (see physmem info)\n"
		"  -p, --heap NAME   use this heap (see physmem heaps)\n"
		"  -a, --align SIZE  alignment of the physical address\n"
		"  -l, --below ADDR  all of it below this physical address\n"
		"  -m, --master NODE memory that this device of the device tree sees\n"
		"      --no-master   memory that no device in particular must see\n"
		"      --scattered   several pieces will do\n"
		"      --cached, --uncached, --dmabuf   what the memory must be\n"
		"      --no-address  the physical address may stay unknown\n"
		"  -n, --dry-run     allocate, print what it would be, and give it back\n"
		"  -j, --json        print what it is, as JSON, before the command runs\n"
		"  -h, --help        this text\n\n"
		"Examples:\n"
		"  physmem alloc 1M -- sh -c 'echo $LIBPMEM_REGION_PHYS'\n"
		"  physmem alloc --heap linux,cma 4M -- ./capture\n"
		"  physmem alloc --dry-run --below 1G 64K\n",
};
