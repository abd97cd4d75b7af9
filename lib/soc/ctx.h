/* SPDX-License-Identifier: MIT */
/*
 * The context: one view of the machine, shared by every layer from here up. Reference counted
 * (lib/api/context.c); what is lazily learnt lives behind soc and is guarded there.
 */
#ifndef SOC_CTX_H
#define SOC_CTX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/interval.h"
#include "base/log.h"
#include "os/fork_lock.h"

struct heap_list;
struct heaps_told;
struct region_entry;
struct soc;

struct pmem_ctx {
	atomic_uint refs;
	struct log log;
	char *root;         /* LIBPMEM_ROOT without trailing slashes, "" for the real machine */
	char *backend;      /* LIBPMEM_BACKEND, or NULL */
	char *run_dir;      /* LIBPMEM_RUN_DIR, or NULL */
	char *device_tree;  /* LIBPMEM_DEVICE_TREE, or NULL */
	bool debug_coherence;
	struct soc *soc;    /* what was detected, shared with others; see soc.h */
	atomic_uint absent; /* backends that had no device: see choice/select.c */
	struct {
		struct fork_lock lock; /* of who changes it */
		_Atomic int32_t fd;  /* of /proc/self/pagemap, or -1: lib/pages/frames.h */
		_Atomic uint32_t mark; /* where its position is left, to be known by */
		_Atomic uint32_t process; /* whose it is; 0: nobody's yet */
		atomic_bool shows; /* frames, to this program: seen once */
	} pagemap;
	_Atomic(struct heap_list *) heaps; /* NULL: not listed yet; see dmabuf/heap_list.h */
	_Atomic(struct heaps_told *) told; /* what pmem_heap_*() told, or NULL: lib/api/heaps.c */
	struct {
		struct fork_lock lock;
		struct pmem_error error;
	} failure;          /* the last of a call that was made with it */
	struct region_index {
		struct fork_lock lock;
		struct interval_set pointers, places;
		struct region_entry *unplaced; /* those that are not in places yet */
	} regions;          /* those that live: see lib/api/region_index.h */
};

#endif
