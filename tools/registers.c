/* SPDX-License-Identifier: MIT */
/* What all commands on registers do: their options, and what is checked before anything is touched. */
#include "registers.h"

#include <inttypes.h>
#include <string.h>

static bool parse_width(const char *text, unsigned *width)
{
	uint64_t bits;

	if (!parse_number(text, &bits) || !bits || bits > 64 || bits % 8)
		return false;
	*width = (unsigned)bits;
	return true;
}

static bool parse_endian(const char *text, int *endian)
{
	if (!strcmp(text, "little"))
		*endian = ENDIAN_LITTLE;
	else if (!strcmp(text, "big"))
		*endian = ENDIAN_BIG;
	else
		return false;
	return true;
}

static int number_option(const struct command *command, const char *name, uint64_t limit,
	uint64_t *number)
{
	const char *at = optarg;

	if (!address_number(&at, number) || *at || *number > limit)
		return usage_error(command, "--%s is a number", name);
	return -1;
}

int register_option(const struct command *command, int option, struct registers *registers)
{
	uint64_t number = 0;
	int code;

	switch (option) {
	case 'w':
		if (!parse_width(optarg, &registers->width))
			return usage_error(command, "--width is a multiple of 8, up to 64");
		return -1;
	case 'e':
		if (!parse_endian(optarg, &registers->endian))
			return usage_error(command, "--endian is little or big");
		return -1;
	case 'i':
		code = number_option(command, "index", UINT16_MAX, &number);
		registers->index = (unsigned)number;
		return code;
	case 'c':
		registers->cached = true;
		return -1;
	case 'r':
		registers->svd = optarg;
		return -1;
	case 'F':
		registers->file = optarg;
		return -1;
	case 'O':
		return number_option(command, "offset", UINT64_MAX, &registers->file_offset);
	case 'B':
		return number_option(command, "base", UINT64_MAX, &registers->base);
	default:
		if (common_option(command, option, &code))
			return code;
		registers->json = true;
		return -1;
	}
}

/* The mapping's start is page aligned, so an unaligned offset is an unaligned access. */
static bool is_aligned(const struct job *job)
{
	const struct target *target = &job->target;
	uint64_t at = target->kind == TARGET_PCI ? target->offset :
		target->kind == TARGET_FILE ? target->place : target->phys;

	return job->unit & (job->unit - 1) || at % job->unit == 0; /* bytes are aligned always */
}

static int check(struct job *job, uint64_t count)
{
	struct target *target = &job->target;

	if (target->bits && target->high >= job->width)
		return usage_error(job->command, "bit %u is not in %u bits", target->high, job->width);
	if (!is_aligned(job))
		return usage_error(job->command, "the address is not a multiple of %" PRIu64 " bytes",
			job->unit);
	if (target->length % job->unit)
		return usage_error(job->command, "the range is not whole units of %" PRIu64 " bytes",
			job->unit);
	if (target->length && count && count != target->length / job->unit)
		return usage_error(job->command, "the range has %" PRIu64 " units, not %" PRIu64,
			target->length / job->unit, count);
	job->count = target->length ? target->length / job->unit : count ? count : 1;
	if (job->count > UINT64_MAX / job->unit)
		return usage_error(job->command, "that many units are beyond 64 bits");
	if (target->kind == TARGET_PHYS && target->limit == UINT64_MAX &&
		target->phys > UINT64_MAX - job->count * job->unit)
		return usage_error(job->command, "the range is beyond 64 bits");
	return 0;
}

/* What the options do not say, the register's own entry does. */
static void settle(struct job *job)
{
	const struct registers *registers = job->registers;
	const struct reg *reg = job->target.match.reg;
	int endian = registers->endian != ENDIAN_NATIVE ? registers->endian : reg ? reg->endian : 0;

	job->width = registers->width ? registers->width : reg ? reg->width : 32;
	job->unit = job->width / 8;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	job->swap = endian == ENDIAN_LITTLE;
#else
	job->swap = endian == ENDIAN_BIG;
#endif
}

int register_command(const struct command *command, const struct registers *registers,
	const char *address, uint64_t count, job_fn *body, const void *options)
{
	struct job job = { .command = command, .registers = registers };
	int code = 0;

	if (!registers->file && (registers->file_offset || registers->base))
		return usage_error(command, "--offset and --base are of a --file");
	code = open_context(&job.ctx);
	if (code)
		return code;
	code = target_parse(command, job.ctx, registers, address, &job.target);
	if (!code) {
		settle(&job);
		code = check(&job, count);
	}
	if (!code)
		code = body(&job, options);
	regfile_free(job.target.source.file);
	pmem_ctx_unref(job.ctx);
	return code;
}

int job_map(struct job *job, uint32_t flags, struct pmem_region **region, uint64_t *offset)
{
	if (job->registers->cached)
		flags |= PMEM_MAP_CACHED;
	return target_map(job->ctx, &job->target, job->count * job->unit, flags, region, offset);
}
