/* SPDX-License-Identifier: MIT */
/* SoC families: RISC-V, but for Allwinner's. See lines.h. */
#include "families/families.h"
#include "families/lines.h"

const char families_riscv[] =
	MAKER("StarFive", "starfive")
	GPIO("starfive,jh7110-sys-pinctrl starfive,jh7100-pinctrl")
	DMA("starfive,jh7110-axi-dma arm,pl080")
	FAMILY("jh7110", "jh7110 jh7110s")
	SOC("jh7100")

	MAKER("SiFive", "sifive")
	GPIO("sifive,fu740-c000-gpio sifive,fu540-c000-gpio sifive,gpio0")
	DMA("sifive,fu540-c000-pdma sifive,pdma0")
	FAMILY("fu740", "fu740-c000 fu740")
	FAMILY("fu540", "fu540-c000 fu540")

	MAKER("Microchip", "microchip")
	GPIO("microchip,mpfs-gpio")
	DMA("microchip,mpfs-pdma sifive,fu540-c000-pdma")
	FAMILY("mpfs", "mpfs mpfs-icicle-kit")

	MAKER("T-Head", "thead")
	GPIO("snps,dw-apb-gpio")
	DMA("snps,axi-dma-1.01a")
	FAMILY("th1520", "th1520 light")

	MAKER("Sophgo", "sophgo")
	GPIO("snps,dw-apb-gpio")
	DMA("snps,axi-dma-1.01a")
	FAMILY("cv1800b", "cv1800b cvitek,cv180x")
	FAMILY("cv1812h", "cv1812h cvitek,cv181x")
	SOC("sg2000")
	SOC("sg2002")
	SOC("sg2042")
	SOC("sg2044")

	MAKER("SpacemiT", "spacemit")
	GPIO("spacemit,k1-gpio spacemit,k1x-gpio")
	DMA("spacemit,k1-pdma spacemit,pdma-1.0")
	FAMILY("k1", "k1 k1-x")

	MAKER("Canaan", "canaan")
	GPIO("sifive,fu740-c000-gpio sifive,fu540-c000-gpio sifive,gpio0")
	FAMILY("k210", "kendryte-k210")
	FAMILY("k230", "kendryte-k230")

	MAKER("ESWIN", "eswin")
	GPIO("snps,dw-apb-gpio")
	SOC("eic7700")

	MAKER("QEMU", "")
	SOC("riscv-virtio");
