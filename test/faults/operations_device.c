/* SPDX-License-Identifier: MIT */
/* Devices that the program drives: by groups, by iommufd, and what is theirs. */
#include "devices.h"

#include "operation.h"
#include "played_device.h"

const int device_grounds = MACHINES;

static void device_settled(const char *what)
{
	ck_assert_msg(!vfio.maps && !vfio.pinned && !vfio.spaces && !vfio.open_groups && !vfio.open_devices,
		"%s: %zu maps are left, %llu bytes pinned, %zu spaces, %u groups and %u devices open", what, vfio.maps,
		(unsigned long long)vfio.pinned, vfio.spaces, vfio.open_groups, vfio.open_devices);
	for (size_t i = 0; i < VFIO_IRQS; i++)
		ck_assert_msg(edu->events[i][0] == -1, "%s: its interrupt %zu is on", what, i);
	pagemap_settle();
}

const struct ground *device_start(int i)
{
	static struct ground ground = { .settled = device_settled };

	play_machine(i);
	pmem_ctx_unref(ctx);
	ctx = NULL;
	ground.name = i == 2 ? "iommufd beside groups" : machines[i].way;
	return &ground;
}

void device_stop(void)
{
	stop();
}

static int open_device(const struct operation *o, struct world *w)
{
	(void)o;
	return pmem_device_open(w->ctx, NAME, NULL, &w->device);
}

static int open_cold(const struct operation *o, struct world *w)
{
	int r = TOLD(pmem_ctx_new(&w->ctx));

	return r < 0 ? r : open_device(o, w);
}

static void close_device(const struct operation *o, struct world *w)
{
	if (w->fd >= 0)
		ck_assert_int_eq(os->close(w->fd), 0);
	close_region(o, w);
	if (w->device)
		told("pmem_device_close", pmem_device_close(w->device));
}

static void have_device(const struct operation *o, struct world *w)
{
	assert_works(open_device(o, w));
}

static void have_master(const struct operation *o, struct world *w)
{
	have_device(o, w);
	assert_works(pmem_device_enable(w->device, PMEM_ENABLE_MASTER));
}

static int registers(const struct operation *o, struct world *w)
{
	uint64_t size;
	int r;

	(void)o;
	TOLD(pmem_device_map_size(w->device, 0, &size));
	r = TOLD(pmem_device_map(w->device, 0, 0, &w->region));
	if (r < 0)
		return r;
	r = TOLD(pmem_region_close(w->region));
	w->region = NULL;
	return r;
}

static int config(const struct operation *o, struct world *w)
{
	uint32_t value;

	(void)o;
	TOLD(pmem_device_config_read(w->device, 0, 4, &value));
	TOLD(pmem_device_config_write(w->device, 0x40, 4, 1));
	TOLD(pmem_device_enable(w->device, PMEM_ENABLE_MASTER | PMEM_ENABLE_MEMORY));
	TOLD(pmem_device_disable(w->device, PMEM_ENABLE_MASTER));
	return pmem_device_reset(w->device);
}

/* Those that are borrowed from the device go with it. */
static int interrupts(const struct operation *o, struct world *w)
{
	uint64_t fired;
	uint32_t count;

	TOLD(pmem_device_irq_count(w->device, o->flags, &count));
	TOLD(pmem_device_irq_fd(w->device, o->flags, 0));
	TOLD(pmem_device_irq_unmask(w->device, o->flags, 0));
	return pmem_device_irq_wait(w->device, o->flags, 0, 0, &fired);
}

static int give_bar(const struct operation *o, struct world *w)
{
	(void)o;
	w->fd = pmem_device_dmabuf(w->device, 0, 0, PAGE);
	return w->fd < 0 ? w->fd : 0;
}

static int alloc(const struct operation *o, struct world *w)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = w->device, .flags = o->flags };

	return made(w, pmem_region_alloc(w->ctx, 5 * PAGE - 7, &opts, &w->region));
}

static void have_memory(const struct operation *o, struct world *w)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_SCATTERED };

	have_master(o, w);
	assert_works(pmem_region_alloc(w->ctx, 5 * PAGE, &opts, &w->region));
}

static int attach(const struct operation *o, struct world *w)
{
	uint64_t bus = 0;
	int r = TOLD(pmem_device_attach(w->device, w->region, PMEM_DMA_BOTH, &bus));

	(void)o;
	if (r == 0)
		TOLD(pmem_device_bus(w->device, w->region, &bus));
	return r;
}

static void have_attached(const struct operation *o, struct world *w)
{
	have_memory(o, w);
	assert_works(attach(o, w));
}

static int detach(const struct operation *o, struct world *w)
{
	(void)o;
	return pmem_device_detach(w->device, w->region);
}

static int close_attached(const struct operation *o, struct world *w)
{
	struct pmem_region *region = w->region;

	(void)o;
	w->region = NULL;
	return pmem_region_close(region);
}

static int close_first(const struct operation *o, struct world *w)
{
	struct pmem_device *gone = w->device;

	(void)o;
	w->device = NULL;
	return pmem_device_close(gone);
}

static void have_its_memory(const struct operation *o, struct world *w)
{
	have_master(o, w);
	assert_works(alloc(o, w));
}

static void have_everything(const struct operation *o, struct world *w)
{
	have_attached(o, w);
	ck_assert_int_ge(pmem_device_irq_fd(w->device, PMEM_IRQ_MSI, 0), 0);
}

const struct operation operations_device[] = {
	{ "open, asked first", .cold = true, .act = open_cold, .after = close_device },
	{ "open", .act = open_device, .after = close_device },
	{ "registers", .before = have_device, .act = registers, .after = close_device },
	{ "configuration", .before = have_device, .act = config, .after = close_device },
	{ "line", PMEM_IRQ_INTX, .before = have_master, .act = interrupts, .after = close_device },
	{ "messages", PMEM_IRQ_MSI, .before = have_master, .act = interrupts, .after = close_device },
	{ "request", PMEM_IRQ_REQUEST, .before = have_master, .act = interrupts, .after = close_device },
	{ "give a BAR", .before = have_master, .act = give_bar, .after = close_device },
	{ "memory for it", .before = have_master, .act = alloc, .after = close_device },
	{ "attach", .before = have_memory, .act = attach, .after = close_device },
	{ "detach", .before = have_attached, .act = detach, .after = close_device },
	{ "close what is attached", .sticks = true, .before = have_attached, .act = close_attached, .after = close_device },
	{ "close its memory", .sticks = true, .before = have_its_memory, .act = close_attached, .after = close_device },
	{ "close it before its memory", .before = have_its_memory, .act = close_first, .after = close_device },
	{ "close it with all", .before = have_everything, .act = close_first, .after = close_device },
	{ .name = NULL },
};
