/* SPDX-License-Identifier: MIT */
/*
 * The tables of SoC families. A family matches if any of its strings is among the root's
 * compatible strings; the first match in the order of the tables wins, so a specific family
 * stands before a generic one (fsl,imx6ulz boards also say fsl,imx6ull, the other way round never).
 * Strings are those of the kernel's Documentation/devicetree/bindings and of vendor kernels.
 *
 * Lists of GPIO and DMA compatibles are of a maker, not of a chip: what counts is which of them
 * the tree has. Addresses are in no table.
 */
#ifndef SOC_FAMILIES_H
#define SOC_FAMILIES_H

#include <stddef.h>

#include "dt/dt.h"

/* VideoCore memory as a family sees it; flags are those of the firmware's allocate tag. */
enum soc_videocore {
	SOC_VIDEOCORE_NONE,       /* no memory calls: not a Pi, or BCM2712 and later */
	SOC_VIDEOCORE_L1_NONALLOC, /* BCM2835: the CPU goes through the VideoCore's L2 */
	SOC_VIDEOCORE_DIRECT,     /* BCM2836, BCM2837, BCM2711 */
};

/* One SoC family; families.c is a table of these, pure data. */
struct soc_family {
	const char *name;               /* "bcm2837" */
	const char *vendor;             /* "Broadcom" */
	const char *const *compatibles; /* root strings, NULL ended; the whole list is searched */
	const char *const *order;       /* allocating backends, best first, NULL ended */
	const char *const *gpio;        /* compatibles or paths of the GPIO registers, NULL ended */
	const char *const *dma;         /* compatibles of the general DMA engine, NULL ended */
	enum soc_videocore videocore;
};

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* One per file of data; each ends with an entry without a name. */
extern const struct soc_family families_boards[];      /* Broadcom, Allwinner, Rockchip, Amlogic */
extern const struct soc_family families_industrial[];  /* NXP, TI, FPGA makers */
extern const struct soc_family families_control[];     /* ST, Renesas, Microchip, BMCs */
extern const struct soc_family families_mobile[];      /* NVIDIA, Qualcomm, MediaTek, Samsung */
extern const struct soc_family families_network[];     /* Marvell, Apple, servers, routers, models */
extern const struct soc_family families_riscv[];

extern const struct soc_family family_generic;
extern const struct soc_family family_x86_64;

/* Orders of allocating backends that several tables use. */
extern const char *const order_default[];
/* A list without entries. */
extern const char *const families_none[];

/* By root compatible strings; family_generic if none is known. */
const struct soc_family *families_match(const struct dt_prop *compatible);
/* By the text behind "Hardware" in /proc/cpuinfo of a kernel without a tree; NULL */
const struct soc_family *families_match_hardware(const char *text);

#endif
