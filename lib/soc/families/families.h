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

#include <stdbool.h>

#include "dt/dt.h"

/* VideoCore memory as a family sees it; flags are those of the firmware's allocate tag. */
enum soc_videocore {
	SOC_VIDEOCORE_NONE,       /* no memory calls: not a Pi, or BCM2712 and later */
	SOC_VIDEOCORE_L1_NONALLOC, /* BCM2835: the CPU goes through the VideoCore's L2 */
	SOC_VIDEOCORE_DIRECT,     /* BCM2836, BCM2837, BCM2711 */
};

/* One SoC family. Lists are words between blanks (base/word_list.h); the texts are never freed. */
struct soc_family {
	const char *name;        /* "bcm2837" */
	const char *vendor;      /* "Broadcom"; "" if it is no family of the tables */
	const char *compatibles; /* root strings; the whole list is searched. Before those ... */
	const char *prefix;      /* ... without a comma stands this and a comma, unless it is "" */
	const char *order;       /* allocating backends, best first */
	const char *gpio;        /* compatibles of the GPIO registers */
	const char *dma;         /* compatibles of the general DMA engine */
	enum soc_videocore videocore;
	bool gpio_only;          /* if the tree has none of gpio, no other will do */
};

/* A text for each file of data: see lines.h. */
extern const char families_boards[];      /* Broadcom, Allwinner, Rockchip, Amlogic */
extern const char families_industrial[];  /* NXP, TI, FPGA makers */
extern const char families_control[];     /* ST, Renesas, Microchip, BMCs */
extern const char families_mobile[];      /* NVIDIA, Qualcomm, MediaTek, Samsung */
extern const char families_network[];     /* Marvell, Apple, servers, routers, models */
extern const char families_riscv[];

/*
 * The next family of a table, which moves behind it. *family keeps what is said of its maker, so
 * it is to be the same from call to call. false: no more.
 */
bool families_next(const char **table, struct soc_family *family);

/* The families that are in no table: of an unknown machine, of a PC. */
void families_generic(struct soc_family *family);
void families_x86_64(struct soc_family *family);

/* By root compatible strings; the generic family if none is known. */
void families_match(const struct dt_prop *compatible, struct soc_family *family);
/* By the text behind "Hardware" in /proc/cpuinfo of a kernel without a tree; false: not known */
bool families_match_hardware(const char *text, struct soc_family *family);

#endif
