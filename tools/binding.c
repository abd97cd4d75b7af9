/* SPDX-License-Identifier: MIT */
#include "binding.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void add_step(struct plan *plan, const char *text, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void add_step(struct plan *plan, const char *text, const char *format, ...)
{
	struct step *step = &plan->steps[plan->count++];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(step->path, sizeof(step->path), format, args);
	va_end(args);
	(void)snprintf(step->text, sizeof(step->text), "%s", text);
}

void step_line(const struct step *step, char out[512])
{
	if (!step->path[0])
		(void)snprintf(out, 512, "%s", step->text);
	else
		(void)snprintf(out, 512, "echo%s%s > %s", step->text[0] ? " " : "", step->text, step->path);
}

static bool driver_is_loaded(const struct device *device, const char *driver)
{
	char path[300], full[4096];

	(void)snprintf(path, sizeof(path), "/sys/bus/%s/drivers/%s", device->bus, driver);
	return root_path(full, sizeof(full), path) && access(full, F_OK) == 0;
}

void override_read(const struct device *device, char out[128])
{
	char path[300], full[4096];
	ssize_t n = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/driver_override", device->folder);
	fd = root_path(full, sizeof(full), path) ? open(full, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	if (fd >= 0) {
		n = read(fd, out, 127);
		(void)close(fd);
	}
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	if (!strcmp(out, "(null)")) /* driver_override_show() of a device without one */
		out[0] = '\0';
}

void plan_make(struct plan *plan, const struct device *device, const char *driver)
{
	char now[128], text[160];

	if (*driver && !driver_is_loaded(device, driver)) {
		(void)snprintf(text, sizeof(text), "modprobe %s", driver);
		add_step(plan, text, "%s", "");
	}
	add_step(plan, driver, "%s/driver_override", device->folder);
	if (device_link(device, "driver", now, sizeof(now)))
		add_step(plan, device->name, "%s/driver/unbind", device->folder);
	add_step(plan, device->name, "/sys/bus/%s/drivers_probe", device->bus);
}

static int write_file(const char *path, const char *text)
{
	char full[4096], with_newline[200];
	int fd, length = snprintf(with_newline, sizeof(with_newline), "%s\n", text), r = 0;

	if (!root_path(full, sizeof(full), path))
		return -errno;
	fd = open(full, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, with_newline, (size_t)length) != length)
		r = -errno;
	if (close(fd) && r == 0)
		r = -errno;
	return r;
}

bool override_is_open(const struct device *device)
{
	char path[300], full[4096];

	(void)snprintf(path, sizeof(path), "%s/driver_override", device->folder);
	return root_path(full, sizeof(full), path) && faccessat(AT_FDCWD, full, W_OK, AT_EACCESS) == 0;
}

int override_write(const struct device *device, const char *driver)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/driver_override", device->folder);
	return write_file(path, driver);
}

/* modprobe, which is no part of the machine that a root plays. */
static int run_modprobe(const char *text)
{
	char name[160];
	char *const argv[] = { (char *)(uintptr_t)"modprobe", name, NULL };
	char *const environment[] = { (char *)(uintptr_t)"PATH=/usr/sbin:/sbin:/usr/bin:/bin", NULL };
	const char *root = secure_getenv("LIBPMEM_ROOT");
	int status, r;
	pid_t child;

	if (root && *root)
		return -ENOENT;
	(void)snprintf(name, sizeof(name), "%s", text + strlen("modprobe "));
	r = posix_spawn(&child, "/sbin/modprobe", NULL, NULL, argv, environment);
	if (r)
		return -r;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : geteuid() ? -EPERM : -ENOENT;
}

size_t plan_carry_out(const struct plan *plan, int *r)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct step *step = &plan->steps[i];

		*r = step->path[0] ? write_file(step->path, step->text) : run_modprobe(step->text);
		if (*r < 0)
			return i;
	}
	*r = 0;
	return plan->count;
}

bool driver_wait(const struct device *device, const char *wanted)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	char now[128];

	for (int i = 0; i < 50; i++) { /* some drivers are probed in another thread */
		if (device_link(device, "driver", now, sizeof(now)) &&
			(wanted ? !strcmp(now, wanted) : !for_programs(now)))
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}
