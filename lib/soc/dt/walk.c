/* SPDX-License-Identifier: MIT */
/* Walking the tree of nodes. The order is fixed, since directories of sysfs are listed by hash. */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stringlist.h>
#include <bsd/string.h>

#include "dt/dt.h"
#include "os/os.h"

/* Bytes of the names in one node, which are sorted in memory. Of 1,921 trees: at most 4,033. */
#define NAMES_MAX (1u << 20)

struct walk {
	const struct dt *dt;
	dt_walk_fn *fn;
	void *user;
	unsigned deepest;        /* how many levels to go down */
	bool links;              /* directories say by their links whether they hold others */
	char node[DT_PATH_MAX];
};

struct names {
	StringList *list;
	size_t bytes;
};

static int add_name(void *user, const char *name)
{
	struct names *names = user;
	char *copy;

	names->bytes += strlen(name) + 1;
	if (names->bytes > NAMES_MAX)
		return -E2BIG;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	if (sl_add(names->list, copy) < 0) {
		free(copy);
		return -ENOMEM;
	}
	return 0; /* NOLINT(clang-analyzer-unix.Malloc): the list owns it, sl_free() frees it */
}

/* "uart@900" before "uart@1000": by name, by length of the unit address, by unit address. */
static int compare(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	size_t nx = strcspn(x, "@"), ny = strcspn(y, "@");
	size_t ux = strlen(x + nx), uy = strlen(y + ny);
	int r = strncmp(x, y, nx < ny ? nx : ny);

	if (r)
		return r;
	if (nx != ny)
		return nx < ny ? -1 : 1;
	if (ux != uy)
		return ux < uy ? -1 : 1;
	return strcmp(x, y);
}

/* The names of all directories, sorted, one after the other with their NULs. */
static int read_names(const char *path, struct dt_prop *list)
{
	struct names names = { sl_init(), 0 };
	char *at;
	int r;

	if (!names.list)
		return -ENOMEM;
	r = os->list_directories(path, add_name, &names);
	if (r == 0) {
		qsort(names.list->sl_str, names.list->sl_cur, sizeof(names.list->sl_str[0]), compare);
		*list = (struct dt_prop){ .size = names.bytes, .own = malloc(names.bytes + 1) };
		list->data = list->own;
		r = list->own ? 0 : -ENOMEM;
	}
	at = r == 0 ? list->own : NULL;
	for (size_t i = 0; r == 0 && i < names.list->sl_cur; i++)
		at = stpcpy(at, names.list->sl_str[i]) + 1;
	sl_free(names.list, 1);
	return r;
}

static int list_node(const struct dt *dt, const char *node, struct dt_prop *list)
{
	const struct kept_answer *answer = kept_find(dt->kept, KEPT_LIST, node);
	char path[PATH_MAX];

	if (answer) {
		*list = (struct dt_prop){ .data = answer->data, .size = answer->size };
		return 0;
	}
	if (strlcpy(path, dt->base, sizeof(path)) >= sizeof(path) ||
		(node[1] && strlcat(path, node, sizeof(path)) >= sizeof(path)))
		return -ENAMETOOLONG;
	return dt_keep(dt, KEPT_LIST, node, read_names(path, list), list);
}

/* Files that vanish while we look, and things that are not nodes, are passed over. */
static bool is_gone(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -ENAMETOOLONG;
}

static int visit(struct walk *w, unsigned depth, bool leaf);

static int descend(struct walk *w, unsigned depth)
{
	size_t length = w->node[1] ? strlen(w->node) : 1;
	struct dt_prop list;
	int r;

	if (depth >= w->deepest)
		return 0;
	r = list_node(w->dt, w->node, &list);
	if (r < 0)
		return is_gone(r) ? 0 : r;
	for (size_t at = 0; r == 0 && at < list.size; at += strlen(list.data + at) + 1) {
		r = dt_enter(w->dt, w->node, list.data + at);
		if (r < 0) {
			r = is_gone(r) ? 0 : r;
			continue;
		}
		r = visit(w, depth + 1, r == 1 && w->links);
		w->node[length] = '\0';
	}
	dt_free(&list);
	return r;
}

static int visit(struct walk *w, unsigned depth, bool leaf)
{
	int r = w->fn(w->user, w->node);

	return r || leaf ? r : descend(w, depth);
}

/*
 * Not every file system counts links (btrfs, merged overlays, some of FUSE): those of the root are
 * compared with what it holds. That spares a listing of each leaf, which most nodes are.
 */
static int count_links(const struct dt *dt, struct dt_prop *counts)
{
	struct dt_prop list;
	struct os_stat st;
	uint64_t links = 2;
	int r = list_node(dt, "/", &list);

	if (r < 0)
		return is_gone(r) ? -ENOENT : r;
	for (size_t at = 0; at < list.size; at += strlen(list.data + at) + 1)
		links++;
	dt_free(&list);
	r = os->stat(dt->base, &st);
	if (r < 0)
		return r;
	*counts = (struct dt_prop){ .data = "", .size = links > 2 && st.nlink == links };
	return 0;
}

int dt_walk(const struct dt *dt, dt_walk_fn *fn, void *user)
{
	struct walk w = { .dt = dt, .fn = fn, .user = user, .deepest = DT_DEPTH_MAX, .node = "/" };
	const struct kept_answer *answer = kept_find(dt->kept, KEPT_NODE, "/");
	struct dt_prop counts = { .size = 0 };
	int r = answer ? answer->result : 0;

	if (answer)
		counts.size = answer->size;
	else
		r = dt_keep(dt, KEPT_NODE, "/", count_links(dt, &counts), &counts);
	if (r < 0 && !is_gone(r))
		return r;
	w.links = r == 0 && counts.size > 0;
	return visit(&w, 0, false);
}

int dt_children(const struct dt *dt, const char *node, dt_walk_fn *fn, void *user)
{
	struct walk w = { .dt = dt, .fn = fn, .user = user, .deepest = 1 };

	return strlcpy(w.node, node, sizeof(w.node)) < sizeof(w.node) ? descend(&w, 0) :
									-ENAMETOOLONG;
}
