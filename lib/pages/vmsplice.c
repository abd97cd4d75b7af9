/* SPDX-License-Identifier: MIT */
/*
 * Pages kept in place by pipes: vmsplice() puts a reference to each page into a pipe that nobody
 * ever reads, and a page with a foreign reference is not migrated. For kernels without io_uring.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/errno_name.h"
#include "base/error.h"
#include "os/fork_lock.h"
#include "os/os.h"
#include "pages/pin.h"

/* Default of sysctl fs.pipe-max-size: what F_SETPIPE_SZ allows without CAP_SYS_RESOURCE. */
#define PIPE_SIZE ((size_t)1 << 20)

/* With CAP_SYS_RESOURCE one pipe may be larger; more than this saves nothing. */
#define PIPE_SIZE_MAX ((size_t)64 << 20)

/*
 * The pipes of a user share an account (fs.pipe-user-pages-soft, 64 MiB by default), beyond which
 * each new pipe of any of his programs has two pages. A quarter of that is what this process takes
 * for all its regions, in so many pipes at most.
 */
#define ALL_PIPES ((size_t)16 << 20)
#define PIPES_MAX 64

static struct fork_lock share_lock;
static size_t in_pipes;

/* What the parent has in pipes a child does not give back: it begins with none. */
static void lock_share(void)
{
	if (fork_lock_take(&share_lock))
		in_pipes = 0;
}

static bool take_share(size_t length)
{
	bool fits;

	lock_share();
	fits = length <= ALL_PIPES && in_pipes <= ALL_PIPES - length;
	if (fits)
		in_pipes += length;
	fork_lock_give(&share_lock);
	return fits;
}

static void give_share(size_t length)
{
	lock_share();
	in_pipes -= length;
	fork_lock_give(&share_lock);
}

static int too_much(size_t length)
{
	return error_set(ENOMEM, PMEM_CAUSE_LIMIT, "vmsplice", NULL,
		"io_uring pins more: see kernel.io_uring_disabled, the container's seccomp profile, "
		"and RLIMIT_MEMLOCK",
		"%zu bytes are more than this library keeps in place by pipes: %zu for the whole "
		"process", length, ALL_PIPES);
}

static int refused(int errnum)
{
	char buffer[ERRNO_NAME_SIZE];

	switch (errnum) {
	case ENOSYS:
		return error_set(ENOSYS, PMEM_CAUSE_UNSUPPORTED, "vmsplice", NULL, HINT_NO_PIN,
			"this kernel has no vmsplice");
	case EPERM:
	case EACCES:
		return error_set(errnum, PMEM_CAUSE_NOT_PINNED, "vmsplice", NULL,
			"allow vmsplice in the container's seccomp profile",
			"a filter of system calls (a container's seccomp profile?) forbids vmsplice");
	default:
		return error_set(errnum, PMEM_CAUSE_SYSTEM, "vmsplice", NULL, HINT_NO_PIN,
			"this kernel does not let a pipe hold memory in place: %s",
			errno_words(errnum, buffer));
	}
}

static int no_pipe(int errnum, size_t before)
{
	char buffer[ERRNO_NAME_SIZE];

	return error_set(errnum, PMEM_CAUSE_SYSTEM, "pipe", NULL,
		errnum == EMFILE || errnum == ENFILE ? NULL : HINT_NO_PIN,
		"no pipe can be made that would hold it in place, after %zu: %s", before,
		errno_words(errnum, buffer));
}

static int add_fd(struct pin *pin, int fd)
{
	int *more = reallocarray(pin->fds, pin->fd_count + 1, sizeof(*more));

	if (!more)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "pin", NULL, NULL,
			"no memory for a list of pipes");
	pin->fds = more;
	pin->fds[pin->fd_count++] = fd;
	return 0;
}

/* Room for as many pages as can be had; a pipe of the default size is still a pipe. */
static void enlarge(int fd, size_t length)
{
	size_t want = length < PIPE_SIZE_MAX ? length : PIPE_SIZE_MAX;

	if (want > PIPE_SIZE && os->fcntl(fd, F_SETPIPE_SZ, (int)want) >= 0)
		return;
	if (want > PIPE_SIZE)
		want = PIPE_SIZE;
	os->fcntl(fd, F_SETPIPE_SZ, (int)want);
}

/* Fill the pipe from [addr, addr + length); how many bytes went in. */
static ssize_t fill(int fd, unsigned char *addr, size_t length)
{
	size_t done = 0;

	while (done < length) {
		struct iovec piece = { .iov_base = addr + done, .iov_len = length - done };
		ssize_t n = os->vmsplice(fd, &piece, 1, SPLICE_F_NONBLOCK);

		if (n == -EAGAIN || n == 0)
			break; /* full */
		if (n < 0)
			return refused((int)-n);
		done += (size_t)n;
	}
	if (done == 0)
		return refused(EAGAIN);
	return (ssize_t)done;
}

/* One more pipe for what it can take of [addr, addr + length). */
static ssize_t one_pipe(unsigned char *addr, size_t length, struct pin *pin)
{
	ssize_t n;
	int fds[2];
	int r;

	r = os->pipe(fds);
	if (r < 0)
		return no_pipe(-r, pin->fd_count);
	enlarge(fds[1], length);
	n = fill(fds[1], addr, length);
	/* The writing end alone keeps the pipe and its pages, and nobody can drain it. */
	os->close(fds[0]);
	if (n > 0) {
		r = add_fd(pin, fds[1]);
		if (r < 0)
			n = r;
	}
	if (n < 0)
		os->close(fds[1]);
	return n;
}

int vmsplice_unpin(struct pin *pin)
{
	int first = 0;

	for (size_t i = 0; i < pin->fd_count; i++) {
		int r = os->close(pin->fds[i]);

		if (r < 0 && first == 0)
			first = error_set(-r, PMEM_CAUSE_SYSTEM, "close", NULL, NULL,
				"a descriptor that kept memory in place cannot be closed");
	}
	give_share(pin->piped);
	free(pin->fds);
	return first;
}

int vmsplice_usable(void)
{
	struct iovec nothing = { .iov_len = 0 };
	ssize_t n;
	int fds[2];
	int r = os->pipe(fds);

	if (r < 0)
		return no_pipe(-r, 0);
	n = os->vmsplice(fds[1], &nothing, 0, SPLICE_F_NONBLOCK); /* of no pieces: 0 wherever it exists */
	os->close(fds[0]);
	os->close(fds[1]);
	return n < 0 ? refused((int)-n) : 0;
}

int vmsplice_pin(void *addr, size_t length, struct pin *pin)
{
	struct pin taken = { .class = PIN_VMSPLICE, .piped = length };
	size_t done = 0;

	if (!take_share(length))
		return too_much(length);
	while (done < length) {
		ssize_t n = taken.fd_count < PIPES_MAX ?
			one_pipe((unsigned char *)addr + done, length - done, &taken) :
			too_much(length);

		if (n < 0) {
			struct pmem_error why;

			error_save(&why);
			vmsplice_unpin(&taken);
			return error_restore(&why);
		}
		done += (size_t)n;
	}
	*pin = taken;
	return 0;
}
