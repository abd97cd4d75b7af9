/* SPDX-License-Identifier: MIT */
/*
 * A short form of test/soak where heaps and an IOMMU are real: buffers and what a device sees are held while memory is
 * compacted and gets scarce, and others come and go. Their addresses stay, and what is in them; the device finds it there.
 *     check-soak [--device BDF] [--seconds N] BACKEND...
 */
#include <getopt.h>
#include <signal.h>

#include "check-vfio.h"

#define HELD_MAX 64
#define LOOKED   4096u /* of each end of an item */

static struct held {
	struct pmem_region *region;
	bool attached;
	uint64_t bus, phys; /* PMEM_ADDRESS_NONE: has none */
	size_t pages;       /* of ordinary memory, whose page table is looked at; 0: it is not */
	uint64_t *frames;
} held[HELD_MAX];
static unsigned count;

static struct edu edu;
static struct pmem_ctx *ctx;
static uint64_t looks, rounds;
static const char *device;
static unsigned seconds = 15;

/* In a child, until it is killed. */
static void disturb(void)
{
	for (;;) {
		long long available = vfio_number("/proc/meminfo", "MemAvailable") * 1024;
		size_t length = (size_t)available / 2;
		unsigned char *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (size_t i = 0; at != MAP_FAILED && i < length; i += 8192)
			at[i] = 1;
		for (const char *const *file = (const char *const[]){ "/proc/sys/vm/compact_memory",
			     "/proc/sys/vm/drop_caches", NULL }; *file; file++) {
			int fd = open(*file, O_WRONLY | O_CLOEXEC);

			if (fd < 0 || write(fd, "1", 1) != 1)
				_exit(1);
			close(fd);
		}
		if (at != MAP_FAILED)
			munmap(at, length);
		edu_sleep(100);
	}
}

static uint64_t phys_of(const struct pmem_region *region)
{
	uint64_t phys = PMEM_ADDRESS_NONE;

	return pmem_region_extent(region, 0, &phys, NULL) == 0 ? phys : PMEM_ADDRESS_NONE;
}

static unsigned char *last_of(const struct pmem_region *region)
{
	return (unsigned char *)pmem_region_data(region) + pmem_region_size(region) - LOOKED;
}

static bool note(struct held *h, bool ordinary, unsigned number)
{
	h->phys = phys_of(h->region);
	memset(pmem_region_data(h->region), (int)number, LOOKED);
	memset(last_of(h->region), (int)number, LOOKED);
	if (!ordinary)
		return true;
	h->pages = (size_t)(pmem_region_size(h->region) / vfio_page());
	h->frames = calloc(h->pages, sizeof(*h->frames));
	return h->frames && pmem_vaddr_phys_bulk(ctx, pmem_region_data(h->region), h->pages, h->frames) == 0;
}

/* A device's own, or ordinary memory that it is shown. */
static bool take_seen(struct held *h, uint64_t size, unsigned number)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages", .flags = PMEM_ALLOC_SCATTERED };

	*h = (struct held){ .attached = number % 2 };
	if (!h->attached) {
		h->region = vfio_memory(&edu, size);
		h->bus = vfio_address(h->region);
		return h->region && note(h, true, number);
	}
	return pmem_region_alloc(ctx, size, &opts, &h->region) == 0 &&
		pmem_device_attach(edu.device, h->region, PMEM_DMA_BOTH, &h->bus) == 0 && note(h, true, number);
}

static bool take_buffer(struct held *h, const char *backend, uint64_t size, unsigned number)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = backend,
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS };

	*h = (struct held){ .bus = PMEM_ADDRESS_NONE };
	return pmem_region_alloc(ctx, size, &opts, &h->region) == 0 && note(h, false, number);
}

static bool look(const struct held *h, unsigned number)
{
	uint64_t bus = h->bus, *frames = calloc(h->pages + 1, sizeof(*frames));
	bool good = frames && phys_of(h->region) == h->phys;

	if (good && h->bus != PMEM_ADDRESS_NONE)
		good = pmem_device_bus(edu.device, h->region, &bus) == 0 && bus == h->bus;
	good = good && vfio_all(pmem_region_data(h->region), (int)number, LOOKED) &&
		vfio_all(last_of(h->region), (int)number, LOOKED);
	if (good && h->pages) {
		good = pmem_vaddr_phys_bulk(ctx, pmem_region_data(h->region), h->pages, frames) == 0;
		good = good && !memcmp(frames, h->frames, h->pages * sizeof(*frames));
	}
	looks += h->pages + 1;
	free(frames);
	return good;
}

static bool give(struct held *h)
{
	free(h->frames);
	return pmem_region_close(h->region) == 0;
}

/* What the device reads at the address that it was told first, it writes to memory of now. */
static bool device_finds(const struct held *h, unsigned number)
{
	struct pmem_region *to = vfio_memory(&edu, LOOKED);
	bool good = to && edu_load(&edu, h->bus, 512) == 0 && edu_store(&edu, vfio_address(to), 512) == 0 &&
		vfio_all(pmem_region_data(to), (int)number, 512);

	return pmem_region_close(to) == 0 && good;
}

static bool hold(char **backends)
{
	for (unsigned i = 0; device && i < 16; i++, count++) {
		if (!take_seen(&held[count], LOOKED << i % 8, count + 1))
			return false;
	}
	for (; *backends; backends++) {
		for (unsigned i = 0; i < 8; i++, count++) {
			if (!take_buffer(&held[count], *backends, LOOKED << i % 8, count + 1))
				return false;
		}
	}
	return count > 0;
}

static bool come_and_go(char **backends, unsigned n)
{
	struct held h[2] = { { .region = NULL } };
	size_t known = 0;
	bool good = true;

	while (backends[known])
		known++;
	if (device)
		good = take_seen(&h[0], LOOKED << n % 6, n % 200 + 1) && look(&h[0], n % 200 + 1);
	if (good && known)
		good = take_buffer(&h[1], backends[n % known], LOOKED << n % 6, n % 200 + 1) && look(&h[1], n % 200 + 1);
	for (unsigned i = 0; i < 2; i++)
		good = (!h[i].region || give(&h[i])) && good;
	rounds++;
	return good;
}

static void soak(char **backends)
{
	unsigned fds, maps, n = 0;
	double until;
	bool stay = true, find = true, churn = true;

	for (; n < 8 && churn; n++)
		churn = come_and_go(backends, n);
	fds = vfio_entries("/proc/self/fd"), maps = vfio_lines("/proc/self/maps");
	for (until = vfio_seconds() + seconds; stay && find && churn && vfio_seconds() < until; n++) {
		churn = come_and_go(backends, n);
		for (unsigned i = 0; n % 8 == 0 && stay && i < count; i++)
			stay = look(&held[i], i + 1);
		if (device && n % 64 == 0)
			find = device_finds(&held[n / 64 % 16], n / 64 % 16 + 1);
	}
	CHECK("soak-come-and-go", churn, "round %u: %s", n, check_error());
	CHECK("soak-stay", stay, "an address or what is in it changed: %s", check_error());
	CHECK("soak-device-finds", find, "%s", check_error());
	CHECK("soak-descriptors", vfio_entries("/proc/self/fd") == fds, "%u, then %u", fds, vfio_entries("/proc/self/fd"));
	CHECK("soak-maps", vfio_lines("/proc/self/maps") <= maps + 2, "%u, then %u", maps,
		vfio_lines("/proc/self/maps"));
	CHECK("soak-much", looks > 1000 && rounds > 20, "%llu and %llu", (unsigned long long)looks,
		(unsigned long long)rounds);
	printf("%u held, %llu addresses compared, %llu rounds\n", count, (unsigned long long)looks,
		(unsigned long long)rounds);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "device", required_argument, NULL, 'd' },
		{ "seconds", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 } };
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	pid_t child;
	int c, status;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'd')
			device = optarg;
		else if (c == 's')
			seconds = (unsigned)check_number(optarg);
	}
	ctx = check_ctx();
	if (device)
		CHECK_OK("soak-open", vfio_open(&edu, ctx, device, &opts));
	CHECK("soak-hold", hold(argv + optind), "item %u: %s", count, check_error());
	if (check_failures)
		return check_end();
	child = fork();
	if (child == 0)
		disturb();
	soak(argv + optind);
	CHECK("soak-disturbed", child > 0 && waitpid(child, &status, WNOHANG) == 0, "nothing disturbed it");
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	for (c = 0; count; )
		c += !give(&held[--count]);
	CHECK("soak-give", c == 0, "%s", check_error());
	if (device)
		CHECK_OK("soak-close", vfio_close(&edu));
	pmem_ctx_unref(ctx);
	return check_end();
}
