/* SPDX-License-Identifier: MIT */
/* SoC families: Marvell, Apple, and makers of servers, routers and models. See lines.h. */
#include "families/families.h"
#include "families/lines.h"

const char families_network[] =
	MAKER("Marvell", "marvell")
	/* On Armada 7K and 8K the controller has no registers of its own: the node above has. */
	GPIO("marvell,armada-370-gpio marvell,armadaxp-gpio marvell,orion-gpio "
		"marvell,armada3710-nb-pinctrl marvell,mmp2-gpio marvell,mmp-gpio")
	DMA("marvell,armada-380-xor marvell,orion-xor marvell,armada-xor marvell,armada-3700-xor "
		"marvell,xor-v2")
	/* An Armada XP says armada-370-xp, an Armada 388 says armada380. */
	FAMILY("armada-xp", "armadaxp armadaxp-mv78460 armadaxp-mv78230 armadaxp-mv78260")
	FAMILY("armada-370", "armada370")
	FAMILY("armada-375", "armada375")
	FAMILY("armada-39x", "armada390 armada398")
	FAMILY("armada-38x", "armada380 armada385 armada388")
	FAMILY("98dx3236", "armadaxp-98dx3236 armadaxp-98dx3336 armadaxp-98dx4251")
	SOC("armada-370-xp")
	FAMILY("armada-37xx", "armada3700 armada3710 armada3720")
	FAMILY("cn913x", "cn9130 cn9131 cn9132")
	FAMILY("armada-8k", "armada8040 armada8020 armada-8080")
	FAMILY("armada-7k", "armada7040 armada7020")
	FAMILY("armada-ap80x", "armada-ap806 armada-ap807 armada-ap806-quad")
	FAMILY("ac5", "ac5 ac5x 98dx2530")
	FAMILY("kirkwood", "kirkwood kirkwood-88f6281 kirkwood-88f6282 kirkwood-88f6192")
	SOC("dove")
	FAMILY("orion5x", "orion5x orion5x-88f5182")
	SOC("mmp3")
	FAMILY("mmp2", "mmp2 mrvl,mmp2")
	FAMILY("pxa168", "mrvl,pxa168 pxa168")
	SOC("mrvl,pxa910")
	SOC("pxa1908")
	FAMILY("berlin", "berlin berlin2 berlin2cd berlin2q")

	MAKER("Synaptics", "marvell")
	GPIO("snps,dw-apb-gpio")
	SOC("berlin4ct")
	SOC("syna,as370")

	MAKER("Apple", "apple")
	GPIO("apple,pinctrl")
	FAMILY("apple-m1", "t8103 t6000 t6001 t6002")
	FAMILY("apple-m2", "t8112 t6020 t6021 t6022")
	FAMILY("apple-a", "s5l8960x t7000 t7001 s8000 s8003 s8001 t8010 t8011 t8015")
	FAMILY("apple", "arm-platform")

	MAKER("Broadcom", "brcm")
	GPIO("brcm,iproc-gpio brcm,iproc-nsp-gpio brcm,nsp-gpio-a brcm,brcmstb-gpio")
	/* Broadcom's parts that are no VideoCore: routers and set-top boxes. */
	FAMILY("bcm5301x", "bcm4708 bcm4709 bcm47094 bcm53012 bcm53016 bcm53573")
	FAMILY("bcm-nsp", "nsp bcm58522 bcm58525 bcm58622 bcm58623 bcm58625 bcm88312")
	FAMILY("bcm-cygnus", "cygnus")
	FAMILY("bcm4908", "bcm4908 bcm4906")
	FAMILY("bcmbca", "bcmbca bcm63138")
	SOC("ns2")
	SOC("stingray")
	SOC("brcmstb")

	MAKER("HiSilicon", "hisilicon")
	GPIO("arm,pl061")
	FAMILY("hi3620", "hi3620 hi3620-hi4511")
	SOC("hi3660")
	SOC("hi3670")
	SOC("hi3798cv200")
	SOC("hi6220")
	FAMILY("hip0x", "hip04-d01 hip05-d02 hip06-d03 hip07-d05")
	SOC("hix5hd2")

	MAKER("Socionext", "socionext")
	FAMILY("uniphier",
		"uniphier-ld11 uniphier-ld20 uniphier-pxs3 uniphier-ld4 uniphier-ld6b "
		"uniphier-pro4 uniphier-pro5 uniphier-pxs2 uniphier-sld8")
	FAMILY("synquacer", "developer-box synquacer")

	MAKER("Actions", "actions")
	SOC("s500")
	SOC("s700")
	SOC("s900")

	MAKER("Realtek", "realtek")
	SOC("rtd1195")
	FAMILY("rtd129x", "rtd1293 rtd1295 rtd1296")
	SOC("rtd1395")
	SOC("rtd1619")

	MAKER("Spreadtrum", "sprd")
	SOC("sc9863a")
	FAMILY("sc9860", "sp9860g-1h10 sc9860")
	SOC("ums512")
	SOC("ums9620")

	MAKER("Toshiba", "toshiba")
	SOC("tmpv7708")

	MAKER("Amazon", "al")
	GPIO("arm,pl061")
	FAMILY("alpine",
		"alpine annapurna-labs,alpine amazon,al-alpine-v2 alpine-v2 amazon,al-alpine-v3")

	MAKER("Calxeda", "calxeda")
	GPIO("arm,pl061")
	DMA("arm,pl330")
	SOC("highbank")
	SOC("ecx-2000")

	MAKER("Ampere", "apm")
	GPIO("snps,dw-apb-gpio")
	FAMILY("xgene", "xgene-storm xgene-shadowcat")

	MAKER("AMD", "amd")
	GPIO("arm,pl061")
	SOC("seattle")

	MAKER("Cavium", "cavium")
	FAMILY("thunder", "thunder-88xx thunderx2-cn9900")

	MAKER("ARM", "arm")
	GPIO("arm,pl061")
	FAMILY("corstone1000", "corstone1000-fvp corstone1000-mps3")
	FAMILY("juno", "juno juno-r1 juno-r2")
	FAMILY("foundation", "foundation-aarch64 fvp-base fvp-base-revc")
	FAMILY("realview", "realview-eb realview-pb1176 realview-pb11mp realview-pba8 realview-pbx")
	FAMILY("versatile", "versatile-ab versatile-pb")
	/* Last of ARM's: most of the others say vexpress too. */
	SOC("vexpress")

	MAKER("QEMU", "linux")
	GPIO("arm,pl061")
	/* QEMU's virt machine, of any architecture. */
	FAMILY("virt", "dummy-virt")

	MAKER("VIA", "wm")
	SOC("via,vt8500")
	SOC("wm8505")
	SOC("wm8650")
	SOC("wm8750")
	SOC("wm8850");
