/* SPDX-License-Identifier: MIT */
#include "api/call.h"
#include "api/context.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <pmem/context.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/frames.h"
#include "soc/soc.h"

/* A copy of an environment variable; NULL if unset or empty. false: no memory. */
static bool copy_env(const char *name, char **out)
{
	const char *value = os->getenv(name);

	if (!value || !*value)
		return true;
	*out = strdup(value);
	return *out != NULL;
}

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, word, n) == 0 && (p[n] == ',' || p[n] == '\0'))
			return true;
	}
	return false;
}

static void context_free(struct pmem_ctx *ctx)
{
	soc_put(ctx->soc);
	frames_forget(ctx);
	error_drop(&ctx->failure.error);
	free(atomic_load(&ctx->heaps));
	free(atomic_load(&ctx->told));
	free(ctx->root);
	free(ctx->backend);
	free(ctx->run_dir);
	free(ctx->device_tree);
	free(ctx);
}

static int try_ctx_new(struct pmem_ctx **out)
{
	const char *root = os->getenv("LIBPMEM_ROOT");
	const char *debug = os->getenv("LIBPMEM_DEBUG");
	struct pmem_ctx *ctx;
	size_t n;

	if (!out)
		return error_null("context new", "out");
	n = root ? strlen(root) : 0;
	if (n >= PATH_MAX)
		return error_set(ENAMETOOLONG, PMEM_CAUSE_LIMIT, "context new", NULL, NULL,
			"LIBPMEM_ROOT has %zu characters", n);
	while (n && root[n - 1] == '/')
		n--;
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "context new", NULL, NULL,
			"no memory for a context");
	atomic_init(&ctx->refs, 1);
	atomic_init(&ctx->heaps, NULL);
	atomic_init(&ctx->told, NULL);
	ctx->debug_coherence = debug && has_word(debug, "coherence");
	ctx->root = strndup(root ? root : "", n);
	if (ctx->root && copy_env("LIBPMEM_BACKEND", &ctx->backend) &&
		copy_env("LIBPMEM_RUN_DIR", &ctx->run_dir) &&
		copy_env("LIBPMEM_DEVICE_TREE", &ctx->device_tree))
		ctx->soc = soc_get(ctx->root, ctx->device_tree);
	if (!ctx->soc) {
		context_free(ctx);
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "context new", NULL, NULL,
			"no memory for a context");
	}
	*out = ctx;
	return 0;
}

int pmem_ctx_new(struct pmem_ctx **out)
{
	CALL(NULL, try_ctx_new(out));
}

struct pmem_ctx *context_ref(struct pmem_ctx *ctx)
{
	if (ctx)
		atomic_fetch_add_explicit(&ctx->refs, 1, memory_order_relaxed);
	return ctx;
}

void context_unref(struct pmem_ctx *ctx)
{
	if (ctx && atomic_fetch_sub_explicit(&ctx->refs, 1, memory_order_acq_rel) == 1)
		context_free(ctx);
}

struct pmem_ctx *pmem_ctx_ref(struct pmem_ctx *ctx)
{
	return context_ref(ctx);
}

void pmem_ctx_unref(struct pmem_ctx *ctx)
{
	context_unref(ctx);
}

static int try_ctx_set_log(struct pmem_ctx *ctx, pmem_log_fn *fn, void *user)
{
	if (!ctx)
		return error_null("context set log", "ctx");
	ctx->log.fn = fn;
	ctx->log.user = user;
	return 0;
}

int pmem_ctx_set_log(struct pmem_ctx *ctx, pmem_log_fn *fn, void *user)
{
	CALL(ctx, try_ctx_set_log(ctx, fn, user));
}

static int try_ctx_error(struct pmem_ctx *ctx, struct pmem_error **out)
{
	struct pmem_error *copy;

	if (!ctx || !out)
		return error_null("context error", ctx ? "out" : "ctx");
	copy = calloc(1, sizeof(*copy));
	if (!copy)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "context error", NULL, NULL,
			"no memory for a copy");
	if (fork_lock_take(&ctx->failure.lock))
		error_drop(&ctx->failure.error);
	error_assign(copy, &ctx->failure.error);
	fork_lock_give(&ctx->failure.lock);
	if (copy->errnum) {
		*out = copy;
		return 0;
	}
	error_free(copy);
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "context error", NULL, NULL,
		"no call with this context has failed yet");
}

int pmem_ctx_error(struct pmem_ctx *ctx, struct pmem_error **out)
{
	CALL(NULL, try_ctx_error(ctx, out)); /* that it fails is not told to the context */
}
