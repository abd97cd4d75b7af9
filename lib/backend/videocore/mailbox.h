/* SPDX-License-Identifier: MIT */
/* /dev/vcio: property messages to the firmware and back, every failure explained. */
#ifndef BACKEND_MAILBOX_H
#define BACKEND_MAILBOX_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "soc/ctx.h"
#include "videocore/property.h"

#define MAILBOX_PATH "/dev/vcio"

/* A descriptor. Sets the error: NO_DEVICE, FILE_MODE, BUSY, ... */
int mailbox_open(struct pmem_ctx *ctx);

/*
 * Send the message in words[0..room), wait for the answer, and take that tag's reply. The kernel
 * writes the answer over words[], also when this process is being killed meanwhile.
 * 0; -ETIMEDOUT whether the firmware obeyed is unknown; any other failure: it did not.
 */
int mailbox_send(int fd, uint32_t *words, size_t room, uint32_t *reply, size_t reply_words);

/* One tag with no more than three words each way. */
int mailbox_ask(int fd, uint32_t tag, const uint32_t *request, size_t request_words,
	uint32_t *reply, size_t reply_words);

#endif
