/* SPDX-License-Identifier: MIT */
/*
 * dma-bufs by /proc/PID/fdinfo (drivers/dma-buf/dma-buf.c dma_buf_show_fdinfo) and by the mappings of
 * processes; what nobody of them holds by debugfs, where it may be read.
 */
#include "holders.h"

#include "alike.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct search {
	struct pmem_ctx *ctx;
	json_object *buffers, *pinned;
	uint64_t unseen;
	bool places;
	const char *pid; /* that is looked at */
	char command[64];
};

static json_object *buffer_of(struct search *search, uint64_t inode)
{
	json_object *buffer;

	for (size_t i = 0; i < json_object_array_length(search->buffers); i++) {
		buffer = json_object_array_get_idx(search->buffers, i);
		if (number_of(buffer, "inode") == inode)
			return buffer;
	}
	buffer = json_new();
	json_set_number(buffer, "inode", inode);
	json_set(buffer, "size", NULL);
	json_set(buffer, "exporter", NULL);
	json_set_text(buffer, "name", "");
	json_set(buffer, "holders", json_list());
	json_add(search->buffers, buffer);
	return buffer;
}

static json_object *holder_of(struct search *search, json_object *buffer)
{
	json_object *holders = member(buffer, "holders"), *holder;
	size_t count = json_object_array_length(holders);

	if (count) { /* processes come one after the other */
		holder = json_object_array_get_idx(holders, count - 1);
		if (!strcmp(text_of(holder, "pid"), search->pid))
			return holder;
	}
	holder = json_new();
	json_set_text(holder, "pid", search->pid);
	json_set_text(holder, "command", search->command);
	json_set_number(holder, "descriptors", 0);
	json_set_number(holder, "mapped", 0);
	json_add(holders, holder);
	return holder;
}

static void count(json_object *holder, const char *key, uint64_t more)
{
	json_set_number(holder, key, number_of(holder, key) + more);
}

/* "size:\t4096", "exp_name:\tsystem", "name:\tframe" and "ino:\t7" of a dma-buf. */
static void take_dmabuf(struct search *search, const char *path)
{
	char line[512], exporter[128] = "", name[128] = "";
	uint64_t inode = 0, size = 0;
	json_object *buffer;
	FILE *file = root_open(path);

	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		(void)sscanf(line, "ino: %" SCNu64, &inode);
		(void)sscanf(line, "size: %" SCNu64, &size);
		(void)sscanf(line, "exp_name: %127[^\n]", exporter);
		(void)sscanf(line, "name: %127[^\n]", name);
	}
	if (!file || !root_close(file, path))
		return;
	buffer = buffer_of(search, inode);
	json_set_number(buffer, "size", size);
	json_set_text(buffer, "exporter", exporter);
	json_set_text(buffer, "name", name);
	count(holder_of(search, buffer), "descriptors", 1);
}

static void take_place(void *user, const struct page_run *run)
{
	json_object *place;

	if (run->state != PAGE_PRESENT)
		return;
	place = json_new();
	json_set(place, "phys", json_hex(run->phys));
	json_set_number(place, "size", run->length);
	json_add(user, place);
}

static void take_pinned(struct search *search, const char *by, uint64_t virt, uint64_t length)
{
	json_object *pinned = json_new(), *places;

	json_set_text(pinned, "pid", search->pid);
	json_set_text(pinned, "command", search->command);
	json_set_text(pinned, "by", by);
	json_set(pinned, "virt", json_hex(virt));
	json_set_number(pinned, "size", length);
	if (search->places) {
		places = json_list();
		(void)walk_pages(search->ctx, search->pid, virt, length, true, take_place, places);
		json_set(pinned, "places", places);
	}
	json_add(search->pinned, pinned);
}

static void look_at_descriptors(struct search *search)
{
	char path[64], name[400], target[128];
	struct pinned_list list = { 0 };
	const struct dirent *entry;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/fd", search->pid);
	dir = root_folder(path);
	if (!dir) {
		search->unseen += errno == EACCES || errno == EPERM;
		return;
	}
	while ((entry = root_next(dir, path))) {
		ssize_t got = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);

		if (got < 0 && errno != EINVAL) /* "." is no link */
			unread(path);
		target[got > 0 ? got : 0] = '\0';
		if (strncmp(target, "/dmabuf:", 8) != 0)
			continue;
		(void)snprintf(name, sizeof(name), "%sinfo/%s", path, entry->d_name);
		take_dmabuf(search, name);
	}
	(void)closedir(dir);
	pinned_of(search->pid, &list);
	for (size_t i = 0; i < list.count; i++)
		take_pinned(search, "io_uring", list.piece[i].virt, list.piece[i].length);
	free(list.piece);
}

/* Mappings stay when the descriptor was closed; newer io_uring pins what is mapped of it. */
static void look_at_mappings(struct search *search)
{
	uint64_t first, end, inode;
	char path[64], line[4352];
	int name;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/maps", search->pid);
	file = root_open(path);
	while (file && fgets(line, sizeof(line), file)) {
		name = 0;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*4s %*x %*x:%*x %" SCNu64 " %n", &first, &end,
				&inode, &name) != 3 || !name)
			continue;
		if (!strncmp(line + name, "/dmabuf:", 8)) {
			json_object *buffer = buffer_of(search, inode);

			count(holder_of(search, buffer), "mapped", end - first);
		} else if (!strncmp(line + name, "anon_inode:[io_uring]", 21)) {
			take_pinned(search, "io_uring", first, end - first);
		} else if (!strncmp(line + name, "socket:[", 8)) {
			take_pinned(search, "packet", first, end - first);
		}
	}
	(void)root_close(file, path);
}

static int is_number(const struct dirent *entry)
{
	return isdigit((unsigned char)entry->d_name[0]);
}

/* "Attached Devices" and all else is left out: its form changes from kernel to kernel. */
static void look_at_debugfs(struct search *search)
{
	uint64_t size, inode;
	static const char path[] = "/sys/kernel/debug/dma_buf/bufinfo";
	char line[512], exporter[128];
	FILE *file = root_open(path);

	while (file && fgets(line, sizeof(line), file)) {
		/* size flags mode count exporter inode name (dma_buf_debug_show) */
		if (sscanf(line, "%" SCNu64 " %*x %*x %*u %127s %" SCNu64, &size, exporter, &inode) != 3)
			continue;
		json_object *buffer = buffer_of(search, inode);

		if (!member(buffer, "size")) {
			json_set_number(buffer, "size", size);
			json_set_text(buffer, "exporter", exporter);
		}
	}
	(void)root_close(file, path);
}

void facts_holders(struct pmem_ctx *ctx, json_object *into, bool places)
{
	struct search search = { .ctx = ctx, .buffers = json_list(), .pinned = json_list(),
		.places = places };
	struct dirent **names = NULL;
	char path[320];
	int found = root_list("/proc", is_number, &names);

	for (int i = 0; i < found; i++) {
		search.pid = names[i]->d_name;
		(void)snprintf(path, sizeof(path), "/proc/%s/comm", search.pid);
		if (!root_line(path, search.command, sizeof(search.command)))
			search.command[0] = '\0';
		look_at_descriptors(&search);
		look_at_mappings(&search);
		free(names[i]);
	}
	free(names);
	look_at_debugfs(&search);
	json_set(into, "buffers", search.buffers);
	json_set(into, "pinned", search.pinned);
	json_set_number(into, "unseen", search.unseen);
}

/* "1234-0badcafe.SUFFIX" of a process, and files of other names: docs/videocore.md, docs/pages.md. */
json_object *facts_journals(void)
{
	const char *folder = secure_getenv("LIBPMEM_RUN_DIR"), *own = secure_getenv("XDG_RUNTIME_DIR");
	char places[2][4096] = { "", "" }, path[320];
	json_object *list = json_list();

	if (folder)
		(void)snprintf(places[0], sizeof(places[0]), "%s", folder);
	else if (root_path(places[0], sizeof(places[0]), "/run/libpmem") && own)
		(void)snprintf(places[1], sizeof(places[1]), "%s/libpmem", own);
	for (int i = 0; i < 2; i++) {
		struct dirent **names = NULL;
		int found = places[i][0] ? scandir(places[i], &names, is_number, versionsort) : 0;

		if (found < 0)
			unread(places[i]);
		for (int j = 0; j < found; j++) {
			json_object *journal = json_new();
			uint64_t pid = strtoull(names[j]->d_name, NULL, 10);

			json_set_text(journal, "folder", places[i]);
			json_set_text(journal, "file", names[j]->d_name);
			json_set_number(journal, "pid", pid);
			(void)snprintf(path, sizeof(path), "/proc/%" PRIu64, pid);
			json_set_bool(journal, "alive", root_there(path));
			json_add(list, journal);
			free(names[j]);
		}
		free(names);
	}
	return list;
}
