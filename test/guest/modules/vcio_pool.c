// SPDX-License-Identifier: GPL-2.0
/*
 * The VideoCore's memory: a first-fit allocator over a range outside Linux' System RAM. Handles
 * belong to nobody and outlive the process that asked for them, as in the real firmware; who
 * asked is remembered only to count releases behind a living owner's back.
 */
#include <linux/io.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "vcio.h"

/* allocation flags: vcmailbox(7) */
#define FLAG_ALIAS(f) (((f) >> 2) & 3)
#define FLAG_ZERO     BIT(4)
#define FLAG_NO_INIT  BIT(5)

#define BUS_MASK 0x3fffffff /* the aliases are in the two top bits */
/* smaller than a page: a caller that forgets to ask for page alignment must notice */
#define GRANULE 64

struct block {
	struct list_head node; /* sorted by offset */
	struct pid *owner;
	u64 offset, size;
	u32 handle, flags, locks;
};

bool vcio_reuse_handles;

static LIST_HEAD(blocks);
static phys_addr_t pool_base;
static u64 pool_size;
static u32 pool_l1_alias;
static u32 last_handle;
static struct {
	u64 live, locked, allocs, alloc_fails, locks, bad_lock, unlocks, bad_unlock, releases;
	u64 bad_release, double_release, release_locked, release_by_other, drained, used;
} count;

static struct block *pool_find(u32 handle)
{
	struct block *b;

	list_for_each_entry(b, &blocks, node) if (b->handle == handle) return b;
	return NULL;
}

/* A process on its way out no longer uses the memory, whether or not its parent has waited. */
static bool pool_owner_lives(const struct block *b)
{
	struct task_struct *leader, *thread;
	bool lives = false;

	rcu_read_lock();
	leader = pid_task(b->owner, PIDTYPE_TGID);
	if (leader)
		for_each_thread(leader, thread) if (!(READ_ONCE(thread->flags) & PF_EXITING))
			lives = true;
	rcu_read_unlock();
	return lives;
}

static u32 pool_new_handle(void)
{
	u32 handle = vcio_reuse_handles ? 0 : last_handle;

	do {
		handle++;
	} while (pool_find(handle));
	last_handle = max(last_handle, handle);
	return handle;
}

/* The first gap that takes size bytes at the alignment; *after is the block before the gap. */
static bool pool_gap(u64 size, u64 align, u64 *offset, struct list_head **after)
{
	struct block *b;
	u64 end = 0;

	*after = &blocks;
	list_for_each_entry(b, &blocks, node)
	{
		*offset = ALIGN(pool_base + end, align) - pool_base;
		if (*offset + size <= b->offset)
			return true;
		end = b->offset + b->size;
		*after = &b->node;
	}
	*offset = ALIGN(pool_base + end, align) - pool_base;
	return *offset + size <= pool_size;
}

/* vcmailbox(7): zeroes, or as it was, and all ones if neither is asked for */
static int pool_fill(const struct block *b)
{
	void __iomem *at;

	if (b->flags & FLAG_NO_INIT && !(b->flags & FLAG_ZERO))
		return 0;
	at = ioremap_wc(pool_base + b->offset, b->size);
	if (!at)
		return -ENOMEM;
	memset_io(at, b->flags & FLAG_ZERO ? 0 : 0xff, b->size);
	iounmap(at);
	return 0;
}

u32 vcio_pool_alloc(u32 size, u32 align, u32 flags)
{
	struct list_head *after;
	struct block *b = kzalloc(sizeof(*b), GFP_KERNEL);

	count.alloc_fails++;
	if (!b)
		return 0;
	b->size = ALIGN((u64)size, GRANULE);
	b->flags = flags;
	align = max_t(u32, align, GRANULE);
	if (size == 0 || !is_power_of_2(align) || !pool_gap(b->size, align, &b->offset, &after) ||
		pool_fill(b)) {
		kfree(b);
		return 0;
	}
	b->handle = pool_new_handle();
	b->owner = get_task_pid(current, PIDTYPE_TGID);
	list_add(&b->node, after);
	count.alloc_fails--;
	count.allocs++;
	count.live++;
	count.used += b->size;
	return b->handle;
}

u32 vcio_pool_lock(u32 handle)
{
	/*
	 * seen on a Pi 4: normal 0x0, direct 0xc, coherent 0x8, L1-non-allocating 0x8 (librpimemmgr
	 * issue 16); the last by parameter, for other boards
	 */
	const u32 alias[] = {0, 0xc0000000, 0x80000000, pool_l1_alias};
	struct block *b = pool_find(handle);

	if (!b) {
		count.bad_lock++;
		return 0;
	}
	count.locks++;
	if (b->locks++ == 0)
		count.locked++;
	return ((u32)(pool_base + b->offset) & BUS_MASK) | alias[FLAG_ALIAS(b->flags)];
}

u32 vcio_pool_unlock(u32 handle)
{
	struct block *b = pool_find(handle);

	if (!b || b->locks == 0) {
		count.bad_unlock++;
		return 1;
	}
	count.unlocks++;
	if (--b->locks == 0)
		count.locked--;
	return 0;
}

static void pool_free(struct block *b)
{
	if (b->locks)
		count.locked--;
	count.live--;
	count.used -= b->size;
	put_pid(b->owner);
	list_del(&b->node);
	kfree(b);
}

u32 vcio_pool_release(u32 handle)
{
	struct block *b = pool_find(handle);

	if (!b) {
		if (handle && handle <= last_handle)
			count.double_release++;
		else
			count.bad_release++;
		return 1;
	}
	if (b->locks)
		count.release_locked++;
	if (b->owner != task_tgid(current) && pool_owner_lives(b))
		count.release_by_other++;
	count.releases++;
	pool_free(b);
	return 0;
}

/* What a reboot does: every block is given back. */
void vcio_pool_drain(void)
{
	struct block *b, *next;

	list_for_each_entry_safe(b, next, &blocks, node)
	{
		count.drained++;
		pool_free(b);
	}
}

void vcio_pool_show(struct seq_file *m)
{
	struct block *b;

	seq_printf(m, "base=%pa\nsize=%llu\nfree=%llu\n", &pool_base, pool_size,
		pool_size - count.used);
	seq_printf(m, "live=%llu\nlocked=%llu\n", count.live, count.locked);
	seq_printf(m, "allocs=%llu\nalloc_fails=%llu\n", count.allocs, count.alloc_fails);
	seq_printf(m, "locks=%llu\nbad_lock=%llu\n", count.locks, count.bad_lock);
	seq_printf(m, "unlocks=%llu\nbad_unlock=%llu\n", count.unlocks, count.bad_unlock);
	seq_printf(m, "releases=%llu\nbad_release=%llu\ndouble_release=%llu\n", count.releases,
		count.bad_release, count.double_release);
	seq_printf(m,
		"release_locked=%llu\nrelease_by_other_while_owner_alive=%llu\ndrained=%llu\n",
		count.release_locked, count.release_by_other, count.drained);
	list_for_each_entry(b, &blocks, node) seq_printf(m,
		"block%u=offset:%llu,size:%llu,locks:%u,owner:%d,alive:%d\n", b->handle, b->offset,
		b->size, b->locks, pid_nr(b->owner), pool_owner_lives(b));
}

int vcio_pool_init(phys_addr_t base, u64 size, u32 l1_alias)
{
	unsigned long pfn;

	if (size == 0 || base + size > BUS_MASK + 1ULL || !IS_ALIGNED(base | size, PAGE_SIZE)) {
		pr_info("pmem_vcio: no VideoCore memory below 1 GiB given\n");
		return -EINVAL;
	}
	for (pfn = PHYS_PFN(base); pfn < PHYS_PFN(base + size); pfn++)
		if (page_is_ram(pfn)) {
			pr_info("pmem_vcio: %pa is System RAM\n", &base);
			return -EBUSY;
		}
	pool_base = base;
	pool_size = size;
	pool_l1_alias = l1_alias;
	return 0;
}

void vcio_pool_exit(void)
{
	vcio_pool_drain();
}
