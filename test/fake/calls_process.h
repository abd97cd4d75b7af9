/* SPDX-License-Identifier: MIT */
/* The played calls about the process, time and caches: calls_process.c. */
#ifndef TEST_CALLS_PROCESS_H
#define TEST_CALLS_PROCESS_H

#include "os/os.h"

int fake_capable(unsigned cap);
int fake_io_flusher(int on);
const char *fake_getenv(const char *name);
size_t fake_get_page_size(void);
int fake_numa_prefer(uint32_t node, struct os_numa *was);
int fake_numa_restore(const struct os_numa *was);
int fake_page_nodes(const void *const *pages, size_t count, int *nodes);
uint64_t fake_now_us(void);
void fake_pause_ms(unsigned ms);
uint64_t fake_worked_us(void);
int fake_kernel_version(void);
int fake_cache_clean(const void *addr, size_t length);
int fake_cache_flush(const void *addr, size_t length);

#endif
