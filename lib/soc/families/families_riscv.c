/* SPDX-License-Identifier: MIT */
/* SoC families: RISC-V, but for Allwinner's. See families.h. */
#include "families/families.h"

static const char *const jh_gpio[] = {
	"starfive,jh7110-sys-pinctrl", "starfive,jh7100-pinctrl", NULL,
};

static const char *const jh_dma[] = {
	"starfive,jh7110-axi-dma", "arm,pl080", NULL,
};

static const char *const sifive_gpio[] = {
	"sifive,fu740-c000-gpio", "sifive,fu540-c000-gpio", "sifive,gpio0", NULL,
};

static const char *const sifive_dma[] = {
	"sifive,fu540-c000-pdma", "sifive,pdma0", NULL,
};

static const char *const mpfs_gpio[] = {
	"microchip,mpfs-gpio", NULL,
};

static const char *const mpfs_dma[] = {
	"microchip,mpfs-pdma", "sifive,fu540-c000-pdma", NULL,
};

static const char *const dw_gpio[] = {
	"snps,dw-apb-gpio", NULL,
};

static const char *const dw_dma[] = {
	"snps,axi-dma-1.01a", NULL,
};

static const char *const k1_gpio[] = {
	"spacemit,k1-gpio", "spacemit,k1x-gpio", NULL,
};

static const char *const k1_dma[] = {
	"spacemit,k1-pdma", "spacemit,pdma-1.0", NULL,
};

#define STARFIVE(name, ...) \
	{ name, "StarFive", LIST(__VA_ARGS__), order_default, jh_gpio, jh_dma, \
	SOC_VIDEOCORE_NONE }
#define SIFIVE(name, ...) \
	{ name, "SiFive", LIST(__VA_ARGS__), order_default, sifive_gpio, sifive_dma, \
	SOC_VIDEOCORE_NONE }
#define MPFS(name, ...) \
	{ name, "Microchip", LIST(__VA_ARGS__), order_default, mpfs_gpio, mpfs_dma, \
	SOC_VIDEOCORE_NONE }
#define THEAD(name, ...) \
	{ name, "T-Head", LIST(__VA_ARGS__), order_default, dw_gpio, dw_dma, SOC_VIDEOCORE_NONE }
#define SOPHGO(name, ...) \
	{ name, "Sophgo", LIST(__VA_ARGS__), order_default, dw_gpio, dw_dma, SOC_VIDEOCORE_NONE }
#define SPACEMIT(name, ...) \
	{ name, "SpacemiT", LIST(__VA_ARGS__), order_default, k1_gpio, k1_dma, \
	SOC_VIDEOCORE_NONE }
#define CANAAN(name, ...) \
	{ name, "Canaan", LIST(__VA_ARGS__), order_default, sifive_gpio, families_none, \
	SOC_VIDEOCORE_NONE }
#define ESWIN(name, ...) \
	{ name, "ESWIN", LIST(__VA_ARGS__), order_default, dw_gpio, families_none, \
	SOC_VIDEOCORE_NONE }
#define QEMU(name, ...) \
	{ name, "QEMU", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }

const struct soc_family families_riscv[] = {
	STARFIVE("jh7110", "starfive,jh7110", "starfive,jh7110s"),
	STARFIVE("jh7100", "starfive,jh7100"),
	SIFIVE("fu740", "sifive,fu740-c000", "sifive,fu740"),
	SIFIVE("fu540", "sifive,fu540-c000", "sifive,fu540"),
	MPFS("mpfs", "microchip,mpfs", "microchip,mpfs-icicle-kit"),
	THEAD("th1520", "thead,th1520", "thead,light"),
	SOPHGO("cv1800b", "sophgo,cv1800b", "cvitek,cv180x"),
	SOPHGO("cv1812h", "sophgo,cv1812h", "cvitek,cv181x"),
	SOPHGO("sg2000", "sophgo,sg2000"),
	SOPHGO("sg2002", "sophgo,sg2002"),
	SOPHGO("sg2042", "sophgo,sg2042"),
	SOPHGO("sg2044", "sophgo,sg2044"),
	SPACEMIT("k1", "spacemit,k1", "spacemit,k1-x"),
	CANAAN("k210", "canaan,kendryte-k210"),
	CANAAN("k230", "canaan,kendryte-k230"),
	ESWIN("eic7700", "eswin,eic7700"),
	QEMU("riscv-virtio", "riscv-virtio"),
	{ .name = NULL },
};
