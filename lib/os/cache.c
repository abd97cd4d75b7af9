/* SPDX-License-Identifier: MIT */
#include "os/cache.h"

#include <errno.h>
#include <stdint.h>

#if defined(__aarch64__)

/*
 * The smallest data cache line of any CPU: 4 << CTR_EL0.DminLine bytes (Arm ARM, CTR_EL0 bits
 * 19:16). Linux lets user mode read CTR_EL0 and use DC CVAC and DC CIVAC (SCTLR_EL1.UCT and UCI,
 * arch/arm64/include/asm/sysreg.h), and emulates both where an erratum forbids it.
 */
static size_t line_size(void)
{
	uint64_t ctr;

	__asm__ volatile("mrs %0, ctr_el0" : "=r"(ctr));
	return (size_t)4 << ((ctr >> 16) & 15);
}

int cache_clean(const void *addr, size_t length)
{
	size_t line = line_size();
	uintptr_t p = (uintptr_t)addr & ~(line - 1);
	uintptr_t end = (uintptr_t)addr + length;

	for (; p < end; p += line)
		__asm__ volatile("dc cvac, %0" : : "r"(p) : "memory");
	__asm__ volatile("dsb sy" : : : "memory");
	return 0;
}

int cache_flush(const void *addr, size_t length)
{
	size_t line = line_size();
	uintptr_t p = (uintptr_t)addr & ~(line - 1);
	uintptr_t end = (uintptr_t)addr + length;

	for (; p < end; p += line)
		__asm__ volatile("dc civac, %0" : : "r"(p) : "memory");
	__asm__ volatile("dsb sy" : : : "memory");
	return 0;
}

#elif defined(__x86_64__)

/* DMA is coherent on x86; CLFLUSH serves the rare mapping that is not. 64 bytes on every CPU
 * that has been built with it; CLFLUSH of a line twice is harmless. */
int cache_flush(const void *addr, size_t length)
{
	uintptr_t p = (uintptr_t)addr & ~(uintptr_t)63;
	uintptr_t end = (uintptr_t)addr + length;

	for (; p < end; p += 64)
		__builtin_ia32_clflush((const void *)p);
	__builtin_ia32_mfence();
	return 0;
}

int cache_clean(const void *addr, size_t length)
{
	return cache_flush(addr, length);
}

#else

/*
 * 32-bit Arm has only the cacheflush system call, which cleans to the point of unification, not
 * to where devices look (arch/arm/mm/cache-v7.S). RISC-V gives user mode Zicbom only since Linux
 * 6.16 or so, and says so by hwprobe, which this library does not rely on.
 */
int cache_clean(const void *addr, size_t length)
{
	(void)addr;
	(void)length;
	return -EOPNOTSUPP;
}

int cache_flush(const void *addr, size_t length)
{
	(void)addr;
	(void)length;
	return -EOPNOTSUPP;
}

#endif
