/* SPDX-License-Identifier: MIT */
/*
 * What a machine without an IOMMU and without heaps cannot show, on the played kernel: what a device sees, by each way, and
 * buffers of a heap stay where they are while thousands come and go, and nothing is left of those.
 */
#include <malloc.h>

#include "played_device.h"
#include "played_dmabuf.h"

#define ROUNDS 2000
#define HELD   24

static struct held {
	struct pmem_region *region;
	bool attached; /* else the device's from the start */
	uint64_t bus;
} held[HELD];

static uint64_t state;

static uint64_t dice(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 20;
}

static struct held make(uint64_t number)
{
	struct held h = { .attached = number % 2 };
	uint64_t size = 1 + dice() % (5 * PAGE);

	if (h.attached) {
		h.region = ordinary(size);
		assert_works(pmem_device_attach(device, h.region, PMEM_DMA_BOTH, &h.bus));
	} else {
		h.region = take(size, 0);
		h.bus = bus_of(h.region);
	}
	return h;
}

static void look(const struct held *h, unsigned char byte)
{
	unsigned char *data = pmem_region_data(h->region);
	size_t last = (size_t)pmem_region_size(h->region) - 1;
	uint64_t bus = 0;

	assert_works(pmem_device_bus(device, h->region, &bus));
	ck_assert_uint_eq(bus, h->bus);
	ck_assert(pokes(bus, byte));
	ck_assert(pokes(bus + last, (unsigned char)(byte + 1)));
	ck_assert_uint_eq(data[last], (unsigned char)(byte + 1));
	if (last)
		ck_assert_uint_eq(data[0], byte);
}

/* Half of those that were attached are taken away first, the others by closing them. */
static void unmake(const struct held *h)
{
	if (h->attached && dice() % 2)
		assert_works(pmem_device_detach(device, h->region));
	assert_works(pmem_region_close(h->region));
}

START_TEST(what_a_device_sees)
{
	size_t maps, fds, mapped, used;
	uint64_t pinned;

	state = 88172645463325252u;
	begin(_i);
	for (unsigned n = 0; n < HELD; n++)
		held[n] = make(n);
	for (unsigned n = 0; n < 32; n++) { /* what the first ones need for ever */
		struct held h = make(n);

		unmake(&h);
	}
	maps = vfio.maps, pinned = vfio.pinned, fds = fake_fds(), mapped = fake_mapped();
	used = mallinfo2().uordblks;
	for (unsigned n = 0; n < ROUNDS; n++) {
		struct held some[4];
		unsigned count = 1 + (unsigned)(dice() % 4);

		for (unsigned i = 0; i < count; i++)
			some[i] = make(dice());
		for (unsigned i = 0; i < count; i++)
			look(&some[i], (unsigned char)n);
		look(&held[n % HELD], (unsigned char)n);
		for (unsigned i = 0; i < count; i++)
			unmake(&some[i]);
	}
	ck_assert_uint_eq(vfio.maps, maps);
	ck_assert_uint_eq(vfio.pinned, pinned);
	ck_assert_uint_eq(fake_fds(), fds);
	ck_assert_uint_eq(fake_mapped(), mapped);
	ck_assert_uint_le(mallinfo2().uordblks, used + 4096);
	for (unsigned n = 0; n < HELD; n++) {
		look(&held[n], (unsigned char)n);
		unmake(&held[n]);
	}
	end();
}
END_TEST

static struct pmem_region *buffer(const char *backend, uint64_t size)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = backend };
	struct pmem_region *region = NULL;

	opts.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS;
	assert_works(pmem_region_alloc(ctx, size, &opts, &region));
	return region;
}

static const char *const makers[] = { "dmaheap", "udmabuf" };

static void begin_heaps(void)
{
	static const struct fake_device heap = { .path = "/dev/dma_heap/system", .ioctl = played_heap_ioctl };

	fake_start();
	fake_string("/", "compatible", "a board");
	fake_file("/proc/device-tree/dma-coherent", "", 0);
	fake_node(&heap);
	played_udmabuf();
	assert_works(pmem_ctx_new(&ctx));
}

START_TEST(buffers_of_heaps)
{
	struct pmem_region *kept[HELD];
	int fds[HELD];
	size_t open, mapped, used = 0;

	begin_heaps();
	for (unsigned n = 0; n < HELD; n++) {
		kept[n] = buffer(makers[_i], 1 + n * PAGE / 2);
		fds[n] = pmem_region_fd(kept[n]);
		ck_assert_int_ge(fds[n], 0);
		memset(pmem_region_data(kept[n]), (int)n, 1 + n * PAGE / 2);
	}
	open = fake_fds(), mapped = fake_mapped();
	for (unsigned n = 0; n < ROUNDS; n++) {
		struct pmem_region *region = buffer(makers[_i], 1 + dice() % (5 * PAGE));
		const unsigned char *data = pmem_region_data(kept[n % HELD]);

		memset(pmem_region_data(region), 0xff, (size_t)pmem_region_size(region));
		ck_assert_int_eq(pmem_region_fd(kept[n % HELD]), fds[n % HELD]);
		ck_assert_uint_eq(data[0], n % HELD);
		ck_assert_uint_eq(data[pmem_region_size(kept[n % HELD]) - 1], n % HELD);
		assert_works(pmem_region_close(region));
		if (n == 16)
			used = mallinfo2().uordblks;
	}
	ck_assert_uint_eq(fake_fds(), open);
	ck_assert_uint_eq(fake_mapped(), mapped);
	ck_assert_uint_le(mallinfo2().uordblks, used + 4096);
	for (unsigned n = 0; n < HELD; n++)
		assert_works(pmem_region_close(kept[n]));
	pmem_ctx_unref(ctx);
	fake_stop();
	ck_assert_uint_eq(played.created, played.closed);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("played");
	TCase *tc = tcase_create("played");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, what_a_device_sees, 0, MACHINES);
	tcase_add_loop_test(tc, buffers_of_heaps, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
