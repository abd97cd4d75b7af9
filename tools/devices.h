/* SPDX-License-Identifier: MIT */
/* Devices as sysfs shows them, for physmem device. */
#ifndef PHYSMEM_DEVICES_H
#define PHYSMEM_DEVICES_H

#include "physmem.h"

struct device {
	char bus[16];      /* "pci", "platform" */
	char name[128];    /* "0000:00:04.0" */
	char folder[256];  /* "/sys/bus/pci/devices/0000:00:04.0" */
};

/* A name of PCI, with or without its domain, or of a platform device; false: there is none. */
bool device_find(const char *text, struct device *out);
/* The last part of where a link leads; false: there is none. */
bool device_link(const struct device *device, const char *name, char *out, size_t size);
/* A driver that leaves the device to programs. */
bool for_programs(const char *driver);
/* One device, and all: docs/json.md. all: also those of the platform that no program could use. */
json_object *facts_device(const struct device *device);
json_object *facts_devices(bool all);
/* Neighbours in its group whose drivers keep a program from having it; an array of texts. */
json_object *device_in_the_way(json_object *facts);

/* in_use.c: what would be lost with the device: an array of texts, empty if nothing is. */
json_object *device_in_use(const struct device *device);

/* Visit the names in a folder, in order. */
typedef void name_fn(void *user, const char *folder, const char *name);
void each_name(const char *folder, name_fn *fn, void *user);

#endif
