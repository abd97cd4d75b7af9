/* SPDX-License-Identifier: MIT */
/*
 * Two promises, of every exported function: a call that works leaves errno and the last error alone,
 * and a call that fails leaves its out parameters alone. Each is called on a played Raspberry Pi
 * 3, undisturbed and with its 1st, 2nd, ... system call failing. The list of functions is the
 * library's own (lib/libpmem.map): one that has no entry here fails the test.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_vfio.h"
#include "figures.h"
#include "pagemap.h"
#include "suite.h"
#include "vcfw.h"

static struct pmem_ctx *ctx;
static struct pmem_region *region; /* of the firmware */
static struct pmem_pool *pool;
static void *object;          /* of it */
static struct pmem_device *device;
static struct pmem_region *seen; /* by it */
static struct pmem_error *kept;
static unsigned char bytes[64] __attribute__((aligned(64)));

/* Whatever is written to, and what it held before. */
static struct outs {
	uint64_t a, b;
	uint32_t u32;
	uint16_t u16;
	uint8_t u8;
	size_t size;
	struct pmem_extent extent;
	struct pmem_region *region;
	struct pmem_error *error;
	struct pmem_ctx *ctx;
	struct pmem_pool *pool;
	struct pmem_device *device;
	uint32_t way;
	void *data;
	char text[64];
	uint64_t many[4];
} out;

/* A function that returns something else than an int is one that works. */
#define VALUE(call)    ((void)(call), 0)
#define VOID(call)     ((call), 0)
#define POINTER(call)  ((call) ? 0 : -errno)

static int copy(void *user, struct pmem_region *dst, uint64_t to, struct pmem_region *src,
	uint64_t from, uint64_t length)
{
	(void)user;
	memcpy((char *)pmem_region_data(dst) + to, (char *)pmem_region_data(src) + from, (size_t)length);
	return 0;
}

static struct pmem_error *an_error(void)
{
	struct pmem_error *copied = NULL;

	pmem_error_dup(kept, &copied);
	return copied;
}

static int pool_alloc(uint64_t size, void **out_)
{
	void *one = pmem_pool_alloc(pool, size, 0);

	if (!one)
		return -errno;
	*out_ = one;
	return 0;
}

static int pool_stats(void)
{
	struct pmem_pool_counts stats = { .size = sizeof(stats) };

	return pmem_pool_stats(pool, &stats);
}

static int pool_free(void)
{
	void *one = object;

	return pool_alloc(64, &one) == 0 ? pmem_pool_free(pool, one) : -errno;
}

#define GPIO "/soc/gpio@7e200000"

/* Name and call; outs go to out. */
#define ENTRIES(E)                                                                           \
	E(pmem_backend_caps, VALUE(pmem_backend_caps(ctx, 0)))                               \
	E(pmem_backend_count, VALUE(pmem_backend_count(ctx)))                                \
	E(pmem_backend_name, VALUE(pmem_backend_name(ctx, 0)))                               \
	E(pmem_backend_status, pmem_backend_status(ctx, 5, NULL))                            \
	E(pmem_constant_at, VALUE(pmem_constant_at(0, &out.a)))                              \
	E(pmem_constant_name, VALUE(pmem_constant_name("PMEM_CAUSE_", 1)))                   \
	E(pmem_constant_value, pmem_constant_value("PMEM_CAUSE_NONE", &out.a))               \
	E(pmem_ctx_error, pmem_ctx_error(ctx, &out.error))                                   \
	E(pmem_ctx_new, pmem_ctx_new(&out.ctx))                                              \
	E(pmem_ctx_ref, (pmem_ctx_unref(pmem_ctx_ref(ctx)), 0))                              \
	E(pmem_ctx_set_log, pmem_ctx_set_log(ctx, NULL, NULL))                               \
	E(pmem_ctx_unref, (pmem_ctx_unref(pmem_ctx_ref(ctx)), 0))                            \
	E(pmem_device_attach, pmem_device_attach(device, seen, PMEM_DMA_BOTH, &out.a))       \
	E(pmem_device_attrs, VALUE(pmem_device_attrs(device)))                               \
	E(pmem_device_bus, pmem_device_bus(device, seen, &out.a))                            \
	E(pmem_device_close, pmem_device_close(NULL))                                        \
	E(pmem_device_config_read, pmem_device_config_read(device, 0, 4, &out.u32))          \
	E(pmem_device_config_write, pmem_device_config_write(device, 0x40, 4, 1))            \
	E(pmem_device_detach, pmem_device_detach(device, seen))                              \
	E(pmem_device_disable, pmem_device_disable(device, PMEM_ENABLE_MASTER))              \
	E(pmem_device_dmabuf, pmem_device_dmabuf(device, 0, 0, 4096))                        \
	E(pmem_device_enable, pmem_device_enable(device, PMEM_ENABLE_MASTER))                \
	E(pmem_device_irq_count, pmem_device_irq_count(device, PMEM_IRQ_MSI, &out.u32))      \
	E(pmem_device_irq_fd, pmem_device_irq_fd(device, PMEM_IRQ_MSI, 0))                   \
	E(pmem_device_irq_unmask, pmem_device_irq_unmask(device, PMEM_IRQ_MSI, 0))           \
	E(pmem_device_irq_wait, pmem_device_irq_wait(device, PMEM_IRQ_MSI, 0, 0, &out.a))    \
	E(pmem_device_map, pmem_device_map(device, 0, 0, &out.region))                       \
	E(pmem_device_map_count, VALUE(pmem_device_map_count(device)))                       \
	E(pmem_device_map_size, pmem_device_map_size(device, 0, &out.a))                     \
	E(pmem_device_name, VALUE(pmem_device_name(device)))                                 \
	E(pmem_device_open, pmem_device_open(ctx, "0000:00:05.0", NULL, &out.device))        \
	E(pmem_device_reset, pmem_device_reset(device))                                      \
	E(pmem_device_way, VALUE(pmem_device_way(device)))                                   \
	E(pmem_dmabuf_cpu_begin, pmem_dmabuf_cpu_begin(ctx, 0, PMEM_DIR_READ))              \
	E(pmem_dmabuf_cpu_end, pmem_dmabuf_cpu_end(ctx, 0, PMEM_DIR_READ))                  \
	E(pmem_error_backend, VALUE(pmem_error_backend(kept)))                               \
	E(pmem_error_cause, VALUE(pmem_error_cause(kept)))                                   \
	E(pmem_error_cause_name, VALUE(pmem_error_cause_name(1)))                            \
	E(pmem_error_child, VALUE(pmem_error_child(kept, 0)))                                \
	E(pmem_error_child_count, VALUE(pmem_error_child_count(kept)))                       \
	E(pmem_error_code, VALUE(pmem_error_code(kept)))                                     \
	E(pmem_error_dup, pmem_error_dup(kept, &out.error))                                  \
	E(pmem_error_free, VOID(pmem_error_free(an_error())))                                \
	E(pmem_error_hint, VALUE(pmem_error_hint(kept)))                                     \
	E(pmem_error_last, VALUE(pmem_error_last()))                                         \
	E(pmem_error_message, VALUE(pmem_error_message(kept)))                               \
	E(pmem_error_operation, VALUE(pmem_error_operation(kept)))                           \
	E(pmem_error_path, VALUE(pmem_error_path(kept)))                                     \
	E(pmem_error_text, VALUE(pmem_error_text(kept)))                                     \
	E(pmem_firmware_get, pmem_firmware_get(ctx, PMEM_FACT_DMA_KERNEL, &out.a))           \
	E(pmem_firmware_reclaim, pmem_firmware_reclaim(ctx, 0, &out.size, &out.b))           \
	E(pmem_heap_class, VALUE(pmem_heap_class(ctx, 0)))                                  \
	E(pmem_heap_count, pmem_heap_count(ctx, &out.size))                                 \
	E(pmem_heap_name, VALUE(pmem_heap_name(ctx, 0)))                                    \
	E(pmem_heap_path, VALUE(pmem_heap_path(ctx, 0)))                                    \
	E(pmem_heap_way, pmem_heap_way(ctx, 0, &out.way))                                   \
	E(pmem_io_copy_from, VOID(pmem_io_copy_from(bytes, bytes + 32, 8)))                  \
	E(pmem_io_copy_to, VOID(pmem_io_copy_to(bytes + 32, bytes, 8)))                      \
	E(pmem_io_fill, VOID(pmem_io_fill(bytes, 1, 8)))                                     \
	E(pmem_io_mb, VOID(pmem_io_mb()))                                                    \
	E(pmem_io_rmb, VOID(pmem_io_rmb()))                                                  \
	E(pmem_io_wmb, VOID(pmem_io_wmb()))                                                  \
	E(pmem_io_read16, VALUE(pmem_io_read16(bytes)))                                      \
	E(pmem_io_read16_block, VOID(pmem_io_read16_block(bytes, &out.u16, 1)))              \
	E(pmem_io_read32, VALUE(pmem_io_read32(bytes)))                                      \
	E(pmem_io_read32_block, VOID(pmem_io_read32_block(bytes, &out.u32, 1)))              \
	E(pmem_io_read64, VALUE(pmem_io_read64(bytes)))                                      \
	E(pmem_io_read64_block, VOID(pmem_io_read64_block(bytes, &out.a, 1)))                \
	E(pmem_io_read8, VALUE(pmem_io_read8(bytes)))                                        \
	E(pmem_io_read8_block, VOID(pmem_io_read8_block(bytes, &out.u8, 1)))                 \
	E(pmem_io_write16, VOID(pmem_io_write16(bytes, 1)))                                  \
	E(pmem_io_write16_block, VOID(pmem_io_write16_block(bytes, &(uint16_t){ 1 }, 1)))    \
	E(pmem_io_write32, VOID(pmem_io_write32(bytes, 1)))                                  \
	E(pmem_io_write32_block, VOID(pmem_io_write32_block(bytes, &(uint32_t){ 1 }, 1)))    \
	E(pmem_io_write64, VOID(pmem_io_write64(bytes, 1)))                                  \
	E(pmem_io_write64_block, VOID(pmem_io_write64_block(bytes, &(uint64_t){ 1 }, 1)))    \
	E(pmem_io_write8, VOID(pmem_io_write8(bytes, 1)))                                    \
	E(pmem_io_write8_block, VOID(pmem_io_write8_block(bytes, &(uint8_t){ 1 }, 1)))       \
	E(pmem_pool_add_region, pmem_pool_add_region(pool, region))                          \
	E(pmem_pool_alloc, pool_alloc(3u << 20, &out.data)) /* another region */ \
	E(pmem_pool_bus, pmem_pool_bus(pool, object, &out.a))                                \
	E(pmem_pool_close, pmem_pool_close(NULL))                                            \
	E(pmem_pool_free, pool_free())                                                       \
	E(pmem_pool_new, pmem_pool_new(ctx, NULL, &out.pool))                                \
	E(pmem_pool_phys, pmem_pool_phys(pool, object, &out.a))                              \
	E(pmem_pool_region, pmem_pool_region(pool, object, &out.region, &out.a))             \
	E(pmem_pool_stats, pool_stats())                                                      \
	E(pmem_pool_trim, pmem_pool_trim(pool, &out.a))                                      \
	E(pmem_region_alloc, pmem_region_alloc(ctx, 5000, NULL, &out.region))                \
	E(pmem_region_at, POINTER(pmem_region_at(region, 0, 1, 1)))                          \
	E(pmem_region_attrs, VALUE(pmem_region_attrs(region)))                               \
	E(pmem_region_backend, VALUE(pmem_region_backend(region)))                           \
	E(pmem_region_bus, pmem_region_bus(region, &out.a))                                  \
	E(pmem_region_bus_for, pmem_region_bus_for(region, "/soc/dma@7e007000", &out.a))     \
	E(pmem_region_close, pmem_region_close(NULL))                                        \
	E(pmem_region_cpu_begin, pmem_region_cpu_begin(region, 0, 1, PMEM_DIR_READ))         \
	E(pmem_region_cpu_end, pmem_region_cpu_end(region, 0, 1, PMEM_DIR_READ))             \
	E(pmem_region_data, VALUE(pmem_region_data(region)))                                 \
	E(pmem_region_dup_fd, pmem_region_dup_fd(region))                                    \
	E(pmem_region_extent, pmem_region_extent(region, 0, &out.a, &out.b))                 \
	E(pmem_region_extents, pmem_region_extents(region, 0, PMEM_TO_END,                   \
		PMEM_EXTENTS_PHYS | PMEM_EXTENTS_BUS, &out.extent, 1, &out.size))            \
	E(pmem_region_fd, pmem_region_fd(region))                                           \
	E(pmem_region_find, pmem_region_find(ctx, pmem_region_data(region), &out.region, &out.a)) \
	E(pmem_region_find_phys, pmem_region_find_phys(ctx, VCFW_BASE, &out.region, &out.a)) \
	E(pmem_region_import, pmem_region_import(ctx, 0, 0, &out.region))                    \
	E(pmem_region_map, pmem_region_map(ctx, 0x3f201000, 4, 0, &out.region))              \
	E(pmem_region_map_file, pmem_region_map_file(ctx, "/saved", 0, 4, 0, 0, &out.region)) \
	E(pmem_region_map_gpio, pmem_region_map_gpio(ctx, 0, &out.region))                   \
	E(pmem_region_map_node, pmem_region_map_node(ctx, GPIO, 0, 0, &out.region))          \
	E(pmem_region_map_pci, pmem_region_map_pci(ctx, "0000:00:04.0", 0, 0, &out.region))  \
	E(pmem_region_phys, pmem_region_phys(region, &out.a))                                \
	E(pmem_region_read16, pmem_region_read16(region, 0, &out.u16))                       \
	E(pmem_region_read32, pmem_region_read32(region, 0, &out.u32))                       \
	E(pmem_region_read64, pmem_region_read64(region, 0, &out.a))                         \
	E(pmem_region_read8, pmem_region_read8(region, 0, &out.u8))                          \
	E(pmem_region_register, pmem_region_register(ctx, bytes, sizeof(bytes), 0, &out.region)) \
	E(pmem_region_size, VALUE(pmem_region_size(region)))                                 \
	E(pmem_region_write16, pmem_region_write16(region, 0, 1))                            \
	E(pmem_region_write32, pmem_region_write32(region, 0, 1))                            \
	E(pmem_region_write64, pmem_region_write64(region, 0, 1))                            \
	E(pmem_region_write8, pmem_region_write8(region, 0, 1))                              \
	E(pmem_selftest_copy, pmem_selftest_copy(ctx, 64, 8, 0, NULL, copy, NULL))           \
	E(pmem_soc_bus_to_phys, pmem_soc_bus_to_phys(ctx, "/soc", 16, &out.a))               \
	E(pmem_soc_coherent, pmem_soc_coherent(ctx, "/soc"))                                 \
	E(pmem_soc_compatible, VALUE(pmem_soc_compatible(ctx, 0)))                           \
	E(pmem_soc_family, VALUE(pmem_soc_family(ctx)))                                      \
	E(pmem_soc_gpio, pmem_soc_gpio(ctx, &out.a, &out.b))                                 \
	E(pmem_soc_model, VALUE(pmem_soc_model(ctx)))                                        \
	E(pmem_soc_node, pmem_soc_node(ctx, GPIO, 0, &out.a, &out.b))                        \
	E(pmem_soc_node_available, pmem_soc_node_available(ctx, GPIO))                       \
	E(pmem_soc_node_path, pmem_soc_node_path(ctx, GPIO, 0, out.text, sizeof(out.text)))  \
	E(pmem_soc_node_reserved, pmem_soc_node_reserved(ctx, "/soc", 0, NULL, &out.size))   \
	E(pmem_soc_page_size, VALUE(pmem_soc_page_size(ctx)))                                \
	E(pmem_soc_phys_to_bus, pmem_soc_phys_to_bus(ctx, "/soc", 16, &out.a))               \
	E(pmem_soc_reserved, pmem_soc_reserved(ctx, 0, &out.a, &out.b, NULL))               \
	E(pmem_soc_reserved_compatible, VALUE(pmem_soc_reserved_compatible(ctx, 0)))        \
	E(pmem_soc_reserved_count, pmem_soc_reserved_count(ctx, &out.size))                 \
	E(pmem_soc_reserved_path, VALUE(pmem_soc_reserved_path(ctx, 0)))                    \
	E(pmem_soc_vendor, VALUE(pmem_soc_vendor(ctx)))                                      \
	E(pmem_vaddr_extents, pmem_vaddr_extents(ctx, bytes, 16, &out.extent, 1, &out.size)) \
	E(pmem_vaddr_pagemap, pmem_vaddr_pagemap(ctx, bytes, &out.a))                             \
	E(pmem_vaddr_phys, pmem_vaddr_phys(ctx, bytes, &out.a))                                   \
	E(pmem_vaddr_phys_bulk, pmem_vaddr_phys_bulk(ctx, bytes, 1, out.many))                    \
	E(pmem_vaddr_phys_list, pmem_vaddr_phys_list(ctx, &(uint64_t){ (uintptr_t)bytes }, 1, out.many)) \
	E(pmem_version, VALUE(pmem_version()))                                               \
	E(pmem_version_number, VALUE(pmem_version_number()))

#define FUNCTION(name, call)        \
	static int call_##name(void) \
	{                           \
		return call;        \
	}
ENTRIES(FUNCTION)

#define ROW(name, call) { #name, call_##name },
static const struct entry {
	const char *name;
	int (*call)(void);
} entries[] = { ENTRIES(ROW) };

static int untouchable(void *user, size_t length, int prot, int flags, uint64_t offset, void **to)
{
	(void)user;
	(void)prot;
	(void)flags;
	(void)offset;
	return os_linux.mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0,
		to);
}

static const struct fake_device mem = { .path = "/dev/mem", .memory = 1u << 30,
	.mmap = untouchable };

static void setup(void)
{
	struct pmem_region *none;
	uint64_t bus;

	vcfw_begin("brcm,bcm2837", &ctx);
	vfio_play(6012, VFIO_PLAY_GROUP | VFIO_PLAY_CDEV);
	vfio_add("0000:00:04.0", 2)->can_reset = true;
	vfio_add("0000:00:05.0", 3);
	pagemap_play(PAGEMAP_IN_ORDER);
	fake_device(&mem);
	fake_dir("/dev/dma_heap/system");
	CELLS("/", "#address-cells", 1);
	CELLS("/", "#size-cells", 1);
	CELLS("/soc", "#address-cells", 1);
	CELLS("/soc", "#size-cells", 1);
	CELLS("/soc", "ranges", 0x7e000000, 0x3f000000, 0x1000000);
	fake_string(GPIO, "compatible", "brcm,bcm2835-gpio");
	CELLS(GPIO, "reg", 0x7e200000, 0xb4);
	assert_works(pmem_region_alloc(ctx, 4096, NULL, &region));
	assert_works(pmem_pool_new(ctx, NULL, &pool));
	assert_works(pool_alloc(64, &object));
	assert_works(pmem_device_open(ctx, "0000:00:04.0", NULL, &device));
	assert_works(pmem_region_register(ctx, bytes, sizeof(bytes),
		PMEM_REGISTER_NO_ADDRESS | PMEM_REGISTER_MAY_MOVE, &seen));
	assert_works(pmem_device_attach(device, seen, PMEM_DMA_BOTH, &bus));
	fake_text("/saved", "registers");
	assert_fails(pmem_region_map(ctx, 0, 0, 0, &none), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	assert_works(pmem_error_dup(pmem_error_last(), &kept));
}

static void teardown(void)
{
	pmem_error_free(kept);
	pmem_pool_close(pool);
	assert_works(pmem_region_close(region));
	assert_works(pmem_device_close(device));
	assert_works(pmem_region_close(seen));
	vfio_stop();
	vcfw->bad_unlock = 0; /* whether a call that ends with EIO was carried out is not known */
	vcfw_end(ctx);
}

/* What a call that worked has made. */
static void clean_up(const struct entry *entry, const struct outs *before, int result)
{
	if (strcmp(entry->name, "pmem_pool_alloc") == 0 && out.data != before->data) {
		pmem_pool_free(pool, out.data);
		pmem_pool_trim(pool, NULL);
	}
	if (out.pool != before->pool)
		pmem_pool_close(out.pool);
	if (out.device != before->device)
		pmem_device_close(out.device);
	if (out.region != before->region && strncmp(entry->name, "pmem_region_find", 16) != 0 &&
		strcmp(entry->name, "pmem_pool_region") != 0)
		pmem_region_close(out.region);
	if (out.error != before->error)
		pmem_error_free(out.error);
	if (out.ctx != before->ctx)
		pmem_ctx_unref(out.ctx);
	if (strcmp(entry->name, "pmem_region_dup_fd") == 0 && result >= 0)
		os->close(result);
}

/* One call; *worked or not, it keeps the promises. */
static int walk(const struct entry *entry, unsigned nth)
{
	struct outs before;
	char *told;
	int r, after;

	memset(&out, 0x5a, sizeof(out));
	before = out;
	told = strdup(pmem_error_text(pmem_error_last()));
	errno = 77;
	r = entry->call();
	after = errno;
	if (r >= 0) {
		ck_assert_msg(after == 77, "%s, call %u fails: works, and errno is %d", entry->name, nth,
			after);
		ck_assert_msg(strcmp(told, pmem_error_text(pmem_error_last())) == 0,
			"%s, call %u fails: works, and the last error is: %s", entry->name, nth,
			pmem_error_text(pmem_error_last()));
	} else {
		ck_assert_msg(memcmp(&out, &before, sizeof(out)) == 0,
			"%s, call %u fails: returns %d, and an out parameter is written", entry->name,
			nth, r);
		ck_assert_msg(after == -r, "%s, call %u fails: returns %d, and errno is %d",
			entry->name, nth, r, after);
	}
	free(told);
	clean_up(entry, &before, r);
	return r;
}

START_TEST(each_function)
{
	const struct entry *entry = &entries[_i];
	bool failed = true;
	unsigned faults = 0;

	walk(entry, 0);
	for (unsigned n = 1; failed && n < 3000; n++) {
		fake_fail(n, EIO);
		walk(entry, n);
		failed = fake_failed() != NULL;
		faults += failed;
		fake_fail(0, 0);
	}
	if (faults)
		test_figure("walk.faults", faults);
}
END_TEST

START_TEST(none_is_forgotten)
{
	FILE *map = fopen(PMEM_MAP, "r");
	char line[256], name[128];
	unsigned exported = 0;

	ck_assert_ptr_nonnull(map);
	while (fgets(line, sizeof(line), map)) {
		bool found = false;

		if (sscanf(line, " %127[a-z0-9_];", name) != 1 || strncmp(name, "pmem_", 5) != 0)
			continue;
		exported++;
		for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
			found |= strcmp(entries[i].name, name) == 0;
		ck_assert_msg(found, "%s is exported, but not in the list of this test", name);
	}
	fclose(map);
	ck_assert_uint_eq(exported, sizeof(entries) / sizeof(entries[0]));
	test_figure("walk.functions", exported);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("walk");
	TCase *tc = tcase_create("walk");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, each_function, 0, sizeof(entries) / sizeof(entries[0]));
	tcase_add_test(tc, none_is_forgotten);
	suite_add_tcase(suite, tc);
	return suite;
}
