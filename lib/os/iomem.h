/* SPDX-License-Identifier: MIT */
/*
 * Who owns a range of physical addresses, by /proc/iomem. For explaining a refusal after it
 * happened, and for telling RAM from registers; never a condition for trying.
 */
#ifndef OS_IOMEM_H
#define OS_IOMEM_H

#include <stdbool.h>
#include <stdint.h>

struct iomem_owner {
	uint64_t start;
	uint64_t end;   /* the last byte, as the file has it */
	bool ram;       /* "System RAM", or inside it */
	char name[96];  /* of the innermost entry; "System RAM" if ram */
};

/*
 * The owner of [phys, phys + size): system RAM if any byte is, else the innermost entry that
 * overlaps. 1 found; 0 nobody; -EACCES the kernel hides the addresses from this program
 * (CAP_SYS_ADMIN in the first user namespace; kernel/resource.c r_show); else a negative errno.
 * Does not set the thread's error.
 */
int iomem_owner(const char *root, uint64_t phys, uint64_t size, struct iomem_owner *out);

/* The same for a text of that form: the parser. */
int iomem_owner_in(const char *text, uint64_t phys, uint64_t size, struct iomem_owner *out);

#endif
