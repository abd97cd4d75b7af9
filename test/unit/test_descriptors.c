/* SPDX-License-Identifier: MIT */
/* lib/os/linux.c: descriptors are none of the standard streams; limits on files. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/file.h"
#include "suite.h"

static bool is_high(int fd)
{
	return fd > STDERR_FILENO && fcntl(fd, F_GETFD) == FD_CLOEXEC;
}

/* In a child without standard streams. 0, or which call gave one of their numbers. */
static int without_streams(void)
{
	unsigned char params[120] = { 0 }; /* struct io_uring_params */
	int fds[2], r;

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		close(fd);
	if (!is_high(os_linux.open("/dev/null", O_RDWR, 0)))
		return 1;
	if (!is_high(os_linux.openat(AT_FDCWD, "/dev/null", O_RDWR, 0)))
		return 2;
	if (!is_high(os_linux.memfd_create("x", 0)))
		return 3;
	if (os_linux.pipe(fds) < 0 || !is_high(fds[0]) || !is_high(fds[1]))
		return 4;
	if (!is_high(os_linux.fcntl(fds[0], F_DUPFD_CLOEXEC, 0)))
		return 5;
	r = os_linux.io_uring_setup(1, params);
	if (r >= 0 && !is_high(r))
		return 6;
	/* And nothing of it stayed in their place. */
	if (fcntl(0, F_GETFD) >= 0 || fcntl(1, F_GETFD) >= 0 || fcntl(2, F_GETFD) >= 0)
		return 7;
	/* As an ioctl gives them. */
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) != 0 || !is_high(file_keep(0)) || fcntl(0, F_GETFD) >= 0)
		return 8;
	return 0;
}

START_TEST(a_program_without_standard_streams)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(without_streams());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* ulimit -f 0: an error, not SIGXFSZ, which kills. */
static int without_file_size(void)
{
	struct rlimit none = { 0, RLIM_INFINITY };
	int fds[2], memfd = os_linux.memfd_create("x", 0);

	if (memfd < 0 || os_linux.pipe(fds) < 0 || setrlimit(RLIMIT_FSIZE, &none) < 0)
		return 1;
	if (os_linux.write(memfd, "x", 1) != -EFBIG)
		return 2;
	if (os_linux.ftruncate(memfd, 4096) != -EFBIG)
		return 3;
	if (os_linux.write(fds[1], "x", 1) != 1) /* no file */
		return 4;
	none.rlim_cur = 2;
	if (setrlimit(RLIMIT_FSIZE, &none) < 0 || os_linux.write(memfd, "xy", 2) != 2 ||
		os_linux.write(memfd, "z", 1) != -EFBIG)
		return 5;
	if (os_linux.fallocate(memfd, 0, 0, 4096) != -EFBIG)
		return 6;
	if (os_linux.fallocate(memfd, 3, 0, 4096) != 0) /* FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE: none grows */
		return 7;
	return 0;
}

START_TEST(a_program_that_may_write_no_file)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(without_file_size());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("descriptors");
	TCase *tc = tcase_create("descriptors");

	tcase_add_test(tc, a_program_without_standard_streams);
	tcase_add_test(tc, a_program_that_may_write_no_file);
	suite_add_tcase(suite, tc);
	return suite;
}
