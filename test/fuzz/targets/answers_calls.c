/* SPDX-License-Identifier: MIT */
/* Descriptors of the machine that answers.h describes, the calls that have one, and the plan by which calls fail. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
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

struct answers_fd *answers_fd_of(int fd)
{
	int i = fd - ANSWERS_FIRST;

	return i >= 0 && i < ANSWERS_FDS && a.fds[i].open ? &a.fds[i] : NULL;
}

int answers_open_fd(const struct answers_fd *like)
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
	return answers_open_fd(&(struct answers_fd){ .device = device, .size = device ? device->memory : 0 });
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

static int do_fstat(int number, struct os_stat *out)
{
	struct answers_fd *fd = answers_fd_of(number);

	FAULT();
	if (!fd)
		return -EBADF;
	if (fd->node)
		answers_tell(fd->node, out);
	else
		*out = (struct os_stat){ .mode = 0600, .size = fd->size, .nlink = 1, .inode = (uint64_t)number };
	return 0;
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
	return cmd == F_DUPFD_CLOEXEC || cmd == F_DUPFD ? answers_open_fd(fd) : cmd == F_GETFL ? O_RDWR : 0;
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
	CALL(close), CALL(read), CALL(pread), CALL(write), CALL(pwrite), CALL(fstat), CALL(lseek), CALL(ftruncate),
	CALL(fcntl), CALL(flock), CALL(ioctl),
	ANSWERS_NAME_CALLS,
	ANSWERS_PROCESS_CALLS
};
