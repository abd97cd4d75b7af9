/* SPDX-License-Identifier: MIT */
/*
 * Texts of /proc and /sys, as no kernel writes them: lib/os, and the lists of huge pages and zones in lib/pages. The
 * first byte says which reader, the files follow, each up to a byte that no text has.
 */
#include <errno.h>
#include <inttypes.h>

#include <pmem/pmem.h>

#include "answers.h"
#include "os/available.h"
#include "os/buddy.h"
#include "os/iomem.h"
#include "os/meminfo.h"
#include "os/probe.h"
#include "pages/hugetlb.h"
#include "pages/migrate.h"
#include "pages/reserve.h"
#include "soc/ctx.h"

#define BETWEEN 0x1e /* two files */
#define CGROUPS "/sys/fs/cgroup"
#define HUGE    "/sys/kernel/mm/hugepages/"

/* The next file's bytes. */
static const uint8_t *part(struct input *in, size_t *size)
{
	const uint8_t *end = in->left ? memchr(in->at, BETWEEN, in->left) : NULL;
	const uint8_t *at;

	*size = end ? (size_t)(end - in->at) : in->left;
	at = in_bytes(in, size);
	(void)in_byte(in);
	return at;
}

static void file(struct input *in, const char *path)
{
	char full[sizeof(ANSWERS_ROOT) + 256];
	size_t size;
	const uint8_t *data = part(in, &size);

	snprintf(full, sizeof(full), ANSWERS_ROOT "%s", path);
	if (size)
		answers_file(full, data, size);
}

static void iomem(struct input *in)
{
	uint64_t phys = in_place(in), size = in_place(in);
	struct iomem_owner owner;
	int r;

	if (size == 0 || phys + (size - 1) < phys)
		size = 1;
	file(in, "/proc/iomem");
	r = iomem_owner(ANSWERS_ROOT, phys, size, &owner);
	if (r == 1) {
		MUST(owner.start <= owner.end && owner.start <= phys + (size - 1) && phys <= owner.end);
		MUST(strnlen(owner.name, sizeof(owner.name)) < sizeof(owner.name));
		MUST(!owner.ram || strstr(owner.name, "System RAM") == owner.name);
	}
	MUST(r == 0 || r == 1 || answers_faulty() || r == -EACCES || r == -ENOENT);
}

static void available(struct input *in)
{
	static const char *const files[] = { "/proc/meminfo", "/proc/self/cgroup", CGROUPS "/a/memory.max",
		CGROUPS "/a/memory.high", CGROUPS "/a/memory.current", CGROUPS "/a/memory.stat",
		CGROUPS "/memory/a/memory.limit_in_bytes", CGROUPS "/memory/a/memory.usage_in_bytes",
		CGROUPS "/memory/a/memory.stat", CGROUPS "/memory.max", CGROUPS "/memory.current", "/proc/buddyinfo" };
	struct available out;
	uint64_t kib;
	char cma[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		file(in, files[i]);
	available_memory(ANSWERS_ROOT, &out);
	MUST(strnlen(out.cgroup, sizeof(out.cgroup)) < sizeof(out.cgroup));
	MUST(!out.cgroup[0] || out.bytes <= out.limit);
	meminfo_cma(ANSWERS_ROOT, cma, sizeof(cma));
	(void)meminfo_kib(ANSWERS_ROOT, "MemFree:", &kib);
	(void)buddy_free(ANSWERS_ROOT, 4096, 4096);
	(void)buddy_free(ANSWERS_ROOT, 4096, 4 << 20);
}

static void zones(struct input *in)
{
	uint64_t length = in_place(in);

	answers_unprivileged();
	file(in, "/proc/zoneinfo");
	(void)migrate_may_hang(ANSWERS_ROOT, (size_t)length);
	answers_result(migrate_check(ANSWERS_ROOT, (size_t)length));
}

static void probes(struct input *in)
{
	static const char *const files[] = { "/proc/cmdline", "/sys/kernel/security/lockdown", "/proc/cpuinfo",
		"/proc/self/uid_map", "/proc/self/status", "/etc/group", "/sys/devices/system/memory/block_size_bytes" };
	struct probe_credentials credentials;
	char name[PROBE_NAME_MAX], value[24];
	uint64_t phys = in_place(in);
	int r;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		file(in, files[i]);
	answers_dir(ANSWERS_ROOT "/sys/devices/system/memory/memory1");
	r = probe_cmdline(ANSWERS_ROOT, "lockdown", value, sizeof(value));
	MUST(r != 1 || strnlen(value, sizeof(value)) < sizeof(value));
	(void)probe_lockdown(ANSWERS_ROOT);
	MUST(probe_iomem_relaxed(ANSWERS_ROOT) <= 1);
	MUST(probe_memory_block(ANSWERS_ROOT, phys) <= 1);
	MUST(probe_phys_bits(ANSWERS_ROOT) <= 64);
	MUST(probe_user_namespace(ANSWERS_ROOT) <= 1);
	(void)probe_credentials(ANSWERS_ROOT, (uint32_t)phys, &credentials);
	if (probe_group_name(ANSWERS_ROOT, (uint32_t)phys, name) == 0)
		MUST(strnlen(name, sizeof(name)) < sizeof(name));
}

/* Names of the folders first, then what is in them. */
static void huge(struct input *in)
{
	static const char *const files[] = { "nr_hugepages", "free_hugepages", "surplus_hugepages" };
	size_t sizes[HUGETLB_POOLS], count, length;
	char path[256];
	struct pmem_ctx *ctx;

	for (int i = 0; i < 4; i++) {
		const uint8_t *name = part(in, &length);

		if (!length || length > 64 || memchr(name, '/', length) || memchr(name, '\0', length))
			continue;
		for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++) {
			snprintf(path, sizeof(path), HUGE "%.*s/%s", (int)length, (const char *)name, files[k]);
			file(in, path);
		}
	}
	file(in, "/proc/sys/kernel/random/boot_id");
	file(in, "/run/libpmem/hugepages");
	count = hugetlb_sizes(ANSWERS_ROOT, sizes);
	MUST(count <= HUGETLB_POOLS);
	for (size_t i = 0; i < count; i++) {
		MUST(sizes[i] && (sizes[i] & (sizes[i] - 1)) == 0 && (!i || sizes[i] >= sizes[i - 1]));
		(void)hugetlb_free(ANSWERS_ROOT, sizes[i]);
	}
	(void)hugetlb_smallest(ANSWERS_ROOT, SIZE_MAX);
	ctx = answers_ctx();
	if (ctx)
		answers_result(reserve_reap(ctx));
	pmem_ctx_unref(ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct input *in) = { iomem, available, zones, probes, huge };
	struct input in = { data, size };
	uint8_t which = in_byte(&in);

	answers_start();
	if (which & 8)
		answers_faults(&in);
	readers[(which & 7) % (sizeof(readers) / sizeof(readers[0]))](&in);
	answers_stop();
	return 0;
}
