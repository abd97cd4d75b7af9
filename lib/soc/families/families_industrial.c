/* SPDX-License-Identifier: MIT */
/* SoC families: NXP, Texas Instruments, AMD (Xilinx), Altera. See families.h. */
#include "families/families.h"

static const char *const imx_gpio[] = {
	"fsl,imx95-gpio", "fsl,imx93-gpio", "fsl,imx8ulp-gpio", "fsl,imx8qm-gpio",
	"fsl,imx8qxp-gpio", "fsl,imx8dxl-gpio", "fsl,imx8mm-gpio", "fsl,imx8mn-gpio",
	"fsl,imx8mp-gpio", "fsl,imx8mq-gpio", "fsl,imx7d-gpio", "fsl,imx7ulp-gpio",
	"fsl,imx6q-gpio", "fsl,imx6sl-gpio", "fsl,imx53-gpio", "fsl,imx51-gpio", "fsl,imx35-gpio",
	"fsl,imx27-gpio", "fsl,imx31-gpio", "fsl,vf610-gpio", "fsl,imx28-pinctrl",
	"fsl,imx23-pinctrl", NULL,
};

static const char *const imx_dma[] = {
	"fsl,imx8mm-sdma", "fsl,imx8mn-sdma", "fsl,imx8mp-sdma", "fsl,imx8mq-sdma",
	"fsl,imx7d-sdma", "fsl,imx6q-sdma", "fsl,imx6ul-sdma", "fsl,imx6sl-sdma",
	"fsl,imx53-sdma", "fsl,imx51-sdma", "fsl,imx95-edma5", "fsl,imx93-edma4",
	"fsl,imx93-edma3", "fsl,imx8ulp-edma", "fsl,imx8qm-edma", "fsl,vf610-edma",
	"fsl,imx28-dma-apbx", "fsl,imx23-dma-apbx", NULL,
};

static const char *const layerscape_gpio[] = {
	"fsl,ls1028a-gpio", "fsl,ls2080a-gpio", "fsl,ls1043a-gpio", "fsl,ls1021a-gpio",
	"fsl,qoriq-gpio", NULL,
};

static const char *const layerscape_dma[] = {
	"fsl,ls1028a-edma", "fsl,ls1043a-edma", "fsl,ls1021a-qdma", "fsl,vf610-edma", NULL,
};

static const char *const s32_gpio[] = {
	"nxp,s32g2-siul2-gpio", "nxp,s32g2-siul2-pinctrl", NULL,
};

static const char *const omap_gpio[] = {
	"ti,omap4-gpio", "ti,omap3-gpio", "ti,omap2-gpio", NULL,
};

static const char *const omap_dma[] = {
	"ti,edma3-tpcc", "ti,edma3", "ti,omap4430-sdma", "ti,omap3630-sdma", "ti,omap3430-sdma",
	"ti,omap2430-sdma", NULL,
};

static const char *const k3_gpio[] = {
	"ti,j721e-gpio", "ti,am64-gpio", "ti,am654-gpio", "ti,keystone-gpio", NULL,
};

static const char *const k3_dma[] = {
	"ti,am64-dmss-bcdma", "ti,am62a-dmss-bcdma-csirx", "ti,am654-navss-main-udmap",
	"ti,j721e-navss-main-udmap", NULL,
};

static const char *const xilinx_gpio[] = {
	"xlnx,zynqmp-gpio-1.0", "xlnx,versal-gpio-1.0", "xlnx,zynq-gpio-1.0", "xlnx,pmc-gpio-1.0",
	NULL,
};

static const char *const xilinx_dma[] = {
	"xlnx,zynqmp-dma-1.0", "arm,pl330", NULL,
};

static const char *const dw_gpio[] = {
	"snps,dw-apb-gpio", NULL,
};

static const char *const pl330[] = {
	"arm,pl330", NULL,
};

#define IMX(name, ...) \
	{ name, "NXP", LIST(__VA_ARGS__), order_default, imx_gpio, imx_dma, SOC_VIDEOCORE_NONE }
#define LAYERSCAPE(name, ...) \
	{ name, "NXP", LIST(__VA_ARGS__), order_default, layerscape_gpio, layerscape_dma, \
	SOC_VIDEOCORE_NONE }
#define S32(name, ...) \
	{ name, "NXP", LIST(__VA_ARGS__), order_default, s32_gpio, families_none, \
	SOC_VIDEOCORE_NONE }
#define NXP(name, ...) \
	{ name, "NXP", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }
#define OMAP(name, ...) \
	{ name, "Texas Instruments", LIST(__VA_ARGS__), order_default, omap_gpio, omap_dma, \
	SOC_VIDEOCORE_NONE }
#define K3(name, ...) \
	{ name, "Texas Instruments", LIST(__VA_ARGS__), order_default, k3_gpio, k3_dma, \
	SOC_VIDEOCORE_NONE }
#define KEYSTONE(name, ...) \
	{ name, "Texas Instruments", LIST(__VA_ARGS__), order_default, k3_gpio, families_none, \
	SOC_VIDEOCORE_NONE }
#define XILINX(name, ...) \
	{ name, "AMD", LIST(__VA_ARGS__), order_default, xilinx_gpio, xilinx_dma, \
	SOC_VIDEOCORE_NONE }
#define SOCFPGA(name, ...) \
	{ name, "Altera", LIST(__VA_ARGS__), order_default, dw_gpio, pl330, SOC_VIDEOCORE_NONE }

const struct soc_family families_industrial[] = {
	/* i.MX6ULZ boards also say imx6ull, i.MX6 QuadPlus ones imx6q. */
	IMX("imx6ulz", "fsl,imx6ulz"),
	IMX("imx6ull", "fsl,imx6ull"),
	IMX("imx6ul", "fsl,imx6ul"),
	IMX("imx6qp", "fsl,imx6qp"),
	IMX("imx6q", "fsl,imx6q"),
	IMX("imx6dl", "fsl,imx6dl", "fsl,imx6s", "fsl,imx6solo"),
	IMX("imx6sll", "fsl,imx6sll"),
	IMX("imx6sl", "fsl,imx6sl"),
	IMX("imx6sx", "fsl,imx6sx"),
	IMX("imx7d", "fsl,imx7d"),
	IMX("imx7s", "fsl,imx7s"),
	IMX("imx7ulp", "fsl,imx7ulp"),
	IMX("imx8mm", "fsl,imx8mm"),
	IMX("imx8mn", "fsl,imx8mn"),
	IMX("imx8mp", "fsl,imx8mp"),
	IMX("imx8mq", "fsl,imx8mq"),
	IMX("imx8qm", "fsl,imx8qm"),
	IMX("imx8qp", "fsl,imx8qp"),
	IMX("imx8qxp", "fsl,imx8qxp"),
	IMX("imx8dxp", "fsl,imx8dxp"),
	IMX("imx8dxl", "fsl,imx8dxl"),
	IMX("imx8dx", "fsl,imx8dx"),
	IMX("imx8ulp", "fsl,imx8ulp"),
	IMX("imx91", "fsl,imx91"),
	IMX("imx93", "fsl,imx93"),
	IMX("imx94", "fsl,imx94"),
	IMX("imx95", "fsl,imx95"),
	IMX("imx23", "fsl,imx23"),
	IMX("imx25", "fsl,imx25"),
	IMX("imx27", "fsl,imx27"),
	IMX("imx28", "fsl,imx28"),
	IMX("imx31", "fsl,imx31"),
	IMX("imx35", "fsl,imx35"),
	IMX("imx50", "fsl,imx50"),
	IMX("imx51", "fsl,imx51"),
	IMX("imx53", "fsl,imx53"),
	IMX("vf500", "fsl,vf500"),
	IMX("vf610", "fsl,vf610"),
	LAYERSCAPE("ls1021a", "fsl,ls1021a"),
	LAYERSCAPE("ls1012a", "fsl,ls1012a"),
	LAYERSCAPE("ls1028a", "fsl,ls1028a"),
	LAYERSCAPE("ls1043a", "fsl,ls1043a"),
	LAYERSCAPE("ls1046a", "fsl,ls1046a"),
	LAYERSCAPE("ls1088a", "fsl,ls1088a"),
	LAYERSCAPE("ls2080a", "fsl,ls2080a"),
	LAYERSCAPE("ls2081a", "fsl,ls2081a"),
	LAYERSCAPE("ls2088a", "fsl,ls2088a"),
	LAYERSCAPE("lx2160a", "fsl,lx2160a"),
	LAYERSCAPE("lx2162a", "fsl,lx2162a"),
	S32("s32g2", "nxp,s32g2"),
	S32("s32g3", "nxp,s32g3"),
	S32("s32v234", "fsl,s32v234", "nxp,s32v234"),
	NXP("lpc32xx", "nxp,lpc3220", "nxp,lpc3230", "nxp,lpc3240", "nxp,lpc3250"),
	/* A dm3730 is an omap36xx, and that says omap3 too. */
	OMAP("am335x", "ti,am33xx", "ti,am335x"),
	OMAP("am437x", "ti,am4372", "ti,am437x", "ti,am43"),
	OMAP("am57xx", "ti,am5728", "ti,am5726", "ti,am5718", "ti,am5716", "ti,am57xx"),
	OMAP("dra7", "ti,dra7", "ti,dra72", "ti,dra74", "ti,dra76", "ti,dra7xx", "ti,dra722",
		"ti,dra718", "ti,dra742", "ti,dra762"),
	OMAP("dm816x", "ti,dm816", "ti,dm8168"),
	OMAP("dm814x", "ti,dm814", "ti,dm8148"),
	OMAP("am35xx", "ti,am3517", "ti,am3505", "ti,am35xx"),
	OMAP("omap36xx", "ti,omap3630", "ti,omap36xx", "ti,am3715", "ti,dm3730", "ti,dm3725"),
	OMAP("omap34xx", "ti,omap3430", "ti,omap34xx", "ti,omap3"),
	OMAP("omap4", "ti,omap4", "ti,omap4430", "ti,omap4460"),
	OMAP("omap5", "ti,omap5", "ti,omap5432"),
	OMAP("omap2", "ti,omap2", "ti,omap2420", "ti,omap2430"),
	OMAP("da850", "ti,da850", "ti,da830", "ti,am1808"),
	K3("am625", "ti,am625"),
	K3("am62a7", "ti,am62a7"),
	K3("am62p5", "ti,am62p5"),
	K3("am642", "ti,am642"),
	K3("am652", "ti,am652"),
	K3("am654", "ti,am654"),
	K3("j721e", "ti,j721e"),
	K3("j7200", "ti,j7200"),
	K3("j721s2", "ti,j721s2"),
	K3("j722s", "ti,j722s"),
	K3("j742s2", "ti,j742s2"),
	K3("j784s4", "ti,j784s4"),
	K3("am69", "ti,am69"),
	KEYSTONE("keystone2", "ti,keystone", "ti,k2hk", "ti,k2e", "ti,k2l", "ti,k2g"),
	XILINX("versal", "xlnx,versal", "xlnx,versal-net"),
	XILINX("zynqmp", "xlnx,zynqmp"),
	XILINX("zynq-7000", "xlnx,zynq-7000"),
	SOCFPGA("socfpga-agilex5", "intel,socfpga-agilex5"),
	SOCFPGA("socfpga-agilex", "intel,socfpga-agilex"),
	SOCFPGA("socfpga-n5x", "intel,socfpga-n5x"),
	SOCFPGA("socfpga-stratix10", "altr,socfpga-stratix10"),
	SOCFPGA("socfpga-arria10", "altr,socfpga-arria10"),
	SOCFPGA("socfpga-arria5", "altr,socfpga-arria5"),
	SOCFPGA("socfpga-cyclone5", "altr,socfpga-cyclone5"),
	SOCFPGA("socfpga", "altr,socfpga"),
	{ .name = NULL },
};
