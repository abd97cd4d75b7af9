/* SPDX-License-Identifier: MIT */
/* The drop-in for mailbox.c, used as those programs use it, on a played Raspberry Pi 3. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"
#include "vcfw.h"

static uint32_t channels; /* as if the program's own mailbox.h declared it */
#define MBOX_DMA_CHANNELS channels
int mbox_open(void);
void mbox_close(int fd);
uint32_t mem_alloc(int fd, uint32_t size, uint32_t align, uint32_t flags);
uint32_t mem_lock(int fd, uint32_t handle);
uint32_t mem_unlock(int fd, uint32_t handle);
uint32_t mem_free(int fd, uint32_t handle);
void *mapmem(uint32_t base, uint32_t size);
void *unmapmem(void *address, uint32_t size);
#include "../../docs/examples/mailbox.c"

#define BUS_TO_PHYS(x) ((x) & ~0xc0000000u)
#define CHANNEL        5
#define ENGINE         0x3f007000u
#define SIZE           8192u
#define BUFFERS        3

static struct pmem_ctx *ctx; /* the test's own */
static void *window; /* of the played registers: whole pages of any size */
static volatile uint32_t *engine;

static void setup(void)
{
	char path[512];
	int fd;

	vcfw_begin("brcm,bcm2837", &ctx);
	CELLS("/soc", "dma-ranges", 0xc0000000, 0, 0x3f000000);
	snprintf(path, sizeof(path), "%s/dev/mem", fake_root());
	fd = open(path, O_RDWR | O_CLOEXEC);
	window = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, ENGINE & ~0xffffu);
	close(fd);
	ck_assert_ptr_ne(window, MAP_FAILED);
	engine = (uint32_t *)window + (ENGINE & 0xffff) / 4;
	channels = 1u << CHANNEL;
}

static void teardown(void)
{
	pmem_ctx_unref(memory);
	pmem_ctx_unref(registers);
	memory = registers = NULL;
	once = (pthread_once_t)PTHREAD_ONCE_INIT;
	munmap(window, 0x10000);
	vcfw_end(ctx);
}

struct buffer {
	uint32_t handle, bus;
	uint32_t *words;
};

static struct buffer take(void)
{
	struct buffer b = { .handle = mem_alloc(-1, SIZE, 4096, 0x4) };

	ck_assert_uint_ne(b.handle, 0);
	b.bus = mem_lock(-1, b.handle);
	ck_assert_uint_eq(b.bus >> 30, 3);
	b.words = mapmem(BUS_TO_PHYS(b.bus), SIZE);
	ck_assert_ptr_nonnull(b.words);
	return b;
}

static void give_back(const struct buffer *b)
{
	ck_assert_ptr_null(unmapmem(b->words, SIZE));
	ck_assert_uint_eq(mem_unlock(-1, b->handle), 0);
	ck_assert_uint_eq(mem_free(-1, b->handle), 0);
}

START_TEST(several_buffers)
{
	struct buffer b[BUFFERS];

	for (uint32_t i = 0; i < BUFFERS; i++) {
		b[i] = take();
		b[i].words[SIZE / 4 - 1] = i;
	}
	ck_assert_uint_eq(vcfw->live, BUFFERS);
	for (uint32_t i = 0; i < BUFFERS; i++) {
		uint32_t *part = mapmem(BUS_TO_PHYS(b[i].bus) + SIZE - 4, 4);

		ck_assert_ptr_eq(part, &b[i].words[SIZE / 4 - 1]);
		ck_assert_uint_eq(*part, i);
		ck_assert_uint_eq(mem_lock(-1, b[i].handle), b[i].bus);
	}
	for (uint32_t i = 0; i < BUFFERS; i++)
		give_back(&b[i]);
	ck_assert_uint_eq(vcfw->live, 0);
	ck_assert_uint_eq(vcfw->releases, BUFFERS);
}
END_TEST

START_TEST(registers_are_mapped_and_unmapped)
{
	size_t before = fake_mapped();
	uint32_t *at = mapmem(ENGINE, 0x1000);

	ck_assert_ptr_nonnull(at);
	at[1] = 4711;
	ck_assert_uint_eq(engine[1], 4711);
	ck_assert_ptr_null(unmapmem(at, 0x1000));
	ck_assert_uint_eq(fake_mapped(), before);
	ck_assert_ptr_null(unmapmem(at, 0x1000)); /* again: nothing is there */
}
END_TEST

START_TEST(what_is_not_there_is_refused)
{
	struct buffer b = take();

	ck_assert_uint_eq(mem_lock(-1, b.handle + 1), UINT32_MAX); /* its second page */
	ck_assert_uint_ne(mem_unlock(-1, 4711), 0);
	ck_assert_uint_ne(mem_free(-1, b.handle + 1), 0);
	ck_assert_ptr_null(mapmem(BUS_TO_PHYS(b.bus), SIZE + 1));
	give_back(&b);
	ck_assert_uint_ne(mem_free(-1, b.handle), 0);
	ck_assert_uint_eq(mem_alloc(-1, 0, 4096, 0x4), 0);
}
END_TEST

static void die_holding(void *user)
{
	(void)user;
	take();
	take();
	kill(getpid(), SIGKILL);
}

START_TEST(killed_and_the_next_program_gives_back)
{
	struct buffer b;

	ck_assert(WIFSIGNALED(vcfw_child(die_holding, NULL)));
	ck_assert_uint_eq(vcfw->live, 2);
	b = take();
	ck_assert_uint_eq(vcfw->live, 1);
	ck_assert_uint_eq(engine[CHANNEL * 0x100 / 4], 1u << 31); /* stopped first */
	give_back(&b);
}
END_TEST

START_TEST(channels_that_are_not_known_keep_the_memory)
{
	struct buffer b;

	channels = UINT32_MAX;
	ck_assert(WIFSIGNALED(vcfw_child(die_holding, NULL)));
	b = take();
	ck_assert_uint_eq(vcfw->live, 3);
	ck_assert_uint_eq(engine[CHANNEL * 0x100 / 4], 0);
	give_back(&b);
}
END_TEST

START_TEST(no_such_memory_on_a_pi5)
{
	COMPATIBLE("raspberrypi,5-model-b\0brcm,bcm2712\0");
	ck_assert_uint_eq(mem_alloc(-1, SIZE, 4096, 0x4), 0);
	ck_assert_ptr_nonnull(strstr(pmem_error_text(pmem_error_last()), "bcm2712"));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("mailbox");
	TCase *tests = tcase_create("mailbox");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, several_buffers);
	tcase_add_test(tests, registers_are_mapped_and_unmapped);
	tcase_add_test(tests, what_is_not_there_is_refused);
	tcase_add_test(tests, killed_and_the_next_program_gives_back);
	tcase_add_test(tests, channels_that_are_not_known_keep_the_memory);
	tcase_add_test(tests, no_such_memory_on_a_pi5);
	suite_add_tcase(suite, tests);
	return suite;
}
