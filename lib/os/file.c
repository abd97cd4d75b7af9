/* SPDX-License-Identifier: MIT */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bsd/string.h>

#include "os/os.h"

int file_path(char *out, const char *root, const char *path)
{
	if (strlcpy(out, root, PATH_MAX) >= PATH_MAX || strlcat(out, path, PATH_MAX) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

int file_open(const char *root, const char *path, int flags)
{
	char full[PATH_MAX];
	int r = file_path(full, root, path);

	return r < 0 ? r : os->open(full, flags | O_NONBLOCK | O_NOCTTY, 0);
}

/* Read fd to its end into *data, growing it. The end is at expected, if that is not 0 and no lie. */
static int read_all(int fd, uint64_t expected, size_t limit, char **data, size_t *size)
{
	size_t used = 0, room = expected && expected <= limit ? (size_t)expected + 1 : 4096;
	char *buf = malloc(room + 1);
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	while ((n = os->read(fd, buf + used, room - used)) > 0) {
		used += (size_t)n;
		if (used > limit) {
			n = -EFBIG;
			break;
		}
		if (used == expected && used < room)
			break;
		if (used == room) {
			char *more = realloc(buf, 2 * room + 1);

			if (!more) {
				n = -ENOMEM;
				break;
			}
			buf = more;
			room *= 2;
		}
	}
	if (n < 0) {
		free(buf);
		return (int)n;
	}
	buf[used] = '\0';
	*data = buf;
	*size = used;
	return 0;
}

/* Files of the kernel are plain ones; what else stands there may block, or never end. */
int file_read_path(const char *full, size_t limit, char **data, size_t *size)
{
	int fd = os->open(full, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct os_stat st;
	int r;

	if (fd < 0)
		return fd;
	r = os->fstat(fd, &st);
	if (r == 0)
		r = S_ISREG(st.mode) ? read_all(fd, 0, limit, data, size) : -EINVAL;
	os->close(fd);
	return r;
}

int file_read_plain(const char *full, uint64_t expected, size_t limit, char **data, size_t *size)
{
	int fd = os->open(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	int r;

	if (fd < 0)
		return fd;
	r = read_all(fd, expected, limit, data, size);
	os->close(fd);
	return r;
}

int file_read(const char *root, const char *path, size_t limit, char **data, size_t *size)
{
	char full[PATH_MAX];
	int r = file_path(full, root, path);

	return r < 0 ? r : file_read_path(full, limit, data, size);
}

int file_read_u64(const char *root, const char *path, uint64_t *value)
{
	char *text, *end;
	size_t size;
	int r = file_read(root, path, 4096, &text, &size);

	if (r < 0)
		return r;
	errno = 0;
	*value = strtoull(text, &end, 0);
	r = end == text || errno ? -EINVAL : 0;
	free(text);
	return r;
}

int file_link(const char *root, const char *path, char *out)
{
	char full[PATH_MAX];
	ssize_t n = file_path(full, root, path);

	if (n == 0)
		n = os->readlink(full, out, PATH_MAX - 1);
	if (n < 0)
		return n == -EINVAL || n == -ENOTDIR ? -ENOENT : (int)n;
	out[n] = '\0';
	return (int)n;
}

bool file_is_this_machine(const char *root)
{
	return !root[0] && os == &os_linux;
}

int file_keep(int fd)
{
	int r;

	/* Whoever answers so has made none; the number is no errno of the kernel's. */
	if (fd < 0)
		return -EPROTO;
	if (fd > 2)
		return fd;
	/* What was made is close-on-exec; one of the program's streams is not: 0 may stand where nobody has written. */
	r = os->fcntl(fd, F_GETFD, 0);
	if (r >= 0 && !(r & FD_CLOEXEC))
		r = -EPROTO;
	if (r < 0)
		return r;
	r = os->fcntl(fd, F_DUPFD_CLOEXEC, 3);
	os->close(fd);
	return r;
}
