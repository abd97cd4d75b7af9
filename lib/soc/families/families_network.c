/* SPDX-License-Identifier: MIT */
/* SoC families: Marvell, Apple, and makers of servers, routers and models. See families.h and lines.h. */
#include "families/families.h"
#include "families/lines.h"

const char families_network[] =
	MAKER("Marvell")
	/* On Armada 7K and 8K the controller has no registers of its own: the node above has. */
	GPIO("marvell,armada-370-gpio marvell,armadaxp-gpio marvell,orion-gpio "
		"marvell,armada3710-nb-pinctrl marvell,mmp2-gpio marvell,mmp-gpio")
	DMA("marvell,armada-380-xor marvell,orion-xor marvell,armada-xor marvell,armada-3700-xor "
		"marvell,xor-v2")
	/* An Armada XP says armada-370-xp, an Armada 388 says armada380. */
	FAMILY("armada-xp", "marvell,armadaxp marvell,armadaxp-mv78460 marvell,armadaxp-mv78230 "
		"marvell,armadaxp-mv78260")
	FAMILY("armada-370", "marvell,armada370")
	FAMILY("armada-375", "marvell,armada375")
	FAMILY("armada-39x", "marvell,armada390 marvell,armada398")
	FAMILY("armada-38x", "marvell,armada380 marvell,armada385 marvell,armada388")
	FAMILY("98dx3236",
		"marvell,armadaxp-98dx3236 marvell,armadaxp-98dx3336 marvell,armadaxp-98dx4251")
	SOC("marvell,armada-370-xp")
	FAMILY("armada-37xx", "marvell,armada3700 marvell,armada3710 marvell,armada3720")
	FAMILY("cn913x", "marvell,cn9130 marvell,cn9131 marvell,cn9132")
	FAMILY("armada-8k", "marvell,armada8040 marvell,armada8020 marvell,armada-8080")
	FAMILY("armada-7k", "marvell,armada7040 marvell,armada7020")
	FAMILY("armada-ap80x",
		"marvell,armada-ap806 marvell,armada-ap807 marvell,armada-ap806-quad")
	FAMILY("ac5", "marvell,ac5 marvell,ac5x marvell,98dx2530")
	FAMILY("kirkwood", "marvell,kirkwood marvell,kirkwood-88f6281 marvell,kirkwood-88f6282 "
		"marvell,kirkwood-88f6192")
	SOC("marvell,dove")
	FAMILY("orion5x", "marvell,orion5x marvell,orion5x-88f5182")
	SOC("marvell,mmp3")
	FAMILY("mmp2", "marvell,mmp2 mrvl,mmp2")
	FAMILY("pxa168", "mrvl,pxa168 marvell,pxa168")
	SOC("mrvl,pxa910")
	SOC("marvell,pxa1908")
	FAMILY("berlin", "marvell,berlin marvell,berlin2 marvell,berlin2cd marvell,berlin2q")

	MAKER("Synaptics")
	GPIO("snps,dw-apb-gpio")
	SOC("marvell,berlin4ct")
	SOC("syna,as370")

	MAKER("Apple")
	GPIO("apple,pinctrl")
	FAMILY("apple-m1", "apple,t8103 apple,t6000 apple,t6001 apple,t6002")
	FAMILY("apple-m2", "apple,t8112 apple,t6020 apple,t6021 apple,t6022")
	FAMILY("apple-a",
		"apple,s5l8960x apple,t7000 apple,t7001 apple,s8000 apple,s8003 apple,s8001 apple,t8010 "
		"apple,t8011 apple,t8015")
	FAMILY("apple", "apple,arm-platform")

	MAKER("Broadcom")
	GPIO("brcm,iproc-gpio brcm,iproc-nsp-gpio brcm,nsp-gpio-a brcm,brcmstb-gpio")
	/* Broadcom's parts that are no VideoCore: routers and set-top boxes. */
	FAMILY("bcm5301x",
		"brcm,bcm4708 brcm,bcm4709 brcm,bcm47094 brcm,bcm53012 brcm,bcm53016 brcm,bcm53573")
	FAMILY("bcm-nsp",
		"brcm,nsp brcm,bcm58522 brcm,bcm58525 brcm,bcm58622 brcm,bcm58623 brcm,bcm58625 "
		"brcm,bcm88312")
	FAMILY("bcm-cygnus", "brcm,cygnus")
	FAMILY("bcm4908", "brcm,bcm4908 brcm,bcm4906")
	FAMILY("bcmbca", "brcm,bcmbca brcm,bcm63138")
	SOC("brcm,ns2")
	SOC("brcm,stingray")
	SOC("brcm,brcmstb")

	MAKER("HiSilicon")
	GPIO("arm,pl061")
	FAMILY("hi3620", "hisilicon,hi3620 hisilicon,hi3620-hi4511")
	SOC("hisilicon,hi3660")
	SOC("hisilicon,hi3670")
	SOC("hisilicon,hi3798cv200")
	SOC("hisilicon,hi6220")
	FAMILY("hip0x",
		"hisilicon,hip04-d01 hisilicon,hip05-d02 hisilicon,hip06-d03 hisilicon,hip07-d05")
	SOC("hisilicon,hix5hd2")

	MAKER("Socionext")
	FAMILY("uniphier",
		"socionext,uniphier-ld11 socionext,uniphier-ld20 socionext,uniphier-pxs3 "
		"socionext,uniphier-ld4 socionext,uniphier-ld6b socionext,uniphier-pro4 "
		"socionext,uniphier-pro5 socionext,uniphier-pxs2 socionext,uniphier-sld8")
	FAMILY("synquacer", "socionext,developer-box socionext,synquacer")

	MAKER("Actions")
	SOC("actions,s500")
	SOC("actions,s700")
	SOC("actions,s900")

	MAKER("Realtek")
	SOC("realtek,rtd1195")
	FAMILY("rtd129x", "realtek,rtd1293 realtek,rtd1295 realtek,rtd1296")
	SOC("realtek,rtd1395")
	SOC("realtek,rtd1619")

	MAKER("Spreadtrum")
	SOC("sprd,sc9863a")
	FAMILY("sc9860", "sprd,sp9860g-1h10 sprd,sc9860")
	SOC("sprd,ums512")
	SOC("sprd,ums9620")

	MAKER("Toshiba")
	SOC("toshiba,tmpv7708")

	MAKER("Amazon")
	GPIO("arm,pl061")
	FAMILY("alpine", "al,alpine annapurna-labs,alpine amazon,al-alpine-v2 al,alpine-v2 "
		"amazon,al-alpine-v3")

	MAKER("Calxeda")
	GPIO("arm,pl061")
	DMA("arm,pl330")
	SOC("calxeda,highbank")
	SOC("calxeda,ecx-2000")

	MAKER("Ampere")
	GPIO("snps,dw-apb-gpio")
	FAMILY("xgene", "apm,xgene-storm apm,xgene-shadowcat")

	MAKER("AMD")
	GPIO("arm,pl061")
	SOC("amd,seattle")

	MAKER("Cavium")
	FAMILY("thunder", "cavium,thunder-88xx cavium,thunderx2-cn9900")

	MAKER("ARM")
	GPIO("arm,pl061")
	FAMILY("corstone1000", "arm,corstone1000-fvp arm,corstone1000-mps3")
	FAMILY("juno", "arm,juno arm,juno-r1 arm,juno-r2")
	FAMILY("foundation", "arm,foundation-aarch64 arm,fvp-base arm,fvp-base-revc")
	FAMILY("realview",
		"arm,realview-eb arm,realview-pb1176 arm,realview-pb11mp arm,realview-pba8 "
		"arm,realview-pbx")
	FAMILY("versatile", "arm,versatile-ab arm,versatile-pb")
	/* Last of ARM's: most of the others say vexpress too. */
	SOC("arm,vexpress")

	MAKER("QEMU")
	GPIO("arm,pl061")
	/* QEMU's virt machine, of any architecture. */
	FAMILY("virt", "linux,dummy-virt")

	MAKER("VIA")
	SOC("via,vt8500")
	SOC("wm,wm8505")
	SOC("wm,wm8650")
	SOC("wm,wm8750")
	SOC("wm,wm8850");
