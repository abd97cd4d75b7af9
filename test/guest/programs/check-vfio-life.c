/* SPDX-License-Identifier: MIT */
/*
 * Interrupts, and how a device is given back: to the next program after kill -9, and to the kernel when it asks
 * for it, also while a child of the program lives.
 *     check-vfio-life BDF [--way W] [--line]
 * --line: the line interrupt too
 */
#include <getopt.h>
#include <poll.h>
#include <signal.h>

#include "check-vfio.h"

#define DRIVER "/sys/bus/pci/drivers/vfio-pci"

static struct {
	const char *bdf, *way;
	bool line;
} asked;

static struct pmem_device_opts options(void)
{
	return (struct pmem_device_opts){ .size = sizeof(struct pmem_device_opts), .way = asked.way };
}

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Two interrupts raised by a register come through the descriptor, and are counted. */
static void check_interrupt(struct edu *edu, uint32_t kind, const char *name)
{
	uint64_t count = 0;
	struct pollfd poller = { .events = POLLIN };
	uint32_t status = 0;

	poller.fd = pmem_device_irq_fd(edu->device, kind, 0);
	CHECK(name, poller.fd > 2, "%s", check_error());
	if (poller.fd < 0)
		return;
	CHECK("irq-same-descriptor", pmem_device_irq_fd(edu->device, kind, 0) == poller.fd, "another");
	check_refused("irq-none-yet", pmem_device_irq_wait(edu->device, kind, 0, 20, NULL), "timeout");
	CHECK_OK("irq-raise", pmem_region_write32(edu->registers, EDU_RAISE, 0x10));
	CHECK("irq-poll", poll(&poller, 1, 2000) == 1, "nothing came in 2 s");
	CHECK_OK("irq-wait", pmem_device_irq_wait(edu->device, kind, 0, 2000, &count));
	CHECK_U64("irq-once", count, 1);
	CHECK_OK("irq-status", pmem_region_read32(edu->registers, EDU_STATUS, &status));
	CHECK_U64("irq-status-bits", status, 0x10);
	CHECK_OK("irq-ack", pmem_region_write32(edu->registers, EDU_ACK, 0x10));
	CHECK_OK("irq-unmask", pmem_device_irq_unmask(edu->device, kind, 0));
	CHECK_OK("irq-again", pmem_region_write32(edu->registers, EDU_RAISE, 0x20));
	CHECK_OK("irq-wait-again", pmem_device_irq_wait(edu->device, kind, 0, 2000, &count));
	CHECK_U64("irq-once-again", count, 1);
	CHECK_OK("irq-ack", pmem_region_write32(edu->registers, EDU_ACK, 0x20));
}

/* The engine tells its end by an interrupt: bit 2 of its command. */
static void check_dma_interrupt(struct edu *edu, struct pmem_region *region)
{
	uint64_t count = 0;

	pmem_region_write64(edu->registers, EDU_FROM, vfio_address(region));
	pmem_region_write64(edu->registers, EDU_TO, EDU_OWN);
	pmem_region_write64(edu->registers, EDU_COUNT, 64);
	CHECK_OK("dma-start", pmem_region_write32(edu->registers, EDU_COMMAND, EDU_START | 4));
	CHECK_OK("dma-ends", pmem_device_irq_wait(edu->device, PMEM_IRQ_ANY, 0, 5000, &count));
	pmem_region_write32(edu->registers, EDU_ACK, 0x100);
}

static void check_interrupts(struct pmem_ctx *ctx)
{
	struct pmem_device_opts opts = options();
	struct pmem_region *region;
	uint32_t count = 9;
	struct edu edu;
	int r = vfio_open(&edu, ctx, asked.bdf, &opts);

	CHECK_OK("irq-open", r);
	if (r)
		return;
	region = vfio_memory(&edu, 4096);
	CHECK_OK("irq-count", pmem_device_irq_count(edu.device, PMEM_IRQ_MSIX, &count));
	CHECK_U64("irq-no-msix", count, 0);
	check_refused("irq-msix-refused", pmem_device_irq_fd(edu.device, PMEM_IRQ_MSIX, 0), "not-found");
	check_interrupt(&edu, PMEM_IRQ_MSI, "irq-msi");
	check_dma_interrupt(&edu, region);
	check_refused("irq-one-kind", pmem_device_irq_fd(edu.device, PMEM_IRQ_INTX, 0), "busy");
	pmem_region_close(region);
	CHECK_OK("irq-close", vfio_close(&edu));
	if (!asked.line)
		return;
	CHECK_OK("line-open", vfio_open(&edu, ctx, asked.bdf, &opts));
	check_interrupt(&edu, PMEM_IRQ_INTX, "irq-line");
	CHECK_OK("line-close", vfio_close(&edu));
}

/* A program that has the device, its registers, memory, and perhaps a child, until it is killed. */
static void hold(int tell, bool with_child)
{
	struct pmem_device_opts opts = options();
	struct pmem_ctx *ctx = NULL;
	pid_t child = 0;
	struct edu edu;

	if (pmem_ctx_new(&ctx) || vfio_open(&edu, ctx, asked.bdf, &opts) || !vfio_memory(&edu, 1 << 20))
		_exit(1);
	if (pmem_device_irq_fd(edu.device, PMEM_IRQ_MSI, 0) < 0)
		_exit(2);
	if (with_child)
		child = fork();
	/* The child tells by itself: only when it runs has it given up what it was born with. */
	if (with_child && child == 0)
		child = getpid();
	else if (with_child)
		tell = -1;
	if (tell >= 0 && write(tell, &child, sizeof(child)) != sizeof(child))
		_exit(3);
	for (;;)
		pause();
}

/* After kill -9 the node is free at once, also if a child of the dead lives on. */
static void check_kill(struct pmem_ctx *ctx, bool with_child)
{
	const char *name = with_child ? "killed-with-child" : "killed";
	struct pmem_device_opts opts = options();
	struct pmem_device *device = NULL;
	pid_t pid, child = 0;
	int ends[2], r;

	if (pipe(ends))
		return;
	pid = fork();
	if (pid == 0)
		hold(ends[1], with_child);
	close(ends[1]);
	CHECK("holder", read(ends[0], &child, sizeof(child)) == sizeof(child), "it could not start");
	check_refused("second-opener", pmem_device_open(ctx, asked.bdf, &opts, &device), "busy");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	r = pmem_device_open(ctx, asked.bdf, &opts, &device);
	CHECK(name, r == 0, "%s", check_error());
	if (r == 0)
		CHECK_OK("after-kill", pmem_device_close(device));
	if (child > 0) {
		CHECK("child-lives", kill(child, 0) == 0, "it is gone");
		kill(child, SIGKILL);
	}
	close(ends[0]);
}

/* A child has no device, and its closing takes nothing away from its parent. */
static void check_child(struct edu *edu, struct pmem_region *region)
{
	uint64_t bus = vfio_address(region);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		uint32_t value;

		if (pmem_device_config_read(edu->device, 0, 2, &value) != -ENOENT)
			_exit(1);
		if (pmem_device_attach(edu->device, region, PMEM_DMA_BOTH, &bus) != -ENOENT)
			_exit(2);
		pmem_region_close(region);
		pmem_region_close(edu->registers);
		pmem_device_close(edu->device);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK("child-has-none", status == 0, "status 0x%x", status);
	memset(pmem_region_data(region), 0x33, 4096);
	CHECK_OK("parent-load", edu_load(edu, bus, 2000));
	CHECK_OK("parent-store", edu_store(edu, bus + 2000, 2000));
	memset(pmem_region_data(region), 0, 4096);
	CHECK_OK("parent-store", edu_store(edu, bus + 2000, 2000));
	CHECK("parent-sees-it", vfio_all((char *)pmem_region_data(region) + 2000, 0x33, 2000),
		"other bytes");
}

/* 0 and its status if it ended within some seconds. */
static int wait_for(pid_t pid, int *status, double seconds)
{
	double until = vfio_seconds() + seconds;

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (vfio_seconds() > until)
			return -1;
		edu_sleep(2);
	}
	return 0;
}

/* Root unbinds the device while it is used: an event, then at once when it is closed. */
static void check_unbind(struct pmem_ctx *ctx, bool with_child)
{
	struct pmem_device_opts opts = options();
	struct pmem_region *region;
	uint32_t id = 0;
	pid_t child = 0, unbinder;
	struct edu edu;
	int status = -1;

	CHECK_OK("unbind-open", vfio_open(&edu, ctx, asked.bdf, &opts));
	region = vfio_memory(&edu, 8192);
	CHECK("unbind-memory", region, "%s", check_error());
	if (!region)
		return;
	check_refused("not-asked-yet", pmem_device_irq_wait(edu.device, PMEM_IRQ_REQUEST, 0, 20, NULL),
		"timeout");
	check_child(&edu, region);
	if (with_child) {
		child = fork();
		if (child == 0)
			for (;;)
				pause();
	}
	unbinder = fork();
	if (unbinder == 0)
		_exit(!write_file(DRIVER "/unbind", asked.bdf));
	CHECK_OK("asked-for-it", pmem_device_irq_wait(edu.device, PMEM_IRQ_REQUEST, 0, 3000, NULL));
	CHECK("unbinder-waits", waitpid(unbinder, &status, WNOHANG) == 0, "it is through");
	CHECK_OK("still-works", pmem_region_read32(edu.registers, 0, &id));
	CHECK_U64("still-works-id", id & 0xff, EDU_ID);
	CHECK_OK("unbind-region", pmem_region_close(region));
	CHECK_OK("unbind-close", vfio_close(&edu));
	/* The kernel looks by itself only each 10 s: drivers/vfio/vfio_main.c vfio_unregister_group_dev(). */
	CHECK(with_child ? "unbound-with-child" : "unbound", wait_for(unbinder, &status, 5) == 0 && status == 0,
		"status 0x%x", status);
	if (child) {
		CHECK("child-lives", kill(child, 0) == 0, "it is gone");
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	waitpid(unbinder, NULL, 0);
	check_refused("not-bound", pmem_device_open(ctx, asked.bdf, &opts, &edu.device), "no-device");
	CHECK("rebound", write_file("/sys/bus/pci/drivers_probe", asked.bdf), "%s", strerror(errno));
	CHECK_OK("open-again", pmem_device_open(ctx, asked.bdf, &opts, &edu.device));
	CHECK_OK("close-again", pmem_device_close(edu.device));
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
		{ "way", required_argument, NULL, 'w' },
		{ "line", no_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	struct pmem_ctx *ctx;
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (c == 'w')
			asked.way = optarg;
		else if (c == 'l')
			asked.line = true;
	}
	if (optind + 1 != argc)
		return 2;
	asked.bdf = argv[optind];
	ctx = check_ctx();
	check_interrupts(ctx);
	check_kill(ctx, false);
	check_kill(ctx, true);
	check_unbind(ctx, false);
	check_unbind(ctx, true);
	pmem_ctx_unref(ctx);
	return check_end();
}
