/* SPDX-License-Identifier: MIT */
/*
 * A device that cannot be opened: the cause, and what the explanation has to name.
 *     check-vfio-refuse BDF CAUSE [--way W] [--user] [--give WAY] [--unsafe] [--follow] [TEXT...]
 * --user:   as an ordinary user, who may use nothing
 * --give:   but the nodes that this way needs
 * --unsafe: with PMEM_DEVICE_MAY_BE_UNSAFE
 * --follow: the commands of the hint are run as they stand, and then it is opened
 * Each TEXT is somewhere in the messages and hints. Cause "ok": it is opened. The texts are then names of its
 * way, and of bits of its attributes: unsafe, protected, translated.
 */
#include <getopt.h>

#include "check-vfio.h"

static char said[8192];

static void gather(const struct pmem_error *e)
{
	size_t n = strlen(said);

	snprintf(said + n, sizeof(said) - n, "%s\n%s\n%s\n", pmem_error_path(e), pmem_error_text(e),
		pmem_error_hint(e));
	for (size_t i = 0; i < pmem_error_child_count(e); i++)
		gather(pmem_error_child(e, i));
}

static bool is(struct pmem_device *device, const char *what)
{
	uint32_t attrs = pmem_device_attrs(device);

	if (!strcmp(what, "unsafe"))
		return attrs & PMEM_DEVICE_UNSAFE;
	if (!strcmp(what, "protected"))
		return attrs & PMEM_DEVICE_PROTECTED;
	if (!strcmp(what, "translated"))
		return attrs & PMEM_DEVICE_TRANSLATED;
	if (!strcmp(what, "safe"))
		return !(attrs & PMEM_DEVICE_UNSAFE);
	if (!strcmp(what, "unprotected"))
		return !(attrs & PMEM_DEVICE_PROTECTED);
	if (!strcmp(what, "untranslated"))
		return !(attrs & PMEM_DEVICE_TRANSLATED);
	return !strcmp(pmem_device_way(device), what);
}

static void opened(struct pmem_device *device, char **texts)
{
	for (; *texts; texts++)
		CHECK(*texts, is(device, *texts), "way %s, attributes 0x%x", pmem_device_way(device),
			pmem_device_attrs(device));
	CHECK_OK("close", pmem_device_close(device));
}

static void refused(char **texts)
{
	gather(pmem_error_last());
	printf("%s", said);
	for (; *texts; texts++)
		CHECK("names-it", strstr(said, *texts), "there is no \"%s\"", *texts);
}

/* What stands behind "as root: " is for a shell. */
static void follow(struct pmem_ctx *ctx, const char *bdf, const struct pmem_device_opts *opts)
{
	const char *hint = pmem_error_hint(pmem_error_last()), *commands = strstr(hint, "as root: ");
	struct pmem_device *device = NULL;

	CHECK("hint-has-commands", commands, "%s", hint);
	if (!commands)
		return;
	CHECK("hint-runs", system(commands + strlen("as root: ")) == 0, "%s", commands);
	CHECK_OK("hint-helps", pmem_device_open(ctx, bdf, opts, &device));
	pmem_device_close(device);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "way", required_argument, NULL, 'w' },
		{ "user", no_argument, NULL, 'u' },
		{ "give", required_argument, NULL, 'g' },
		{ "unsafe", no_argument, NULL, 's' },
		{ "follow", no_argument, NULL, 'f' },
		{ NULL, 0, NULL, 0 },
	};
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_device *device = NULL;
	const char *give = NULL, *cause;
	bool user = false, following = false;
	struct pmem_ctx *ctx;
	int c, r;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'w')
			opts.way = optarg;
		else if (c == 'u')
			user = true;
		else if (c == 'g')
			give = optarg;
		else if (c == 's')
			opts.flags = PMEM_DEVICE_MAY_BE_UNSAFE;
		else if (c == 'f')
			following = true;
		else
			return 2;
	}
	if (optind + 2 > argc)
		return 2;
	if (give)
		CHECK("nodes-given", vfio_give(argv[optind], give, 1000), "%s", strerror(errno));
	if (user)
		check_become_user();
	cause = argv[optind + 1];
	ctx = check_ctx();
	r = pmem_device_open(ctx, argv[optind], &opts, &device);
	if (!strcmp(cause, "ok")) {
		CHECK_OK("open", r);
		if (r == 0)
			opened(device, argv + optind + 2);
		return check_end();
	}
	check_refused("open", r, cause);
	if (r < 0)
		refused(argv + optind + 2);
	if (r < 0 && following)
		follow(ctx, argv[optind], &opts);
	return check_end();
}
