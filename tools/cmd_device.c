/* SPDX-License-Identifier: MIT */
/* physmem device: which devices a program could drive, and giving one to programs and back. */
#include "binding.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct options {
	bool all, dry_run, force, json;
	const char *driver; /* of bind; NULL: by the bus */
};

/* --- list ---------------------------------------------------------------------------------- */

static const char *kind_of(const char *class)
{
	static const struct { const char *prefix, *name; } kinds[] = { { "0x01", "storage" },
		{ "0x02", "network" }, { "0x03", "display" }, { "0x04", "media" }, { "0x05", "memory" },
		{ "0x06", "bridge" }, { "0x07", "serial" }, { "0x08", "system" }, { "0x0c03", "usb" },
		{ "0x0c", "bus" }, { "0x0d", "wireless" }, { "0x12", "accelerator" } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(class, kinds[i].prefix, strlen(kinds[i].prefix)))
			return kinds[i].name;
	return "other";
}

/* What a driver of the kernel's own domain allows: Documentation/ABI/testing/sysfs-kernel-iommu_groups, type. */
static const char *warning_of(json_object *device)
{
	const char *type = text_of(device, "group_type");

	if (json_object_get_boolean(member(device, "protected")))
		return "";
	return !strncmp(type, "DMA", 3) || !strcmp(type, "blocked") ?
		" (the IOMMU drops its DMA: only its registers work)" : " (nothing protects memory from it)";
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void show_device(json_object *device)
{
	json_object *neighbours = member(device, "neighbours"), *names = json_list();
	char group[32] = "-", text[300];

	if (member(device, "group"))
		(void)snprintf(group, sizeof(group), "%llu",
			(unsigned long long)number_of(device, "group"));
	line("%-14s %-10s %-11s driver %-15s group %-4s %s", text_of(device, "name"),
		or_dash(text_of(device, "id")), kind_of(text_of(device, "class")),
		or_dash(text_of(device, "driver")), group, or_dash(text_of(device, "group_type")));
	for (size_t i = 0; i < json_object_array_length(neighbours); i++) {
		json_object *one = json_object_array_get_idx(neighbours, i);

		(void)snprintf(text, sizeof(text), "%.128s (%.128s)", text_of(one, "name"),
			or_dash(text_of(one, "driver")));
		json_add(names, json_text(text));
	}
	if (json_object_array_length(names))
		row("with", "%s", joined(names));
	json_object_put(names);
	if (*text_of(device, "way"))
		row("open", "%s %s%s", text_of(device, "way"), text_of(device, "node"), warning_of(device));
	else
		row("open", "no: %s", text_of(device, "reason"));
}

static int list(const struct command *self, const struct options *options)
{
	json_object *devices = facts_devices(options->all), *document;
	size_t count = json_object_array_length(devices);

	if (!count) {
		json_object_put(devices);
		return fail(EXIT_UNSUPPORTED, "there is no PCI device, and none of the platform behind an IOMMU");
	}
	if (options->json) {
		document = json_document(self->name);
		json_set(document, "devices", devices);
		return json_finish(document);
	}
	for (size_t i = 0; i < count; i++)
		show_device(json_object_array_get_idx(devices, i));
	json_object_put(devices);
	return out_finish();
}

/* --- what is said about it ------------------------------------------------------------------ */

static int report_use(const struct device *device)
{
	json_object *found = device_in_use(device);
	size_t count = json_object_array_length(found);
	int code = -1;

	if (count)
		code = fail_because(EXIT_FAILED, "busy", "stop using it first, or --force", "%s: %s%s", device->name,
			json_object_get_string(json_object_array_get_idx(found, 0)),
			count > 1 ? ", and more" : "");
	else if (!all_read() || (!all_shown() && override_is_open(device)))
		code = fail_because(EXIT_FAILED, "busy", "--force, if nothing uses it",
			"%s: whether something uses it cannot be read", device->name);
	else if (!all_shown()) /* who cannot do it either is told what to type as root, who is asked again then */
		report("%s: whether something uses it is not shown to this user", device->name);
	json_object_put(found);
	return code;
}

/* Not permitted: what root would type. */
static int report_plan(const struct device *device, const struct plan *plan, const struct step *step, int r)
{
	int code = fail_because(r == -EACCES || r == -EPERM ? EXIT_PERMISSION : EXIT_FAILED,
		r == -EACCES || r == -EPERM ? "file-mode" : "system", NULL, "%s: %s%s%s", device->name,
		step->path[0] ? step->path : step->text, ": ", strerror(-r));
	char text[512];

	if (code == EXIT_PERMISSION) {
		report_more("-> as root:");
		for (size_t i = 0; i < plan->count; i++) {
			step_line(&plan->steps[i], text);
			report_more("%s", text);
		}
	}
	return code;
}

/* vfio-pci did not take it: mostly there is no IOMMU. The device goes back to where it was. */
static int give_up(const struct device *device, const char *driver, const char *before, const char *override,
	int r)
{
	struct plan back = { .count = 0 };
	char group[32];
	bool vfio = strstr(driver, "vfio") != NULL;
	int ignored;

	plan_make(&back, device, before);
	(void)plan_carry_out(&back, &ignored);
	(void)override_write(device, override);
	if (vfio && !device_link(device, "iommu_group", group, sizeof(group)))
		return fail_because(EXIT_UNSUPPORTED, "unsupported",
			"boot with intel_iommu=on (Intel) or switch the IOMMU on in the firmware; --driver "
			"uio_pci_generic needs none, and protects nothing",
			"%s: %s does not take it: it is behind no IOMMU", device->name, driver);
	return fail_because(EXIT_FAILED, "system", "dmesg may say why", "%s: %s does not take it%s%s", device->name,
		driver, r ? ": " : "", r ? strerror(-r) : "");
}

static int finish(const struct command *self, const struct options *options, const struct device *device,
	const struct plan *plan, const char *before)
{
	json_object *facts = facts_device(device), *document, *lines = json_list();
	json_object *others = device_in_the_way(facts);
	char text[512];

	for (size_t i = 0; i < plan->count; i++) {
		step_line(&plan->steps[i], text);
		json_add(lines, json_text(text));
		if (options->dry_run && !options->json)
			line("%s", text);
	}
	if (for_programs(options->driver ? options->driver : "") && json_object_array_length(others))
		report("%s: programs get it only without its neighbour %s", device->name, joined(others));
	json_object_put(others);
	if (options->json) {
		document = json_document(self->name);
		json_set_bool(document, "dry_run", options->dry_run);
		json_set(document, "lines", lines);
		json_set(document, "driver_before", *before ? json_text(before) : NULL);
		json_set(document, "device", facts);
		return json_finish(document);
	}
	if (!options->dry_run)
		show_device(facts);
	json_object_put(lines);
	json_object_put(facts);
	return out_finish();
}

/* --- bind and unbind ------------------------------------------------------------------------ */

static int bind(const struct command *self, const struct options *given, const struct device *device)
{
	bool pci = !strcmp(device->bus, "pci");
	struct options options = *given;
	struct plan plan = { .count = 0 };
	char before[128] = "", override[128];
	size_t done;
	int code, r;

	if (!options.driver)
		options.driver = pci ? "vfio-pci" : "vfio-platform";
	if (!for_programs(options.driver))
		return usage_error(self, "%s is no driver that leaves a device to programs", options.driver);
	(void)device_link(device, "driver", before, sizeof(before));
	if (!strcmp(before, options.driver))
		return finish(self, &options, device, &plan, before);
	code = options.force ? -1 : report_use(device);
	if (code != -1)
		return code;
	plan_make(&plan, device, options.driver);
	if (options.dry_run)
		return finish(self, &options, device, &plan, before);
	override_read(device, override);
	done = plan_carry_out(&plan, &r);
	/* The last one is the probe: the device has lost its driver by then. */
	if (done + 1 < plan.count) {
		code = report_plan(device, &plan, &plan.steps[done], r);
		if (*before && done + 2 == plan.count) /* it keeps its driver: the next probe must not take it away */
			(void)override_write(device, override);
		return code;
	}
	if (r || !driver_wait(device, options.driver))
		return give_up(device, options.driver, before, override, r);
	return finish(self, &options, device, &plan, before);
}

static int unbind(const struct command *self, const struct options *options, const struct device *device)
{
	struct plan plan = { .count = 0 };
	char before[128] = "";
	size_t done;
	int r;

	if (options->driver)
		return usage_error(self, "unbind takes no --driver");
	if (device_link(device, "driver", before, sizeof(before)) && !for_programs(before))
		return fail_because(EXIT_FAILED, "busy", NULL, "%s: its driver %s is the kernel's own", device->name,
			before);
	plan_make(&plan, device, "");
	if (options->dry_run)
		return finish(self, options, device, &plan, before);
	done = plan_carry_out(&plan, &r);
	if (done < plan.count && (done + 1 < plan.count || r != -EINVAL))
		return report_plan(device, &plan, &plan.steps[done], r);
	if (!driver_wait(device, NULL)) {
		char now[128];

		report("%s: no driver of the kernel takes it%s", device->name,
			device_link(device, "driver", now, sizeof(now)) ?
			"; one for programs has it again, by its parameter ids= or new_id" :
			"; its module may have to be loaded");
	}
	return finish(self, options, device, &plan, before);
}

/* --- arguments ----------------------------------------------------------------------------- */

static int find_and(const struct command *self, const struct options *options, const char *what, const char *name)
{
	struct device device;

	if (!device_find(name, &device))
		return fail_because(EXIT_FAILED, "not-found", "physmem device list", "there is no device '%s'", name);
	return !strcmp(what, "bind") ? bind(self, options, &device) : unbind(self, options, &device);
}

static int run(const struct command *self, int argc, char **argv)
{
	static const struct option known[] = {
		{ "all", no_argument, NULL, 'a' }, { "driver", required_argument, NULL, 'd' },
		{ "dry-run", no_argument, NULL, 'n' }, { "force", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { 0 }
	};
	struct options options = { .driver = NULL };
	const char *what;
	int option, code;

	while ((option = getopt_long(argc, argv, "ad:nfjh", known, NULL)) != -1) {
		switch (option) {
		case 'a':
			options.all = true;
			break;
		case 'd':
			options.driver = optarg;
			break;
		case 'n':
			options.dry_run = true;
			break;
		case 'f':
			options.force = true;
			break;
		case 'j':
			options.json = true;
			report_json(self->name);
			break;
		default:
			if (common_option(self, option, &code))
				return code;
		}
	}
	what = optind < argc ? argv[optind] : "";
	if (!strcmp(what, "list") && optind + 1 == argc && !options.driver && !options.dry_run && !options.force)
		return list(self, &options);
	if ((!strcmp(what, "bind") || !strcmp(what, "unbind")) && optind + 2 == argc && !options.all)
		return find_and(self, &options, what, argv[optind + 1]);
	return usage_error(self, "list, bind DEVICE or unbind DEVICE is wanted");
}

const struct command cmd_device = {
	.name = "device",
	.run = run,
	.synopsis = "list [--all] [--json] | bind|unbind [--driver NAME] [--dry-run] [--force] DEVICE",
	.summary = "List devices, and give one to programs or back",
	.help = "list shows every PCI device, and those of the platform that are behind an IOMMU: its\n"
		"driver, its IOMMU group and who else is in it, whether this user could open it and by\n"
		"which way, or why not. Nothing is opened.\n"
		"bind takes a device from its driver and gives it to vfio-pci, unbind gives it back to\n"
		"the driver that the kernel finds for it. A device with a disk that is in use, or with\n"
		"the default route, stays where it is. Both need root, and say what to type without it.\n"
		"A DEVICE is 0000:00:04.0, 00:04.0, or a name in /sys/bus/platform/devices.\n\n"
		"  -a, --all         also devices of the platform that no program could use\n"
		"  -d, --driver NAME vfio-pci, uio_pci_generic or another driver for programs\n"
		"  -n, --dry-run     print the lines that would do it, and do nothing\n"
		"  -f, --force       also a device in use\n"
		"  -j, --json        JSON\n"
		"  -h, --help        this text\n\n"
		"Examples:\n"
		"  physmem device list\n"
		"  physmem device bind --dry-run 0000:00:04.0\n"
		"  physmem device bind 0000:00:04.0\n"
		"  physmem device bind --driver uio_pci_generic 00:04.0\n"
		"  physmem device unbind 0000:00:04.0\n",
};
