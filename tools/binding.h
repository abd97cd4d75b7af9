/* SPDX-License-Identifier: MIT */
/* Giving a device to another driver: Documentation/ABI/testing/sysfs-bus-pci, driver_override. */
#ifndef PHYSMEM_BINDING_H
#define PHYSMEM_BINDING_H

#include "devices.h"

struct step {
	char path[300];   /* below the root; "": a command to run */
	char text[160];   /* what is written, or the command */
};

struct plan {
	struct step steps[4];
	size_t count;
};

/* driver "": the one that the kernel finds by itself. The last step is the probe. */
void plan_make(struct plan *plan, const struct device *device, const char *driver);
/* The step that failed, or the count of them; *r is why. */
size_t plan_carry_out(const struct plan *plan, int *r);
/* As a shell takes it. */
void step_line(const struct step *step, char out[512]);

/* What somebody wrote to driver_override; "" where nobody did. */
void override_read(const struct device *device, char out[128]);
/* May this user write there? */
bool override_is_open(const struct device *device);
int override_write(const struct device *device, const char *driver);

/* A second at most until it has that driver. wanted NULL: one of the kernel's own. */
bool driver_wait(const struct device *device, const char *wanted);

#endif
