/* SPDX-License-Identifier: MIT */
/* The accessors of io.c under inner names, for the other objects of this layer. */
#ifndef IO_H
#define IO_H

#include <stddef.h>
#include <stdint.h>

uint8_t io_read8(const volatile void *addr);
uint16_t io_read16(const volatile void *addr);
uint32_t io_read32(const volatile void *addr);
uint64_t io_read64(const volatile void *addr);
void io_write8(volatile void *addr, uint8_t value);
void io_write16(volatile void *addr, uint16_t value);
void io_write32(volatile void *addr, uint32_t value);
void io_write64(volatile void *addr, uint64_t value);
void io_copy_from(void *to, const volatile void *from, size_t bytes);
void io_copy_to(volatile void *to, const void *from, size_t bytes);
void io_fill(volatile void *to, uint8_t value, size_t bytes);
void io_mb(void);

#endif
