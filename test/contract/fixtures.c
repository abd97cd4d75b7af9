/* SPDX-License-Identifier: MIT */
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
