/* SPDX-License-Identifier: MIT */
#include "calls_process.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "state.h"

int fake_capable(unsigned cap)
{
	FAULT("capable");
	return cap < 64 && f.caps[cap] >= 0 ? f.caps[cap] : os_linux.capable(cap);
}

int fake_io_flusher(int on)
{
	int was = f.io_flusher;

	if (on)
		FAULT("io_flusher");
	if (f.caps[CAP_SYS_RESOURCE] != 1)
		return -EPERM;
	f.io_flusher = on;
	return was;
}

const char *fake_getenv(const char *name)
{
	for (size_t i = f.env_count; i-- > 0;) {
		if (strcmp(f.env[i].name, name) == 0)
			return f.env[i].set ? f.env[i].value : NULL;
	}
	return NULL;
}

size_t fake_get_page_size(void)
{
	return f.page_size;
}

int fake_numa_prefer(uint32_t node, struct os_numa *was)
{
	FAULT("numa_prefer");
	return os_linux.numa_prefer(node, was);
}

int fake_numa_restore(const struct os_numa *was)
{
	FAULT("numa_restore");
	return os_linux.numa_restore(was);
}

int fake_page_nodes(const void *const *pages, size_t count, int *nodes)
{
	FAULT("page_nodes");
	return os_linux.page_nodes(pages, count, nodes);
}

/* Time stands still unless the test lets it pass: a slow machine is no reason to give up. */
uint64_t fake_now_us(void)
{
	return 1000000 + f.later_us;
}

/* Time passes, but nobody waits. */
void fake_pause_ms(unsigned ms)
{
	f.later_us += ms * (uint64_t)1000;
}

uint64_t fake_worked_us(void)
{
	return 1000 + f.later_us;
}

int fake_kernel_version(void)
{
	FAULT("kernel_version");
	return f.kernel ? f.kernel : os_linux.kernel_version();
}

int fake_cache_clean(const void *addr, size_t length)
{
	FAULT("cache_clean");
	(void)addr;
	f.cache_calls++;
	f.cache_bytes += length;
	return f.clean;
}

int fake_cache_flush(const void *addr, size_t length)
{
	FAULT("cache_flush");
	(void)addr;
	f.cache_calls++;
	f.cache_bytes += length;
	return f.flush;
}
