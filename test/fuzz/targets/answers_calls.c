/* SPDX-License-Identifier: MIT */
/* The calls of the machine that answers.h describes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "answers_state.h"

/*
 * Those that come too close together come later: whether a descriptor is still the library's is asked twice
 * (os/inherit.c), and one that never answers cannot be closed.
 */
int answers_fault(void)
{
	int r = 0;

	a.calls++;
	a.time += 10;
	for (size_t i = 0; i < ANSWERS_FAULTS; i++) {
		if (!a.faults[i].countdown || --a.faults[i].countdown)
			continue;
		if (r || a.calls < a.last_fault + 5) {
			a.faults[i].countdown = 1;
			continue;
		}
		r = -a.faults[i].errnum;
		a.last_fault = a.calls;
	}
	return r;
}

#define FAULT()                       \
	do {                          \
		int fault_ = answers_fault(); \
		if (fault_)           \
			return fault_;        \
	} while (0)

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

struct answers_fd *answers_fd_of(int fd)
{
	int i = fd - ANSWERS_FIRST;

	return i >= 0 && i < ANSWERS_FDS && a.fds[i].open ? &a.fds[i] : NULL;
}

static int open_fd(const struct answers_fd *like)
{
	for (int i = 0; i < ANSWERS_FDS; i++) {
		if (a.fds[i].open)
			continue;
		a.fds[i] = *like;
		a.fds[i].open = true;
		return ANSWERS_FIRST + i;
	}
	return -EMFILE;
}

int answers_fd(const struct answers_device *device)
{
	return open_fd(&(struct answers_fd){ .device = device, .size = device ? device->memory : 0 });
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
	return open_fd(&(struct answers_fd){ .node = node, .device = node->device,
		.dir = S_ISDIR(node->mode), .size = node->device ? node->device->memory : 0 });
}

static int do_open(const char *path, int flags, uint32_t mode)
{
	FAULT();
	return open_path(path, flags, mode);
}

static int do_openat(int dir, const char *name, int flags, uint32_t mode)
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

static int do_close(int number)
{
	struct answers_fd *fd = answers_fd_of(number);
	int failing = answers_fault();

	MUST(fd || a.mad_fds);
	if (!fd)
		return -EBADF;
	if (fd->node && fd->node->locked == number)
		fd->node->locked = 0;
	if (fd->device && fd->device->closed)
		fd->device->closed(number);
	fd->open = false;
	return failing;
}

static ssize_t read_at(int number, void *buf, size_t count, uint64_t offset)
{
	struct answers_fd *fd = answers_fd_of(number);

	if (!fd)
		return -EBADF;
	if (fd->dir)
		return -EISDIR;
	if (fd->device)
		return fd->device->pread ? fd->device->pread(number, buf, count, offset) : 0;
	if (!fd->node || offset >= fd->node->size)
		return 0;
	if (count > fd->node->size - offset)
		count = (size_t)(fd->node->size - offset);
	memcpy(buf, fd->node->data + offset, count);
	return (ssize_t)count;
}

static ssize_t do_pread(int number, void *buf, size_t count, uint64_t offset)
{
	FAULT();
	return read_at(number, buf, count, offset);
}

static ssize_t do_read(int number, void *buf, size_t count)
{
	struct answers_fd *fd = answers_fd_of(number);
	ssize_t n;

	FAULT();
	n = read_at(number, buf, count, fd ? fd->offset : 0);
	if (n > 0)
		fd->offset += (uint64_t)n;
	return n;
}

static ssize_t write_at(int number, const void *buf, size_t count, uint64_t offset)
{
	struct answers_fd *fd = answers_fd_of(number);

	if (!fd)
		return -EBADF;
	if (fd->device)
		return fd->device->pwrite ? fd->device->pwrite(number, buf, count, offset) : -EINVAL;
	if (!fd->node || fd->dir)
		return -EINVAL;
	return answers_write(fd->node, buf, count, offset) ? (ssize_t)count : -EFBIG;
}

static ssize_t do_pwrite(int number, const void *buf, size_t count, uint64_t offset)
{
	FAULT();
	return write_at(number, buf, count, offset);
}

static ssize_t do_write(int number, const void *buf, size_t count)
{
	struct answers_fd *fd = answers_fd_of(number);
	ssize_t n;

	FAULT();
	n = write_at(number, buf, count, fd ? fd->offset : 0);
	if (n > 0)
		fd->offset += (uint64_t)n;
	return n;
}

static void tell(const struct answers_node *node, struct os_stat *out)
{
	*out = (struct os_stat){ .mode = node->mode, .uid = node->uid, .size = node->size, .changed = 1,
		.device = 5, .inode = (uint64_t)(node - a.nodes) + 10, .rdev = node->device ? 0x123 : 0 };
	out->nlink = node->gone ? 0 : S_ISDIR(node->mode) && !a.no_links ? 2 + node->folders : 1;
}

static int do_fstat(int number, struct os_stat *out)
{
	struct answers_fd *fd = answers_fd_of(number);

	FAULT();
	if (!fd)
		return -EBADF;
	if (fd->node)
		tell(fd->node, out);
	else
		*out = (struct os_stat){ .mode = 0600, .size = fd->size, .nlink = 1, .inode = (uint64_t)number };
	return 0;
}

static int stat_path(const char *path, bool follow, struct os_stat *out)
{
	struct answers_node *node;
	char full[PATH_MAX];
	int r = walk(path, follow, full, &node);

	if (r == 0)
		tell(node, out);
	return r;
}

static int do_stat(const char *path, struct os_stat *out)
{
	FAULT();
	return stat_path(path, true, out);
}

static int do_lstat(const char *path, struct os_stat *out)
{
	FAULT();
	return stat_path(path, false, out);
}

/* As planned it never fails: by that a context knows its pagemap again, and of an open file it cannot. */
static int64_t do_lseek(int number, int64_t offset, int whence)
{
	struct answers_fd *fd = answers_fd_of(number);
	int64_t base;

	if (!fd)
		return -EBADF;
	if (fd->device && fd->device->dmabuf && whence == SEEK_CUR)
		return -EINVAL;
	if (whence == SEEK_END && fd->device && fd->device->end)
		base = fd->device->end(number);
	else
		base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)fd->offset :
			fd->node && !fd->device ? (int64_t)fd->node->size : (int64_t)fd->size;
	if (base < 0)
		return base;
	if (offset < -base || offset > INT64_MAX - base)
		return -EINVAL;
	fd->offset = (uint64_t)(base + offset);
	return base + offset;
}

static int do_ftruncate(int number, uint64_t length)
{
	struct answers_fd *fd = answers_fd_of(number);

	FAULT();
	if (!fd || fd->dir)
		return -EBADF;
	if (!fd->node)
		fd->size = length;
	else if (!answers_write(fd->node, NULL, 0, length))
		return -EFBIG;
	else
		fd->node->size = (size_t)length;
	return 0;
}

static int do_fcntl(int number, int cmd, int arg)
{
	struct answers_fd *fd = answers_fd_of(number);

	(void)arg;
	FAULT();
	if (!fd)
		return -EBADF;
	return cmd == F_DUPFD_CLOEXEC || cmd == F_DUPFD ? open_fd(fd) : cmd == F_GETFL ? O_RDWR : 0;
}

static ssize_t do_readlink(const char *path, char *buf, size_t size)
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

static int do_list(const char *path, os_list_fn *fn, void *user)
{
	FAULT();
	return list(path, false, fn, user);
}

static int do_list_directories(const char *path, os_list_fn *fn, void *user)
{
	FAULT();
	return list(path, true, fn, user);
}

static int do_mkdir(const char *path, uint32_t mode)
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

static int do_unlinkat(int dir, const char *name)
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

static int do_flock(int number, int operation)
{
	struct answers_fd *fd = answers_fd_of(number);

	FAULT();
	if (!fd)
		return -EBADF;
	if (!fd->node)
		return 0;
	if (fd->node->locked && fd->node->locked != number)
		return -EWOULDBLOCK;
	fd->node->locked = operation & LOCK_UN ? 0 : number;
	return 0;
}

static int do_ioctl(int number, unsigned long request, void *arg)
{
	struct answers_fd *fd = answers_fd_of(number);
	int failing = answers_fault();

	if (failing && fd && fd->device && fd->device->refused)
		fd->device->refused(request);
	if (failing)
		return failing;
	if (!fd)
		return -EBADF;
	return fd->device && fd->device->ioctl ? fd->device->ioctl(number, request, arg) : -ENOTTY;
}

#define CALL(name) .name = do_##name

const struct os_calls answers_table = {
	CALL(open), CALL(openat), CALL(close), CALL(read), CALL(pread), CALL(write), CALL(pwrite), CALL(fstat),
	CALL(stat), CALL(lstat), CALL(lseek), CALL(ftruncate), CALL(fcntl), CALL(readlink), CALL(list),
	CALL(list_directories), CALL(mkdir), CALL(unlinkat), CALL(flock), CALL(ioctl),
	ANSWERS_PROCESS_CALLS
};
