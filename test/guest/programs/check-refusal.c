/* SPDX-License-Identifier: MIT */
/*
 * Each refusal of /dev/mem told apart, on a kernel that really refuses.
 *     --cause NAME ADDRESS   mapping ADDRESS fails for this cause ("ok": it succeeds); ADDRESS
 *                            "ram" is a page of this program, "beyond" more than any CPU has
 *     --as-user              from here on as a user without privilege
 *     --no-capability        from here on as root without CAP_SYS_RAWIO and CAP_SYS_ADMIN
 *     --open-mode            /dev/mem may be opened by everybody (its mode only)
 * In this order on the command line; each works on those after it.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "check_lib.h"

/* While /proc/self/pagemap may still be read. */
static uint64_t own_page(struct pmem_ctx *ctx)
{
	static char page[65536] __attribute__((aligned(65536)));
	uint64_t phys = 0;

	memset(page, 1, sizeof(page));
	if (mlock(page, sizeof(page)))
		return 0;
	return pmem_vaddr_phys(ctx, page, &phys) == 0 ? phys : 0;
}

static void drop(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	uint32_t unwanted = 1u << CAP_SYS_RAWIO | 1u << CAP_SYS_ADMIN;

	CHECK("capget", !syscall(SYS_capget, &header, data), "errno %d", errno);
	data[0].effective &= ~unwanted;
	data[0].permitted &= ~unwanted;
	CHECK("capset", !syscall(SYS_capset, &header, data), "errno %d", errno);
}

static void check_cause(struct pmem_ctx *ctx, const char *cause, const char *address, uint64_t ram)
{
	struct pmem_region *region = NULL;
	uint64_t phys = check_number(address);
	char name[80];
	int result;

	if (!strcmp(address, "ram"))
		phys = ram;
	else if (!strcmp(address, "beyond")) /* arm64 has at most 52 bits, x86 too */
		phys = 1ull << 54;
	snprintf(name, sizeof(name), "%s-%s", cause, address);
	result = pmem_region_map(ctx, phys, 4, PMEM_MAP_READONLY, &region);
	if (!strcmp(cause, "ok")) {
		CHECK_OK(name, result);
		pmem_region_close(region);
		return;
	}
	check_refused(name, result, cause);
	if (result == 0)
		pmem_region_close(region);
	else
		CHECK("out-untouched", !region, "%p was written", (void *)region);
	CHECK("hint", result == 0 || pmem_error_hint(pmem_error_last())[0] ||
		!strcmp(cause, "bus-width"), "no next step in: %s", check_error());
}

int main(int argc, char **argv)
{
	struct pmem_ctx *ctx = check_ctx();
	uint64_t ram = own_page(ctx);

	CHECK("own-page", ram, "its address is not known: %s", check_error());
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--cause") && i + 2 < argc) {
			check_cause(ctx, argv[i + 1], argv[i + 2], ram);
			i += 2;
		} else if (!strcmp(argv[i], "--as-user")) {
			CHECK("setuid", !setgid(1000) && !setuid(1000), "errno %d", errno);
		} else if (!strcmp(argv[i], "--no-capability")) {
			drop();
		} else if (!strcmp(argv[i], "--open-mode")) {
			CHECK("chmod", !chmod("/dev/mem", 0666), "errno %d", errno);
		} else {
			CHECK("options", 0, "bad option %s", argv[i]);
		}
	}
	pmem_ctx_unref(ctx);
	return check_end();
}
