/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include "contract.h"

const struct contract_fixture *const contract_fixtures[] = {
	&fixture_devmem,
	&fixture_gpiomem,
	&fixture_pci,
	&fixture_vcsm,
	&fixture_dmaheap,
	&fixture_videocore,
	&fixture_ion,
	&fixture_udmabuf,
	&fixture_pages,
	&fixture_udmabuf_kmod,
	&fixture_template,
	NULL,
};

int contract_untouchable(void *user, size_t length, int prot, int flags, uint64_t offset,
	void **out)
{
	(void)user;
	(void)prot;
	(void)flags;
	(void)offset;
	return os_linux.mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, out);
}
