/* SPDX-License-Identifier: MIT */
#include "pages/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <pmem/vaddr.h>

#include "base/error.h"
#include "os/file.h"
#include "os/os.h"
#include "os/self.h"
#include "pages/no_frame.h"

#define PAGEMAP "/proc/self/pagemap"

/*
 * Entries per pread(): a call costs about 1 us, an entry of a huge page 4 ns, so 4096 keep the
 * call under a tenth, and 32 KiB stay in the first level cache until they are converted.
 */
#define BLOCK_ENTRIES 4096

/*
 * A page on its way to another frame shows as swapped (a migration entry, fs/proc/task_mmu.c
 * pte_to_pagemap_entry). Moving a 2 MiB page takes some 200 us; one try is about 1 us.
 */
#define MIGRATION_TRIES 2000

/* Bit 24 of /proc/kpageflags: the shared page of zeros (KPF_ZERO_PAGE). */
#define KPF_ZERO_PAGE (1ull << 24)

/* A program that got a capability from its file is not dumpable: then pagemap is root's. */
#define CAP_HINT                                                                            \
	"the program that opens pagemap needs CAP_SYS_ADMIN in the initial user namespace: "  \
	"root there has it; else setcap cap_sys_admin,cap_dac_read_search+ep PROGRAM, or "    \
	"--cap-add SYS_ADMIN for a container without a user namespace of its own"

/* This file is compiled for speed, as few others are (CMakeLists.txt); but not what is rarely asked. */
#define RARELY __attribute__((cold))

struct reader {
	int fd;
	int kpageflags;    /* opened at need; -1: not yet, -2: refused */
	const char *root;
	uint64_t page;
	unsigned shift;    /* page is 1 << shift */
	uint64_t start;    /* address of page 0 */
};

/* The address as pagemap counts it: arm64 lets programs keep a tag in the top byte. */
static uint64_t page_start(const void *addr, uint64_t page)
{
	uint64_t va = (uintptr_t)addr;

#if defined(__aarch64__)
	va &= (1ull << 56) - 1; /* Documentation/arch/arm64/tagged-pointers.rst */
#endif
	return va & ~(page - 1);
}

RARELY static bool proc_is_mounted(const char *root)
{
	char path[PATH_MAX];
	struct os_stat st;

	return file_path(path, root, "/proc/self") == 0 && os->stat(path, &st) == 0;
}

RARELY int frames_open(const char *root)
{
	int fd = file_open(root, PAGEMAP, O_RDONLY);

	switch (fd) {
	case -ENOENT:
		if (!proc_is_mounted(root))
			return error_set(ENOENT, PMEM_CAUSE_UNSUPPORTED, "open", PAGEMAP,
				"mount -t proc proc /proc", "/proc is not mounted");
		return error_set(ENOENT, PMEM_CAUSE_UNSUPPORTED, "open", PAGEMAP,
			"Linux with CONFIG_PROC_PAGE_MONITOR does; a sandbox that plays Linux (gVisor) "
			"never does: run the program outside it",
			"this kernel tells no program the physical address of its memory");
	case -EPERM: /* Linux 4.0 and 4.1 refuse at open */
		return error_set(EPERM, PMEM_CAUSE_CAPABILITY, "open", PAGEMAP, CAP_HINT,
			"CAP_SYS_ADMIN is missing");
	case -EACCES:
		return error_set(EACCES, PMEM_CAUSE_FILE_MODE, "open", PAGEMAP,
			"call prctl(PR_SET_DUMPABLE, 1) first, or add cap_dac_read_search to the "
			"program's capabilities",
			"this program changed its user or gained privileges when it started, and "
			"from then on only root may read where its memory is");
	default:
		return fd >= 0 ? fd : error_set(-fd, PMEM_CAUSE_SYSTEM, "open", PAGEMAP, NULL,
			"pagemap cannot be opened");
	}
}

/*
 * A program may close all numbers, as daemons do, and open files of its own: what is read of those would
 * pass for addresses. So our open file's position is one that no other has, and that nobody moves:
 * entries are read elsewhere. Far behind what programs read or write, and within what each file
 * system takes, for a played machine's pagemap is a file of one.
 */
static int64_t place(uint32_t mark)
{
	return (int64_t)1 << 40 | (int64_t)mark << 8;
}

/* Another one at each time, in each context and process: that is all; nobody guesses. */
static uint32_t new_mark(const struct pmem_ctx *ctx)
{
	static _Atomic uint32_t opened;
	uint64_t mix = (uintptr_t)ctx ^ os->now_us() << 16 ^ (uint64_t)self_process() << 40;

	return (uint32_t)(mix * 0x9e3779b97f4a7c15u >> 32) + atomic_fetch_add(&opened, 1);
}

static void none_kept(struct pmem_ctx *ctx)
{
	atomic_store(&ctx->pagemap.fd, -1);
	atomic_store(&ctx->pagemap.shows, false);
}

/* Whoever looks at the same time sees no descriptor, or the mark before: then it is not taken for ours. */
RARELY static int open_kept(struct pmem_ctx *ctx)
{
	uint32_t mark = new_mark(ctx);
	int fd = frames_open(ctx->root);
	int64_t at;

	if (fd < 0)
		return fd;
	at = os->lseek(fd, place(mark), SEEK_SET);
	if (at != place(mark)) {
		os->close(fd);
		return error_set(at < 0 ? (int)-at : EIO, PMEM_CAUSE_SYSTEM, "lseek", PAGEMAP, NULL,
			"the position of the file cannot be set, so it could not be told from others");
	}
	atomic_store(&ctx->pagemap.mark, mark);
	atomic_store(&ctx->pagemap.process, self_process());
	atomic_store(&ctx->pagemap.fd, fd);
	return fd;
}

static bool is_mine(struct pmem_ctx *ctx)
{
	return atomic_load(&ctx->pagemap.process) == self_process();
}

/* The mark first: see open_kept(). */
static int look(struct pmem_ctx *ctx, struct frames_use *use)
{
	use->mark = atomic_load(&ctx->pagemap.mark);
	use->fd = atomic_load(&ctx->pagemap.fd);
	return use->fd;
}

int frames_use(struct pmem_ctx *ctx, struct frames_use *use)
{
	int r;

	use->opened = false;
	if (is_mine(ctx) && look(ctx, use) >= 0)
		return use->fd;
	/* The parent's shows the parent's pages, and by now its number may be another file's. */
	if (fork_lock_take(&ctx->pagemap.lock) || !is_mine(ctx))
		none_kept(ctx);
	r = look(ctx, use);
	if (r < 0) {
		r = open_kept(ctx);
		use->opened = true;
		look(ctx, use);
	}
	fork_lock_give(&ctx->pagemap.lock);
	return r;
}

/* Of ours the call cannot fail, unless somebody plays it; so it is asked once more before it is given up. */
static bool is_there(const struct frames_use *use)
{
	for (int tries = 0; tries < 2; tries++) {
		if (os->lseek(use->fd, 0, SEEK_CUR) == place(use->mark))
			return true;
	}
	return false;
}

bool frames_held(struct pmem_ctx *ctx, const struct frames_use *use)
{
	struct frames_use now;

	if (is_there(use))
		return true;
	fork_lock_take(&ctx->pagemap.lock);
	if (is_mine(ctx) && look(ctx, &now) == use->fd && now.mark == use->mark)
		none_kept(ctx);
	fork_lock_give(&ctx->pagemap.lock);
	return false;
}

int frames_kept(struct pmem_ctx *ctx)
{
	struct frames_use use;
	int r;

	do {
		r = frames_use(ctx, &use);
	} while (r >= 0 && !use.opened && !frames_held(ctx, &use));
	return r;
}

RARELY void frames_forget(struct pmem_ctx *ctx)
{
	struct frames_use use;
	int before = errno;

	fork_lock_take(&ctx->pagemap.lock);
	if (is_mine(ctx) && look(ctx, &use) >= 0 && is_there(&use))
		os->close(use.fd);
	none_kept(ctx);
	fork_lock_give(&ctx->pagemap.lock);
	errno = before;
}

/* Raw entries from the page at va. */
static int read_entries(int fd, uint64_t va, uint64_t page, size_t count, uint64_t *entries)
{
	/* A page is a power of two, which a division cannot know. */
	uint64_t offset = va >> __builtin_ctzll(page) << 3;
	unsigned char *to = (unsigned char *)entries;
	size_t left = count * sizeof(uint64_t);

	while (left > 0) {
		ssize_t n = os->pread(fd, to, left, offset);

		if (n < 0)
			return error_set((int)-n, PMEM_CAUSE_SYSTEM, "read", PAGEMAP, NULL,
				"where page 0x%" PRIx64 " lies cannot be read", va);
		if (n == 0)
			return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "read", PAGEMAP, NULL,
				"0x%" PRIx64 " passes the end of the address space",
				offset / sizeof(uint64_t) * page);
		to += n;
		left -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

int frames_entries(int fd, const void *addr, size_t count, uint64_t *entries)
{
	uint64_t page = os->page_size();

	return read_entries(fd, page_start(addr, page), page, count, entries);
}

RARELY int frames_visible(int fd)
{
	volatile char here = 1;
	uint64_t entry = 0;

	/* Its own page is in RAM once it is written, but may be on its way or away again. */
	for (unsigned n = 0; n < MIGRATION_TRIES; n++) {
		int r = frames_entries(fd, (const void *)(uintptr_t)&here, 1, &entry);

		if (r < 0)
			return r;
		if ((entry & (PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_SWAPPED)) == PMEM_PAGEMAP_PRESENT)
			break;
		here = 1;
		sched_yield();
	}
	if (!(entry & PMEM_PAGEMAP_PRESENT))
		return error_set(EAGAIN, PMEM_CAUSE_ADDRESS_UNKNOWN, "read", PAGEMAP, "try again",
			"whether the kernel shows physical addresses cannot be told: the page that "
			"was asked about was being moved each time");
	if (!(entry & PMEM_PAGEMAP_PFN_MASK))
		return error_set(EPERM, PMEM_CAUSE_CAPABILITY, "read", PAGEMAP, CAP_HINT,
			"the kernel hides physical addresses from this program: "
			"CAP_SYS_ADMIN is missing");
	return 0;
}

int frames_shown(struct pmem_ctx *ctx)
{
	int fd = frames_kept(ctx), r;

	if (fd < 0 || atomic_load(&ctx->pagemap.shows))
		return fd;
	r = frames_visible(fd);
	if (r < 0)
		return r;
	atomic_store(&ctx->pagemap.shows, true);
	return fd;
}

/* Is that frame the page of zeros? Unknown counts as no: only root sees kpageflags. */
RARELY static bool is_zero_page(struct reader *reader, uint64_t pfn)
{
	uint64_t flags = 0;

	if (reader->kpageflags == -1) {
		reader->kpageflags = file_open(reader->root, "/proc/kpageflags", O_RDONLY);
		if (reader->kpageflags < 0)
			reader->kpageflags = -2;
	}
	if (reader->kpageflags < 0)
		return false;
	return os->pread(reader->kpageflags, &flags, sizeof(flags), pfn * sizeof(flags)) ==
		(ssize_t)sizeof(flags) && (flags & KPF_ZERO_PAGE);
}

/*
 * The same of many at once, which become addresses: by and and or alone and in one pass, since a bulk
 * translation is little else. FILE is bit 61, EXCLUSIVE bit 56, and a frame number plus the mask
 * reaches bit 55 unless it is 0. False if one is not plain: then entries are nothing any more.
 */
static bool convert_plain(uint64_t *entries, size_t count, unsigned shift)
{
	uint64_t every = UINT64_MAX, marked = UINT64_MAX, framed = UINT64_MAX, any = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t entry = entries[i], frame = entry & PMEM_PAGEMAP_PFN_MASK;

		every &= entry;
		any |= entry;
		marked &= entry | entry >> 5;
		framed &= frame + PMEM_PAGEMAP_PFN_MASK;
		entries[i] = frame << shift;
	}
	return (every & PMEM_PAGEMAP_PRESENT) && !(any & PMEM_PAGEMAP_SWAPPED) &&
		(marked & PMEM_PAGEMAP_EXCLUSIVE) && (framed & (PMEM_PAGEMAP_PFN_MASK + 1));
}

/* The frame behind an entry that is not plain: waits for a migration, or says what is wrong. */
RARELY static int wait_for_frame(struct reader *reader, size_t i, uint64_t *entry)
{
	uint64_t va = reader->start + i * reader->page;
	int r;

	for (unsigned n = 0; (*entry & PMEM_PAGEMAP_SWAPPED) && n < MIGRATION_TRIES; n++) {
		sched_yield();
		r = read_entries(reader->fd, va, reader->page, 1, entry);
		if (r < 0)
			return r;
	}
	if (!(*entry & PMEM_PAGEMAP_PRESENT) || (*entry & PMEM_PAGEMAP_SWAPPED))
		return no_frame_error(reader->root, va, i, *entry);
	/* Frame 0 exists on some machines; hidden frames are all 0. */
	if (!(*entry & PMEM_PAGEMAP_PFN_MASK))
		return frames_visible(reader->fd);
	if (!frames_plain(*entry) && is_zero_page(reader, *entry & PMEM_PAGEMAP_PFN_MASK))
		return no_frame_zero_page(va, i);
	return 0;
}

/* Read once more, and looked at one by one. */
RARELY static int read_slowly(struct reader *reader, size_t first, size_t count, uint64_t *phys)
{
	int r = read_entries(reader->fd, reader->start + first * reader->page, reader->page,
		count, phys);

	for (size_t i = 0; r == 0 && i < count; i++) {
		if (!frames_plain(phys[i]))
			r = wait_for_frame(reader, first + i, &phys[i]);
		phys[i] = (phys[i] & PMEM_PAGEMAP_PFN_MASK) << reader->shift;
	}
	return r;
}

/* Addresses of pages [first, first + count). */
static int read_block(struct reader *reader, size_t first, size_t count, uint64_t *phys)
{
	int r = read_entries(reader->fd, reader->start + first * reader->page, reader->page,
		count, phys);

	if (r < 0 || convert_plain(phys, count, reader->shift))
		return r;
	return read_slowly(reader, first, count, phys);
}

static struct reader reader_start(int fd, const char *root, const void *addr)
{
	struct reader reader = { .fd = fd, .kpageflags = -1, .root = root };

	reader.page = os->page_size();
	reader.shift = (unsigned)__builtin_ctzll(reader.page);
	reader.start = page_start(addr, reader.page);
	return reader;
}

static void reader_end(struct reader *reader)
{
	if (reader->kpageflags >= 0)
		os->close(reader->kpageflags);
}

int frames_phys(int fd, const char *root, const void *addr, size_t count, uint64_t *phys)
{
	struct reader reader = reader_start(fd, root, addr);
	int r = 0;

	for (size_t done = 0; r == 0 && done < count; done += BLOCK_ENTRIES) {
		size_t n = count - done < BLOCK_ENTRIES ? count - done : BLOCK_ENTRIES;

		r = read_block(&reader, done, n, phys + done);
	}
	reader_end(&reader);
	return r;
}
