/* SPDX-License-Identifier: MIT */
/* Names of the machine that answers.h describes: paths are walked, links followed, and the calls that have a name. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "answers_state.h"

/* A walk along a path: where it is, the node there if there is one, and what is still to go. */
struct walk {
	char *full;
	size_t length;
	struct answers_node *node;
	char rest[PATH_MAX];
	size_t at;
	unsigned links;
};

static void go_up(struct walk *w)
{
	w->node = w->node ? w->node->above : NULL;
	w->length = w->node ? w->node->length : 0;
	w->full[w->length] = '\0';
}

/* What the link says, and what follows it, is to go now. */
static int go_along(struct walk *w)
{
	char next[PATH_MAX];

	if (++w->links > 8)
		return -ELOOP;
	if (w->node->size + strlen(w->rest + w->at) + 2 > PATH_MAX)
		return -ENAMETOOLONG;
	if (w->node->size)
		memcpy(next, w->node->data, w->node->size);
	next[w->node->size] = '\0';
	strcat(next, w->rest + w->at);
	strcpy(w->rest, next);
	w->at = 0;
	go_up(w);
	if (w->rest[0] == '/') {
		w->node = NULL;
		w->full[w->length = 0] = '\0';
	}
	return 0;
}

static int step(struct walk *w, size_t n, bool follow)
{
	const char *name = w->rest + w->at;
	bool last = !name[n + strspn(name + n, "/")];

	if (n > NAME_MAX || w->length + n + 2 > PATH_MAX)
		return -ENAMETOOLONG;
	if (w->node && !S_ISDIR(w->node->mode))
		return -ENOTDIR;
	if (w->length && !w->node)
		return -ENOENT;
	w->at += n;
	if (n == 1 && name[0] == '.')
		return 0;
	if (n == 2 && memcmp(name, "..", 2) == 0) {
		go_up(w);
		return 0;
	}
	w->full[w->length] = '/';
	memcpy(w->full + w->length + 1, name, n);
	w->length += 1 + n;
	w->full[w->length] = '\0';
	w->node = answers_find(w->full, w->length);
	if (w->node && w->node->gone)
		w->node = NULL;
	return w->node && S_ISLNK(w->node->mode) && (follow || !last) ? go_along(w) : 0;
}

/*
 * The node of a path, links on the way followed; the last one, too, if that is wanted. full is where that is, or
 * would be.
 */
static int walk(const char *path, bool follow, char full[PATH_MAX], struct answers_node **out)
{
	struct walk w = { .full = full };
	size_t n;

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(w.rest, path);
	full[0] = '\0';
	while (w.at += strspn(w.rest + w.at, "/"), n = strcspn(w.rest + w.at, "/")) {
		int r = step(&w, n, follow);

		if (r < 0)
			return r;
	}
	*out = w.node;
	return w.node ? 0 : -ENOENT;
}

static int open_path(const char *path, int flags, uint32_t mode)
{
	struct answers_node *node;
	char full[PATH_MAX];
	int r = walk(path, !(flags & (O_NOFOLLOW | O_EXCL)), full, &node);

	if (r == -ENOENT && (flags & O_CREAT)) {
		node = answers_make(full, S_IFREG | mode);
		if (!node)
			return -ENOSPC;
	} else if (r < 0) {
		return r;
	} else if (flags & O_EXCL) {
		return -EEXIST;
	}
	if (S_ISLNK(node->mode))
		return -ELOOP;
	if (S_ISDIR(node->mode) && (flags & O_ACCMODE) != O_RDONLY)
		return -EISDIR;
	if ((flags & O_DIRECTORY) && !S_ISDIR(node->mode))
		return -ENOTDIR;
	if ((flags & O_TRUNC) && S_ISREG(node->mode))
		node->size = 0;
	return answers_open_fd(&(struct answers_fd){ .node = node, .device = node->device,
		.dir = S_ISDIR(node->mode), .size = node->device ? node->device->memory : 0 });
}

int answers_open(const char *path, int flags, uint32_t mode)
{
	FAULT();
	return open_path(path, flags, mode);
}

int answers_openat(int dir, const char *name, int flags, uint32_t mode)
{
	struct answers_fd *fd = answers_fd_of(dir);
	char path[PATH_MAX];

	FAULT();
	if (!fd || !fd->dir)
		return fd ? -ENOTDIR : -EBADF;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", fd->node->path, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return open_path(path, flags, mode);
}

void answers_tell(const struct answers_node *node, struct os_stat *out)
{
	*out = (struct os_stat){ .mode = node->mode, .uid = node->uid, .size = node->size, .changed = 1,
		.device = 5, .inode = (uint64_t)(node - a.nodes) + 10, .rdev = node->device ? 0x123 : 0 };
	out->nlink = node->gone ? 0 : S_ISDIR(node->mode) && !a.no_links ? 2 + node->folders : 1;
}

static int stat_path(const char *path, bool follow, struct os_stat *out)
{
	struct answers_node *node;
	char full[PATH_MAX];
	int r = walk(path, follow, full, &node);

	if (r == 0)
		answers_tell(node, out);
	return r;
}

int answers_stat(const char *path, struct os_stat *out)
{
	FAULT();
	return stat_path(path, true, out);
}

int answers_lstat(const char *path, struct os_stat *out)
{
	FAULT();
	return stat_path(path, false, out);
}

ssize_t answers_readlink(const char *path, char *buf, size_t size)
{
	struct answers_node *node;
	char full[PATH_MAX];
	int r;

	FAULT();
	r = walk(path, false, full, &node);
	if (r < 0)
		return r;
	if (!S_ISLNK(node->mode))
		return -EINVAL;
	if (size > node->size)
		size = node->size;
	if (size)
		memcpy(buf, node->data, size);
	return (ssize_t)size;
}

static int list(const char *path, bool folders, os_list_fn *fn, void *user)
{
	struct answers_node *node;
	char full[PATH_MAX];
	int r = walk(path, true, full, &node);

	if (r == 0 && !S_ISDIR(node->mode))
		r = -ENOTDIR;
	/* What fn makes is listed, too; what it removes is not. */
	for (size_t i = 0; r == 0 && i < a.node_count; i++) {
		struct answers_node *one = &a.nodes[i];

		if (one->above == node && !one->gone && (!folders || S_ISDIR(one->mode)))
			r = fn(user, one->path + node->length + 1);
	}
	return r;
}

int answers_list(const char *path, os_list_fn *fn, void *user)
{
	FAULT();
	return list(path, false, fn, user);
}

int answers_list_directories(const char *path, os_list_fn *fn, void *user)
{
	FAULT();
	return list(path, true, fn, user);
}

int answers_mkdir(const char *path, uint32_t mode)
{
	struct answers_node *node;
	char full[PATH_MAX];
	int r;

	FAULT();
	r = walk(path, false, full, &node);
	if (r == 0)
		return -EEXIST;
	return r != -ENOENT ? r : answers_make(full, S_IFDIR | mode) ? 0 : -ENOSPC;
}

int answers_unlinkat(int dir, const char *name)
{
	struct answers_fd *fd = answers_fd_of(dir);
	struct answers_node *node;
	char path[PATH_MAX], full[PATH_MAX];
	int r;

	FAULT();
	if (!fd || !fd->dir)
		return fd ? -ENOTDIR : -EBADF;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", fd->node->path, name) >= sizeof(path))
		return -ENAMETOOLONG;
	r = walk(path, false, full, &node);
	if (r == 0 && S_ISDIR(node->mode))
		return -EISDIR;
	if (r == 0)
		node->gone = true;
	return r;
}
