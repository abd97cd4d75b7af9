/* SPDX-License-Identifier: MIT */
#include "soak.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

struct soak_shared *soak;

void soak_fault(const char *format, ...)
{
	va_list words;

	if (atomic_exchange(&soak->failed, true))
		return;
	va_start(words, format);
	vsnprintf(soak->fault, sizeof(soak->fault), format, words);
	va_end(words);
}

void soak_sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static uint64_t microseconds(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_nsec / 1000;
}

void pace_begin(struct pace *pace, unsigned percent, unsigned least_ms)
{
	pace->percent = percent * soak->share / 100;
	if (pace->percent == 0)
		pace->percent = 1;
	pace->least_ms = least_ms;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &pace->worked);
}

bool pace_rest(struct pace *pace)
{
	struct timespec now;
	uint64_t rest_ms;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	rest_ms = (microseconds(&now) - microseconds(&pace->worked)) * (100 - pace->percent) / pace->percent / 1000;
	if (rest_ms < pace->least_ms)
		rest_ms = pace->least_ms;
	while (rest_ms && !atomic_load(&soak->stop)) {
		unsigned step = rest_ms < 100 ? (unsigned)rest_ms : 100;

		soak_sleep_ms(step);
		rest_ms -= step;
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &pace->worked);
	return !atomic_load(&soak->stop);
}

pid_t soak_child(void)
{
	pid_t parent = getpid(), child = fork();

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return child;
}

int soak_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return r;
}

int soak_write_number(const char *path, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return soak_write(path, text);
}

uint64_t soak_number(const char *path, const char *word)
{
	char line[512];
	uint64_t value = UINT64_MAX;
	FILE *file = fopen(path, "re");

	while (file && value == UINT64_MAX && fgets(line, sizeof(line), file)) {
		if (strncmp(line, word, strlen(word)) == 0)
			value = strtoull(line + strlen(word), NULL, 10);
	}
	if (file)
		fclose(file);
	return value;
}
