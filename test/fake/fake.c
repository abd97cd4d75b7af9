/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <pthread.h>
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "state.h"
#include "tree.h"

struct fake_state f;

static void check_guard(const char *call)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	pthread_setcancelstate(state, NULL);
	ck_assert_msg(state == PTHREAD_CANCEL_DISABLE,
		"%s is called where a thread may be cancelled: call_begin() is missing", call);
}

void fake_guard(bool on)
{
	f.guarded = on;
}

int fault(const char *call)
{
	int r;

	if (f.guarded)
		check_guard(call);
	f.cut = 0;
	r = plan_fault(call, &f.cut);
	if (r < 0)
		return r;
	if (f.named && strcmp(f.named, call) == 0) {
		f.failed = call;
		return -f.named_errnum;
	}
	if (f.countdown == 0 || --f.countdown > 0)
		return 0;
	f.failed = call;
	return -f.errnum;
}

int opened(int fd, const struct fake_device *device)
{
	if (fd < 0)
		return fd;
	ck_assert_int_lt(fd, MAX_FDS);
	f.open[fd] = true;
	f.device_of[fd] = device;
	return fd;
}

/* The part of a full path below the fake root; NULL: elsewhere. */
static const char *below_root(const char *path)
{
	size_t n = strlen(fake_root());

	return strncmp(path, fake_root(), n) == 0 ? path + n : NULL;
}

void fake_count_opens(bool on)
{
	f.counts_opens = on;
	if (on)
		f.opens_count = 0;
}

void count_open(const char *path)
{
	const char *name = below_root(path);
	size_t i = 0;

	if (!f.counts_opens || !name)
		return;
	while (i < f.opens_count && strcmp(f.opens[i].path, name) != 0)
		i++;
	if (i == f.opens_count) {
		ck_assert_uint_lt(f.opens_count++, MAX_OPENS);
		snprintf(f.opens[i].path, sizeof(f.opens[i].path), "%s", name);
		f.opens[i].count = 0;
	}
	f.opens[i].count++;
}

const char *fake_opened(size_t i, unsigned *count)
{
	if (i >= f.opens_count)
		return NULL;
	*count = f.opens[i].count;
	return f.opens[i].path;
}

unsigned fake_opens(const char *path)
{
	const char *name;
	unsigned count;

	for (size_t i = 0; (name = fake_opened(i, &count)); i++) {
		if (strcmp(name, path) == 0)
			return count;
	}
	return 0;
}

const struct fake_device *device_at(const char *path)
{
	const char *name = below_root(path);

	for (size_t i = f.device_count; name && i-- > 0;) {
		if (f.devices[i]->path && strcmp(f.devices[i]->path, name) == 0)
			return f.devices[i];
	}
	return NULL;
}

int fake_device_fd(const struct fake_device *device)
{
	int fd = os_linux.memfd_create("fake", MFD_ALLOW_SEALING);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(os_linux.ftruncate(fd, device->memory), 0);
	return opened(fd, device);
}

int open_device(const struct fake_device *device)
{
	int fd, r;

	if (device->open_errnum)
		return -device->open_errnum;
	fd = fake_device_fd(device);
	r = device->opened ? device->opened(device->user, fd) : 0;
	if (r == 0)
		return fd;
	f.open[fd] = false;
	f.device_of[fd] = NULL;
	os_linux.close(fd);
	return r;
}

void map_add(const void *addr, size_t length)
{
	ck_assert_uint_lt(f.map_count, MAX_MAPS);
	f.maps[f.map_count].start = (uintptr_t)addr;
	f.maps[f.map_count++].length = length;
}

void map_remove(const void *addr, size_t length)
{
	uintptr_t start = (uintptr_t)addr, end = start + length;

	if (f.unmapped)
		f.unmapped(start, length);
	for (size_t i = f.map_count; i-- > 0;) {
		uintptr_t a = f.maps[i].start, b = a + f.maps[i].length;

		if (b <= start || end <= a)
			continue;
		f.maps[i] = f.maps[--f.map_count];
		if (a < start)
			map_add((const void *)a, start - a);
		if (end < b)
			map_add((const void *)end, b - end);
	}
}

void fake_start(void)
{
	memset(&f, 0, sizeof(f));
	f.page_size = os_linux.page_size();
	for (size_t i = 0; i < 64; i++)
		f.caps[i] = -1;
	tree_start();
	fake_env("LIBPMEM_ROOT", fake_root());
	os = &fake_calls;
}

size_t fake_all_fds(void)
{
	size_t n = 0;

	for (size_t i = 0; i < MAX_FDS; i++)
		n += f.open[i];
	return n;
}

size_t fake_fds(void)
{
	bool kept = false;

	for (size_t i = 0; i < MAX_FDS; i++)
		kept |= f.open[i] && f.pagemap[i];
	return fake_all_fds() - kept;
}

size_t fake_mapped(void)
{
	size_t n = 0;

	for (size_t i = 0; i < f.map_count; i++)
		n += f.maps[i].length;
	return n;
}

void fake_stop(void)
{
	os = &os_linux;
	tree_stop();
	ck_assert_int_eq(f.io_flusher, 0);
	ck_assert_msg(fake_all_fds() == 0, "%zu descriptors leaked", fake_all_fds());
	ck_assert_msg(fake_mapped() == 0, "%zu bytes still mapped", fake_mapped());
}

void fake_env(const char *name, const char *value)
{
	ck_assert_uint_lt(f.env_count, 32);
	snprintf(f.env[f.env_count].name, sizeof(f.env[0].name), "%s", name);
	snprintf(f.env[f.env_count].value, sizeof(f.env[0].value), "%s", value ? value : "");
	f.env[f.env_count++].set = value != NULL;
}

bool fake_io_flusher_is_on(void)
{
	return f.io_flusher == 1;
}

void fake_page_size(size_t size)
{
	f.page_size = size;
}

void fake_kernel(int version)
{
	f.kernel = version;
}

void fake_pass_us(uint64_t us)
{
	f.later_us += us;
}

void fake_capability(unsigned cap, bool held)
{
	f.caps[cap] = held;
}

void fake_coherency(int clean, int flush)
{
	f.clean = clean;
	f.flush = flush;
}

unsigned fake_cache_calls(void)
{
	return f.cache_calls;
}

uint64_t fake_cache_bytes(void)
{
	return f.cache_bytes;
}

void fake_device(const struct fake_device *device)
{
	ck_assert_uint_lt(f.device_count, MAX_DEVICES);
	f.devices[f.device_count++] = device;
}

void fake_node(const struct fake_device *device)
{
	fake_text(device->path, "");
	fake_device(device);
}

int fake_untouchable(void *user, size_t length, int prot, int flags, uint64_t offset, void **out)
{
	(void)user;
	(void)prot;
	(void)flags;
	(void)offset;
	return os_linux.mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, out);
}

void fake_fail(unsigned nth, int errnum)
{
	f.countdown = nth;
	f.errnum = errnum;
	f.failed = NULL;
}

void fake_fail_named(const char *call, int errnum)
{
	f.named = call;
	f.named_errnum = errnum;
	f.failed = NULL;
}

const char *fake_failed(void)
{
	return f.failed;
}

unsigned fake_fail_each(int errnum, int (*action)(void *user), void *user)
{
	size_t fds = fake_fds(), mapped = fake_mapped();

	for (unsigned n = 1;; n++) {
		const char *failed;
		int r;

		ck_assert_uint_lt(n, 20000);
		fake_fail(n, errnum);
		r = action(user);
		failed = f.failed;
		fake_fail(0, 0);
		ck_assert_msg(fake_fds() == fds, "call %u (%s) failing left %zu descriptors", n,
			failed, fake_fds() - fds);
		ck_assert_msg(fake_mapped() == mapped, "call %u (%s) failing left %zu bytes mapped",
			n, failed, fake_mapped() - mapped);
		ck_assert_msg(r <= 0, "call %u (%s) failing: result %d", n, failed, r);
		if (r < 0)
			ck_assert_int_eq(pmem_error_code(pmem_error_last()), r);
		if (!failed)
			return n - 1;
	}
}
