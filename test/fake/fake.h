/* SPDX-License-Identifier: MIT */
/*
 * The played kernel. fake_start() puts it in place of the real calls: most pass through, but
 * everything opened and mapped is counted, any call can be made to fail, paths can be scripted
 * devices, and the environment, page size, kernel version and capabilities are what the test says.
 */
#ifndef TEST_FAKE_H
#define TEST_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pmem/pmem.h>

#include "base/error.h"
#include "os/os.h"

/* --- life ------------------------------------------------------------------------------- */

/* Begin: an empty fake root, LIBPMEM_ROOT set to it, no faults, nothing counted. */
void fake_start(void);
/* End: the real calls again; fails the test if a descriptor or mapping is still there. */
void fake_stop(void);

/*
 * Descriptors and mapped bytes that the library holds right now: but for one of pagemap, which is the
 * context's until it ends.
 */
size_t fake_fds(void);
size_t fake_mapped(void);
/* Descriptors, with that of each context. */
size_t fake_all_fds(void);

/* --- what the machine is ------------------------------------------------------------------ */

void fake_env(const char *name, const char *value); /* value NULL: not set */
void fake_page_size(size_t size);
void fake_kernel(int version);                      /* 6012 is 6.12 */
void fake_pass_us(uint64_t us);                     /* that much time passes at once */
void fake_capability(unsigned cap, bool held);      /* default: what the process has */
bool fake_io_flusher_is_on(void);                   /* needs CAP_SYS_RESOURCE held by the test */
void fake_coherency(int clean, int flush);          /* results of the cache operations */
unsigned fake_cache_calls(void);                    /* cache operations so far */
uint64_t fake_cache_bytes(void);                    /* bytes they were asked to cover */

/* --- tree.c: files below the fake root ------------------------------------------------------ */

const char *fake_root(void);                        /* absolute path of the fake root */
void fake_dir(const char *path);                    /* with parents */
void fake_file(const char *path, const void *data, size_t size);
void fake_text(const char *path, const char *text); /* without the final NUL */
void fake_sparse(const char *path, uint64_t size);  /* dev/mem of a played machine */
void fake_link(const char *path, const char *target);
void fake_remove(const char *path);
/* Device-tree properties: below proc/device-tree; big-endian cells, NUL ended strings. */
void fake_cells(const char *node, const char *property, size_t count, const uint32_t *cells);
#define CELLS(node, property, ...)                                                       \
	do {                                                                             \
		const uint32_t cells_[] = { __VA_ARGS__ };                               \
		fake_cells(node, property, sizeof(cells_) / sizeof(cells_[0]), cells_);  \
	} while (0)
void fake_string(const char *node, const char *property, const char *text);
/* The root's compatible strings, each NUL ended. */
void fake_compatible(const char *list, size_t size);
#define COMPATIBLE(list) fake_compatible(list, sizeof(list))

/* --- what is opened ---------------------------------------------------------------------------- */

/* Count from now on how often each path is opened or listed; false: no more. */
void fake_count_opens(bool on);
/* How often that path below the fake root was since then. */
unsigned fake_opens(const char *path);
/* Name and count of entry i of all such paths; NULL after the last. */
const char *fake_opened(size_t i, unsigned *count);

/* --- faults --------------------------------------------------------------------------------- */

/* Let the nth call from now (1 is the next) fail with errnum; 0 calls it off. */
void fake_fail(unsigned nth, int errnum);
/* Let every call of that name ("open", "ioctl", "mmap") fail; NULL calls it off. */
void fake_fail_named(const char *call, int errnum);
/*
 * From now on each call fails the test if it is made by a thread that could be cancelled: every
 * public function holds that off. The test makes no call by os->... itself meanwhile.
 */
void fake_guard(bool on);
/* Did the fault happen, and in which call? NULL: not yet. */
const char *fake_failed(void);

/*
 * Run action with its 1st call failing, then its 2nd, ... until a run in which no call failed.
 * Each run must end without a leaked descriptor or mapping, and return 0 or a negative errno
 * with an error to match. Returns how many faults were tried.
 */
unsigned fake_fail_each(int errnum, int (*action)(void *user), void *user);

/* --- scripted devices ------------------------------------------------------------------------ */

struct fake_device {
	const char *path;   /* below the fake root, "/dev/vcio"; NULL for fake_device_fd() only */
	size_t memory;      /* bytes of memory that mmap() of the descriptor shows */
	int open_errnum;    /* open fails with this; 0: works */
	/* It was opened, or a descriptor duplicated; a negative errno: open fails after all. NULL: nothing. */
	int (*opened)(void *user, int fd);
	void (*duplicated)(void *user, int from, int to);
	/* NULL: ENOTTY. A result >= 0 or a negative errno. */
	int (*ioctl)(void *user, int fd, unsigned long request, void *arg);
	/* NULL: the memory is mapped. */
	int (*mmap)(void *user, size_t length, int prot, int flags, uint64_t offset, void **out);
	/* NULL: the memory is read. */
	ssize_t (*pread)(void *user, int fd, void *buf, size_t count, uint64_t offset);
	/* NULL: the memory is written. */
	ssize_t (*pwrite)(void *user, int fd, const void *buf, size_t count, uint64_t offset);
	/* NULL: as in a file. */
	int64_t (*lseek)(void *user, int fd, int64_t offset, int whence);
	/* NULL: as a file, of which each opening is another one. */
	int (*flock)(void *user, int fd, int operation);
	/* It was opened with these O_*. */
	void (*opened_with)(void *user, int fd, int flags);
	void (*closed)(void *user, int fd);
	void *user;
};

/* Play that device; the struct must live until fake_stop(). */
void fake_device(const struct fake_device *device);
/* The same, and its file is there. */
void fake_node(const struct fake_device *device);
/* An mmap of played registers: a mapping that faults when it is touched, for the library touches none by itself. */
int fake_untouchable(void *user, size_t length, int prot, int flags, uint64_t offset, void **out);
/* A descriptor of that device, for ioctls that make one (dma-bufs). Counted as open. */
int fake_device_fd(const struct fake_device *device);

#endif
