/* SPDX-License-Identifier: MIT */
/* A memory cgroup, of either version, for what is held and a neighbour; its limit goes up and down. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disturb.h"

static const struct version {
	const char *base, *limit, *usage, *none;
} versions[] = {
	{ "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "-1" },
	{ "/sys/fs/cgroup", "memory.max", "memory.current", "max" },
};

static const struct version *version;
static char folder[64];
static _Atomic uint64_t *held; /* shared: in use by what is held */

static const char *path_of(const char *file)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	return path;
}

static void remember(void)
{
	held = mmap(NULL, sizeof(*held), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < 2; i++) {
		version = &versions[i];
		snprintf(folder, sizeof(folder), "%s/libpmem-soak-%d", version->base, (int)getpid());
		if (mkdir(folder, 0755) == 0 && access(path_of(version->limit), W_OK) == 0)
			return;
		rmdir(folder);
	}
	folder[0] = '\0';
}

bool cgroup_enter(void)
{
	return !folder[0] || soak_write_number(path_of("cgroup.procs"), (uint64_t)getpid()) == 0;
}

#define ROOM    (160 * MIB)
#define TIGHT   (48 * MIB)
#define FILLING (224 * MIB)

static const char *begin_limit(void)
{
	if (!folder[0])
		return "no memory cgroup can be made";
	*held = soak_number(path_of(version->usage), "");
	return soak_write_number(path_of(version->limit), *held + ROOM) ? "the limit of a cgroup cannot be set" : NULL;
}

/* Near its end, and less near. Memory that is held cannot be reclaimed: the kernel tries, and says EBUSY. */
static bool step_limit(uint64_t number)
{
	int r = soak_write_number(path_of(version->limit), *held + (number % 2 ? ROOM : TIGHT));

	if (r && r != -EBUSY && r != -EINTR) {
		soak_fault("the limit of the cgroup: %s", strerror(-r));
		return false;
	}
	return true;
}

static int undo(void)
{
	/* Processes that were killed a moment ago are still in it. */
	for (unsigned tries = 0; folder[0] && rmdir(folder) < 0 && errno != ENOENT; tries++) {
		if (tries == 100)
			return -errno;
		soak_sleep_ms(50);
	}
	return 0;
}

static const char *begin_neighbour(void)
{
	return folder[0] ? NULL : "no memory cgroup can be made";
}

/* More than there is room for: it is swapped, or its process is killed; and back. */
static bool step_neighbour(uint64_t number)
{
	size_t length = soak_number("/proc/meminfo", "SwapTotal:") ? FILLING : ROOM / 2;
	uint64_t *words = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool good = true;

	if (words == MAP_FAILED)
		return true;
	for (size_t i = 0; i < length / 8; i += PAGE / 8)
		words[i] = i * (number + 1) + 1;
	madvise(words, length / 4, MADV_PAGEOUT);
	for (size_t i = 0; good && i < length / 8; i += PAGE / 8)
		good = words[i] == i * (number + 1) + 1;
	if (!good)
		soak_fault("a neighbour's memory came back from swap with another content");
	munmap(words, length);
	return good;
}

const struct disturbance disturb_limit = { .name = "cgroup limit near its end", .remember = remember, .begin = begin_limit,
	.step = step_limit, .undo = undo, .percent = 4, .least_ms = 2000 };
const struct disturbance disturb_neighbour = { .name = "neighbour in the cgroup, swapped", .begin = begin_neighbour,
	.step = step_neighbour, .percent = 5, .least_ms = 500, .in_cgroup = true };
