/* SPDX-License-Identifier: MIT */
/* SoC families: Broadcom (Raspberry Pi), Allwinner, Rockchip, Amlogic. See families.h and lines.h. */
#include "families/families.h"
#include "families/lines.h"

const char families_boards[] =
	MAKER("Broadcom")
	ORDER(ORDER_PC)
	/*
	 * The pins of the header are in RP1. The SoC's own are few and inside, where writing to them
	 * harms: with a kernel that has no RP1 there is no GPIO.
	 */
	GPIO_ONLY("raspberrypi,rp1-gpio")
	DMA("brcm,bcm2712-dma")
	/* An early tree of the Pi 5 says bcm2712 and bcm2711, so the newer ones stand first. */
	SOC("brcm,bcm2712")

	MAKER("Broadcom")
	ORDER(ORDER_PI)
	GPIO("brcm,bcm2711-gpio brcm,bcm2835-gpio")
	DMA("brcm,bcm2835-dma")
	VIDEOCORE("direct")
	FAMILY("bcm2711", "brcm,bcm2711 brcm,bcm2838")
	FAMILY("bcm2837", "brcm,bcm2837 brcm,bcm2710")
	FAMILY("bcm2836", "brcm,bcm2836 brcm,bcm2709")
	VIDEOCORE("L1 nonalloc")
	FAMILY("bcm2835", "brcm,bcm2835 brcm,bcm2708")

	MAKER("Allwinner")
	/* The main block; the second one (r-pinctrl) has the few pins of the always-on domain. */
	GPIO("allwinner,sun4i-a10-pinctrl allwinner,sun5i-a13-pinctrl "
		"allwinner,sun5i-a10s-pinctrl allwinner,sun6i-a31-pinctrl "
		"allwinner,sun6i-a31s-pinctrl allwinner,sun7i-a20-pinctrl "
		"allwinner,sun8i-a23-pinctrl allwinner,sun8i-a33-pinctrl "
		"allwinner,sun8i-a83t-pinctrl allwinner,sun8i-h3-pinctrl "
		"allwinner,sun8i-r40-pinctrl allwinner,sun8i-v3-pinctrl "
		"allwinner,sun8i-v3s-pinctrl allwinner,sun9i-a80-pinctrl "
		"allwinner,sun20i-d1-pinctrl allwinner,sun50i-a64-pinctrl "
		"allwinner,sun50i-a100-pinctrl allwinner,sun50i-h5-pinctrl "
		"allwinner,sun50i-h6-pinctrl allwinner,sun50i-h616-pinctrl "
		"allwinner,sun55i-a523-pinctrl allwinner,suniv-f1c100s-pinctrl "
		"nextthing,gr8-pinctrl allwinner,sun50iw9p1-pinctrl allwinner,sun8iw20p1-pinctrl")
	DMA("allwinner,sun4i-a10-dma allwinner,suniv-f1c100s-dma allwinner,sun6i-a31-dma "
		"allwinner,sun8i-a23-dma allwinner,sun8i-a83t-dma allwinner,sun8i-h3-dma "
		"allwinner,sun8i-r40-dma allwinner,sun8i-v3s-dma allwinner,sun20i-d1-dma "
		"allwinner,sun50i-a64-dma allwinner,sun50i-a100-dma allwinner,sun50i-h6-dma "
		"allwinner,sun50i-h616-dma")
	/* Names with a "w" are those of Allwinner's own kernels. */
	FAMILY("sun4i-a10", "allwinner,sun4i-a10 allwinner,sun4i")
	SOC("allwinner,sun5i-a10s")
	SOC("allwinner,sun5i-r8")
	FAMILY("sun5i-gr8", "nextthing,gr8")
	SOC("allwinner,sun5i-a13")
	FAMILY("sun6i-a31", "allwinner,sun6i-a31 allwinner,sun6i-a31s")
	FAMILY("sun7i-a20", "allwinner,sun7i-a20 allwinner,sun7i")
	FAMILY("sun8i-a23", "allwinner,sun8i-a23 arm,sun8iw3p1")
	FAMILY("sun8i-a33", "allwinner,sun8i-a33 allwinner,sun8i-r16 arm,sun8iw5p1")
	FAMILY("sun8i-a83t", "allwinner,sun8i-a83t arm,sun8iw6p1")
	SOC("allwinner,sun8i-h2-plus")
	FAMILY("sun8i-h3", "allwinner,sun8i-h3 arm,sun8iw7p1 allwinner,sun8iw7p1")
	FAMILY("sun8i-r40",
		"allwinner,sun8i-r40 allwinner,sun8i-v40 allwinner,sun8i-t3 arm,sun8iw11p1")
	FAMILY("sun8i-v3s", "allwinner,sun8i-v3s arm,sun8iw8p1")
	FAMILY("sun8i-v3", "allwinner,sun8i-v3 allwinner,sun8i-s3 sochip,s3")
	FAMILY("sun8i-t113s", "allwinner,sun8i-t113s arm,sun8iw20p1")
	SOC("allwinner,sun9i-a80")
	SOC("allwinner,sun50i-h64")
	FAMILY("sun50i-a64",
		"allwinner,sun50i-a64 allwinner,sun50i-r18 arm,sun50iw1p1 allwinner,sun50iw1p1")
	FAMILY("sun50i-h5", "allwinner,sun50i-h5 arm,sun50iw2p1 allwinner,sun50iw2p1")
	FAMILY("sun50i-h6", "allwinner,sun50i-h6 arm,sun50iw6p1")
	SOC("allwinner,sun50i-h618")
	SOC("allwinner,sun50i-h700")
	FAMILY("sun50i-h616", "allwinner,sun50i-h616 allwinner,h616 arm,sun50iw9p1")
	FAMILY("sun50i-a100", "allwinner,sun50i-a100 allwinner,sun50i-a133 arm,sun50iw10p1")
	FAMILY("sun55i-a523",
		"allwinner,sun55i-a523 allwinner,sun55i-a527 allwinner,sun55i-t527 arm,sun55iw3p1")
	FAMILY("suniv-f1c100s", "allwinner,suniv-f1c100s allwinner,suniv-f1c200s")
	FAMILY("sun20i-d1", "allwinner,sun20i-d1 allwinner,sun20i-d1s arm,sun20iw1p1")

	MAKER("Rockchip")
	GPIO("rockchip,rk3188-gpio-bank0 rockchip,gpio-bank")
	DMA("arm,pl330")
	/* Parts that also name the chip they derive from. */
	SOC("rockchip,px3")
	SOC("rockchip,px5")
	SOC("rockchip,rk3399pro")
	SOC("rockchip,rk3588s")
	SOC("rockchip,rk3318")
	SOC("rockchip,rk3326")
	SOC("rockchip,rk3036")
	SOC("rockchip,rk3066a")
	SOC("rockchip,rk3128")
	FAMILY("rk3188", "rockchip,rk3188 rockchip,rk3066b")
	SOC("rockchip,rk3228")
	SOC("rockchip,rk3229")
	SOC("rockchip,rk3288")
	SOC("rockchip,rk3308")
	SOC("rockchip,rk3328")
	SOC("rockchip,rk3368")
	SOC("rockchip,rk3399")
	SOC("rockchip,rk3528")
	SOC("rockchip,rk3562")
	SOC("rockchip,rk3566")
	SOC("rockchip,rk3568")
	SOC("rockchip,rk3576")
	SOC("rockchip,rk3582")
	SOC("rockchip,rk3588")
	SOC("rockchip,rv1103")
	FAMILY("rv1106", "rockchip,rv1106 rockchip,rv1106g")
	SOC("rockchip,rv1108")
	SOC("rockchip,rv1109")
	SOC("rockchip,rv1126")
	SOC("rockchip,px30")
	SOC("rockchip,rk1808")

	MAKER("Amlogic")
	/* Banks are children without a compatible of their own. */
	GPIO("amlogic,meson8-cbus-pinctrl amlogic,meson8b-cbus-pinctrl "
		"amlogic,meson8m2-cbus-pinctrl amlogic,meson-gxbb-periphs-pinctrl "
		"amlogic,meson-gxl-periphs-pinctrl amlogic,meson-axg-periphs-pinctrl "
		"amlogic,meson-g12a-periphs-pinctrl amlogic,meson-a1-periphs-pinctrl "
		"amlogic,meson-s4-periphs-pinctrl amlogic,c3-periphs-pinctrl "
		"amlogic,t7-periphs-pinctrl amlogic,pinctrl-a4")
	SOC("amlogic,meson6")
	SOC("amlogic,meson8b")
	SOC("amlogic,meson8m2")
	SOC("amlogic,meson8")
	SOC("amlogic,meson-gxlx")
	FAMILY("meson-gxbb", "amlogic,meson-gxbb amlogic,gxbb")
	FAMILY("meson-gxm", "amlogic,meson-gxm amlogic,gxm amlogic,s912")
	FAMILY("meson-gxl",
		"amlogic,meson-gxl amlogic,gxl amlogic,s905x amlogic,s905d amlogic,s905w amlogic,s805x")
	FAMILY("meson-axg", "amlogic,meson-axg amlogic,axg")
	FAMILY("meson-g12b", "amlogic,g12b amlogic,a311d amlogic,s922x")
	FAMILY("meson-sm1", "amlogic,sm1")
	FAMILY("meson-g12a", "amlogic,g12a")
	FAMILY("meson-s4", "amlogic,s4")
	FAMILY("amlogic-c3", "amlogic,c3")
	FAMILY("amlogic-t7", "amlogic,t7 amlogic,a311d2")
	FAMILY("amlogic-a1", "amlogic,a1 amlogic,meson-a1")
	FAMILY("amlogic-a4", "amlogic,a4")
	FAMILY("amlogic-a5", "amlogic,a5");
