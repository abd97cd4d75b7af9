/* SPDX-License-Identifier: MIT */
/* The machines with devices: of test/unit/played_device.h. */
#ifndef TEST_DEVICES_H
#define TEST_DEVICES_H

#include "engine.h"

extern const int device_grounds;

/* Machine i of so many, without a context; and its end. */
const struct ground *device_start(int i);
void device_stop(void);

#endif
