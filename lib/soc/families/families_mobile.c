/* SPDX-License-Identifier: MIT */
/* SoC families: NVIDIA, Qualcomm, MediaTek, Samsung. See families.h and lines.h. */
#include "families/families.h"
#include "families/lines.h"

const char families_mobile[] =
	MAKER("NVIDIA")
	GPIO("nvidia,tegra234-gpio nvidia,tegra194-gpio nvidia,tegra186-gpio nvidia,tegra210-gpio "
		"nvidia,tegra124-gpio nvidia,tegra114-gpio nvidia,tegra30-gpio nvidia,tegra20-gpio")
	DMA("nvidia,tegra186-gpcdma nvidia,tegra210-apbdma nvidia,tegra148-apbdma "
		"nvidia,tegra124-apbdma nvidia,tegra114-apbdma nvidia,tegra30-apbdma "
		"nvidia,tegra20-apbdma")
	/* Tegra132 boards also say tegra124. */
	SOC("nvidia,tegra264")
	SOC("nvidia,tegra234")
	SOC("nvidia,tegra194")
	SOC("nvidia,tegra186")
	SOC("nvidia,tegra210")
	SOC("nvidia,tegra132")
	SOC("nvidia,tegra124")
	SOC("nvidia,tegra114")
	SOC("nvidia,tegra30")
	SOC("nvidia,tegra20")

	MAKER("Qualcomm")
	GPIO("qcom,apq8064-pinctrl qcom,apq8084-pinctrl qcom,ipq5018-tlmm qcom,ipq5332-tlmm "
		"qcom,ipq6018-pinctrl qcom,ipq8064-pinctrl qcom,ipq8074-pinctrl qcom,ipq9574-tlmm "
		"qcom,ipq4019-pinctrl qcom,mdm9607-tlmm qcom,msm8226-pinctrl qcom,msm8660-pinctrl "
		"qcom,msm8909-tlmm qcom,msm8916-pinctrl qcom,msm8953-pinctrl qcom,msm8960-pinctrl "
		"qcom,msm8974-pinctrl qcom,msm8976-pinctrl qcom,msm8994-pinctrl "
		"qcom,msm8996-pinctrl qcom,msm8998-pinctrl qcom,qcm2290-tlmm qcom,qcs404-pinctrl "
		"qcom,qcs615-tlmm qcom,sa8775p-tlmm qcom,sc7180-pinctrl qcom,sc7280-pinctrl "
		"qcom,sc8180x-tlmm qcom,sc8280xp-tlmm qcom,sdm630-pinctrl qcom,sdm660-pinctrl "
		"qcom,sdm670-tlmm qcom,sdm845-pinctrl qcom,sm6115-tlmm qcom,sm6125-tlmm "
		"qcom,sm6350-tlmm qcom,sm6375-tlmm qcom,sm7150-pinctrl qcom,sm8150-pinctrl "
		"qcom,sm8250-pinctrl qcom,sm8350-tlmm qcom,sm8450-tlmm qcom,sm8550-tlmm "
		"qcom,sm8650-tlmm qcom,sm4450-tlmm qcom,sdx55-pinctrl qcom,sdx65-tlmm "
		"qcom,sdx75-tlmm qcom,x1e80100-tlmm")
	DMA("qcom,sdm845-gpi-dma qcom,sm6350-gpi-dma qcom,bam-v1.7.0 qcom,bam-v1.4.0 "
		"qcom,bam-v1.3.0")
	/* Parts that also name the chip they derive from. */
	SOC("qcom,sa8155p")
	SOC("qcom,qcs6490")
	SOC("qcom,qcm6490")
	SOC("qcom,qrb2210")
	SOC("qcom,sm7325")
	SOC("qcom,sa8295p")
	SOC("qcom,sa8540p")
	SOC("qcom,qcs8550")
	SOC("qcom,msm8996pro")
	SOC("qcom,msm8974pro")
	SOC("qcom,apq8096")
	SOC("qcom,apq8016")
	SOC("qcom,apq8039")
	SOC("qcom,apq8074")
	SOC("qcom,apq8094")
	SOC("qcom,apq8026")
	SOC("qcom,x1e78100")
	SOC("qcom,apq8060")
	SOC("qcom,apq8064")
	SOC("qcom,apq8084")
	SOC("qcom,ipq4018")
	SOC("qcom,ipq4019")
	SOC("qcom,ipq5018")
	SOC("qcom,ipq5332")
	SOC("qcom,ipq5424")
	SOC("qcom,ipq6018")
	SOC("qcom,ipq8064")
	SOC("qcom,ipq8065")
	SOC("qcom,ipq8074")
	SOC("qcom,ipq9574")
	SOC("qcom,mdm9615")
	SOC("qcom,msm8226")
	SOC("qcom,msm8229")
	SOC("qcom,msm8660")
	SOC("qcom,msm8909")
	SOC("qcom,msm8916")
	SOC("qcom,msm8917")
	SOC("qcom,msm8926")
	SOC("qcom,msm8929")
	SOC("qcom,msm8939")
	SOC("qcom,msm8953")
	SOC("qcom,msm8956")
	SOC("qcom,msm8960")
	SOC("qcom,msm8974")
	SOC("qcom,msm8976")
	SOC("qcom,msm8992")
	SOC("qcom,msm8994")
	SOC("qcom,msm8996")
	SOC("qcom,msm8998")
	SOC("qcom,qcm2290")
	SOC("qcom,qcs404")
	SOC("qcom,qcs615")
	SOC("qcom,qcs8300")
	SOC("qcom,qcs9100")
	SOC("qcom,qdu1000")
	SOC("qcom,qru1000")
	SOC("qcom,sa8775p")
	SOC("qcom,sar2130p")
	SOC("qcom,sc7180")
	SOC("qcom,sc7280")
	SOC("qcom,sc8180x")
	SOC("qcom,sc8280xp")
	SOC("qcom,sda660")
	SOC("qcom,sdm429")
	SOC("qcom,sdm439")
	SOC("qcom,sdm450")
	SOC("qcom,sdm630")
	SOC("qcom,sdm632")
	SOC("qcom,sdm636")
	SOC("qcom,sdm660")
	SOC("qcom,sdm670")
	SOC("qcom,sdm845")
	SOC("qcom,sdx55")
	SOC("qcom,sdx65")
	SOC("qcom,sdx75")
	SOC("qcom,sm4250")
	SOC("qcom,sm4450")
	SOC("qcom,sm6115")
	SOC("qcom,sm6125")
	SOC("qcom,sm6350")
	SOC("qcom,sm6375")
	SOC("qcom,sm7125")
	SOC("qcom,sm7150")
	SOC("qcom,sm7225")
	SOC("qcom,sm8150")
	SOC("qcom,sm8250")
	SOC("qcom,sm8350")
	SOC("qcom,sm8450")
	SOC("qcom,sm8550")
	SOC("qcom,sm8650")
	SOC("qcom,sm8750")
	SOC("qcom,x1e80100")
	SOC("qcom,x1p42100")

	MAKER("MediaTek")
	GPIO("mediatek,mt2701-pinctrl mediatek,mt2712-pinctrl mediatek,mt6735-pinctrl "
		"mediatek,mt6765-pinctrl mediatek,mt6779-pinctrl mediatek,mt6795-pinctrl "
		"mediatek,mt6797-pinctrl mediatek,mt7622-pinctrl mediatek,mt7623-pinctrl "
		"mediatek,mt7629-pinctrl mediatek,mt7981-pinctrl mediatek,mt7986a-pinctrl "
		"mediatek,mt7986b-pinctrl mediatek,mt7988-pinctrl mediatek,mt8127-pinctrl "
		"mediatek,mt8135-pinctrl mediatek,mt8167-pinctrl mediatek,mt8173-pinctrl "
		"mediatek,mt8183-pinctrl mediatek,mt8186-pinctrl mediatek,mt8188-pinctrl "
		"mediatek,mt8192-pinctrl mediatek,mt8195-pinctrl mediatek,mt8365-pinctrl "
		"mediatek,mt8516-pinctrl")
	DMA("mediatek,mt7622-hsdma mediatek,mt7623-hsdma")
	/* Genio parts (mt83xx) also name the Kompanio chip that they are. */
	SOC("mediatek,mt8370")
	SOC("mediatek,mt8390")
	SOC("mediatek,mt8395")
	SOC("mediatek,mt2701")
	SOC("mediatek,mt2712")
	SOC("mediatek,mt6572")
	SOC("mediatek,mt6580")
	SOC("mediatek,mt6582")
	SOC("mediatek,mt6589")
	SOC("mediatek,mt6592")
	SOC("mediatek,mt6735")
	SOC("mediatek,mt6755")
	SOC("mediatek,mt6765")
	SOC("mediatek,mt6779")
	SOC("mediatek,mt6795")
	SOC("mediatek,mt6797")
	SOC("mediatek,mt6877")
	SOC("mediatek,mt7622")
	SOC("mediatek,mt7623")
	SOC("mediatek,mt7629")
	SOC("mediatek,mt7981b")
	SOC("mediatek,mt7981")
	SOC("mediatek,mt7986a")
	SOC("mediatek,mt7986b")
	SOC("mediatek,mt7986")
	SOC("mediatek,mt7988a")
	SOC("mediatek,mt8127")
	SOC("mediatek,mt8135")
	SOC("mediatek,mt8167")
	SOC("mediatek,mt8173")
	SOC("mediatek,mt8183")
	SOC("mediatek,mt8186")
	SOC("mediatek,mt8188")
	SOC("mediatek,mt8192")
	SOC("mediatek,mt8195")
	SOC("mediatek,mt8365")
	SOC("mediatek,mt8516")

	MAKER("Samsung")
	GPIO("samsung,exynos3250-pinctrl samsung,exynos4210-pinctrl samsung,exynos4x12-pinctrl "
		"samsung,exynos5250-pinctrl samsung,exynos5410-pinctrl samsung,exynos5420-pinctrl "
		"samsung,exynos5433-pinctrl samsung,exynos7-pinctrl samsung,exynos7885-pinctrl "
		"samsung,exynos850-pinctrl samsung,exynos8895-pinctrl samsung,exynos9810-pinctrl "
		"samsung,exynos990-pinctrl samsung,exynosautov9-pinctrl "
		"samsung,exynosautov920-pinctrl google,gs101-pinctrl tesla,fsd-pinctrl "
		"samsung,s5pv210-pinctrl samsung,s3c64xx-pinctrl samsung,exynos5260-pinctrl")
	DMA("arm,pl330")
	/* Exynos 5422 boards say exynos5800; families such as exynos5 stand last. */
	SOC("samsung,exynos3250")
	SOC("samsung,exynos4210")
	SOC("samsung,exynos4212")
	SOC("samsung,exynos4412")
	SOC("samsung,exynos5250")
	SOC("samsung,exynos5260")
	SOC("samsung,exynos5410")
	SOC("samsung,exynos5420")
	SOC("samsung,exynos5422")
	SOC("samsung,exynos5433")
	SOC("samsung,exynos5800")
	SOC("samsung,exynos7")
	SOC("samsung,exynos7885")
	SOC("samsung,exynos850")
	SOC("samsung,exynos8895")
	SOC("samsung,exynos9810")
	SOC("samsung,exynos990")
	SOC("samsung,exynosautov9")
	SOC("samsung,exynosautov920")
	SOC("samsung,exynos3")
	SOC("samsung,exynos4")
	SOC("samsung,exynos5")
	SOC("samsung,s5pv210")
	FAMILY("s3c64xx", "samsung,s3c6410 samsung,s3c6400")
	SOC("google,gs101")
	FAMILY("fsd", "tesla,fsd axis,artpec8");
