/* SPDX-License-Identifier: MIT */
/*
 * Messages to the VideoCore firmware, as words: built here, parsed here, sent by mailbox.c. No
 * system call and no error text, so that a journal left by a dead process can be read with it too.
 *
 * A message is: total bytes; 0, later the status; tags; 0. A tag is: id; bytes of its value
 * buffer; 0, later bit 31 and the bytes of the reply; the value. Words are little-endian, which
 * is the byte order of every program on these SoCs. Documented in vcmailbox(7) of
 * raspberrypi/utils and include/soc/bcm2835/raspberrypi-firmware.h of Linux.
 */
#ifndef BACKEND_PROPERTY_H
#define BACKEND_PROPERTY_H

#include <stddef.h>
#include <stdint.h>

/* enum rpi_firmware_property_tag, include/soc/bcm2835/raspberrypi-firmware.h */
#define PROPERTY_FIRMWARE_REVISION 0x00000001u
#define PROPERTY_BOARD_REVISION    0x00010002u
#define PROPERTY_BOARD_SERIAL      0x00010004u
#define PROPERTY_ARM_MEMORY        0x00010005u
#define PROPERTY_VC_MEMORY         0x00010006u
#define PROPERTY_ALLOCATE          0x0003000cu
#define PROPERTY_LOCK              0x0003000du
#define PROPERTY_UNLOCK            0x0003000eu
#define PROPERTY_RELEASE           0x0003000fu
#define PROPERTY_DMA_CHANNELS      0x00060001u

/* Flags of PROPERTY_ALLOCATE: MEM_FLAG_* of userland's rtos_common_mem.h */
#define PROPERTY_FLAG_DIRECT      (1u << 2) /* bus alias 0xC: past the VideoCore's L2 */
#define PROPERTY_FLAG_L1_NONALLOC (3u << 2) /* through the L2, as the CPU of a BCM2835 does */
#define PROPERTY_FLAG_ZERO        (1u << 4)
#define PROPERTY_FLAG_NO_INIT     (1u << 5) /* else the firmware fills it with ones */

/* Room for any message of this library: header, one tag with three words of value, end. */
#define PROPERTY_WORDS 9

/*
 * A message of one tag in words[0..room): request_words of value, room for reply_words.
 * Returns its length in words; 0 if it does not fit.
 */
size_t property_build(uint32_t *words, size_t room, uint32_t tag, const uint32_t *request,
	size_t request_words, size_t reply_words);

/*
 * The first reply_words words of that tag's reply. Trusts nothing in words[0..room).
 * -EBADMSG no such message; -EAGAIN a request that was not answered; -EPROTO the firmware could
 * not read it (the driver of old kernels, arch/arm/mach-bcm2708/vcio.c, returns such a buffer);
 * -EOPNOTSUPP the firmware does not know the tag (bit 31 is not set); -ENODATA too short a reply.
 */
int property_parse(const uint32_t *words, size_t room, uint32_t tag, uint32_t *reply,
	size_t reply_words);

#endif
