/* SPDX-License-Identifier: MIT */
/* SoC families: RISC-V, but for Allwinner's. See families.h and lines.h. */
#include "families/families.h"
#include "families/lines.h"

const char families_riscv[] =
	MAKER("StarFive")
	GPIO("starfive,jh7110-sys-pinctrl starfive,jh7100-pinctrl")
	DMA("starfive,jh7110-axi-dma arm,pl080")
	FAMILY("jh7110", "starfive,jh7110 starfive,jh7110s")
	SOC("starfive,jh7100")

	MAKER("SiFive")
	GPIO("sifive,fu740-c000-gpio sifive,fu540-c000-gpio sifive,gpio0")
	DMA("sifive,fu540-c000-pdma sifive,pdma0")
	FAMILY("fu740", "sifive,fu740-c000 sifive,fu740")
	FAMILY("fu540", "sifive,fu540-c000 sifive,fu540")

	MAKER("Microchip")
	GPIO("microchip,mpfs-gpio")
	DMA("microchip,mpfs-pdma sifive,fu540-c000-pdma")
	FAMILY("mpfs", "microchip,mpfs microchip,mpfs-icicle-kit")

	MAKER("T-Head")
	GPIO("snps,dw-apb-gpio")
	DMA("snps,axi-dma-1.01a")
	FAMILY("th1520", "thead,th1520 thead,light")

	MAKER("Sophgo")
	GPIO("snps,dw-apb-gpio")
	DMA("snps,axi-dma-1.01a")
	FAMILY("cv1800b", "sophgo,cv1800b cvitek,cv180x")
	FAMILY("cv1812h", "sophgo,cv1812h cvitek,cv181x")
	SOC("sophgo,sg2000")
	SOC("sophgo,sg2002")
	SOC("sophgo,sg2042")
	SOC("sophgo,sg2044")

	MAKER("SpacemiT")
	GPIO("spacemit,k1-gpio spacemit,k1x-gpio")
	DMA("spacemit,k1-pdma spacemit,pdma-1.0")
	FAMILY("k1", "spacemit,k1 spacemit,k1-x")

	MAKER("Canaan")
	GPIO("sifive,fu740-c000-gpio sifive,fu540-c000-gpio sifive,gpio0")
	FAMILY("k210", "canaan,kendryte-k210")
	FAMILY("k230", "canaan,kendryte-k230")

	MAKER("ESWIN")
	GPIO("snps,dw-apb-gpio")
	SOC("eswin,eic7700")

	MAKER("QEMU")
	FAMILY("riscv-virtio", "riscv-virtio");
