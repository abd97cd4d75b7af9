/* SPDX-License-Identifier: MIT */
/*
 * The drop-in for mailbox.c as LED drivers and transmitters use it: several buffers from the firmware, a
 * circle of control blocks for the DMA engine in one of them, SIGKILL while all of it is held, and a
 * next program that gets its memory and gives back what the first one had.
 *
 * Registers and control blocks: BCM2835 ARM Peripherals, sections 4.2.1.1 and 4.2.1.2.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "vc.h"

#define CHANNEL           5
#define MBOX_DMA_CHANNELS (1u << CHANNEL)
int mbox_open(void);
void mbox_close(int fd);
uint32_t mem_alloc(int fd, uint32_t size, uint32_t align, uint32_t flags);
uint32_t mem_lock(int fd, uint32_t handle);
uint32_t mem_unlock(int fd, uint32_t handle);
uint32_t mem_free(int fd, uint32_t handle);
void *mapmem(uint32_t base, uint32_t size);
void *unmapmem(void *address, uint32_t size);
#include "../../../docs/examples/mailbox.c"

#define BUS_TO_PHYS(x) ((x) & ~0xc0000000u)
#define ENGINE         0x3f007000u
#define COUNT          256u /* control blocks */
#define BUFFERS        3u   /* blocks, samples, target */
#define SIZE           (COUNT * 32)

struct buffer {
	uint32_t handle, bus;
	volatile uint32_t *words;
};

static bool take(int fd, struct buffer *b)
{
	b->handle = mem_alloc(fd, SIZE, 4096, 0x4);
	if (!b->handle)
		return false;
	b->bus = mem_lock(fd, b->handle);
	b->words = mapmem(BUS_TO_PHYS(b->bus), SIZE);
	return b->bus >> 30 == 3 && b->words;
}

static void give_back(int fd, struct buffer *b)
{
	unmapmem((void *)(uintptr_t)b->words, SIZE);
	CHECK("unlock", mem_unlock(fd, b->handle) == 0, "%s", why());
	CHECK("free", mem_free(fd, b->handle) == 0, "%s", why());
}

/* Each block copies one sample; the last one leads to the first. */
static void build(struct buffer *b)
{
	for (uint32_t i = 0; i < COUNT; i++) {
		volatile uint32_t *block = b[0].words + 8 * i;

		b[1].words[i] = 0x1000 + i;
		block[0] = 1u << 3; /* wait until the write has arrived */
		block[1] = b[1].bus + 4 * i;
		block[2] = b[2].bus + 4 * i;
		block[3] = 4;
		block[4] = 0;
		block[5] = b[0].bus + 32 * ((i + 1) % COUNT);
	}
}

/* Once round: the model of the engine never comes back from a circle. */
static bool go_round(struct buffer *b)
{
	volatile uint32_t *engine = mapmem(ENGINE, 0x1000);
	volatile uint32_t *cs = engine + CHANNEL * 0x100 / 4, *last = b[0].words + 8 * (COUNT - 1);

	if (!engine)
		return false;
	last[5] = 0;
	pmem_io_mb();
	cs[1] = b[0].bus;
	cs[0] = 1;
	for (unsigned ms = 0; cs[0] & 1 && ms < 1000; ms++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	last[5] = b[0].bus;
	for (uint32_t i = 0; i < COUNT; i++) {
		if (b[2].words[i] != 0x1000 + i)
			return false;
	}
	unmapmem((void *)(uintptr_t)engine, 0x1000);
	return true;
}

/* All that such a program does, with a clean end or without. */
static int program(bool killed)
{
	struct buffer b[BUFFERS];
	int fd = mbox_open();

	CHECK("open", fd >= 0, "no /dev/vcio");
	for (unsigned i = 0; i < BUFFERS; i++) {
		if (!take(fd, &b[i])) {
			CHECK("buffer", 0, "%u: %s", i, why());
			return 1;
		}
	}
	build(b);
	CHECK("dma", go_round(b), "the samples did not arrive: %s", why());
	CHECK_EQ("live", vc_count("live"), BUFFERS); /* so the dead one's are gone by now */
	if (killed && !check_failures)
		kill(getpid(), SIGKILL);
	for (unsigned i = 0; i < BUFFERS; i++)
		give_back(fd, &b[i]);
	mbox_close(fd);
	return check_end();
}

static int run(bool killed)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(program(killed));
	waitpid(pid, &status, 0);
	return status;
}

int main(void)
{
	vc_begin();
	for (unsigned i = 0; i < 3; i++) {
		int status = run(true);

		CHECK("killed", WIFSIGNALED(status), "status %#x", (unsigned)status);
		CHECK_EQ("held", vc_count("live"), BUFFERS);
	}
	CHECK_EQ("next", run(false), 0);
	vc_check_clean("end");
	return check_end();
}
