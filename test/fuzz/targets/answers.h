/* SPDX-License-Identifier: MIT */
/*
 * A kernel that answers whatever the input says: files, folders and links in memory, devices whose ioctls and reads
 * a target answers, calls that fail. Nothing of it is a system call but for anonymous memory, so that tens of
 * thousands of machines live and die in a second. For one thread, unless answers_threads() says otherwise.
 *
 * What test/fake plays is a sane kernel in a real file system, and fails a test of libcheck; this one is mad, and
 * needs no more than the C library, so that it links with any fuzzer.
 */
#ifndef FUZZ_ANSWERS_H
#define FUZZ_ANSWERS_H

#include "input.h"
#include "os/os.h"

/* LIBPMEM_ROOT of all played machines: paths of files below begin with it. */
#define ANSWERS_ROOT "/r"
/* The process that asks. */
#define ANSWERS_PID     4321
#define ANSWERS_PROCESS ANSWERS_ROOT "/proc/4321"

struct answers_device {
	/* NULL: ENOTTY */
	int (*ioctl)(int fd, unsigned long request, void *arg);
	/* NULL: the end of the file, and EINVAL */
	ssize_t (*pread)(int fd, void *buf, size_t count, uint64_t offset);
	ssize_t (*pwrite)(int fd, const void *buf, size_t count, uint64_t offset);
	/* NULL: anonymous memory. Else 0, or a negative errno for what cannot be mapped. */
	int (*mmap)(int fd, size_t length, uint64_t offset);
	/* NULL: the size of memory. Of SEEK_END. */
	int64_t (*end)(int fd);
	/* NULL: nobody is told. A call that failed as planned, and the end of a descriptor. */
	void (*refused)(unsigned long request);
	void (*closed)(int fd);
	uint64_t memory;
	bool dmabuf; /* of which nobody can ask where its position is: dma_buf_llseek() */
};

/* An empty machine, with LIBPMEM_ROOT set, in place of the kernel. */
void answers_start(void);
/* The real calls again. What is open or mapped still was leaked: the process ends. */
void answers_stop(void);

/* With all folders above. What is there already stays, and NULL says so; NULL also if there is no room. */
struct answers_node *answers_file(const char *path, const void *data, size_t size);
struct answers_node *answers_text(const char *path, const char *text);
struct answers_node *answers_dir(const char *path);
struct answers_node *answers_link(const char *path, const char *target);
struct answers_node *answers_device(const char *path, const struct answers_device *device);
/* Mode bits and owner, which are 0644 (0755, 0600) and root. */
void answers_owner(struct answers_node *node, uint32_t mode, uint32_t uid);
/* A file's bytes, until it is written again; NULL: there is none. */
const uint8_t *answers_data(const char *path, size_t *size);

void answers_env(const char *name, const char *value);
void answers_kernel(int version);
/* No capabilities: what needs one says EPERM. */
void answers_unprivileged(void);
/* io_uring keeps all memory in place; else there is none. */
void answers_uring(void);
/*
 * Each page that is mapped has a frame of its own, in a row for what is mapped at once, and keeps it when it is moved.
 * answers_frame() tells it, and 0 of what the machine has not mapped.
 */
void answers_frames(void);
uint64_t answers_frame(uintptr_t addr);
/* Whoever wants to see what is unmapped. */
void answers_watch(void (*unmapping)(const void *addr, size_t length));
/*
 * From now on several threads may call, one after the other; what is above is for the time before and after. A target
 * that asks for what its devices know takes their turn.
 */
void answers_threads(void);
void answers_lock(void);
void answers_unlock(void);
/* What directories say of links to them is 1, as some file systems do. */
void answers_count_no_links(void);
/* The nth call from now fails; up to four may be planned. */
void answers_fail(unsigned nth, int errnum);
/* The same by the input, of which at most 7 bytes are taken. */
void answers_faults(struct input *in);
/* Is or was any call to fail? */
bool answers_faulty(void);
/* How many calls there were. */
unsigned answers_calls(void);

/* A descriptor of that device, for ioctls that make one; -EMFILE */
int answers_fd(const struct answers_device *device);
/*
 * Part of a reply: mostly it is left as it is, else size bytes at data are what the input says, or an errno is the
 * result. Takes a byte, and what that asks for.
 */
int answers_damage(struct input *in, void *data, size_t size);
/* From now on the kernel gives numbers that are no descriptors: closing them is no mistake of the library. */
void answers_mad_fds(void);
/* It did not let go of memory that a device sees, which stays then, with what keeps it in place: no leak either. */
void answers_holds(void);
size_t answers_fds(void);
size_t answers_mapped(void);

/* A call's result: negative ones have an error that says the same, with all of its texts. Passes r on. */
int answers_result(int r);

/* A context of the played machine. NULL: the input made that fail. */
struct pmem_ctx *answers_ctx(void);

#endif
