/* SPDX-License-Identifier: MIT */
#include "videocore/mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "backend/device.h"
#include "os/os.h"

/*
 * drivers/char/broadcom/vcio.c of raspberrypi/linux: the size in the number is that of a pointer,
 * so 32- and 64-bit programs have a number each.
 */
#define IOCTL_MBOX_PROPERTY _IOWR(100, 0, char *)

int mailbox_open(struct pmem_ctx *ctx)
{
	static const struct access_device device = {
		.path = MAILBOX_PATH,
		.capability = -1,
		.absent = "only Raspberry Pi's own kernels have it; another kernel offers "
			  "/dev/dma_heap",
		.mode = "leave it to root, since who opens it owns the machine; /dev/vcsm-cma or a "
			"dma-heap can be given to a group (docs/permissions.md)",
		/* arch/arm/mach-bcm2708/vcio.c */
		.busy = "this old kernel lets one program open it at a time",
	};
	int fd = access_open(ctx, &device, O_RDWR);

	/* Some set-ups give read permission only, and the driver needs no more. */
	return fd == -EACCES ? access_open(ctx, &device, O_RDONLY) : fd;
}

static const char *tag_name(uint32_t tag)
{
	static const struct {
		uint32_t tag;
		char name[20];
	} names[] = {
		{ PROPERTY_FIRMWARE_REVISION, "firmware revision" },
		{ PROPERTY_BOARD_REVISION, "board revision" },
		{ PROPERTY_BOARD_SERIAL, "board serial" },
		{ PROPERTY_ARM_MEMORY, "ARM memory" },
		{ PROPERTY_VC_MEMORY, "VideoCore memory" },
		{ PROPERTY_ALLOCATE, "allocate memory" },
		{ PROPERTY_LOCK, "lock memory" },
		{ PROPERTY_UNLOCK, "unlock memory" },
		{ PROPERTY_RELEASE, "release memory" },
		{ PROPERTY_DMA_CHANNELS, "DMA channels" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].tag == tag)
			return names[i].name;
	}
	return "property";
}

static int ioctl_failed(int errnum, const char *name)
{
	switch (errnum) {
	case EINVAL:
		/* The driver says so when the firmware does, and keeps the answer to itself. */
		return error_set(errnum, PMEM_CAUSE_FIRMWARE, name, MAILBOX_PATH,
			"the firmware of this board may not have this call: see docs/videocore.md",
			"the firmware refused the message");
	case ETIMEDOUT:
		return error_set(errnum, PMEM_CAUSE_TIMEOUT, name, MAILBOX_PATH,
			"the firmware hangs; reboot, and look at the kernel's log",
			"the firmware did not answer within a second");
	case ENOMEM:
		return error_set(errnum, PMEM_CAUSE_NO_MEMORY, name, MAILBOX_PATH, NULL,
			"the kernel has no memory for the message");
	case EPERM:
		return error_set(errnum, PMEM_CAUSE_CAPABILITY, name, MAILBOX_PATH,
			"a sandbox of the program (seccomp, a security module) forbids it: allow that device and its calls",
			"the kernel does not let this call through");
	case ENOTTY:
		return error_set(errnum, PMEM_CAUSE_WRONG_KIND, name, MAILBOX_PATH, NULL,
			"the file is not the mailbox device");
	default:
		return error_set(errnum, PMEM_CAUSE_SYSTEM, name, MAILBOX_PATH, NULL,
			"the message could not be sent");
	}
}

static int reply_failed(int result, const char *name)
{
	switch (result) {
	case -EOPNOTSUPP:
		return error_set(EOPNOTSUPP, PMEM_CAUSE_FIRMWARE, name, MAILBOX_PATH,
			"the firmware of this board may not have this call: see docs/videocore.md",
			"the firmware did not answer the tag");
	case -ENODATA:
		return error_set(EOPNOTSUPP, PMEM_CAUSE_FIRMWARE, name, MAILBOX_PATH,
			"a firmware update may help", "the firmware's answer is too short");
	case -EPROTO:
		return error_set(EINVAL, PMEM_CAUSE_FIRMWARE, name, MAILBOX_PATH, NULL,
			"the firmware refused the message");
	default:
		return error_set(EIO, PMEM_CAUSE_FIRMWARE, name, MAILBOX_PATH, NULL,
			"the answer is not one");
	}
}

int mailbox_send(int fd, uint32_t *words, size_t room, uint32_t *reply, size_t reply_words)
{
	uint32_t tag = words[2];
	int r = os->ioctl(fd, IOCTL_MBOX_PROPERTY, words);

	if (r < 0)
		return ioctl_failed(-r, tag_name(tag));
	r = property_parse(words, room, tag, reply, reply_words);
	return r < 0 ? reply_failed(r, tag_name(tag)) : 0;
}

int mailbox_ask(int fd, uint32_t tag, const uint32_t *request, size_t request_words,
	uint32_t *reply, size_t reply_words)
{
	uint32_t words[PROPERTY_WORDS];

	if (!property_build(words, PROPERTY_WORDS, tag, request, request_words, reply_words))
		return error_set(EINVAL, PMEM_CAUSE_LIMIT, tag_name(tag), MAILBOX_PATH, NULL,
			"the message is too long");
	return mailbox_send(fd, words, PROPERTY_WORDS, reply, reply_words);
}
