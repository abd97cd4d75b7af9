/* SPDX-License-Identifier: MIT */
/* SoC families: Broadcom (Raspberry Pi), Allwinner, Rockchip, Amlogic. See families.h. */
#include "families/families.h"

/* Firmware memory is used before plain pages, after what the kernel itself can give. */
static const char *const order_pi[] = {
	"vcsm", "dmaheap", "videocore", "udmabuf", "pages", NULL,
};

static const char *const order_pi5[] = {
	"dmaheap", "udmabuf", "pages", NULL,
};

static const char *const bcm_gpio[] = {
	"brcm,bcm2711-gpio", "brcm,bcm2835-gpio", NULL,
};

static const char *const bcm_dma[] = {
	"brcm,bcm2835-dma", NULL,
};

/* The pins of the header are in RP1; the others are few and inside. */
static const char *const bcm2712_gpio[] = {
	"raspberrypi,rp1-gpio", "brcm,bcm2712-gpio", "brcm,brcmstb-gpio", NULL,
};

static const char *const bcm2712_dma[] = {
	"brcm,bcm2712-dma", NULL,
};

/* The main block; the second one (r-pinctrl) has the few pins of the always-on domain. */
static const char *const sun_gpio[] = {
	"allwinner,sun4i-a10-pinctrl", "allwinner,sun5i-a13-pinctrl",
	"allwinner,sun5i-a10s-pinctrl", "allwinner,sun6i-a31-pinctrl",
	"allwinner,sun6i-a31s-pinctrl", "allwinner,sun7i-a20-pinctrl",
	"allwinner,sun8i-a23-pinctrl", "allwinner,sun8i-a33-pinctrl",
	"allwinner,sun8i-a83t-pinctrl", "allwinner,sun8i-h3-pinctrl",
	"allwinner,sun8i-r40-pinctrl", "allwinner,sun8i-v3-pinctrl",
	"allwinner,sun8i-v3s-pinctrl", "allwinner,sun9i-a80-pinctrl",
	"allwinner,sun20i-d1-pinctrl", "allwinner,sun50i-a64-pinctrl",
	"allwinner,sun50i-a100-pinctrl", "allwinner,sun50i-h5-pinctrl",
	"allwinner,sun50i-h6-pinctrl", "allwinner,sun50i-h616-pinctrl",
	"allwinner,sun55i-a523-pinctrl", "allwinner,suniv-f1c100s-pinctrl",
	"nextthing,gr8-pinctrl", "allwinner,sun50iw9p1-pinctrl", "allwinner,sun8iw20p1-pinctrl",
	NULL,
};

static const char *const sun_dma[] = {
	"allwinner,sun4i-a10-dma", "allwinner,suniv-f1c100s-dma", "allwinner,sun6i-a31-dma",
	"allwinner,sun8i-a23-dma", "allwinner,sun8i-a83t-dma", "allwinner,sun8i-h3-dma",
	"allwinner,sun8i-r40-dma", "allwinner,sun8i-v3s-dma", "allwinner,sun20i-d1-dma",
	"allwinner,sun50i-a64-dma", "allwinner,sun50i-a100-dma", "allwinner,sun50i-h6-dma",
	"allwinner,sun50i-h616-dma", NULL,
};

static const char *const rockchip_gpio[] = {
	"rockchip,rk3188-gpio-bank0", "rockchip,gpio-bank", NULL,
};

static const char *const pl330[] = {
	"arm,pl330", NULL,
};

/* Banks are children without a compatible of their own. */
static const char *const amlogic_gpio[] = {
	"amlogic,meson8-cbus-pinctrl", "amlogic,meson8b-cbus-pinctrl",
	"amlogic,meson8m2-cbus-pinctrl", "amlogic,meson-gxbb-periphs-pinctrl",
	"amlogic,meson-gxl-periphs-pinctrl", "amlogic,meson-axg-periphs-pinctrl",
	"amlogic,meson-g12a-periphs-pinctrl", "amlogic,meson-a1-periphs-pinctrl",
	"amlogic,meson-s4-periphs-pinctrl", "amlogic,c3-periphs-pinctrl",
	"amlogic,t7-periphs-pinctrl", "amlogic,pinctrl-a4", NULL,
};

#define PI5(name, ...) \
	{ name, "Broadcom", LIST(__VA_ARGS__), order_pi5, bcm2712_gpio, bcm2712_dma, \
	SOC_VIDEOCORE_NONE }
#define PI(name, ...) \
	{ name, "Broadcom", LIST(__VA_ARGS__), order_pi, bcm_gpio, bcm_dma, SOC_VIDEOCORE_DIRECT }
#define PI1(name, ...) \
	{ name, "Broadcom", LIST(__VA_ARGS__), order_pi, bcm_gpio, bcm_dma, \
	SOC_VIDEOCORE_L1_NONALLOC }
#define SUN(name, ...) \
	{ name, "Allwinner", LIST(__VA_ARGS__), order_default, sun_gpio, sun_dma, \
	SOC_VIDEOCORE_NONE }
#define ROCKCHIP(name, ...) \
	{ name, "Rockchip", LIST(__VA_ARGS__), order_default, rockchip_gpio, pl330, \
	SOC_VIDEOCORE_NONE }
#define AMLOGIC(name, ...) \
	{ name, "Amlogic", LIST(__VA_ARGS__), order_default, amlogic_gpio, families_none, \
	SOC_VIDEOCORE_NONE }

const struct soc_family families_boards[] = {
	/* An early tree of the Pi 5 says bcm2712 and bcm2711, so the newer ones stand first. */
	PI5("bcm2712", "brcm,bcm2712"),
	PI("bcm2711", "brcm,bcm2711", "brcm,bcm2838"),
	PI("bcm2837", "brcm,bcm2837", "brcm,bcm2710"),
	PI("bcm2836", "brcm,bcm2836", "brcm,bcm2709"),
	PI1("bcm2835", "brcm,bcm2835", "brcm,bcm2708"),
	/* Names with a "w" are those of Allwinner's own kernels. */
	SUN("sun4i-a10", "allwinner,sun4i-a10", "allwinner,sun4i"),
	SUN("sun5i-a10s", "allwinner,sun5i-a10s"),
	SUN("sun5i-r8", "allwinner,sun5i-r8"),
	SUN("sun5i-gr8", "nextthing,gr8"),
	SUN("sun5i-a13", "allwinner,sun5i-a13"),
	SUN("sun6i-a31", "allwinner,sun6i-a31", "allwinner,sun6i-a31s"),
	SUN("sun7i-a20", "allwinner,sun7i-a20", "allwinner,sun7i"),
	SUN("sun8i-a23", "allwinner,sun8i-a23", "arm,sun8iw3p1"),
	SUN("sun8i-a33", "allwinner,sun8i-a33", "allwinner,sun8i-r16", "arm,sun8iw5p1"),
	SUN("sun8i-a83t", "allwinner,sun8i-a83t", "arm,sun8iw6p1"),
	SUN("sun8i-h2-plus", "allwinner,sun8i-h2-plus"),
	SUN("sun8i-h3", "allwinner,sun8i-h3", "arm,sun8iw7p1", "allwinner,sun8iw7p1"),
	SUN("sun8i-r40", "allwinner,sun8i-r40", "allwinner,sun8i-v40", "allwinner,sun8i-t3",
		"arm,sun8iw11p1"),
	SUN("sun8i-v3s", "allwinner,sun8i-v3s", "arm,sun8iw8p1"),
	SUN("sun8i-v3", "allwinner,sun8i-v3", "allwinner,sun8i-s3", "sochip,s3"),
	SUN("sun8i-t113s", "allwinner,sun8i-t113s", "arm,sun8iw20p1"),
	SUN("sun9i-a80", "allwinner,sun9i-a80"),
	SUN("sun50i-h64", "allwinner,sun50i-h64"),
	SUN("sun50i-a64", "allwinner,sun50i-a64", "allwinner,sun50i-r18", "arm,sun50iw1p1",
		"allwinner,sun50iw1p1"),
	SUN("sun50i-h5", "allwinner,sun50i-h5", "arm,sun50iw2p1", "allwinner,sun50iw2p1"),
	SUN("sun50i-h6", "allwinner,sun50i-h6", "arm,sun50iw6p1"),
	SUN("sun50i-h618", "allwinner,sun50i-h618"),
	SUN("sun50i-h700", "allwinner,sun50i-h700"),
	SUN("sun50i-h616", "allwinner,sun50i-h616", "allwinner,h616", "arm,sun50iw9p1"),
	SUN("sun50i-a100", "allwinner,sun50i-a100", "allwinner,sun50i-a133", "arm,sun50iw10p1"),
	SUN("sun55i-a523", "allwinner,sun55i-a523", "allwinner,sun55i-a527",
		"allwinner,sun55i-t527", "arm,sun55iw3p1"),
	SUN("suniv-f1c100s", "allwinner,suniv-f1c100s", "allwinner,suniv-f1c200s"),
	SUN("sun20i-d1", "allwinner,sun20i-d1", "allwinner,sun20i-d1s", "arm,sun20iw1p1"),
	/* Parts that also name the chip they derive from. */
	ROCKCHIP("px3", "rockchip,px3"),
	ROCKCHIP("px5", "rockchip,px5"),
	ROCKCHIP("rk3399pro", "rockchip,rk3399pro"),
	ROCKCHIP("rk3588s", "rockchip,rk3588s"),
	ROCKCHIP("rk3318", "rockchip,rk3318"),
	ROCKCHIP("rk3326", "rockchip,rk3326"),
	ROCKCHIP("rk3036", "rockchip,rk3036"),
	ROCKCHIP("rk3066a", "rockchip,rk3066a"),
	ROCKCHIP("rk3128", "rockchip,rk3128"),
	ROCKCHIP("rk3188", "rockchip,rk3188", "rockchip,rk3066b"),
	ROCKCHIP("rk3228", "rockchip,rk3228"),
	ROCKCHIP("rk3229", "rockchip,rk3229"),
	ROCKCHIP("rk3288", "rockchip,rk3288"),
	ROCKCHIP("rk3308", "rockchip,rk3308"),
	ROCKCHIP("rk3328", "rockchip,rk3328"),
	ROCKCHIP("rk3368", "rockchip,rk3368"),
	ROCKCHIP("rk3399", "rockchip,rk3399"),
	ROCKCHIP("rk3528", "rockchip,rk3528"),
	ROCKCHIP("rk3562", "rockchip,rk3562"),
	ROCKCHIP("rk3566", "rockchip,rk3566"),
	ROCKCHIP("rk3568", "rockchip,rk3568"),
	ROCKCHIP("rk3576", "rockchip,rk3576"),
	ROCKCHIP("rk3582", "rockchip,rk3582"),
	ROCKCHIP("rk3588", "rockchip,rk3588"),
	ROCKCHIP("rv1103", "rockchip,rv1103"),
	ROCKCHIP("rv1106", "rockchip,rv1106", "rockchip,rv1106g"),
	ROCKCHIP("rv1108", "rockchip,rv1108"),
	ROCKCHIP("rv1109", "rockchip,rv1109"),
	ROCKCHIP("rv1126", "rockchip,rv1126"),
	ROCKCHIP("px30", "rockchip,px30"),
	ROCKCHIP("rk1808", "rockchip,rk1808"),
	AMLOGIC("meson6", "amlogic,meson6"),
	AMLOGIC("meson8b", "amlogic,meson8b"),
	AMLOGIC("meson8m2", "amlogic,meson8m2"),
	AMLOGIC("meson8", "amlogic,meson8"),
	AMLOGIC("meson-gxlx", "amlogic,meson-gxlx"),
	AMLOGIC("meson-gxbb", "amlogic,meson-gxbb", "amlogic,gxbb"),
	AMLOGIC("meson-gxm", "amlogic,meson-gxm", "amlogic,gxm", "amlogic,s912"),
	AMLOGIC("meson-gxl", "amlogic,meson-gxl", "amlogic,gxl", "amlogic,s905x", "amlogic,s905d",
		"amlogic,s905w", "amlogic,s805x"),
	AMLOGIC("meson-axg", "amlogic,meson-axg", "amlogic,axg"),
	AMLOGIC("meson-g12b", "amlogic,g12b", "amlogic,a311d", "amlogic,s922x"),
	AMLOGIC("meson-sm1", "amlogic,sm1"),
	AMLOGIC("meson-g12a", "amlogic,g12a"),
	AMLOGIC("meson-s4", "amlogic,s4"),
	AMLOGIC("amlogic-c3", "amlogic,c3"),
	AMLOGIC("amlogic-t7", "amlogic,t7", "amlogic,a311d2"),
	AMLOGIC("amlogic-a1", "amlogic,a1", "amlogic,meson-a1"),
	AMLOGIC("amlogic-a4", "amlogic,a4"),
	AMLOGIC("amlogic-a5", "amlogic,a5"),
	{ .name = NULL },
};
