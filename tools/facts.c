/* SPDX-License-Identifier: MIT */
/* What the machine is, what works on it, and what this user may see. */
#include "physmem.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

json_object *facts_machine(struct pmem_ctx *ctx, bool stable)
{
	json_object *machine = json_new();
	json_object *compatible = json_list();
	const char *text, *family = pmem_soc_family(ctx);
	struct utsname name;

	if (!family)
		asked(-errno);
	json_set_text(machine, "model", pmem_soc_model(ctx));
	json_set_text(machine, "vendor", pmem_soc_vendor(ctx));
	json_set_text(machine, "family", family);
	for (size_t i = 0; (text = pmem_soc_compatible(ctx, i)); i++)
		json_add(compatible, json_text(text));
	json_set(machine, "compatible", compatible);
	json_set_number(machine, "page_size", pmem_soc_page_size(ctx));
	if (uname(&name) == 0) {
		json_set_text(machine, "architecture", name.machine);
		if (!stable)
			json_set_text(machine, "kernel", name.release);
	}
	return machine;
}

json_object *facts_backends(struct pmem_ctx *ctx)
{
	json_object *backends = json_list();

	for (size_t i = 0; i < pmem_backend_count(ctx); i++) {
		struct pmem_error *why = NULL;
		json_object *backend;
		int ret;

		backend = json_new();
		ret = pmem_backend_status(ctx, i, &why);
		json_set_text(backend, "name", pmem_backend_name(ctx, i));
		json_set(backend, "caps", json_bits("PMEM_BACKEND_", pmem_backend_caps(ctx, i)));
		json_set_bool(backend, "usable", ret == 0);
		if (ret && (!why || (pmem_error_code(why) == -ENOMEM &&
				pmem_error_cause(why) != PMEM_CAUSE_LIMIT)))
			no_memory();
		if (why)
			json_set(backend, "error", json_error(why));
		pmem_error_free(why);
		json_add(backends, backend);
	}
	return backends;
}

/*
 * The peripherals' window as the VideoCore sees it (BCM2835 ARM Peripherals, section 1.2.3);
 * where the CPU sees it is the device tree's to say.
 */
#define VIDEOCORE_PERIPHERALS 0x7e000000

json_object *facts_addresses(struct pmem_ctx *ctx)
{
	json_object *addresses = json_new();
	json_object *gpio = NULL, *peripherals = NULL;
	const char *vendor = pmem_soc_vendor(ctx);
	uint64_t phys, size;

	if (asked(pmem_soc_gpio(ctx, &phys, &size)) == 0) {
		gpio = json_new();
		json_set(gpio, "phys", json_hex(phys));
		json_set(gpio, "size", json_hex(size));
	}
	if (vendor && !strcmp(vendor, "Broadcom") &&
		asked(pmem_soc_bus_to_phys(ctx, NULL, VIDEOCORE_PERIPHERALS, &phys)) == 0 &&
		phys != VIDEOCORE_PERIPHERALS) { /* newer ones have no such window */
		peripherals = json_new();
		json_set(peripherals, "phys", json_hex(phys));
		json_set(peripherals, "bus", json_hex(VIDEOCORE_PERIPHERALS));
	}
	json_set(addresses, "gpio", gpio);
	json_set(addresses, "peripherals", peripherals);
	return addresses;
}

json_object *facts_access(struct pmem_ctx *ctx)
{
	json_object *access = json_new();
	json_object *pagemap = json_new();
	volatile char page = 1; /* written, so that there is a page to ask for */
	uint64_t phys;
	int ret = sure(pmem_vaddr_phys(ctx, (const void *)(uintptr_t)&page, &phys));

	json_set(access, "lockdown", root_selected("/sys/kernel/security/lockdown"));
	json_set_bool(pagemap, "visible", ret == 0);
	if (ret)
		json_set(pagemap, "error", json_error(pmem_error_last()));
	json_set(access, "pagemap", pagemap);
	return access;
}
