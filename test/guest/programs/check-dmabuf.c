/* SPDX-License-Identifier: MIT */
/*
 * Memory with a dma-buf descriptor: where it is, what it is, that it travels to another process,
 * that nothing of it is left behind, and that the debug mode catches who touches it.
 *     --backend NAME --heap NAME --flags NUMBER --size BYTES    what is asked for
 *     --address known|unknown    must pmem_region_phys() tell?
 *     --attrs NUMBER    PMEM_REGION_* bits that must be there
 *     --import refused  the other process cannot know that it is uncached, and cannot sync
 *     --rounds N        allocate and close that often, then count the kernel's dma-bufs
 *     --root COMPATIBLE play that board (LIBPMEM_ROOT) on this machine's devices
 */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check_lib.h"
#include "send_fd.h"

#define NXP_PHYS 0x4008620aul /* DMA_BUF_IOCTL_PHYS of NXP's kernels, as pmem_dmabuf.ko has it */
#define HELD     20

static struct {
	const char *backend, *heap, *address, *import;
	uint32_t flags, attrs;
	uint64_t size;
	unsigned rounds;
} o = { .address = "known", .import = "works", .size = 70000, .rounds = 1000 };

static int allocate(struct pmem_ctx *ctx, uint64_t size, struct pmem_region **out)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = o.flags | PMEM_ALLOC_DMABUF,
		.backend = o.backend, .heap = o.heap, .name = "check" };

	return pmem_region_alloc(ctx, size, &opts, out);
}

/* How many dma-bufs the kernel has: the last line of bufinfo. -1: it does not tell. */
static long dmabufs(void)
{
	FILE *f = fopen("/sys/kernel/debug/dma_buf/bufinfo", "re");
	char line[512];
	long count = -1;

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		sscanf(line, "Total %ld objects", &count);
	fclose(f);
	return count;
}

static void check_count(const char *name, long before)
{
	long now = dmabufs();

	CHECK(name, before >= 0 && now == before, "%ld dma-bufs, before %ld", now, before);
}

/* Another way to the address than the library's, where there is one. */
static void check_truth(struct pmem_ctx *ctx, struct pmem_region *region, uint64_t phys)
{
	uint64_t other = 0;
	int fd = pmem_region_dup_fd(region);

	CHECK("dup-fd", fd >= 0, "%s", check_error());
	if (fd >= 0 && ioctl(fd, NXP_PHYS, &other) == 0)
		CHECK_U64("same-as-the-kernel-module-says", phys, other);
	if (fd >= 0)
		close(fd);
	if (pmem_vaddr_phys(ctx, pmem_region_data(region), &other) == 0)
		CHECK_U64("same-as-pagemap-says", phys, other);
}

static void check_place(struct pmem_ctx *ctx, struct pmem_region *region)
{
	uint64_t phys = 0;
	int r = pmem_region_phys(region, &phys);

	if (strcmp(o.address, "known") != 0) {
		CHECK("unknown-because", r < 0 &&
				pmem_error_cause(pmem_error_last()) == PMEM_CAUSE_ADDRESS_UNKNOWN,
			"%d: %s", r, check_error());
		printf("%s\n", check_error());
		return;
	}
	if (r == -EXDEV)
		r = pmem_region_extent(region, 0, &phys, NULL);
	CHECK_OK("address", r);
	if (r == 0)
		check_truth(ctx, region, phys);
}

static void check_memory(struct pmem_region *region)
{
	unsigned char *data = pmem_region_data(region);
	uint64_t size = pmem_region_size(region), wrong = 0;

	CHECK_U64("size", size, o.size);
	CHECK("attributes", (pmem_region_attrs(region) & o.attrs) == o.attrs, "0x%x has not all of 0x%x",
		pmem_region_attrs(region), o.attrs);
	CHECK_OK("begin", pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH));
	for (uint64_t i = 0; i < size; i++) {
		wrong += data[i] != 0;
		data[i] = (unsigned char)(i * 7);
	}
	CHECK("zeroed", wrong == 0, "%llu bytes are not 0", (unsigned long long)wrong);
	CHECK_OK("end", pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_BOTH));
	for (uint32_t direction = PMEM_DIR_READ; direction <= PMEM_DIR_BOTH; direction++) {
		CHECK_OK("begin-part", pmem_region_cpu_begin(region, 100, 1000, direction));
		CHECK_OK("end-part", pmem_region_cpu_end(region, 100, 1000, direction));
	}
}

/* --- to another process -------------------------------------------------------------------------- */

struct seen {
	int result;
	uint64_t size, phys;
	uint32_t attrs;
	int phys_result, text_right, text_stays;
};

/* The other process: imports, reads, answers, and holds on while the first lets go. */
static void receiver(int socket)
{
	struct pmem_region *region = NULL;
	struct seen seen = { .result = 0 };
	struct pmem_ctx *ctx = check_ctx();
	int fd = receive_fd(socket);
	char go;

	seen.result = pmem_region_import(ctx, fd, 0, &region);
	close(fd);
	if (seen.result == 0) {
		char *data = pmem_region_data(region);

		seen.size = pmem_region_size(region);
		seen.attrs = pmem_region_attrs(region);
		seen.phys_result = pmem_region_phys(region, &seen.phys);
		pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH);
		seen.text_right = strcmp(data, "from the first") == 0;
		strcpy(data + 100, "from the second");
		pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_BOTH);
	}
	if (write(socket, &seen, sizeof(seen)) != sizeof(seen) || read(socket, &go, 1) != 1)
		_exit(1);
	if (region)
		seen.text_stays = strcmp((char *)pmem_region_data(region), "from the first") == 0;
	if (write(socket, &seen, sizeof(seen)) != sizeof(seen))
		_exit(1);
	pmem_region_close(region);
	pmem_ctx_unref(ctx);
	_exit(0);
}

static void check_seen(const struct seen *seen, struct pmem_region *region)
{
	uint32_t class = PMEM_REGION_CACHED | PMEM_REGION_COHERENT | PMEM_REGION_NEEDS_SYNC;
	uint32_t attrs = pmem_region_attrs(region);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), phys = 0;

	if (strcmp(o.import, "refused") == 0) {
		CHECK("import-refused", seen->result == -EOPNOTSUPP, "%d", seen->result);
		return;
	}
	CHECK("import", seen->result == 0, "error %d", seen->result);
	CHECK_U64("import-size", seen->size, (o.size + page - 1) & ~(page - 1));
	/* ION does not tell an importer whether it is cached; syncing in vain is safe. */
	if (strcmp(pmem_region_backend(region), "ion") != 0)
		CHECK_U64("import-cache-class", seen->attrs & class, attrs & class);
	CHECK("import-sees-first", seen->text_right, "it does not");
	CHECK("first-sees-second",
		strcmp((char *)pmem_region_data(region) + 100, "from the second") == 0,
		"it does not");
	if (seen->phys_result == 0 && pmem_region_phys(region, &phys) == 0)
		CHECK_U64("import-address", seen->phys, phys);
}

static void check_travel(struct pmem_ctx *ctx)
{
	struct pmem_region *region = NULL;
	struct seen seen = { .result = -1 };
	int sockets[2], fd, r = allocate(ctx, o.size, &region);
	pid_t child;

	CHECK_OK("travel-alloc", r);
	if (r || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		return;
	child = fork();
	if (child == 0)
		receiver(sockets[1]);
	pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH);
	strcpy(pmem_region_data(region), "from the first");
	pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_BOTH);
	fd = pmem_region_dup_fd(region);
	CHECK("send", fd >= 0 && send_fd(sockets[0], fd), "%s", check_error());
	close(fd);
	if (read(sockets[0], &seen, sizeof(seen)) == sizeof(seen))
		check_seen(&seen, region);
	CHECK_OK("close-first", pmem_region_close(region));
	if (write(sockets[0], "", 1) != 1 || read(sockets[0], &seen, sizeof(seen)) != sizeof(seen))
		seen.text_stays = 0;
	CHECK("lives-until-the-last-closes", seen.text_stays || seen.result, "it does not");
	waitpid(child, NULL, 0);
	close(sockets[0]);
	close(sockets[1]);
}

/* --- nothing is left ---------------------------------------------------------------------------- */

static void check_rounds(struct pmem_ctx *ctx)
{
	long before = dmabufs();
	unsigned done = 0;

	for (; done < o.rounds; done++) {
		struct pmem_region *region;

		if (allocate(ctx, 1, &region) || pmem_region_close(region))
			break;
	}
	CHECK("rounds", done == o.rounds, "round %u: %s", done, check_error());
	check_count("count-after-rounds", before);
}

static void check_killed(void)
{
	long before = dmabufs(), during;
	int status = 0, ready[2];
	pid_t child;
	char byte = 0;

	if (pipe(ready))
		return;
	child = fork();
	if (child == 0) {
		struct pmem_ctx *ctx = check_ctx();
		struct pmem_region *region;

		for (int i = 0; i < HELD; i++)
			byte |= allocate(ctx, 1, &region) != 0;
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		while (1)
			pause();
	}
	CHECK("child-holds", read(ready[0], &byte, 1) == 1 && byte == 0, "it could not allocate");
	during = dmabufs();
	CHECK("count-while-held", during == before + HELD, "%ld dma-bufs, before %ld", during,
		before);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	check_count("count-after-kill-9", before);
	close(ready[0]);
	close(ready[1]);
}

/* --- LIBPMEM_DEBUG=coherence ---------------------------------------------------------------------- */

static void show(void *user, uint32_t level, const char *message)
{
	(void)user;
	if (level <= PMEM_LEVEL_INFO && strstr(message, "coherence"))
		printf("%s\n", message);
	fflush(stdout);
}

static void offender(int offend)
{
	struct pmem_region *region;
	struct pmem_ctx *ctx;

	setenv("LIBPMEM_DEBUG", "coherence", 1);
	ctx = check_ctx();
	pmem_ctx_set_log(ctx, show, NULL);
	if (allocate(ctx, 5000, &region) ||
		pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_WRITE))
		_exit(2);
	memset(pmem_region_data(region), 1, 5000);
	if (pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE))
		_exit(3);
	if (offend)
		memset(pmem_region_data(region), 2, 1);
	_exit(pmem_region_close(region) ? 4 : 0);
}

static int fate_of(int offend)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0)
		offender(offend);
	waitpid(child, &status, 0);
	return status;
}

static void check_offender(void)
{
	int good = fate_of(0), bad = fate_of(1);

	CHECK("inside-a-window", WIFEXITED(good) && WEXITSTATUS(good) == 0, "status 0x%x", good);
	CHECK("outside-faults", WIFSIGNALED(bad) && WTERMSIG(bad) == SIGSEGV, "status 0x%x", bad);
}

/* --- the program --------------------------------------------------------------------------------- */

/* This machine's devices, and another's name. */
static void play_board(const char *compatible)
{
	static const char *const links[][2] = { { "/dev", "/r/dev" }, { "/sys", "/r/sys" },
		{ "/proc/self", "/r/proc/self" }, { "/proc/meminfo", "/r/proc/meminfo" } };
	FILE *f;

	mkdir("/r", 0755);
	mkdir("/r/proc", 0755);
	mkdir("/r/proc/device-tree", 0755);
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		if (access(links[i][1], F_OK)) /* else it is there from the last run */
			CHECK("play-link", symlink(links[i][0], links[i][1]) == 0, "%s",
				links[i][1]);
	}
	f = fopen("/r/proc/device-tree/compatible", "we");
	CHECK("play-board", f && fwrite(compatible, strlen(compatible) + 1, 1, f) == 1, "not written");
	if (f)
		fclose(f);
	setenv("LIBPMEM_ROOT", "/r", 1);
}

static void arguments(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		const char *key = argv[i], *value = argv[i + 1];

		if (!strcmp(key, "--backend"))
			o.backend = value;
		else if (!strcmp(key, "--heap"))
			o.heap = value;
		else if (!strcmp(key, "--address"))
			o.address = value;
		else if (!strcmp(key, "--import"))
			o.import = value;
		else if (!strcmp(key, "--flags"))
			o.flags = (uint32_t)check_number(value);
		else if (!strcmp(key, "--attrs"))
			o.attrs = (uint32_t)check_number(value);
		else if (!strcmp(key, "--size"))
			o.size = check_number(value);
		else if (!strcmp(key, "--rounds"))
			o.rounds = (unsigned)check_number(value);
		else if (!strcmp(key, "--root"))
			play_board(value);
	}
}

int main(int argc, char **argv)
{
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx;
	long before = dmabufs();
	int r;

	arguments(argc, argv);
	ctx = check_ctx();
	r = allocate(ctx, o.size, &region);
	CHECK_OK("alloc", r);
	if (r == 0) {
		check_memory(region);
		check_place(ctx, region);
		CHECK_OK("close", pmem_region_close(region));
		check_count("count", before);
		check_travel(ctx);
		check_count("count-after-travel", before);
		check_offender();
		check_rounds(ctx);
		check_killed();
	}
	pmem_ctx_unref(ctx);
	return check_end();
}
