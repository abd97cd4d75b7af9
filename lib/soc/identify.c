/* SPDX-License-Identifier: MIT */
#include "soc/identify.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "families/families.h"
#include "os/file.h"
#include "soc/reserved.h"

#define CPUINFO_MAX    (1u << 20) /* 100 to 1,500 bytes per CPU */
#define DMI_MAX        4096u
/*
 * Of a longer list the rest is not looked at: the longest of 1,921 trees has 1,206 bytes, and the
 * time to match one grows with it and with the tables.
 */
#define COMPATIBLE_MAX 16384u

#if defined(__x86_64__) || defined(__i386__)
#define BUILT_FOR_X86 true
#else
#define BUILT_FOR_X86 false
#endif

/* All machines that contexts look at: one, but for tests and tools that play several. */
static struct fork_lock list_lock;
static struct soc *machines;

static void take_list(void)
{
	if (fork_lock_take(&list_lock))
		machines = NULL; /* the parent's, perhaps half changed: they are found no more */
}

static void forget(struct soc *soc)
{
	dt_free(&soc->compatible);
	dt_close(&soc->dt);
	free(soc->model);
	soc->model = NULL;
	soc->has_tree = soc->hidden = soc->x86 = false;
}

static void begin_anew(struct soc *soc)
{
	soc->compatible = (struct dt_prop){ 0 };
	soc->dt.kept = NULL;
	soc->model = NULL;
	soc->has_tree = soc->hidden = soc->x86 = false;
}

static void soc_free(struct soc *soc)
{
	forget(soc);
	reserved_free(atomic_load(&soc->reserved));
	free(soc->root);
	free(soc->device_tree);
	free(soc);
}

static struct soc *soc_new(const char *root, const char *device_tree)
{
	struct soc *soc = calloc(1, sizeof(*soc));

	if (!soc)
		return NULL;
	soc->users = 1;
	families_generic(&soc->unknown);
	soc->root = strdup(root);
	soc->device_tree = device_tree ? strdup(device_tree) : NULL;
	if (soc->root && (soc->device_tree || !device_tree))
		return soc;
	soc_free(soc);
	return NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* After chdir() a relative path is another machine. */
static bool is_relative(const char *path)
{
	return path && path[0] && path[0] != '/';
}

struct soc *soc_get(const char *root, const char *device_tree)
{
	struct soc *soc;

	take_list();
	soc = is_relative(root) || is_relative(device_tree) ? NULL : machines;
	while (soc && !(same(soc->root, root) && same(soc->device_tree, device_tree)))
		soc = soc->next;
	if (soc) {
		soc->users++;
	} else {
		soc = soc_new(root, device_tree);
		if (soc) {
			soc->next = machines;
			machines = soc;
		}
	}
	fork_lock_give(&list_lock);
	return soc;
}

/* A child's context that its parent made may have a machine that is in no list of the child's. */
static void unlist(const struct soc *soc)
{
	struct soc **at = &machines;

	while (*at && *at != soc)
		at = &(*at)->next;
	if (*at)
		*at = soc->next;
}

void soc_put(struct soc *soc)
{
	bool last;

	if (!soc)
		return;
	take_list();
	last = --soc->users == 0;
	if (last)
		unlist(soc);
	fork_lock_give(&list_lock);
	if (last)
		soc_free(soc);
}

/* Text up to its first line end or NUL, without blanks around it. */
static char *trimmed(const char *text)
{
	size_t n = strcspn(text, "\n");

	while (n > 0 && isspace((unsigned char)*text)) {
		text++;
		n--;
	}
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		n--;
	return strndup(text, n);
}

/* The tree's own words. An empty root (CONFIG_OF without a blob) is no tree. */
static int read_tree(struct soc *soc)
{
	struct dt_prop model;
	int r = dt_read(&soc->dt, "/", "compatible", &soc->compatible);

	if (dt_says_nothing(r))
		return -ENOENT;
	if (r < 0)
		return r;
	if (soc->compatible.size > COMPATIBLE_MAX)
		soc->compatible.size = COMPATIBLE_MAX;
	r = dt_read(&soc->dt, "/", "model", &model);
	if (r < 0)
		return dt_says_nothing(r) ? 0 : r;
	soc->model = trimmed(model.data);
	dt_free(&model);
	return soc->model ? 0 : -ENOMEM;
}

/* Such a file says nothing today nor tomorrow: it is not there, not for us, or no file of the kernel's. */
static bool says_nothing(int r)
{
	return r == -ENOENT || r == -EACCES || r == -EFBIG || r == -EINVAL || r == -ENXIO;
}

/* What follows "name\t: " in /proc/cpuinfo, trimmed; NULL in *value if it is not there. */
static int cpuinfo(const struct pmem_ctx *ctx, const char *name, char **value)
{
	char *text, *line, *rest;
	size_t size, n = strlen(name);
	int r = file_read(ctx->root, "/proc/cpuinfo", CPUINFO_MAX, &text, &size);

	*value = NULL;
	if (r < 0)
		return says_nothing(r) ? 0 : r;
	rest = text;
	while (!*value && r == 0 && (line = strsep(&rest, "\n"))) {
		char *colon = strchr(line, ':');

		if (!colon || strncmp(line, name, n) != 0 ||
			strspn(line + n, " \t") != (size_t)(colon - line) - n)
			continue;
		*value = trimmed(colon + 1);
		r = *value ? 0 : -ENOMEM;
	}
	free(text);
	return r;
}

static int read_dmi(struct soc *soc, const struct pmem_ctx *ctx)
{
	char *text;
	size_t size;
	int r = file_read(ctx->root, "/sys/class/dmi/id/product_name", DMI_MAX, &text, &size);

	if (r < 0)
		return says_nothing(r) ? 0 : r;
	soc->model = trimmed(text);
	free(text);
	return soc->model ? 0 : -ENOMEM;
}

/*
 * No tree: kernels from before device trees name the SoC in /proc/cpuinfo. That text is believed
 * only for SoCs in the table, since later kernels say "BCM2835" on every Raspberry Pi.
 */
static int identify_without_tree(struct soc *soc, const struct pmem_ctx *ctx)
{
	char *hardware;
	int r = cpuinfo(ctx, "Hardware", &hardware);

	if (r < 0)
		return r;
	if (hardware && families_match_hardware(hardware, &soc->family)) {
		soc->model = hardware;
		return 0;
	}
	free(hardware);
	soc->x86 = BUILT_FOR_X86;
	if (soc->x86)
		families_x86_64(&soc->family);
	else
		families_generic(&soc->family);
	return read_dmi(soc, ctx);
}

static int detect(struct soc *soc, const struct pmem_ctx *ctx)
{
	int r = dt_open(&soc->dt, ctx->root, ctx->device_tree);

	soc->hidden = r == -ENOLINK;
	if (r == 0)
		r = read_tree(soc);
	soc->has_tree = r == 0;
	if (r == 0)
		families_match(&soc->compatible, &soc->family);
	else if (r == -ENOENT || r == -ENOLINK)
		r = identify_without_tree(soc, ctx);
	if (r < 0)
		forget(soc);
	return r;
}

const struct soc *identify(const struct pmem_ctx *ctx, int *error)
{
	struct soc *soc = ctx->soc;
	int r = 0;

	if (!atomic_load_explicit(&soc->ready, memory_order_acquire)) {
		int before = errno; /* a file that is not there is no failure of the caller's */

		/* What a thread of the parent had found by half is not to be freed, nor used. */
		if (fork_lock_take(&soc->lock))
			begin_anew(soc);
		if (!soc->ready) {
			r = detect(soc, ctx);
			atomic_store_explicit(&soc->ready, r == 0, memory_order_release);
		}
		fork_lock_give(&soc->lock);
		errno = before;
	}
	*error = r;
	return r == 0 ? soc : NULL;
}
