/* SPDX-License-Identifier: MIT */
/* Devices that the program drives, by each way, and what is theirs. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "devices.h"
#include "operation.h"
#include "os/file.h"
#include "plan.h"
#include "suite.h"

#define PAGE ((size_t)4096)

static const struct device_machine *m(void)
{
	return device_machine;
}

static bool shares(void)
{
	return m()->second;
}

static bool takes(void)
{
	return m()->node;
}

static int open_by(struct world *w, const char *name, struct pmem_device_opts opts, struct pmem_device **out)
{
	opts.size = sizeof(opts);
	opts.flags = m()->physical ? PMEM_DEVICE_MAY_BE_UNSAFE : 0;
	return pmem_device_open(w->ctx, name, &opts, out);
}

static int open_device(const struct operation *o, struct world *w)
{
	(void)o;
	return open_by(w, m()->device, (struct pmem_device_opts){ .size = 0 }, &w->device);
}

static int open_cold(const struct operation *o, struct world *w)
{
	int r = TOLD(pmem_ctx_new(&w->ctx));

	return r < 0 ? r : open_device(o, w);
}

/* By this way only, whatever fails: no other is tried. */
static int open_way(const struct operation *o, struct world *w)
{
	(void)o;
	return open_by(w, m()->device, (struct pmem_device_opts){ .way = m()->way }, &w->device);
}

static void have_given(const struct operation *o, struct world *w)
{
	(void)o;
	w->fd = file_open(fake_root(), m()->node, O_RDWR);
	ck_assert_int_gt(w->fd, 2);
}

/* The descriptor stays the program's: close_device(). */
static int open_given(const struct operation *o, struct world *w)
{
	struct pmem_device_opts opts = { .way = m()->way };

	(void)o;
	*(m()->node_is_group ? &opts.group_fd : &opts.device_fd) = w->fd;
	return open_by(w, m()->device, opts, &w->device);
}

/* The same device: where that is allowed it is in the same address space. */
static int open_again(const struct operation *o, struct world *w)
{
	(void)o;
	return open_by(w, m()->device, (struct pmem_device_opts){ .size = 0 }, &w->other);
}

static int open_second(const struct operation *o, struct world *w)
{
	uint64_t bus;
	int r = open_by(w, m()->second, (struct pmem_device_opts){ .share = w->device }, &w->other);

	(void)o;
	if (r == 0)
		TOLD(pmem_device_bus(w->other, w->region, &bus));
	return r;
}

static void close_device(const struct operation *o, struct world *w)
{
	if (w->fd >= 0)
		ck_assert_int_eq(os->close(w->fd), 0);
	close_region(o, w);
	if (w->other)
		told("pmem_device_close", pmem_device_close(w->other));
	if (w->device)
		told("pmem_device_close", pmem_device_close(w->device));
}

static void have_device(const struct operation *o, struct world *w)
{
	assert_works(open_device(o, w));
	ck_assert_str_eq(pmem_device_way(w->device), m()->way);
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

/* What is said to be done was done: the device knows of it. */
static void done(const char *what, bool is)
{
	ck_assert_msg(is, "%s by %s: the device does not know of it", what, m()->name);
}

static int config(const struct operation *o, struct world *w)
{
	uint32_t value = 0;

	(void)o;
	if (TOLD(pmem_device_config_read(w->device, 0, 4, &value)) == 0)
		done("reading", value == 0x11e81234);
	TOLD(pmem_device_config_write(w->device, 0x40, 4, 1));
	if (TOLD(pmem_device_enable(w->device, PMEM_ENABLE_MASTER | PMEM_ENABLE_MEMORY)) == 0)
		done("switching on", (device_command() & 6) == 6);
	if (TOLD(pmem_device_disable(w->device, PMEM_ENABLE_MASTER)) == 0)
		done("switching off", device_command() < 0 || (device_command() & 6) == 2);
	return 0;
}

static int reset(const struct operation *o, struct world *w)
{
	unsigned before = device_resets();
	int r = pmem_device_reset(w->device);

	(void)o;
	if (r == 0)
		done("a reset", device_resets() == before + 1);
	return r;
}

static bool is_uio(void)
{
	return strcmp(m()->way, "uio") == 0;
}

/*
 * The line may fire: of PCI by the command register, else by a write to the node, of which EIO says that the driver has
 * no interrupt (uio_write(), drivers/uio/uio.c).
 */
static bool lets_go(unsigned before)
{
	if (device_command() >= 0)
		return !(device_command() & 0x400);
	return device_unmasked() > before || (plan_failed("write") && plan_errnum() == EIO);
}

/* Those that are borrowed from the device go with it. */
static int interrupts(const struct operation *o, struct world *w)
{
	bool line = is_uio() && o->flags == PMEM_IRQ_INTX;
	unsigned before = device_unmasked();
	uint64_t fired;
	uint32_t count;

	TOLD(pmem_device_irq_count(w->device, o->flags, &count));
	if (TOLD(pmem_device_irq_fd(w->device, o->flags, 0)) >= 0 && line)
		done("an interrupt", lets_go(before));
	before = device_unmasked();
	if (TOLD(pmem_device_irq_unmask(w->device, o->flags, 0)) == 0 && line)
		done("unmasking", lets_go(before));
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
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = m()->physical ? 0 : PMEM_ALLOC_SCATTERED };

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
	if (m()->line)
		ck_assert_int_ge(pmem_device_irq_fd(w->device, PMEM_IRQ_ANY, 0), 0);
}

const struct operation operations_device[] = {
	{ "open, asked first", .cold = true, .act = open_cold, .after = close_device },
	{ "open", .act = open_device, .after = close_device },
	{ "open by its way", .act = open_way, .after = close_device },
	{ "open what is given", .fits = takes, .before = have_given, .act = open_given, .after = close_device },
	{ "open it once more", .before = have_device, .act = open_again, .after = close_device },
	{ "open beside another", .fits = shares, .before = have_attached, .act = open_second, .after = close_device },
	{ "registers", .before = have_device, .act = registers, .after = close_device },
	{ "configuration", .before = have_device, .act = config, .after = close_device },
	{ "reset", .before = have_device, .act = reset, .after = close_device },
	{ "line", PMEM_IRQ_INTX, .before = have_master, .act = interrupts, .after = close_device },
	{ "messages", PMEM_IRQ_MSI, .before = have_master, .act = interrupts, .after = close_device },
	{ "request", PMEM_IRQ_REQUEST, .before = have_master, .act = interrupts, .after = close_device },
	{ "give a BAR", .before = have_master, .act = give_bar, .after = close_device },
	{ "memory for it", .before = have_master, .act = alloc, .after = close_device },
	{ "attach", .before = have_memory, .act = attach, .after = close_device },
	{ "detach", .before = have_attached, .act = detach, .after = close_device },
	{ "close what is attached", .sticks = true, .before = have_attached, .act = act_close, .after = close_device },
	{ "close its memory", .sticks = true, .before = have_its_memory, .act = act_close, .after = close_device },
	{ "close it before its memory", .sticks = true, .before = have_its_memory, .act = close_first, .after = close_device },
	{ "close it with all", .sticks = true, .before = have_everything, .act = close_first, .after = close_device },
	{ .name = NULL },
};
