/* SPDX-License-Identifier: MIT */
/* From options to struct pmem_alloc_opts. */
#include "alloc_options.h"

static uint32_t flag_of(int option)
{
	switch (option) {
	case ALLOC_OPTION_SCATTERED:
		return PMEM_ALLOC_SCATTERED;
	case ALLOC_OPTION_CACHED:
		return PMEM_ALLOC_CACHED;
	case ALLOC_OPTION_UNCACHED:
		return PMEM_ALLOC_UNCACHED;
	case ALLOC_OPTION_DMABUF:
		return PMEM_ALLOC_DMABUF;
	case ALLOC_OPTION_MAY_MOVE:
		return PMEM_ALLOC_MAY_MOVE;
	case ALLOC_OPTION_NO_ADDRESS:
		return PMEM_ALLOC_NO_ADDRESS;
	case ALLOC_OPTION_NO_MASTER:
		return PMEM_ALLOC_NO_MASTER;
	default:
		return 0;
	}
}

int alloc_size(const struct command *command, const char *text, uint64_t *size)
{
	if (!parse_size(text, size))
		return usage_error(command, "'%s' is not a size such as 4096, 64K or 0x1000", text);
	return -1;
}

static int below(const struct command *command, struct pmem_alloc_opts *opts)
{
	uint64_t limit;
	int code = alloc_size(command, optarg, &limit);

	if (code != -1)
		return code;
	if (limit < 2) /* no byte, and the one of address 0, whose max_addr would be "no limit" */
		return usage_error(command, "there is nothing below %s", optarg);
	opts->max_addr = limit - 1;
	return -1;
}

int alloc_option(const struct command *command, int option, struct pmem_alloc_opts *opts, bool *json)
{
	int code;

	switch (option) {
	case 'b':
		opts->backend = optarg;
		return -1;
	case 'p':
		opts->heap = optarg;
		return -1;
	case 'm':
		opts->master = optarg;
		return -1;
	case 'a':
		return alloc_size(command, optarg, &opts->align);
	case 'l':
		return below(command, opts);
	default:
		opts->flags |= flag_of(option);
		if (flag_of(option))
			return -1;
		if (common_option(command, option, &code))
			return code;
		*json = true;
		return -1;
	}
}

int alloc_options_check(const struct command *command, const struct pmem_alloc_opts *opts)
{
	if (opts->master && (opts->flags & PMEM_ALLOC_NO_MASTER))
		return usage_error(command, "--master and --no-master contradict each other");
	return -1;
}
