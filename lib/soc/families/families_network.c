/* SPDX-License-Identifier: MIT */
/* SoC families: Marvell, Apple, and makers of servers, routers and models. See families.h. */
#include "families/families.h"

static const char *const pl330[] = {
	"arm,pl330", NULL,
};

/* On Armada 7K and 8K the controller has no registers of its own: the node above has. */
static const char *const armada_gpio[] = {
	"marvell,armada-370-gpio", "marvell,armadaxp-gpio", "marvell,orion-gpio",
	"marvell,armada3710-nb-pinctrl", "marvell,mmp2-gpio", "marvell,mmp-gpio", NULL,
};

static const char *const armada_dma[] = {
	"marvell,armada-380-xor", "marvell,orion-xor", "marvell,armada-xor",
	"marvell,armada-3700-xor", "marvell,xor-v2", NULL,
};

static const char *const apple_gpio[] = {
	"apple,pinctrl", NULL,
};

static const char *const pl061[] = {
	"arm,pl061", NULL,
};

static const char *const dw_gpio[] = {
	"snps,dw-apb-gpio", NULL,
};

static const char *const brcm_gpio[] = {
	"brcm,iproc-gpio", "brcm,iproc-nsp-gpio", "brcm,nsp-gpio-a", "brcm,brcmstb-gpio", NULL,
};

#define ARMADA(name, ...) \
	{ name, "Marvell", LIST(__VA_ARGS__), order_default, armada_gpio, armada_dma, \
	SOC_VIDEOCORE_NONE }
#define SYNAPTICS(name, ...) \
	{ name, "Synaptics", LIST(__VA_ARGS__), order_default, dw_gpio, families_none, \
	SOC_VIDEOCORE_NONE }
#define APPLE(name, ...) \
	{ name, "Apple", LIST(__VA_ARGS__), order_default, apple_gpio, families_none, \
	SOC_VIDEOCORE_NONE }
#define BRCM(name, ...) \
	{ name, "Broadcom", LIST(__VA_ARGS__), order_default, brcm_gpio, families_none, \
	SOC_VIDEOCORE_NONE }
#define HISILICON(name, ...) \
	{ name, "HiSilicon", LIST(__VA_ARGS__), order_default, pl061, families_none, \
	SOC_VIDEOCORE_NONE }
#define SOCIONEXT(name, ...) \
	{ name, "Socionext", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }
#define ACTIONS(name, ...) \
	{ name, "Actions", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }
#define REALTEK(name, ...) \
	{ name, "Realtek", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }
#define SPREADTRUM(name, ...) \
	{ name, "Spreadtrum", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }
#define TOSHIBA(name, ...) \
	{ name, "Toshiba", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }
#define AMAZON(name, ...) \
	{ name, "Amazon", LIST(__VA_ARGS__), order_default, pl061, families_none, \
	SOC_VIDEOCORE_NONE }
#define CALXEDA(name, ...) \
	{ name, "Calxeda", LIST(__VA_ARGS__), order_default, pl061, pl330, SOC_VIDEOCORE_NONE }
#define AMPERE(name, ...) \
	{ name, "Ampere", LIST(__VA_ARGS__), order_default, dw_gpio, families_none, \
	SOC_VIDEOCORE_NONE }
#define AMD(name, ...) \
	{ name, "AMD", LIST(__VA_ARGS__), order_default, pl061, families_none, \
	SOC_VIDEOCORE_NONE }
#define CAVIUM(name, ...) \
	{ name, "Cavium", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }
#define ARM(name, ...) \
	{ name, "ARM", LIST(__VA_ARGS__), order_default, pl061, families_none, \
	SOC_VIDEOCORE_NONE }
#define QEMU(name, ...) \
	{ name, "QEMU", LIST(__VA_ARGS__), order_default, pl061, families_none, \
	SOC_VIDEOCORE_NONE }
#define VIA(name, ...) \
	{ name, "VIA", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }

const struct soc_family families_network[] = {
	/* An Armada XP says armada-370-xp, an Armada 388 says armada380. */
	ARMADA("armada-xp", "marvell,armadaxp", "marvell,armadaxp-mv78460",
		"marvell,armadaxp-mv78230", "marvell,armadaxp-mv78260"),
	ARMADA("armada-370", "marvell,armada370"),
	ARMADA("armada-375", "marvell,armada375"),
	ARMADA("armada-39x", "marvell,armada390", "marvell,armada398"),
	ARMADA("armada-38x", "marvell,armada380", "marvell,armada385", "marvell,armada388"),
	ARMADA("98dx3236", "marvell,armadaxp-98dx3236", "marvell,armadaxp-98dx3336",
		"marvell,armadaxp-98dx4251"),
	ARMADA("armada-370-xp", "marvell,armada-370-xp"),
	ARMADA("armada-37xx", "marvell,armada3700", "marvell,armada3710", "marvell,armada3720"),
	ARMADA("cn913x", "marvell,cn9130", "marvell,cn9131", "marvell,cn9132"),
	ARMADA("armada-8k", "marvell,armada8040", "marvell,armada8020", "marvell,armada-8080"),
	ARMADA("armada-7k", "marvell,armada7040", "marvell,armada7020"),
	ARMADA("armada-ap80x", "marvell,armada-ap806", "marvell,armada-ap807",
		"marvell,armada-ap806-quad"),
	ARMADA("ac5", "marvell,ac5", "marvell,ac5x", "marvell,98dx2530"),
	ARMADA("kirkwood", "marvell,kirkwood", "marvell,kirkwood-88f6281",
		"marvell,kirkwood-88f6282", "marvell,kirkwood-88f6192"),
	ARMADA("dove", "marvell,dove"),
	ARMADA("orion5x", "marvell,orion5x", "marvell,orion5x-88f5182"),
	ARMADA("mmp3", "marvell,mmp3"),
	ARMADA("mmp2", "marvell,mmp2", "mrvl,mmp2"),
	ARMADA("pxa168", "mrvl,pxa168", "marvell,pxa168"),
	ARMADA("pxa910", "mrvl,pxa910"),
	ARMADA("pxa1908", "marvell,pxa1908"),
	ARMADA("berlin", "marvell,berlin", "marvell,berlin2", "marvell,berlin2cd",
		"marvell,berlin2q"),
	SYNAPTICS("berlin4ct", "marvell,berlin4ct"),
	SYNAPTICS("as370", "syna,as370"),
	APPLE("apple-m1", "apple,t8103", "apple,t6000", "apple,t6001", "apple,t6002"),
	APPLE("apple-m2", "apple,t8112", "apple,t6020", "apple,t6021", "apple,t6022"),
	APPLE("apple-a", "apple,s5l8960x", "apple,t7000", "apple,t7001", "apple,s8000",
		"apple,s8003", "apple,s8001", "apple,t8010", "apple,t8011", "apple,t8015"),
	APPLE("apple", "apple,arm-platform"),
	/* Broadcom's parts that are no VideoCore: routers and set-top boxes. */
	BRCM("bcm5301x", "brcm,bcm4708", "brcm,bcm4709", "brcm,bcm47094", "brcm,bcm53012",
		"brcm,bcm53016", "brcm,bcm53573"),
	BRCM("bcm-nsp", "brcm,nsp", "brcm,bcm58522", "brcm,bcm58525", "brcm,bcm58622",
		"brcm,bcm58623", "brcm,bcm58625", "brcm,bcm88312"),
	BRCM("bcm-cygnus", "brcm,cygnus"),
	BRCM("bcm4908", "brcm,bcm4908", "brcm,bcm4906"),
	BRCM("bcmbca", "brcm,bcmbca", "brcm,bcm63138"),
	BRCM("ns2", "brcm,ns2"),
	BRCM("stingray", "brcm,stingray"),
	BRCM("brcmstb", "brcm,brcmstb"),
	HISILICON("hi3620", "hisilicon,hi3620", "hisilicon,hi3620-hi4511"),
	HISILICON("hi3660", "hisilicon,hi3660"),
	HISILICON("hi3670", "hisilicon,hi3670"),
	HISILICON("hi3798cv200", "hisilicon,hi3798cv200"),
	HISILICON("hi6220", "hisilicon,hi6220"),
	HISILICON("hip0x", "hisilicon,hip04-d01", "hisilicon,hip05-d02", "hisilicon,hip06-d03",
		"hisilicon,hip07-d05"),
	HISILICON("hix5hd2", "hisilicon,hix5hd2"),
	SOCIONEXT("uniphier", "socionext,uniphier-ld11", "socionext,uniphier-ld20",
		"socionext,uniphier-pxs3", "socionext,uniphier-ld4", "socionext,uniphier-ld6b",
		"socionext,uniphier-pro4", "socionext,uniphier-pro5", "socionext,uniphier-pxs2",
		"socionext,uniphier-sld8"),
	SOCIONEXT("synquacer", "socionext,developer-box", "socionext,synquacer"),
	ACTIONS("s500", "actions,s500"),
	ACTIONS("s700", "actions,s700"),
	ACTIONS("s900", "actions,s900"),
	REALTEK("rtd1195", "realtek,rtd1195"),
	REALTEK("rtd129x", "realtek,rtd1293", "realtek,rtd1295", "realtek,rtd1296"),
	REALTEK("rtd1395", "realtek,rtd1395"),
	REALTEK("rtd1619", "realtek,rtd1619"),
	SPREADTRUM("sc9863a", "sprd,sc9863a"),
	SPREADTRUM("sc9860", "sprd,sp9860g-1h10", "sprd,sc9860"),
	SPREADTRUM("ums512", "sprd,ums512"),
	SPREADTRUM("ums9620", "sprd,ums9620"),
	TOSHIBA("tmpv7708", "toshiba,tmpv7708"),
	AMAZON("alpine", "al,alpine", "annapurna-labs,alpine", "amazon,al-alpine-v2",
		"al,alpine-v2", "amazon,al-alpine-v3"),
	CALXEDA("highbank", "calxeda,highbank"),
	CALXEDA("ecx-2000", "calxeda,ecx-2000"),
	AMPERE("xgene", "apm,xgene-storm", "apm,xgene-shadowcat"),
	AMD("seattle", "amd,seattle"),
	CAVIUM("thunder", "cavium,thunder-88xx", "cavium,thunderx2-cn9900"),
	ARM("corstone1000", "arm,corstone1000-fvp", "arm,corstone1000-mps3"),
	ARM("juno", "arm,juno", "arm,juno-r1", "arm,juno-r2"),
	ARM("foundation", "arm,foundation-aarch64", "arm,fvp-base", "arm,fvp-base-revc"),
	ARM("realview", "arm,realview-eb", "arm,realview-pb1176", "arm,realview-pb11mp",
		"arm,realview-pba8", "arm,realview-pbx"),
	ARM("versatile", "arm,versatile-ab", "arm,versatile-pb"),
	/* Last of ARM's: most of the others say vexpress too. */
	ARM("vexpress", "arm,vexpress"),
	/* QEMU's virt machine, of any architecture. */
	QEMU("virt", "linux,dummy-virt"),
	VIA("vt8500", "via,vt8500"),
	VIA("wm8505", "wm,wm8505"),
	VIA("wm8650", "wm,wm8650"),
	VIA("wm8750", "wm,wm8750"),
	VIA("wm8850", "wm,wm8850"),
	{ .name = NULL },
};
