/* SPDX-License-Identifier: MIT */
/* Walking the tree of nodes. The order is fixed, since directories of sysfs are listed by hash. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bsd/stringlist.h>
#include <bsd/string.h>

#include "dt/dt.h"
#include "os/os.h"

struct walk {
	const struct dt *dt;
	dt_walk_fn *fn;
	void *user;
	unsigned deepest;        /* how many levels to go down */
	char path[PATH_MAX];     /* base and node */
	size_t base;             /* length of the base in it */
};

/* The node's own path, inside the buffer. */
static const char *node_of(const struct walk *w)
{
	return w->path[w->base] ? w->path + w->base : "/";
}

static int add_name(void *user, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;
	if (sl_add(user, copy) < 0) {
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

/* Files that vanish while we look, and things that are not nodes, are passed over. */
static bool is_gone(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -ELOOP || r == -ENAMETOOLONG;
}

/* Append a component; 0 if the result is a node, else -errno and the path is as before. */
static int enter(struct walk *w, const char *name)
{
	size_t length = strlen(w->path);
	int n = snprintf(w->path + length, sizeof(w->path) - length, "/%s", name);
	struct os_stat st;
	int r = -ENAMETOOLONG;

	if ((size_t)n < sizeof(w->path) - length && strlen(w->path) - w->base < DT_PATH_MAX) {
		r = os->lstat(w->path, &st);
		if (r == 0 && !S_ISDIR(st.mode))
			r = -ENOTDIR;
	}
	if (r < 0)
		w->path[length] = '\0';
	return r;
}

static int visit(struct walk *w, unsigned depth);

static int visit_children(struct walk *w, StringList *names, unsigned depth)
{
	size_t length = strlen(w->path);
	int r = os->list_directories(w->path, add_name, names);

	if (r < 0)
		return is_gone(r) ? 0 : r;
	qsort(names->sl_str, names->sl_cur, sizeof(names->sl_str[0]), compare);
	for (size_t i = 0; r == 0 && i < names->sl_cur; i++) {
		r = enter(w, names->sl_str[i]);
		if (r < 0) {
			r = is_gone(r) ? 0 : r;
			continue;
		}
		r = visit(w, depth + 1);
		w->path[length] = '\0';
	}
	return r;
}

static int descend(struct walk *w, unsigned depth)
{
	StringList *names;
	int r;

	if (depth >= w->deepest)
		return 0;
	names = sl_init();
	if (!names)
		return -ENOMEM;
	r = visit_children(w, names, depth);
	sl_free(names, 1);
	return r;
}

static int visit(struct walk *w, unsigned depth)
{
	int r = w->fn(w->user, node_of(w));

	return r ? r : descend(w, depth);
}

int dt_walk(const struct dt *dt, dt_walk_fn *fn, void *user)
{
	struct walk w = { .dt = dt, .fn = fn, .user = user, .deepest = DT_DEPTH_MAX };

	w.base = strlcpy(w.path, dt->base, sizeof(w.path));
	return visit(&w, 0);
}

int dt_children(const struct dt *dt, const char *node, dt_walk_fn *fn, void *user)
{
	struct walk w = { .dt = dt, .fn = fn, .user = user, .deepest = 1 };

	w.base = strlcpy(w.path, dt->base, sizeof(w.path));
	if (node[1] && strlcat(w.path, node, sizeof(w.path)) >= sizeof(w.path))
		return -ENAMETOOLONG;
	return descend(&w, 0);
}
