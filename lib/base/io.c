/* SPDX-License-Identifier: MIT */
/*
 * One load or store of exactly the width that is named. On arm64 by an instruction without
 * write-back, since a hypervisor cannot emulate the others on a device (Arm ARM, ISS for data
 * aborts: ISV is 0 for them); elsewhere a volatile access is one instruction.
 */
#include "base/io.h"

#include <string.h>

#include <pmem/io.h>

#ifdef __aarch64__

#define ACCESS(width, load, store, reg)                                                       \
	uint##width##_t io_read##width(const volatile void *addr)                             \
	{                                                                                     \
		uint##width##_t value;                                                        \
                                                                                              \
		__asm__ volatile(load " %" reg "0, [%1]" : "=r"(value) : "r"(addr) : "memory"); \
		return value;                                                                 \
	}                                                                                     \
                                                                                              \
	void io_write##width(volatile void *addr, uint##width##_t value)                      \
	{                                                                                     \
		__asm__ volatile(store " %" reg "0, [%1]" : : "r"(value), "r"(addr) : "memory"); \
	}

ACCESS(8, "ldrb", "strb", "w")
ACCESS(16, "ldrh", "strh", "w")
ACCESS(32, "ldr", "str", "w")
ACCESS(64, "ldr", "str", "x")

#else

#define ACCESS(width)                                                     \
	uint##width##_t io_read##width(const volatile void *addr)         \
	{                                                                 \
		return *(const volatile uint##width##_t *)addr;           \
	}                                                                 \
                                                                          \
	void io_write##width(volatile void *addr, uint##width##_t value)  \
	{                                                                 \
		*(volatile uint##width##_t *)addr = value;                \
	}

ACCESS(8)
ACCESS(16)
ACCESS(32)
ACCESS(64)

#endif

/* The exported names of one width: aliases, and blocks of elements in order. */
#define EXPORT(width)                                                                           \
	__attribute__((alias("io_read" #width))) uint##width##_t pmem_io_read##width(           \
		const volatile void *addr);                                                     \
	__attribute__((alias("io_write" #width))) void pmem_io_write##width(                    \
		volatile void *addr, uint##width##_t value);                                    \
                                                                                                \
	void pmem_io_read##width##_block(const volatile void *addr, uint##width##_t *to,        \
		size_t count)                                                                   \
	{                                                                                       \
		const volatile uint##width##_t *from = addr;                                    \
                                                                                                \
		for (size_t i = 0; i < count; i++)                                              \
			to[i] = io_read##width(&from[i]);                                       \
	}                                                                                       \
                                                                                                \
	void pmem_io_write##width##_block(volatile void *addr, const uint##width##_t *from,     \
		size_t count)                                                                   \
	{                                                                                       \
		volatile uint##width##_t *to = addr;                                            \
                                                                                                \
		for (size_t i = 0; i < count; i++)                                              \
			io_write##width(&to[i], from[i]);                                       \
	}

EXPORT(8)
EXPORT(16)
EXPORT(32)
EXPORT(64)

/*
 * Bytes to and from device memory: single bytes up to a word boundary of the device side, words,
 * and the bytes that remain. The side in ordinary memory may be aligned in any way, so it goes
 * through memcpy() of one word, which is a plain load or store there.
 */
typedef uintptr_t word;

static int on_word(const volatile void *p)
{
	return ((uintptr_t)p & (sizeof(word) - 1)) == 0;
}

static word read_word(const volatile void *p)
{
	return sizeof(word) == 8 ? (word)io_read64(p) : (word)io_read32(p);
}

static void write_word(volatile void *p, word w)
{
	if (sizeof(word) == 8)
		io_write64(p, w);
	else
		io_write32(p, (uint32_t)w);
}

void io_copy_from(void *to, const volatile void *from, size_t bytes)
{
	const volatile unsigned char *f = from;
	unsigned char *t = to;

	while (bytes) {
		if (bytes >= sizeof(word) && on_word(f)) {
			word w = read_word(f);

			memcpy(t, &w, sizeof(w));
			f += sizeof(w);
			t += sizeof(w);
			bytes -= sizeof(w);
		} else {
			*t++ = io_read8(f++);
			bytes--;
		}
	}
}

void io_copy_to(volatile void *to, const void *from, size_t bytes)
{
	volatile unsigned char *t = to;
	const unsigned char *f = from;

	while (bytes) {
		if (bytes >= sizeof(word) && on_word(t)) {
			word w;

			memcpy(&w, f, sizeof(w));
			write_word(t, w);
			f += sizeof(w);
			t += sizeof(w);
			bytes -= sizeof(w);
		} else {
			io_write8(t++, *f++);
			bytes--;
		}
	}
}

void io_fill(volatile void *to, uint8_t value, size_t bytes)
{
	volatile unsigned char *t = to;
	word w;

	memset(&w, value, sizeof(w));
	while (bytes) {
		if (bytes >= sizeof(word) && on_word(t)) {
			write_word(t, w);
			t += sizeof(w);
			bytes -= sizeof(w);
		} else {
			io_write8(t++, value);
			bytes--;
		}
	}
}

__attribute__((alias("io_copy_from"))) void pmem_io_copy_from(void *to,
	const volatile void *from, size_t bytes);
__attribute__((alias("io_copy_to"))) void pmem_io_copy_to(volatile void *to, const void *from,
	size_t bytes);
__attribute__((alias("io_fill"))) void pmem_io_fill(volatile void *to, uint8_t value,
	size_t bytes);

/*
 * Barriers between memory and devices, as the kernel's accessors use them: arm64
 * include/asm/barrier.h, arm v7 dsb, riscv include/asm/barrier.h, x86 mfence and its halves.
 */
#if defined(__aarch64__) || (defined(__arm__) && __ARM_ARCH >= 7)
#define WMB() __asm__ volatile("dsb st" : : : "memory")
#define RMB() __asm__ volatile("dsb sy" : : : "memory")
#define MB()  __asm__ volatile("dsb sy" : : : "memory")
#elif defined(__arm__)
/* ARMv6: the data synchronisation barrier is a CP15 write. */
#define MB()  __asm__ volatile("mcr p15, 0, %0, c7, c10, 4" : : "r"(0) : "memory")
#define WMB() MB()
#define RMB() MB()
#elif defined(__x86_64__)
#define WMB() __asm__ volatile("sfence" : : : "memory")
#define RMB() __asm__ volatile("lfence" : : : "memory")
#define MB()  __asm__ volatile("mfence" : : : "memory")
#elif defined(__riscv)
#define WMB() __asm__ volatile("fence ow, ow" : : : "memory")
#define RMB() __asm__ volatile("fence ir, ir" : : : "memory")
#define MB()  __asm__ volatile("fence iorw, iorw" : : : "memory")
#else
#define WMB() __sync_synchronize()
#define RMB() __sync_synchronize()
#define MB()  __sync_synchronize()
#endif

void io_mb(void)
{
	MB();
}

void pmem_io_wmb(void)
{
	WMB();
}

void pmem_io_rmb(void)
{
	RMB();
}

__attribute__((alias("io_mb"))) void pmem_io_mb(void);
