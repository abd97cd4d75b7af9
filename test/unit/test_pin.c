/* SPDX-License-Identifier: MIT */
/* Pins: by io_uring, by pipes, and what is said when neither will do. */
#include <errno.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pages/pin.h"
#include "suite.h"
#include "pages/uring.h"

#define LENGTH ((size_t)4 << 20)

static void *memory;

static void setup(void)
{
	fake_start();
	memory = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	memset(memory, 1, LENGTH);
}

static void teardown(void)
{
	munmap(memory, LENGTH);
	fake_stop();
}

static const struct pmem_error *error(void)
{
	return pmem_error_last();
}

START_TEST(test_pins)
{
	struct pin pin;

	assert_works(pin_take(fake_root(), memory, os->page_size(), &pin));
	ck_assert(pin.class == PIN_IO_URING || pin.class == PIN_VMSPLICE);
	ck_assert_uint_ge(fake_fds(), 1);
	assert_works(pin_drop(&pin));
	ck_assert_uint_eq(fake_fds(), 0);
	assert_works(pin_drop(&pin)); /* twice is harmless */
}
END_TEST

START_TEST(test_pipes_where_there_is_no_io_uring)
{
	struct pin pin;

	fake_fail_named("io_uring_setup", ENOSYS);
	assert_works(pin_take(fake_root(), memory, LENGTH, &pin));
	ck_assert_int_eq(pin.class, PIN_VMSPLICE);
	ck_assert_str_eq(pin_name(pin.class), "vmsplice");
	ck_assert_uint_ge(pin.fd_count, 1);
	ck_assert_uint_eq(fake_fds(), pin.fd_count); /* writing ends only: nobody can drain them */
	assert_works(pin_drop(&pin));
}
END_TEST

/* What the parent has in pipes is not a child's, which has a share of its own and gives back that only. */
START_TEST(test_pipes_of_a_child)
{
	const size_t length = (size_t)16 << 20;
	unsigned char *large = mmap(NULL, length, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	struct pin pin, own, more;
	int status;
	pid_t child;

	ck_assert_ptr_ne(large, MAP_FAILED);
	fake_fail_named("io_uring_setup", ENOSYS);
	assert_works(pin_take(fake_root(), large, length, &pin));
	child = fork();
	if (child == 0) {
		int bad = pin_take(fake_root(), memory, LENGTH, &own) != 0;

		bad |= pin_drop(&own) != 0 ? 2 : 0;
		bad |= pin_take(fake_root(), large, length, &own) != 0 ? 4 : 0;
		bad |= pin_take(fake_root(), memory, LENGTH, &more) == 0 ? 8 : 0;
		_exit(bad);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	assert_works(pin_drop(&pin));
	munmap(large, length);
}
END_TEST

static int no_fcntl(int fd, int cmd, int arg)
{
	(void)fd;
	(void)cmd;
	(void)arg;
	return -EPERM;
}

START_TEST(test_the_environment_forbids_io_uring)
{
	struct pin pin;

	fake_env("LIBPMEM_NO_IO_URING", "1");
	assert_works(pin_take(fake_root(), memory, os->page_size(), &pin));
	ck_assert_int_eq(pin.class, PIN_VMSPLICE);
	assert_works(pin_drop(&pin));
	fake_env("LIBPMEM_NO_IO_URING", NULL);
}
END_TEST

/* The account of pipes is the user's: 16 MiB of it for the process, then an honest refusal. */
START_TEST(test_pipes_are_bounded)
{
	const size_t mib = (size_t)1 << 20;
	unsigned char *large = mmap(NULL, 24 * mib, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	struct pin first, second;

	ck_assert_ptr_ne(large, MAP_FAILED);
	fake_fail_named("io_uring_setup", ENOSYS);
	assert_fails(pin_take(fake_root(), large, 24 * mib, &first), ENOSYS, PMEM_CAUSE_LIMIT);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(error()), "for the whole process"));
	assert_works(pin_take(fake_root(), large, 10 * mib, &first));
	ck_assert_uint_le(first.fd_count, 64);
	assert_fails(pin_take(fake_root(), large, 7 * mib, &second), ENOSYS, PMEM_CAUSE_LIMIT);
	assert_works(pin_drop(&first));
	assert_works(pin_take(fake_root(), large, 16 * mib, &second)); /* what was given back counts */
	assert_works(pin_drop(&second));
	munmap(large, 24 * mib);
}
END_TEST

START_TEST(test_small_pipes)
{
	struct os_calls calls = *os;
	struct pin pin;

	calls.fcntl = no_fcntl; /* nobody may enlarge a pipe: 16 pages each, by default */
	os = &calls;
	fake_fail_named("io_uring_setup", EPERM);
	assert_works(pin_take(fake_root(), memory, 100 * os->page_size(), &pin));
	ck_assert_uint_ge(pin.fd_count, 7);
	assert_works(pin_drop(&pin));
}
END_TEST

static int no_ring(uint32_t entries, void *params)
{
	(void)entries;
	(void)params;
	return -ENOSYS;
}

START_TEST(test_nothing_pins)
{
	struct os_calls calls = *os;
	struct pin pin;

	calls.io_uring_setup = no_ring;
	os = &calls;
	fake_fail_named("vmsplice", EFAULT);
	memset(&pin, 0xff, sizeof(pin));
	assert_fails(pin_take(fake_root(), memory, LENGTH, &pin), ENOSYS, PMEM_CAUSE_NOT_PINNED);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(error()), "no io_uring"));
	ck_assert_ptr_nonnull(strstr(pmem_error_message(error()), "vmsplice"));
	ck_assert_uint_eq(fake_fds(), 0);
	assert_works(pin_drop(&pin));
}
END_TEST

static void refused(const char *level, uint32_t cause, const char *word)
{
	if (level)
		fake_text("/proc/sys/kernel/io_uring_disabled", level);
	fake_fail_named("io_uring_setup", EPERM);
	assert_fails(uring_open(fake_root()), EPERM, cause);
	ck_assert_msg(strstr(pmem_error_message(error()), word) != NULL, "%s",
		pmem_error_message(error()));
	ck_assert_str_ne(pmem_error_hint(error()), "");
}

START_TEST(test_io_uring_forbidden)
{
	refused(NULL, PMEM_CAUSE_NOT_PINNED, "seccomp");
	refused("0\n", PMEM_CAUSE_NOT_PINNED, "seccomp");
	refused("1\n", PMEM_CAUSE_CAPABILITY, "ordinary users");
	refused("2\n", PMEM_CAUSE_NOT_PINNED, "for all");
}
END_TEST

START_TEST(test_memory_lock_limit)
{
	struct pin pin = { .class = PIN_NONE };

	fake_fail_named("io_uring_register", ENOMEM);
	fake_capability(CAP_IPC_LOCK, false);
	assert_fails(uring_pin(fake_root(), memory, LENGTH, &pin), ENOMEM, PMEM_CAUSE_LIMIT);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(error()), "RLIMIT_MEMLOCK"));
	fake_capability(CAP_IPC_LOCK, true);
	assert_fails(uring_pin(fake_root(), memory, LENGTH, &pin), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	fake_fail_named("io_uring_register", EFAULT);
	assert_fails(uring_pin(fake_root(), memory, LENGTH, &pin), EFAULT, PMEM_CAUSE_WRONG_KIND);
	fake_fail_named("io_uring_setup", EMFILE);
	assert_fails(uring_pin(fake_root(), memory, LENGTH, &pin), EMFILE, PMEM_CAUSE_LIMIT);
	fake_fail_named(NULL, 0);
}
END_TEST

/* The buffers of a registration, as the kernel would see them. */
static struct iovec seen[8];
static unsigned seen_count, unregistered;

static int see_register(int fd, unsigned opcode, void *arg, unsigned count)
{
	(void)fd;
	if (opcode == IORING_UNREGISTER_BUFFERS) {
		unregistered++;
		return 0;
	}
	ck_assert_uint_eq(opcode, IORING_REGISTER_BUFFERS);
	ck_assert_uint_le(count, 8);
	memcpy(seen, arg, count * sizeof(seen[0]));
	seen_count = count;
	return 0;
}

START_TEST(test_split_at_one_gib)
{
	struct os_calls calls = *os;
	unsigned char *at = (unsigned char *)0x40000000;
	size_t gib = (size_t)1 << 30;
	struct pin pin;

	calls.io_uring_register = see_register;
	os = &calls;
	assert_works(pin_take(fake_root(), at, 2 * gib + 4096, &pin));
	ck_assert_uint_eq(seen_count, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_ptr_eq(seen[i].iov_base, at + i * gib);
		ck_assert_uint_eq(seen[i].iov_len, i < 2 ? gib : 4096);
	}
	assert_works(pin_drop(&pin));
	ck_assert_uint_eq(unregistered, 1);
	assert_works(pin_take(fake_root(), at, gib, &pin));
	ck_assert_uint_eq(seen_count, 1);
	assert_works(pin_drop(&pin));
}
END_TEST

static int pin_and_drop(void *user)
{
	struct pin pin;
	int r;

	(void)user;
	r = pin_take(fake_root(), memory, LENGTH, &pin);
	return r < 0 ? r : pin_drop(&pin);
}

START_TEST(test_each_call_fails)
{
	ck_assert_uint_ge(fake_fail_each(EIO, pin_and_drop, NULL), 3);
	ck_assert_uint_ge(fake_fail_each(ENOMEM, pin_and_drop, NULL), 3);
}
END_TEST

/* The same through the pipes. */
static int splice_and_drop(void *user)
{
	struct pin pin;
	int r;

	(void)user;
	r = vmsplice_pin(memory, LENGTH, &pin);
	return r < 0 ? r : pin_drop(&pin);
}

START_TEST(test_each_call_of_pipes_fails)
{
	ck_assert_uint_ge(fake_fail_each(EMFILE, splice_and_drop, NULL), 4);
}
END_TEST

START_TEST(test_usable)
{
	assert_works(pin_usable(fake_root()));
	fake_fail_named("io_uring_setup", ENOSYS);
	assert_works(pin_usable(fake_root())); /* pipes will do */
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pin");
	TCase *tc = tcase_create("pin");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_pins);
	tcase_add_test(tc, test_pipes_where_there_is_no_io_uring);
	tcase_add_test(tc, test_small_pipes);
	tcase_add_test(tc, test_pipes_are_bounded);
	tcase_add_test(tc, test_pipes_of_a_child);
	tcase_add_test(tc, test_the_environment_forbids_io_uring);
	tcase_add_test(tc, test_nothing_pins);
	tcase_add_test(tc, test_io_uring_forbidden);
	tcase_add_test(tc, test_memory_lock_limit);
	tcase_add_test(tc, test_split_at_one_gib);
	tcase_add_test(tc, test_each_call_fails);
	tcase_add_test(tc, test_each_call_of_pipes_fails);
	tcase_add_test(tc, test_usable);
	suite_add_tcase(suite, tc);
	return suite;
}
