/* SPDX-License-Identifier: MIT */
/* Proves pmem_vcio.ko: /dev/vcio by its raw ABI. With "old": the module was loaded with old=1. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "mod_check.h"

/* size of a pointer, so other numbers for 32- and 64-bit programs */
#define MBOX_PROPERTY _IOWR(100, 0, char *)
#define PROC	      "/proc/pmem_vcio"
#define ALLOC	      0x3000cu
#define LOCK	      0x3000du
#define UNLOCK	      0x3000eu
#define RELEASE	      0x3000fu
#define REPLY	      0x80000000u

static int fd, old;

/* Counters that another program may have moved before: only what this one adds counts. */
enum { DOUBLE_RELEASE, RELEASE_LOCKED, RELEASE_BY_OTHER_WHILE_OWNER_ALIVE, COUNTERS };
static const char *const counters[COUNTERS] = {
	"double_release", "release_locked", "release_by_other_while_owner_alive"};
static long long at_start[COUNTERS];

static long long since(int which)
{
	return check_counter(PROC, counters[which]) - at_start[which];
}

static int message(uint32_t *words)
{
	return ioctl(fd, MBOX_PROPERTY, words);
}

/* One tag with a one-word reply; the third word goes to *reply. */
static uint32_t one(uint32_t tag, uint32_t value, uint32_t *reply)
{
	uint32_t m[7] = {sizeof(m), 0, tag, 4, 4, value, 0};

	*reply = 0;
	if (message(m))
		return 0xdead0000u + (uint32_t)errno;
	*reply = m[4];
	return m[5];
}

static uint32_t call(uint32_t tag, uint32_t value)
{
	uint32_t reply;

	return one(tag, value, &reply);
}

static uint32_t allocate(uint32_t size, uint32_t align, uint32_t flags)
{
	uint32_t m[9] = {sizeof(m), 0, ALLOC, 12, 12, size, align, flags, 0};

	if (message(m) || m[1] != REPLY || m[4] != (REPLY | 4))
		return 0;
	return m[5];
}

static void inject(const char *text)
{
	int proc = open(PROC, O_WRONLY | O_CLOEXEC);
	ssize_t n = (ssize_t)strlen(text);

	if (proc < 0 || write(proc, text, (size_t)n) != n)
		CHECK("vcio.inject", 0, "%s: %s", text, strerror(errno));
	if (proc >= 0)
		close(proc);
}

/* The old driver gives the message back with the firmware's status; the new one does not. */
static void check_refused(const char *name, uint32_t *words)
{
	if (old) {
		CHECK_EQ(name, message(words), 0);
		CHECK_EQ("vcio.refused-status", words[1], 0x80000001u);
	} else {
		CHECK_ERRNO(name, message(words), EINVAL);
		CHECK_EQ("vcio.refused-not-copied-back", words[1], 0);
	}
}

static void check_format(void)
{
	uint32_t odd[7] = {27, 0, LOCK, 4, 4, 1, 0}, tiny[3] = {8, 0, 0};
	uint32_t unknown[7] = {28, 0, 0x000affff, 4, 0, 0x1234, 0};
	uint32_t overrun[7] = {28, 0, LOCK, 400, 4, 1, 0};
	uint32_t before[7];
	uint32_t reply;

	CHECK_ERRNO("vcio.other-ioctl", ioctl(fd, _IO(100, 1), odd), EINVAL);
	CHECK_ERRNO("vcio.size-odd", message(odd), EINVAL);
	CHECK_ERRNO("vcio.size-tiny", message(tiny), EINVAL);
	CHECK_ERRNO("vcio.bad-pointer", message(NULL), EFAULT);
	memcpy(before, overrun, sizeof(before));
	check_refused("vcio.overrun", overrun);
	before[1] = overrun[1];
	CHECK_EQ("vcio.refused-tags-kept", memcmp(before, overrun, sizeof(before)), 0);
	CHECK_EQ("vcio.unknown-tag", message(unknown), 0);
	CHECK_EQ("vcio.unknown-status", unknown[1], REPLY);
	CHECK_EQ("vcio.unknown-bit31", unknown[4] & REPLY, 0);
	CHECK_EQ("vcio.firmware-revision", call(1, 0) != 0, 1);
	one(1, 0, &reply);
	CHECK_EQ("vcio.reply-word", reply, REPLY | 4);
	CHECK("vcio.dma-channels", call(0x60001, 0) & 0xffff, "none");
}

/* Two tags in one message, the second behind a value buffer that is larger than needed. */
static void check_many_tags(void)
{
	uint32_t m[] = {0, 0, 0x10006, 16, 0, 7, 7, 7, 7, 0x10002, 4, 0, 0, 0};

	m[0] = sizeof(m);
	CHECK_EQ("vcio.many-tags", message(m), 0);
	CHECK_EQ("vcio.vc-memory-reply", m[4], REPLY | 8);
	/* the pool is all of it, or the part that a module parameter names */
	check_result("vcio.vc-memory-size", m[6] >= check_counter(PROC, "size"), "%u", m[6]);
	CHECK_EQ("vcio.beyond-reply-kept", m[7], 7);
	CHECK("vcio.board-revision", m[12] != 0, "0");
}

static void check_contents(const char *name, uint32_t bus, uint32_t want)
{
	int mem = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	off_t phys = (off_t)(bus & 0x3fffffffu);
	volatile uint32_t *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, mem, phys);

	if (p == MAP_FAILED) {
		CHECK(name, 0, "map %#llx: %s", (long long)phys, strerror(errno));
	} else {
		CHECK(name, p[0] == want && p[16383] == want, "%#x %#x", p[0], p[16383]);
		p[0] = p[16383] = 0x5a5a5a5a;
		munmap((void *)(uintptr_t)p, 65536);
	}
	close(mem);
}

static void check_memory(void)
{
	static const uint32_t flags[] = {0x0, 0x4, 0x8, 0xc | 0x10};
	static const uint32_t alias[] = {0x0, 0xc, 0x8};
	uint32_t handle[4], bus[4];
	long long free_before = check_counter(PROC, "free");
	int i;

	for (i = 0; i < 4; i++) {
		handle[i] = allocate(65536, 65536, flags[i]);
		bus[i] = call(LOCK, handle[i]);
		CHECK("vcio.lock", handle[i] && bus[i] % 65536 == 0, "handle %u bus %#x", handle[i],
			bus[i]);
		if (i < 3)
			CHECK_EQ("vcio.alias", bus[i] >> 28 & 0xc, alias[i]);
	}
	CHECK_EQ("vcio.live", check_counter(PROC, "live"), 4);
	CHECK_EQ("vcio.locked", check_counter(PROC, "locked"), 4);
	CHECK_EQ("vcio.free", free_before - check_counter(PROC, "free"), 4 * 65536);
	check_contents("vcio.filled-with-ones", bus[1], 0xffffffffu);
	check_contents("vcio.filled-with-zeroes", bus[3], 0);
	for (i = 0; i < 4; i++) {
		CHECK_EQ("vcio.unlock", call(UNLOCK, handle[i]), 0);
		CHECK_EQ("vcio.unlock-twice", call(UNLOCK, handle[i]), 1);
		CHECK_EQ("vcio.release", call(RELEASE, handle[i]), 0);
		CHECK_EQ("vcio.release-twice", call(RELEASE, handle[i]), 1);
	}
	CHECK_EQ("vcio.lock-released", call(LOCK, handle[0]), 0);
	CHECK_EQ("vcio.live-after", check_counter(PROC, "live"), 0);
	CHECK_EQ("vcio.double-release", since(DOUBLE_RELEASE), 4);
	CHECK_EQ("vcio.align-1", allocate(100, 1, 4) != 0, 1);
	CHECK_EQ("vcio.size-0", allocate(0, 4096, 4), 0);
	CHECK_EQ("vcio.exhausted", allocate(0xf0000000u, 4096, 4), 0);
	inject("drain");
}

static void check_outlives(void)
{
	int channel[2];
	uint32_t handle = 0;
	pid_t pid;

	if (pipe(channel) || (pid = fork()) < 0) {
		CHECK("vcio.outlives", 0, "%s", strerror(errno));
		return;
	}
	if (pid == 0) {
		handle = allocate(4096, 4096, 4);
		call(LOCK, handle);
		if (write(channel[1], &handle, sizeof(handle)) != sizeof(handle))
			_exit(1);
		pause();
	}
	if (read(channel[0], &handle, sizeof(handle)) != sizeof(handle))
		handle = 0;
	kill(pid, SIGKILL);
	check_wait(pid);
	CHECK_EQ("vcio.outlives-its-process", check_counter(PROC, "live"), 1);
	CHECK_EQ("vcio.release-after-death", call(RELEASE, handle), 0);
	CHECK_EQ("vcio.not-behind-back", since(RELEASE_BY_OTHER_WHILE_OWNER_ALIVE), 0);
	CHECK_EQ("vcio.release-locked", since(RELEASE_LOCKED), 1);
	handle = allocate(4096, 4096, 4);
	pid = fork();
	if (pid == 0)
		_exit(call(RELEASE, handle) != 0);
	CHECK_EQ("vcio.child-releases", check_wait(pid), 0);
	CHECK_EQ("vcio.behind-back", since(RELEASE_BY_OTHER_WHILE_OWNER_ALIVE), 1);
}

static void check_faults(void)
{
	uint32_t reply, handle, word[7] = {28, 0, LOCK, 4, 4, 1, 0};

	inject("fail alloc 1");
	CHECK_EQ("vcio.fail-alloc", allocate(4096, 4096, 4), 0);
	inject("fail alloc 1 1");
	handle = allocate(4096, 4096, 4);
	CHECK("vcio.fail-skips", handle != 0, "handle 0");
	CHECK_EQ("vcio.fail-then", allocate(4096, 4096, 4), 0);
	inject("fail lock 1");
	CHECK_EQ("vcio.fail-lock", call(LOCK, handle), 0);
	inject("fail release 1");
	CHECK_EQ("vcio.fail-release", call(RELEASE, handle), 1);
	inject("nobit31 lock 1");
	one(LOCK, handle, &reply);
	CHECK_EQ("vcio.nobit31", reply & REPLY, 0);
	inject("short lock 1");
	one(LOCK, handle, &reply);
	CHECK_EQ("vcio.short", reply, REPLY);
	inject("timeout lock 1");
	CHECK_ERRNO("vcio.timeout", message(word), ETIMEDOUT);
	inject("einval any 1");
	check_refused("vcio.einval", word);
	word[1] = 0;
	inject("enomem any 1");
	CHECK_ERRNO("vcio.enomem", message(word), ENOMEM);
	CHECK_EQ("vcio.fault-live", check_counter(PROC, "live"), 1);
	CHECK_EQ("vcio.fault-release", call(RELEASE, handle), 0);
	CHECK_EQ("vcio.fault-live-after", check_counter(PROC, "live"), 0);
	inject("reset");
}

/* Takes and gives back until it is killed; every handle belongs to one process only. */
static void stress_child(unsigned int seed)
{
	uint32_t handle;

	for (;;) {
		seed = seed * 1103515245u + 12345u;
		handle = allocate(4096 + seed % 200000, 4096, 4);
		if (!handle)
			continue;
		if (call(LOCK, handle) == 0 || call(UNLOCK, handle) || call(RELEASE, handle))
			_exit(1);
	}
}

static void check_stress(void)
{
	long long releases = check_counter(PROC, "releases");
	pid_t pid[4];
	int round, i;

	for (round = 0; round < 5; round++) {
		for (i = 0; i < 4; i++) {
			pid[i] = fork();
			if (pid[i] == 0)
				stress_child((unsigned int)(round * 4 + i));
		}
		usleep(150000);
		for (i = 0; i < 4; i++) {
			kill(pid[i], SIGKILL);
			CHECK_EQ("vcio.stress-killed", check_wait(pid[i]), SIGKILL);
		}
	}
	CHECK("vcio.stress-ran", check_counter(PROC, "releases") > releases + 20, "too few");
	CHECK("vcio.stress-leaks", check_counter(PROC, "live") <= 20, "more than the killed had");
	CHECK_EQ("vcio.stress-double", since(DOUBLE_RELEASE), 4);
	inject("drain");
	CHECK_EQ("vcio.stress-drained", check_counter(PROC, "free"), check_counter(PROC, "size"));
}

int main(int argc, char **argv)
{
	int i;

	old = argc > 1 && strcmp(argv[1], "old") == 0;
	for (i = 0; i < COUNTERS; i++)
		at_start[i] = check_counter(PROC, counters[i]);
	fd = open("/dev/vcio", O_RDONLY | O_CLOEXEC);
	if (!check_result("vcio.open", fd >= 0, "%s", strerror(errno)))
		return 1;
	if (old)
		CHECK_ERRNO("vcio.exclusive", open("/dev/vcio", O_RDONLY | O_CLOEXEC), EBUSY);
	check_format();
	check_many_tags();
	check_memory();
	check_outlives();
	check_faults();
	check_stress();
	close(fd);
	return check_end();
}
