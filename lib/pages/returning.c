/* SPDX-License-Identifier: MIT */
#include "pages/returning.h"

#include <stdatomic.h>

#include "os/os.h"

#define WINDOW_MS 250
#define STEP_MS   2

/*
 * KiB, and when, in milliseconds: 32 bits, since not every processor has 64-bit atomics. Two threads that meet here make a
 * sum that is a little wrong, and after 4 TiB in a row it begins again: then somebody waits in vain, or not at all.
 */
static atomic_uint kib, last_ms;

static unsigned now_ms(void)
{
	return (unsigned)(os->now_us() / 1000);
}

void returning_note(uint64_t bytes)
{
	unsigned now = now_ms(), more = (unsigned)((bytes + 1023) / 1024);

	if (now - atomic_exchange_explicit(&last_ms, now, memory_order_relaxed) < WINDOW_MS)
		atomic_fetch_add_explicit(&kib, more, memory_order_relaxed);
	else
		atomic_store_explicit(&kib, more, memory_order_relaxed);
}

uint64_t returning_bytes(void)
{
	if (now_ms() - atomic_load_explicit(&last_ms, memory_order_relaxed) >= WINDOW_MS)
		return 0;
	return (uint64_t)atomic_load_explicit(&kib, memory_order_relaxed) * 1024;
}

bool returning_wait(uint64_t start)
{
	if (os->now_us() - start >= WINDOW_MS * 1000)
		return false;
	os->pause_ms(STEP_MS);
	return true;
}
