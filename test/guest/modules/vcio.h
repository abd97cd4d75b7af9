/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PMEM_MODULES_VCIO_H
#define PMEM_MODULES_VCIO_H

#include <linux/seq_file.h>
#include <linux/types.h>

/* property tags: include/soc/bcm2835/raspberrypi-firmware.h */
#define VCIO_TAG_ALLOCATE 0x0003000c
#define VCIO_TAG_LOCK	  0x0003000d
#define VCIO_TAG_UNLOCK	  0x0003000e
#define VCIO_TAG_RELEASE  0x0003000f
#define VCIO_TAG_ANY	  0xffffffff

#define VCIO_STATUS_OK	  0x80000000
#define VCIO_STATUS_ERROR 0x80000001
#define VCIO_REPLY_BIT	  0x80000000 /* of a tag's third word */

/* vcio_pool.c: the VideoCore's part of the memory; the caller holds vcio_lock */
int vcio_pool_init(phys_addr_t base, u64 size, u32 l1_alias);
void vcio_pool_exit(void);
u32 vcio_pool_alloc(u32 size, u32 align, u32 flags);
u32 vcio_pool_lock(u32 handle);
u32 vcio_pool_unlock(u32 handle);
u32 vcio_pool_release(u32 handle);
void vcio_pool_drain(void);
void vcio_pool_show(struct seq_file *m);
extern bool vcio_reuse_handles;

/* vcio_inject.c: faults asked for by a test */
enum vcio_fault {
	VCIO_FAULT_NONE,
	VCIO_FAULT_FAIL,    /* the tag is answered, with its failure value */
	VCIO_FAULT_NOBIT31, /* the tag is not known to the firmware */
	VCIO_FAULT_SHORT,   /* answered with no reply bytes: raspberrypi/firmware issue 89 */
	VCIO_FAULT_TIMEOUT, /* the rest concern the whole message */
	VCIO_FAULT_EINVAL,
	VCIO_FAULT_ENOMEM,
	VCIO_FAULT_STATUS1,
};
int vcio_inject_command(char *line);
enum vcio_fault vcio_inject_tag(u32 tag);
enum vcio_fault vcio_inject_message(u32 tag);
void vcio_inject_show(struct seq_file *m);

/* vcio_firmware.c: every other tag; returns the reply's bytes, or -ENOENT for an unknown tag */
int vcio_firmware_init(phys_addr_t *base, u64 *size);
void vcio_firmware_exit(void);
int vcio_firmware_tag(u32 tag, u32 *value, u32 bytes);
void vcio_firmware_show(struct seq_file *m);

#endif
