/* SPDX-License-Identifier: MIT */
/*
 * An address space of devices, and which regions they see in it.
 *
 * Whose is it at this moment:
 * - A space lives as long as a device is in it (space_join, space_leave), its memory as long as somebody uses it.
 * - A region that is seen is taken away by space_detach(), by its own end (space_forget_region(), before its
 *   memory goes), or by the space's (the last space_leave()), whichever comes first; two may come at once.
 * - An address is free again when the kernel has said that nothing is there any more. If it does not say so, address
 *   and memory stay taken for ever.
 *
 * Locks: the space's own is held over the kernel's map and unmap; inside it, and alone, that of the regions' lists,
 * for as long as it takes to change them. Neither is held while code of the program runs.
 * Cancellation is held off by CALL() already. A child finds the space's lock free, and in busy whether it was in use.
 */
#ifndef DEVICE_SPACE_H
#define DEVICE_SPACE_H

#include <pmem/device.h>

#include "backend/backing.h"
#include "device/iova.h"
#include "os/fork_lock.h"

struct space;

/* How the kernel is told. All of these return plain results; none sets the error. The space's lock is held. */
struct space_ops {
	const char *path;   /* of the node, for people */
	bool charges_user;  /* locked memory is counted for the user, not for the process */
	/* Which addresses are usable now: an array for free(). -errno */
	int (*windows)(const struct space *space, struct iova_window **windows, size_t *count,
		uint64_t *page_sizes);
	/* Whole pages of this program: pinned, and at that address for all devices of the space; or nothing has changed. */
	int (*map)(const struct space *space, const void *address, uint64_t length, uint64_t iova,
		uint32_t direction);
	/* Exactly what one call of map did. 0 only when no device sees it any more. */
	int (*unmap)(const struct space *space, uint64_t iova, uint64_t length);
	/* No device is in it, and fd is closed next: what else there is to end. 0 as of unmap, for all. NULL: nothing. */
	int (*end)(const struct space *space);
};

/* A region that is seen. */
struct sight {
	struct sight *next;      /* of the space, under its lock */
	struct sight *other;     /* of the region, under that of the lists */
	struct space *space;
	struct pmem_region *region;
	uint64_t iova, length;   /* what was mapped */
	uint64_t bus;            /* of the region's first byte */
	uint32_t direction;      /* PMEM_DMA_* */
	unsigned count;          /* attachments */
	bool own;                /* the region was allocated for it, and is pinned by nothing else */
};

struct space {
	const struct space_ops *ops;  /* NULL: nothing translates, addresses are physical */
	int fd;                       /* container or /dev/iommu */
	uint32_t id;                  /* of the IOAS */
	struct soc_master *master;    /* without ops: who translates for it; NULL: nobody */
	bool unknown;                 /* without ops: nobody knows which addresses the device uses */
	struct pmem_error *why;       /* why not; NULL: there was no memory to tell */
	bool blocked;                 /* without ops: an IOMMU lets no physical address through */
	bool looked;                  /* without ops: these four are known, and stay */
	atomic_bool coherent;         /* the IOMMU makes all DMA take part in caches; a group that joins may change that */
	unsigned devices;             /* in it: under the lock of lists, as refs */
	unsigned refs;
	struct fork_lock lock;
	atomic_bool busy;             /* something is being changed; a child may find it half done */
	struct iova iova;
	struct sight *sights;
	struct sight *spare;          /* for the next one */
};

/* What a device asks for. */
struct space_wish {
	uint32_t direction;
	uint64_t align;    /* of the address; 0: whatever suits */
	uint64_t max_addr;
	bool own;
};

/* With one device in it. fd is the space's from now on. NULL: no memory */
struct space *space_new(const struct space_ops *ops, int fd, uint32_t id);
/* One more device; false if the last has just left. */
bool space_join(struct space *space);
/* One less; with the last it ends, and all regions lose it. NULL is allowed. */
void space_leave(struct space *space);

/* The same in a child that inherited it: memory only. */
void space_forget(struct space *space);

/* What is usable, anew: after each device that came. Sets the error. */
int space_look(struct pmem_ctx *ctx, struct space *space);

/* All of these set the error: see pmem_device_attach() and _detach(). */
int space_attach(struct pmem_ctx *ctx, struct space *space, struct pmem_region *region,
	const struct space_wish *wish, uint64_t *bus);
int space_detach(struct space *space, struct pmem_region *region);
/* false: it is not attached. */
bool space_bus(struct space *space, const struct pmem_region *region, uint64_t *bus);

/*
 * The region goes: no device sees it any more. A failure means that one still does, and its memory must
 * stay as it is for ever. Sets the error.
 */
int space_forget_region(struct pmem_region *region);

#endif
