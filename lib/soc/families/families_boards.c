/* SPDX-License-Identifier: MIT */
/* SoC families: Broadcom (Raspberry Pi), Allwinner, Rockchip, Amlogic. See lines.h. */
#include "families/families.h"
#include "families/lines.h"

const char families_boards[] =
	MAKER("Broadcom", "brcm")
	ORDER(ORDER_PC)
	/*
	 * The pins of the header are in RP1. The SoC's own are few and inside, where writing to them
	 * harms: with a kernel that has no RP1 there is no GPIO.
	 */
	GPIO_ONLY("raspberrypi,rp1-gpio")
	DMA("brcm,bcm2712-dma")
	/* An early tree of the Pi 5 says bcm2712 and bcm2711, so the newer ones stand first. */
	SOC("bcm2712")

	MAKER("Broadcom", "brcm")
	ORDER(ORDER_PI)
	GPIO("brcm,bcm2711-gpio brcm,bcm2835-gpio")
	DMA("brcm,bcm2835-dma")
	VIDEOCORE("direct")
	FAMILY("bcm2711", "bcm2711 bcm2838")
	FAMILY("bcm2837", "bcm2837 bcm2710")
	FAMILY("bcm2836", "bcm2836 bcm2709")
	VIDEOCORE("L1 nonalloc")
	FAMILY("bcm2835", "bcm2835 bcm2708")

	MAKER("Allwinner", "allwinner")
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
	FAMILY("sun4i-a10", "sun4i-a10 sun4i")
	SOC("sun5i-a10s")
	SOC("sun5i-r8")
	FAMILY("sun5i-gr8", "nextthing,gr8")
	SOC("sun5i-a13")
	FAMILY("sun6i-a31", "sun6i-a31 sun6i-a31s")
	FAMILY("sun7i-a20", "sun7i-a20 sun7i")
	FAMILY("sun8i-a23", "sun8i-a23 arm,sun8iw3p1")
	FAMILY("sun8i-a33", "sun8i-a33 sun8i-r16 arm,sun8iw5p1")
	FAMILY("sun8i-a83t", "sun8i-a83t arm,sun8iw6p1")
	SOC("sun8i-h2-plus")
	FAMILY("sun8i-h3", "sun8i-h3 arm,sun8iw7p1 sun8iw7p1")
	FAMILY("sun8i-r40", "sun8i-r40 sun8i-v40 sun8i-t3 arm,sun8iw11p1")
	FAMILY("sun8i-v3s", "sun8i-v3s arm,sun8iw8p1")
	FAMILY("sun8i-v3", "sun8i-v3 sun8i-s3 sochip,s3")
	FAMILY("sun8i-t113s", "sun8i-t113s arm,sun8iw20p1")
	SOC("sun9i-a80")
	SOC("sun50i-h64")
	FAMILY("sun50i-a64", "sun50i-a64 sun50i-r18 arm,sun50iw1p1 sun50iw1p1")
	FAMILY("sun50i-h5", "sun50i-h5 arm,sun50iw2p1 sun50iw2p1")
	FAMILY("sun50i-h6", "sun50i-h6 arm,sun50iw6p1")
	SOC("sun50i-h618")
	SOC("sun50i-h700")
	FAMILY("sun50i-h616", "sun50i-h616 h616 arm,sun50iw9p1")
	FAMILY("sun50i-a100", "sun50i-a100 sun50i-a133 arm,sun50iw10p1")
	FAMILY("sun55i-a523", "sun55i-a523 sun55i-a527 sun55i-t527 arm,sun55iw3p1")
	FAMILY("suniv-f1c100s", "suniv-f1c100s suniv-f1c200s")
	FAMILY("sun20i-d1", "sun20i-d1 sun20i-d1s arm,sun20iw1p1")

	MAKER("Rockchip", "rockchip")
	GPIO("rockchip,rk3188-gpio-bank0 rockchip,gpio-bank")
	DMA("arm,pl330")
	/* Parts that also name the chip they derive from. */
	SOC("px3")
	SOC("px5")
	SOC("rk3399pro")
	SOC("rk3588s")
	SOC("rk3318")
	SOC("rk3326")
	SOC("rk3036")
	SOC("rk3066a")
	SOC("rk3128")
	FAMILY("rk3188", "rk3188 rk3066b")
	SOC("rk3228")
	SOC("rk3229")
	SOC("rk3288")
	SOC("rk3308")
	SOC("rk3328")
	SOC("rk3368")
	SOC("rk3399")
	SOC("rk3528")
	SOC("rk3562")
	SOC("rk3566")
	SOC("rk3568")
	SOC("rk3576")
	SOC("rk3582")
	SOC("rk3588")
	SOC("rv1103")
	FAMILY("rv1106", "rv1106 rv1106g")
	SOC("rv1108")
	SOC("rv1109")
	SOC("rv1126")
	SOC("px30")
	SOC("rk1808")

	MAKER("Amlogic", "amlogic")
	/* Banks are children without a compatible of their own. */
	GPIO("amlogic,meson8-cbus-pinctrl amlogic,meson8b-cbus-pinctrl "
		"amlogic,meson8m2-cbus-pinctrl amlogic,meson-gxbb-periphs-pinctrl "
		"amlogic,meson-gxl-periphs-pinctrl amlogic,meson-axg-periphs-pinctrl "
		"amlogic,meson-g12a-periphs-pinctrl amlogic,meson-a1-periphs-pinctrl "
		"amlogic,meson-s4-periphs-pinctrl amlogic,c3-periphs-pinctrl "
		"amlogic,t7-periphs-pinctrl amlogic,pinctrl-a4")
	SOC("meson6")
	SOC("meson8b")
	SOC("meson8m2")
	SOC("meson8")
	SOC("meson-gxlx")
	FAMILY("meson-gxbb", "meson-gxbb gxbb")
	FAMILY("meson-gxm", "meson-gxm gxm s912")
	FAMILY("meson-gxl", "meson-gxl gxl s905x s905d s905w s805x")
	FAMILY("meson-axg", "meson-axg axg")
	FAMILY("meson-g12b", "g12b a311d s922x")
	FAMILY("meson-sm1", "sm1")
	FAMILY("meson-g12a", "g12a")
	FAMILY("meson-s4", "s4")
	FAMILY("amlogic-c3", "c3")
	FAMILY("amlogic-t7", "t7 a311d2")
	FAMILY("amlogic-a1", "a1 meson-a1")
	FAMILY("amlogic-a4", "a4")
	FAMILY("amlogic-a5", "a5");
