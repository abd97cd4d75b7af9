/* SPDX-License-Identifier: MIT */
/* The example of a cyclic DMA list, on a played Raspberry Pi 3 with a played engine. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "suite.h"
#include "vcfw.h"

#define main cyclic
int cyclic(int argc, char **argv);
#include "../../docs/examples/cyclic.c"
#undef main

#define CHANNEL     5
#define ENGINE_PHYS 0x3f007000
#define SIZE        0x100000

static struct pmem_ctx *ctx;
static unsigned char *memory, *registers; /* of the played machine */
static atomic_uint *channel;              /* its registers CS and CONBLK_AD */
static atomic_bool ended;
static unsigned copies;

static void *open_memory(uint64_t phys, size_t size)
{
	char path[512];
	void *at;
	int fd;

	snprintf(path, sizeof(path), "%s/dev/mem", fake_root());
	fd = open(path, O_RDWR | O_CLOEXEC);
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)phys);
	close(fd);
	ck_assert_ptr_ne(at, MAP_FAILED);
	return at;
}

static void setup(void)
{
	vcfw_begin("brcm,bcm2837", &ctx);
	CELLS("/soc", "dma-ranges", 0xc0000000, 0, 0x3f000000);
	memory = open_memory(VCFW_BASE, SIZE);
	registers = open_memory(ENGINE_PHYS & ~0xffffu, 0x10000); /* whole pages of any size */
	channel = (atomic_uint *)(void *)(registers + (ENGINE_PHYS & 0xffff) + CHANNEL * 0x100);
}

static void teardown(void)
{
	munmap(memory, SIZE);
	munmap(registers, 0x10000);
	vcfw_end(ctx);
}

static int run_example(const char *number)
{
	char name[] = "cyclic", argument[8];

	snprintf(argument, sizeof(argument), "%s", number ? number : "");
	return cyclic(number ? 2 : 1, (char *[]){ name, number ? argument : NULL, NULL });
}

static unsigned char *at_bus(uint32_t bus)
{
	return memory + (bus - 0xc0000000 - VCFW_BASE);
}

/* One copy for each block, until there is no next one. */
static void go(uint32_t at)
{
	while (at) {
		const struct block *block = (const void *)at_bus(at);

		memcpy(at_bus(block->target), at_bus(block->source), block->length);
		at = block->next;
		copies++;
	}
}

static void *engine(void *user)
{
	(void)user;
	while (!atomic_load(&ended)) {
		if (atomic_load(&channel[0]) == 1) {
			go(atomic_load(&channel[1]));
			atomic_store(&channel[0], 2); /* ended */
		}
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	}
	return NULL;
}

START_TEST(is_a_circle)
{
	ck_assert_int_eq(run_example(NULL), 0);
	ck_assert_uint_eq(vcfw->allocs, 1);
}
END_TEST

START_TEST(engine_goes_round)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, engine, NULL), 0);
	ck_assert_int_eq(run_example("5"), 0);
	atomic_store(&ended, true);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(copies, COUNT);
}
END_TEST

START_TEST(engine_that_does_not_end_is_reset)
{
	ck_assert_int_eq(run_example("5"), 1);
	ck_assert_uint_eq(atomic_load(&channel[0]), 1u << 31);
}
END_TEST

START_TEST(no_such_channel)
{
	ck_assert_int_eq(run_example("15"), 1);
}
END_TEST

START_TEST(no_engine)
{
	fake_string("/soc/dma@7e007000", "compatible", "maker,other");
	ck_assert_int_eq(run_example(NULL), 77);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("cyclic");
	TCase *tests = tcase_create("cyclic");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, is_a_circle);
	tcase_add_test(tests, engine_goes_round);
	tcase_add_test(tests, engine_that_does_not_end_is_reset);
	tcase_add_test(tests, no_such_channel);
	tcase_add_test(tests, no_engine);
	suite_add_tcase(suite, tests);
	return suite;
}
