/* SPDX-License-Identifier: MIT */
/* What the checks of VideoCore memory share: the library, and the counters of pmem_vcio.ko. */
#ifndef GUEST_VC_H
#define GUEST_VC_H

#include <fcntl.h>
#include <stdbool.h>

#include <pmem/pmem.h>

#include "mod_check.h"

#define VCIO_PROC "/proc/pmem_vcio"

static struct pmem_ctx *ctx;
static const char *vc_backend = "videocore";

static inline const char *why(void)
{
	return pmem_error_text(pmem_error_last());
}

/* A command for the module, such as "fail lock 1". */
static inline void vc_tell(const char *command)
{
	int fd = open(VCIO_PROC, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, command, strlen(command)) != (ssize_t)strlen(command))
		CHECK("module", 0, "%s: %s", command, strerror(errno));
	close(fd);
}

static inline long long vc_count(const char *key)
{
	return check_counter(VCIO_PROC, key);
}

static inline int vc_alloc(uint64_t size, uint32_t flags, uint32_t channels,
	struct pmem_region **out)
{
	struct pmem_firmware_opts firmware = {
		.size = sizeof(firmware), .flags = flags, .dma_channels = channels
	};
	struct pmem_alloc_opts opts = {
		.size = sizeof(opts),
		.backend = vc_backend,
		.firmware = &firmware,
	};

	return pmem_region_alloc(ctx, size, &opts, out);
}

/* What counts wrong releases; other checks of the same boot may have made some on purpose. */
static const char *const vc_wrongs[] = { "double_release", "bad_release", "release_locked",
	"release_by_other_while_owner_alive" };
#define VC_WRONGS (sizeof(vc_wrongs) / sizeof(vc_wrongs[0]))
static long long vc_before[VC_WRONGS];

static inline void vc_begin(void)
{
	for (size_t i = 0; i < VC_WRONGS; i++)
		vc_before[i] = vc_count(vc_wrongs[i]);
}

/* Nothing is held, and nothing was given back wrongly since vc_begin(). */
static inline void vc_check_clean(const char *name)
{
	char text[256] = "";
	size_t used = 0;

	if (vc_count("live") || vc_count("locked"))
		used += (size_t)snprintf(text, sizeof(text), "live %lld, locked %lld; ",
			vc_count("live"), vc_count("locked"));
	for (size_t i = 0; i < VC_WRONGS; i++) {
		long long more = vc_count(vc_wrongs[i]) - vc_before[i];

		if (more && used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %lld; ",
				vc_wrongs[i], more);
	}
	CHECK(name, used == 0, "%s", text);
}

#endif
