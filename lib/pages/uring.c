/* SPDX-License-Identifier: MIT */
#include "pages/uring.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/errno_name.h"
#include "base/error.h"
#include "os/file.h"
#include "os/os.h"
#include "pages/migrate.h"
#include "pages/returning.h"

#define DISABLED "/proc/sys/kernel/io_uring_disabled"

/* enum io_uring_register_op; since Linux 6.13 */
#define REGISTER_MEM_REGION 34

/* struct io_uring_region_desc */
struct region_desc {
	uint64_t user_addr;
	uint64_t size;
	uint32_t flags;         /* 0: the kernel allocates */
	uint32_t id;
	uint64_t mmap_offset;   /* filled in: where mmap() finds it */
	uint64_t reserved[4];
};

/* struct io_uring_mem_region_reg */
struct mem_region_reg {
	uint64_t region;        /* address of a region_desc */
	uint64_t flags;
	uint64_t reserved[2];
};

/* One fixed buffer is at most 1 GiB (io_uring/rsrc.c io_buffer_validate). */
#define BUFFER_MAX ((size_t)1 << 30)

#define MEMLOCK_HINT                                                                   \
	"raise RLIMIT_MEMLOCK (ulimit -l; LimitMEMLOCK= of a service), or give the "   \
	"program CAP_IPC_LOCK"

/* EPERM of io_uring_setup(): the sysctl, or a filter in front of it. */
static int forbidden(const char *root)
{
	uint64_t level = 0;

	if (file_read_u64(root, DISABLED, &level) == 0 && level == 2)
		return error_set(EPERM, PMEM_CAUSE_NOT_PINNED, "io_uring_setup", DISABLED,
			"sysctl kernel.io_uring_disabled=0", "io_uring is switched off for all");
	if (level == 1)
		return error_set(EPERM, PMEM_CAUSE_CAPABILITY, "io_uring_setup", DISABLED,
			"join the group of sysctl kernel.io_uring_group, or run with CAP_SYS_ADMIN, "
			"or: sysctl kernel.io_uring_disabled=0",
			"io_uring is switched off for ordinary users");
	return error_set(EPERM, PMEM_CAUSE_NOT_PINNED, "io_uring_setup", NULL,
		"allow io_uring_setup and io_uring_register in the container's seccomp profile",
		"a filter of system calls (a container's seccomp profile?) forbids io_uring");
}

/* ENOMEM of either call: the account of locked memory, or memory itself. */
static int no_memory(const char *operation, const char *what, size_t length)
{
	if (os->capable(CAP_IPC_LOCK) == 1)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, operation, NULL,
			"ask for less, or end other programs",
			"the kernel has no memory to %s %zu bytes", what, length);
	return error_set(ENOMEM, PMEM_CAUSE_LIMIT, operation, NULL, MEMLOCK_HINT,
		"to %s %zu bytes would exceed RLIMIT_MEMLOCK, or memory ran out", what, length);
}

int uring_open(const char *root)
{
	struct io_uring_params params;
	char buffer[ERRNO_NAME_SIZE];
	int fd;

	/* For programs under a filter that kills instead of refusing, as on Android. */
	if (os->getenv("LIBPMEM_NO_IO_URING"))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "io_uring_setup", NULL,
			"unset LIBPMEM_NO_IO_URING", "the environment forbids io_uring");
	memset(&params, 0, sizeof(params));
	fd = os->io_uring_setup(1, &params);
	switch (fd) {
	case -ENOSYS:
		return error_set(ENOSYS, PMEM_CAUSE_UNSUPPORTED, "io_uring_setup", NULL,
			HINT_NO_PIN, "this kernel has no io_uring");
	case -EPERM:
		return forbidden(root);
	case -ENOMEM:
		return no_memory("io_uring_setup", "start io_uring with", os->page_size());
	case -EMFILE:
	case -ENFILE:
		return error_set(-fd, PMEM_CAUSE_LIMIT, "io_uring_setup", NULL,
			NULL, "there are too many open files");
	default:
		return fd >= 0 ? fd : error_set(-fd, PMEM_CAUSE_SYSTEM, "io_uring_setup", NULL,
			HINT_NO_PIN, "io_uring does not start: %s", errno_words(-fd, buffer));
	}
}

static int region_refused(int errnum, size_t length)
{
	switch (errnum) {
	case ENOMEM:
		return no_memory("io_uring_register", "give out", length);
	case EINVAL:
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "io_uring_register", NULL,
			"needs Linux 6.14", "this kernel's io_uring has no memory regions");
	default:
		return error_set(errnum, PMEM_CAUSE_SYSTEM, "io_uring_register", NULL, NULL,
			"io_uring does not give %zu bytes", length);
	}
}

int uring_make(const char *root, size_t length, uint64_t *offset)
{
	struct region_desc desc = { .size = length };
	struct mem_region_reg reg = { .region = (uintptr_t)&desc };
	int fd, r;

	fd = uring_open(root);
	if (fd < 0)
		return fd;
	r = os->io_uring_register(fd, REGISTER_MEM_REGION, &reg, 1);
	if (r < 0) {
		os->close(fd);
		return region_refused(-r, length);
	}
	*offset = desc.mmap_offset;
	return fd;
}

int uring_map(int fd, uint64_t offset, size_t length, void **out)
{
	int r = os->mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset, out);

	return r == 0 ? 0 : error_set(-r, PMEM_CAUSE_SYSTEM, "mmap", NULL, NULL,
		"%zu bytes that io_uring gave cannot be mapped", length);
}

int uring_region(const char *root, size_t length, void **out)
{
	uint64_t offset;
	int fd = uring_make(root, length, &offset), r;

	if (fd < 0)
		return fd;
	r = uring_map(fd, offset, length, out);
	os->close(fd); /* the mapping holds the ring (vm_file), and the ring holds the pages */
	return r;
}

static int pin_refused(int errnum, size_t length)
{
	char buffer[ERRNO_NAME_SIZE];

	switch (errnum) {
	case ENOMEM:
		return no_memory("io_uring_register", "keep in place", length);
	case EFAULT:
	case EOPNOTSUPP:
		return error_set(errnum, PMEM_CAUSE_WRONG_KIND, "io_uring_register", NULL,
			"only anonymous, shared and huge page memory can be pinned",
			"io_uring does not keep this kind of memory in place");
	case EPERM:
		return error_set(EPERM, PMEM_CAUSE_NOT_PINNED, "io_uring_register", NULL,
			"allow io_uring_register in the container's seccomp profile",
			"a filter of system calls (a container's seccomp profile?) forbids io_uring");
	default:
		return error_set(errnum, PMEM_CAUSE_SYSTEM, "io_uring_register", NULL, HINT_NO_PIN,
			"io_uring does not keep %zu bytes in place: %s", length,
			errno_words(errnum, buffer));
	}
}

/* Register in pieces that a fixed buffer can hold. */
static int register_buffers(int fd, void *addr, size_t length)
{
	size_t count = (length - 1) / BUFFER_MAX + 1;
	struct iovec *pieces = calloc(count, sizeof(*pieces));
	int was, r;

	if (!pieces)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "pin", NULL, NULL,
			"no memory for a list of %zu buffers", count);
	for (size_t i = 0; i < count; i++) {
		size_t done = i * BUFFER_MAX;

		pieces[i].iov_base = (unsigned char *)addr + done;
		pieces[i].iov_len = length - done < BUFFER_MAX ? length - done : BUFFER_MAX;
	}
	was = migrate_begin();
	r = os->io_uring_register(fd, IORING_REGISTER_BUFFERS, pieces, (unsigned)count);
	migrate_end(was);
	free(pieces);
	return r < 0 ? pin_refused(-r, length) : 0;
}

int uring_pin(const char *root, void *addr, size_t length, struct pin *pin)
{
	int fd, r;

	pin->fds = malloc(sizeof(*pin->fds));
	if (!pin->fds)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "pin", NULL, NULL,
			"no memory for a descriptor");
	fd = uring_open(root);
	r = fd < 0 ? fd : register_buffers(fd, addr, length);
	if (r < 0) {
		if (fd >= 0)
			os->close(fd);
		free(pin->fds);
		pin->fds = NULL;
		return r;
	}
	pin->class = PIN_IO_URING;
	pin->fds[0] = fd;
	pin->fd_count = 1;
	return 0;
}

int uring_unpin(struct pin *pin)
{
	int first = 0;

	for (size_t i = 0; i < pin->fd_count; i++) {
		int r = os->io_uring_register(pin->fds[i], IORING_UNREGISTER_BUFFERS, NULL, 0);

		if (r < 0 && first == 0)
			first = error_set(-r, PMEM_CAUSE_SYSTEM, "io_uring_register", NULL, NULL,
				"io_uring does not let go of memory that it kept in place");
		returning_note(RETURNING_RING);
		r = os->close(pin->fds[i]);
		if (r < 0 && first == 0)
			first = error_set(-r, PMEM_CAUSE_SYSTEM, "close", NULL, NULL,
				"a descriptor that kept memory in place cannot be closed");
	}
	free(pin->fds);
	return first;
}
