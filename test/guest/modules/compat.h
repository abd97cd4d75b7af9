/* SPDX-License-Identifier: GPL-2.0 */
/* What changed in the kernel between 6.1 and 6.12 and matters to these modules. */
#ifndef PMEM_MODULES_COMPAT_H
#define PMEM_MODULES_COMPAT_H

#include <linux/device.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/version.h>

/* class_create lost its owner argument in 6.4 */
static inline struct class *pmem_class_create(const char *name)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	return class_create(name);
#else
	return class_create(THIS_MODULE, name);
#endif
}

/* struct class.devnode takes a const device since 6.2 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define PMEM_DEVNODE_CONST const
#else
#define PMEM_DEVNODE_CONST
#endif

/* namespaces became strings in 6.13 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define PMEM_IMPORT_DMA_BUF() MODULE_IMPORT_NS("DMA_BUF")
#else
#define PMEM_IMPORT_DMA_BUF() MODULE_IMPORT_NS(DMA_BUF)
#endif

/*
 * How a register block is mapped to user space. arm and arm64 export the hook that /dev/mem uses
 * (drivers/char/mem.c mmap_mem); x86 does not.
 */
static inline pgprot_t pmem_register_prot(
	struct file *file, unsigned long pfn, size_t size, pgprot_t prot)
{
#if defined(CONFIG_ARM) || defined(CONFIG_ARM64)
	return phys_mem_access_prot(file, pfn, size, prot);
#else
	return pgprot_noncached(prot);
#endif
}

#endif
