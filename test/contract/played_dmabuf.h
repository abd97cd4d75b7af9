/* SPDX-License-Identifier: MIT */
/* A played dma-buf: memory that can be mapped, synced and named. */
#ifndef TEST_PLAYED_DMABUF_H
#define TEST_PLAYED_DMABUF_H

#include <stddef.h>

/* A new one of that size, counted as open; as an exporter's ioctl makes it. */
int played_dmabuf(size_t size);

#endif
