/* SPDX-License-Identifier: MIT */
/*
 * A played module u-dma-buf: its class in sysfs and its nodes, as u-dma-buf.c of github.com/ikwzm/udmabuf
 * 5.5 has them. Its memory is the same for all that open a buffer, in this process and its children.
 */
#ifndef TEST_PLAYED_KMOD_H
#define TEST_PLAYED_KMOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLAYED_BUFFERS 4

struct played_buffer {
	char name[32];
	uint64_t size;
	int file;              /* a memfd, of which every mapping is a view */
	unsigned char *memory; /* what is in it, also between regions */
	int holder;            /* the descriptor that has the lock; -1: none */
	int flags;             /* of the last opening */
	unsigned opens, maps, ioctl_syncs, exports, unlocks;
	bool last_for_cpu;     /* of the last sync by ioctl, and its command */
	uint64_t last_command;
	uint64_t export_flags, export_offset, export_size;
};

extern struct played_kmod {
	struct played_buffer buffers[PLAYED_BUFFERS];
	size_t count;
	int sync_errnum;   /* ioctls that sync fail with this */
	int export_errnum;
	bool foreign_lock; /* another process has the lock of every buffer */
} played_kmod;

/* A buffer on a platform device of its own, sync_mode 1, not coherent, ioctl_version 2. */
struct played_buffer *played_buffer(const char *name, uint64_t size, uint64_t address);

/* Change, or with text NULL remove, one of its files. */
void played_attribute(const struct played_buffer *buffer, const char *file, const char *text);
/* What is in that file now: the last command that was written to sync_for_cpu, or sync_for_device. */
uint64_t played_attribute_value(const struct played_buffer *buffer, const char *file);

/* Put its DMA device into an IOMMU group of that type. */
void played_group(const struct played_buffer *buffer, const char *type);

void played_kmod_stop(void);

#endif
