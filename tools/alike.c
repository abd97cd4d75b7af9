/* SPDX-License-Identifier: MIT */
/*
 * Pages of a process: /proc/PID/smaps tells what is mapped (maps where that is not to be had),
 * /proc/PID/pagemap where each page is. Documentation/admin-guide/mm/pagemap.rst and filesystems/proc.rst.
 */
#include "alike.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES 8192 /* of the table at a time: 64 KiB */

/* One mapping of the process. */
struct mapping {
	uint64_t first, end;
	bool device, stable, locked, pinned;
};

struct walk {
	uint64_t page, at, end;
	int fd;
	bool visible; /* frame numbers are told to this program */
	const struct pinned_list *pinned;
	struct page_run run; /* what was seen last and may still grow */
	page_run_fn *each;
	void *user;
	uint64_t *entries;
	int error; /* errno: the rest is not known */
};

const char *state_word(enum page_state state)
{
	static const char *const words[PAGE_STATES] = { "present", "unknown", "swapped", "absent",
		"device", "hole" };

	return words[state];
}

const char *pin_word(enum page_pin pin)
{
	static const char *const words[PIN_CLASSES] = { "none", "hint", "stable", "pinned" };

	return words[pin];
}

static void flush(struct walk *walk)
{
	if (walk->run.length)
		walk->each(walk->user, &walk->run);
	walk->run.length = 0;
}

static void add(struct walk *walk, const struct page_run *piece)
{
	struct page_run *run = &walk->run;

	if (run->length && run->state == piece->state && run->pin == piece->pin &&
		(run->state != PAGE_PRESENT || run->phys + run->length == piece->phys)) {
		run->length += piece->length;
		return;
	}
	flush(walk);
	*run = *piece;
}

/* A mapped file of these keeps its pages: their owner is a kernel object. */
static bool keeps_pages(const char *name)
{
	return !strncmp(name, "/dmabuf:", 8) || !strcmp(name, "anon_inode:[io_uring]") ||
		!strncmp(name, "socket:[", 8);
}

static bool parse_mapping(const char *line, struct mapping *mapping)
{
	int name = 0;

	*mapping = (struct mapping){ 0 };
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %*x %*x:%*x %*u %n", &mapping->first,
			&mapping->end, &name) != 2 || !name)
		return false;
	mapping->pinned = keeps_pages(line + name);
	return true;
}

static void parse_flags(const char *line, struct mapping *mapping)
{
	mapping->device = strstr(line, " pf") || strstr(line, " io");
	mapping->stable = strstr(line, " ht") != NULL;
	mapping->locked = strstr(line, " lo") != NULL;
}

/* The next mapping; false at the end. *header holds its first line already, and the following one after. */
static bool next_mapping(FILE *file, char *header, size_t size, struct mapping *mapping)
{
	char line[4352]; /* a path has at most 4096 bytes */

	while (!header[0] || !parse_mapping(header, mapping)) {
		if (!fgets(header, (int)size, file))
			return false;
		header[strcspn(header, "\n")] = '\0';
	}
	header[0] = '\0';
	while (fgets(line, sizeof(line), file)) {
		struct mapping other;

		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "VmFlags:", 8)) {
			parse_flags(line, mapping);
		} else if (parse_mapping(line, &other)) {
			(void)snprintf(header, size, "%s", line);
			break;
		}
	}
	return true;
}

static bool registered(const struct pinned_list *list, uint64_t virt)
{
	for (size_t i = 0; i < list->count; i++) {
		if (virt >= list->piece[i].virt && virt - list->piece[i].virt < list->piece[i].length)
			return true;
	}
	return false;
}

static enum page_pin pin_of(const struct walk *walk, const struct mapping *mapping)
{
	if (mapping->device || mapping->pinned || registered(walk->pinned, walk->at))
		return PIN_PINNED;
	return mapping->stable ? PIN_STABLE : mapping->locked ? PIN_HINT : PIN_NONE;
}

/* What lies between at and the next page, or the end. */
static void add_page(struct walk *walk, const struct mapping *mapping, uint64_t entry)
{
	uint64_t rest = walk->page - walk->at % walk->page, frame = entry & PMEM_PAGEMAP_PFN_MASK;
	struct page_run piece = { .virt = walk->at, .pin = PIN_NONE };

	piece.length = rest < walk->end - walk->at ? rest : walk->end - walk->at;
	if (entry & PMEM_PAGEMAP_PRESENT) {
		piece.state = frame || walk->visible ? PAGE_PRESENT : PAGE_HIDDEN;
		piece.phys = frame * walk->page + walk->at % walk->page;
		piece.pin = pin_of(walk, mapping);
	} else if (mapping->device) {
		piece.state = PAGE_DEVICE;
		piece.pin = PIN_PINNED;
	} else {
		piece.state = entry & PMEM_PAGEMAP_SWAPPED ? PAGE_SWAPPED : PAGE_ABSENT;
	}
	add(walk, &piece);
	walk->at += piece.length;
}

/* [at, end of the mapping). A process that ends meanwhile has no entries any more: holes. */
static void add_mapping(struct walk *walk, const struct mapping *mapping)
{
	while (walk->at < walk->end && walk->at < mapping->end) {
		uint64_t last = mapping->end < walk->end ? mapping->end : walk->end;
		uint64_t pages = (last - 1) / walk->page - walk->at / walk->page + 1;
		size_t want = (size_t)(pages < ENTRIES ? pages : ENTRIES) * sizeof(uint64_t);
		ssize_t got = pread(walk->fd, walk->entries, want,
			(off_t)(walk->at / walk->page * sizeof(uint64_t)));

		if (got < 0)
			walk->error = errno;
		if (got < (ssize_t)sizeof(uint64_t))
			return;
		progress("%" PRIu64 " MiB to go", (walk->end - walk->at) >> 20);
		for (size_t i = 0; i < (size_t)got / sizeof(uint64_t); i++)
			add_page(walk, mapping, walk->entries[i]);
	}
}

static void add_hole(struct walk *walk, uint64_t end)
{
	struct page_run hole = { .virt = walk->at, .state = PAGE_HOLE, .pin = PIN_NONE };

	if (end > walk->end)
		end = walk->end;
	if (end <= walk->at)
		return;
	hole.length = end - walk->at;
	add(walk, &hole);
	walk->at = end;
}

static void walk_file(struct walk *walk, FILE *maps)
{
	struct mapping mapping;
	char header[4352] = "";

	while (!walk->error && walk->at < walk->end && next_mapping(maps, header, sizeof(header), &mapping)) {
		if (mapping.end <= walk->at)
			continue;
		add_hole(walk, mapping.first);
		add_mapping(walk, &mapping);
	}
	if (!walk->error && ferror(maps))
		walk->error = errno;
	if (!walk->error)
		add_hole(walk, walk->end);
	flush(walk);
	progress_end();
}

/* Of this program's own memory, since the answer is the same for every file that it opens. */
static bool frames_visible(struct pmem_ctx *ctx)
{
	volatile char page = 1;
	uint64_t phys;

	return asked(pmem_vaddr_phys(ctx, (const void *)(uintptr_t)&page, &phys)) == 0;
}

static int refused(const char *process, const char *what, bool quiet)
{
	int why = errno;
	char path[64];

	if (quiet) {
		(void)snprintf(path, sizeof(path), "/proc/%.20s/%.20s", process, what);
		errno = why;
		unread(path);
		return EXIT_FAILED;
	}
	if (why == ESRCH)
		return fail(EXIT_FAILED, "process %s has no memory: it has ended, or is a thread of the kernel",
			process);
	if (why == ENOENT)
		return fail(EXIT_FAILED, "there is no process %s (%s)", process, strerror(why));
	if (why == EACCES || why == EPERM)
		return fail_because(EXIT_PERMISSION, "capability",
			"be the same user, or give this program CAP_SYS_PTRACE",
			"process %s is another user's: its %s may not be read (%s)", process, what,
			strerror(why));
	return fail(EXIT_FAILED, "%s of process %s: %s", what, process, strerror(why));
}

static FILE *open_maps(const char *process)
{
	char path[64];
	FILE *file = NULL;

	for (int i = 0; i < 2 && !file; i++) {
		(void)snprintf(path, sizeof(path), "/proc/%.20s/%s", process, i ? "maps" : "smaps");
		file = root_open(path);
	}
	return file;
}

int walk_pages(struct pmem_ctx *ctx, const char *process, uint64_t virt, uint64_t length, bool quiet,
	page_run_fn *each, void *user)
{
	struct walk walk = { .page = pmem_soc_page_size(ctx), .at = virt, .end = virt + length,
		.each = each, .user = user };
	struct pinned_list pinned = { 0 };
	char path[64], full[4200];
	FILE *maps;
	int code = 0;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/pagemap", process);
	if (!root_path(full, sizeof(full), path))
		return refused(process, "pagemap", quiet);
	walk.fd = open(full, O_RDONLY | O_CLOEXEC);
	if (walk.fd < 0)
		return refused(process, "pagemap", quiet);
	maps = open_maps(process);
	if (maps) {
		pinned_of(process, &pinned);
		walk.pinned = &pinned;
		walk.visible = frames_visible(ctx);
		walk.entries = need(malloc(ENTRIES * sizeof(uint64_t)));
		walk_file(&walk, maps);
		free(walk.entries);
		free(pinned.piece);
		(void)fclose(maps);
		errno = walk.error;
		code = walk.error ? refused(process, "pagemap", quiet) : 0;
	} else {
		code = refused(process, "maps", quiet);
	}
	(void)close(walk.fd);
	return code;
}

/* "    0: 0x7f0000000000/4096", below "UserBufs:" (io_uring/fdinfo.c). */
bool pinned_line(const char *line, uint64_t *virt, uint64_t *length)
{
	unsigned index;

	return sscanf(line, " %u: 0x%" SCNx64 "/%" SCNu64, &index, virt, length) == 3 && *length;
}

static void pinned_by(const char *path, struct pinned_list *list)
{
	uint64_t virt, length;
	char line[256];
	FILE *file = root_open(path);
	bool buffers = false;

	while (file && fgets(line, sizeof(line), file)) {
		if (line[0] != ' ' && line[0] != '\t')
			buffers = !strncmp(line, "UserBufs:", 9);
		else if (buffers && pinned_line(line, &virt, &length)) {
			list->piece = need(reallocarray(list->piece, list->count + 1,
				sizeof(*list->piece)));
			list->piece[list->count].virt = virt;
			list->piece[list->count++].length = length;
		}
	}
	(void)root_close(file, path);
}

void pinned_of(const char *process, struct pinned_list *list)
{
	char path[64], name[400], target[64];
	const struct dirent *entry;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/fd", process);
	dir = root_folder(path);
	while (dir && (entry = root_next(dir, path))) {
		ssize_t got = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (got < 0 && errno != EINVAL) /* "." is no link */
			unread(path);
		target[got > 0 ? got : 0] = '\0';
		if (strcmp(target, "anon_inode:[io_uring]") != 0)
			continue;
		(void)snprintf(name, sizeof(name), "%sinfo/%s", path, entry->d_name);
		pinned_by(name, list);
	}
	if (dir)
		(void)closedir(dir);
}
