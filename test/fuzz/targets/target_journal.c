/* SPDX-License-Identifier: MIT */
/*
 * Journals of firmware memory that dead programs left, or somebody damaged: lib/backend/videocore/journal.c, record.c,
 * reclaim.c. Whatever they say, memory of others is not touched, no more is given back than was noted, and a dry run
 * changes nothing.
 */
#include <errno.h>

#include <pmem/pmem.h>

#include "answers.h"
#include "firmware.h"
#include "videocore/journal.h"

#define FOLDER  ANSWERS_ROOT "/run/libpmem"
#define RECORDS 24
#define DAMAGES 3 /* bytes of a file: too few to make another's handle of one of ours */

/* Differs from the handles 1 to RECORDS in each byte. */
#define FOREIGN 0x5acebdf1u

static struct journal_file file;
static unsigned noted;

static uint32_t fnv(const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

static void head(struct input *in)
{
	struct journal_header *h = &file.header;
	uint8_t what = in_byte(in);

	memcpy(h->magic, "pmemjrnl", 8);
	h->version = what & 1 ? in_byte(in) : 1;
	h->pid = what & 2 ? ANSWERS_PID : 77;
	h->start = what & 4 ? in_number(in, 8) : FIRMWARE_START;
	strcpy(h->boot, FIRMWARE_BOOT);
	if (what & 8)
		h->boot[in_below(in, sizeof(h->boot))] = (char)in_byte(in);
	h->salt = (uint32_t)in_number(in, 4);
	h->check = fnv(h, offsetof(struct journal_header, check)) + (what >> 7);
}

/* An answer of the firmware, or a question that has none yet. */
static void message(struct input *in, struct fwmem_record *record)
{
	static const uint32_t tags[] = { PROPERTY_ALLOCATE, PROPERTY_LOCK, PROPERTY_UNLOCK, PROPERTY_RELEASE };
	static const uint32_t statuses[] = { 0, 0x80000000u, 0x80000001u };
	uint8_t what = in_byte(in);
	uint32_t words = (what & 3) == 0 ? 3 : 1;

	record->message[0] = 4 * (6 + words - 1) + ((what >> 6) & 1);
	record->message[1] = statuses[(what >> 4) % 3];
	record->message[2] = tags[what & 3];
	record->message[3] = 4 * words;
	record->message[4] = (what >> 4) % 3 ? 0x80000004u : 4;
	record->message[5] = (what & 3) == 0 || what & 4 ? 1 + (uint32_t)in_below(in, RECORDS) : what & 8;
}

static void record(struct input *in)
{
	static const uint32_t states[] = { FWMEM_HELD, FWMEM_LOCKED, FWMEM_ALLOCATING, FWMEM_LOCKING, FWMEM_UNLOCKING,
		FWMEM_RELEASING, FWMEM_TAKEN, FWMEM_LOST };
	size_t slot = in_below(in, JOURNAL_RECORDS);
	struct fwmem_record *r = &file.records[slot];
	uint8_t what = in_byte(in);
	uint32_t words[3];

	r->flags = (what >> 3) & 3;
	r->size = what & 0x20 ? (uint32_t)in_number(in, 4) : 4096;
	r->channels = what & 0x40 ? (uint32_t)in_number(in, 2) : 0;
	words[0] = file.header.salt + (uint32_t)slot;
	words[1] = r->size;
	words[2] = r->channels;
	r->check = fnv(words, sizeof(words));
	r->handle = 1 + (uint32_t)in_below(in, RECORDS);
	r->handle_check = ~r->handle + (what >> 7);
	r->state = states[what & 7];
	message(in, r);
	noted++;
}

static void write_file(struct input *in, uint8_t number)
{
	static const char *const names[] = { "77-0123abcd.journal", "4321-00000000.journal", "78-fedcba98.journal",
		"77-0123abcd.journa", "-0123abcd.journal", "77-0123abcg.journal", "12345678901-0123abcd.journal", "x" };
	size_t size = sizeof(file);
	uint8_t what = in_byte(in), mode;
	char path[128];
	struct answers_node *node;

	memset(&file, 0, sizeof(file));
	head(in);
	for (uint8_t n = what & 15; n; n--)
		record(in);
	for (uint8_t n = (what >> 4) & DAMAGES; n; n--) {
		size_t at = in_below(in, 4096);

		((uint8_t *)&file)[at] ^= in_byte(in);
	}
	if (what & 0x40)
		size = in_below(in, sizeof(file) + 1);
	snprintf(path, sizeof(path), FOLDER "/%s", names[(number + (what >> 7 ? in_byte(in) : 0)) % 8]);
	node = answers_file(path, &file, size);
	mode = in_byte(in);
	if (mode & 1)
		answers_owner(node, 0600 | (mode & 0x12), mode >> 6);
}

static void reclaim(struct pmem_ctx *ctx, bool sure)
{
	size_t count = 0;
	uint64_t bytes = 0;
	int r = answers_result(pmem_firmware_reclaim(ctx, PMEM_RECLAIM_DRY_RUN, &count, &bytes));

	MUST(firmware.releases == 0 && firmware.foreign_touched == 0);
	MUST(r < 0 || count <= noted);
	r = answers_result(pmem_firmware_reclaim(ctx, 0, &count, &bytes));
	MUST(r < 0 || count <= noted);
	MUST(firmware.releases <= noted);
	MUST(firmware.foreign_touched == 0);
	if (sure)
		MUST(r < 0 || count == firmware.releases);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t what = in_byte(&in);
	struct pmem_ctx *ctx;

	answers_start();
	noted = 0;
	firmware_start(what & 1 ? "brcm,bcm2711" : "brcm,bcm2837");
	for (uint32_t i = 1; i <= RECORDS; i++)
		firmware_block(i, 4096, i & 1, false);
	for (uint32_t i = 0; i < 8; i++)
		firmware_block(FOREIGN + i, 4096, true, true);
	answers_owner(answers_dir(FOLDER), what & 2 ? 0777 : 0755, 0);
	if (what & 4)
		answers_faults(&in);
	for (uint8_t i = 0; i < 1 + ((what >> 3) & 1); i++)
		write_file(&in, i);
	answers_env("LIBPMEM_BACKEND", "videocore");
	ctx = answers_ctx();
	if (ctx)
		reclaim(ctx, !answers_faulty());
	pmem_ctx_unref(ctx);
	answers_stop();
	return 0;
}
