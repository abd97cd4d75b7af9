/* SPDX-License-Identifier: MIT */
/*
 * Played dma-bufs, and the devices that make them: memory that can be mapped, synced and named, as
 * drivers/dma-buf/dma-buf.c has it. What they do is decided, and seen, in struct played.
 */
#ifndef TEST_PLAYED_DMABUF_H
#define TEST_PLAYED_DMABUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake.h"

/* The state that a process of the tests starts with is the usual one. */
extern struct played {
	/* said by the test */
	const char *exporter; /* in fdinfo; NULL: a kernel that does not tell. "linux,cma" */
	bool nxp;             /* DMA_BUF_IOCTL_PHYS tells nxp_phys */
	bool nxp_narrow;      /* it takes only the number of a 32-bit kernel */
	uint64_t nxp_phys;
	unsigned again;       /* that many syncs are to be repeated, by EAGAIN and EINTR */
	bool sync_missing;    /* before Linux 4.6 */
	int sync_errnum;      /* syncs fail with this */
	int create_errnum;    /* heaps and udmabuf refuse with this */
	/* seen */
	unsigned created, closed;
	unsigned starts, ends; /* syncs */
	uint64_t last_sync;    /* its flags */
	unsigned phys_calls;
	char name[32];
	uint64_t last_length;  /* of what a heap was asked for */
	uint32_t last_flags;   /* of the descriptor that it was to be */
	unsigned parts;        /* of the last udmabuf */
} played;

/* A new dma-buf of that size, counted as open; as an exporter's ioctl makes it. */
int played_dmabuf(size_t size);

/* For a struct fake_device of path /dev/dma_heap/NAME: its ioctl. Makes the file too. */
int played_heap_ioctl(void *user, int fd, unsigned long request, void *arg);

/*
 * /dev/udmabuf, with the limits of its parameters. Every memfd is mapped at an address of its own,
 * since a played pagemap tells frames by that.
 */
void played_udmabuf(void);

#endif
