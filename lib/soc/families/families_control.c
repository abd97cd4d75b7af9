/* SPDX-License-Identifier: MIT */
/* SoC families: STMicroelectronics, Renesas, Microchip, Aspeed, Nuvoton. See lines.h. */
#include "families/families.h"
#include "families/lines.h"

const char families_control[] =
	MAKER("STMicroelectronics", "st")
	/* Banks are children of these, without a compatible of their own. */
	GPIO("st,stm32mp257-pinctrl st,stm32mp157-pinctrl st,stm32mp135-pinctrl "
		"st,stm32h743-pinctrl st,stm32f746-pinctrl st,stm32f469-pinctrl "
		"st,stm32f429-pinctrl")
	DMA("st,stm32-dma st,stm32mp25-dma3 st,stm32h7-mdma")
	FAMILY("stm32mp25", "stm32mp257 stm32mp255 stm32mp253 stm32mp251")
	FAMILY("stm32mp23", "stm32mp235 stm32mp233 stm32mp231")
	FAMILY("stm32mp21", "stm32mp215 stm32mp213 stm32mp211")
	FAMILY("stm32mp15", "stm32mp157 stm32mp153 stm32mp151")
	FAMILY("stm32mp13", "stm32mp135 stm32mp133 stm32mp131")
	FAMILY("stm32h7", "stm32h743 stm32h750")
	FAMILY("stm32f7", "stm32f746 stm32f769")
	FAMILY("stm32f4", "stm32f429 stm32f469")

	MAKER("STMicroelectronics", "st")
	FAMILY("sti", "stih407 stih410 stih418")
	FAMILY("spear", "spear1310 spear1340 spear600 spear300 spear310 spear320")
	FAMILY("ux500", "st-ericsson,u8500 st-ericsson,u8540")

	MAKER("Renesas", "renesas")
	GPIO("renesas,r9a07g043-pinctrl renesas,r9a07g044-pinctrl renesas,r9a07g054-pinctrl "
		"renesas,r9a08g045-pinctrl renesas,r9a09g011-pinctrl renesas,r9a09g057-pinctrl "
		"renesas,rcar-gen4-gpio renesas,rcar-gen3-gpio renesas,rcar-gen2-gpio "
		"renesas,rcar-gen1-gpio renesas,r7s72100-ports renesas,r7s9210-pinctrl")
	DMA("renesas,rz-dmac renesas,rcar-gen4-dmac renesas,rcar-dmac")
	SOC("r9a07g043")
	SOC("r9a07g044")
	SOC("r9a07g054")
	SOC("r9a08g045")
	SOC("r9a09g011")
	SOC("r9a09g047")
	SOC("r9a09g057")
	SOC("r8a774a1")
	SOC("r8a774a3")
	SOC("r8a774b1")
	SOC("r8a774c0")
	SOC("r8a774e1")
	SOC("r8a7742")
	SOC("r8a7743")
	SOC("r8a7744")
	SOC("r8a7745")
	SOC("r8a77470")
	SOC("r8a7778")
	SOC("r8a7779")
	SOC("r8a7790")
	SOC("r8a7791")
	SOC("r8a7792")
	SOC("r8a7793")
	SOC("r8a7794")
	SOC("r8a7795")
	SOC("r8a7796")
	SOC("r8a77960")
	SOC("r8a77961")
	SOC("r8a77965")
	SOC("r8a77970")
	SOC("r8a77980")
	SOC("r8a77990")
	SOC("r8a77995")
	SOC("r8a779a0")
	SOC("r8a779f0")
	SOC("r8a779g0")
	SOC("r8a779h0")
	SOC("r7s72100")
	SOC("r7s9210")
	SOC("r8a7740")
	SOC("r8a73a4")
	SOC("sh73a0")
	SOC("emev2")
	SOC("r9a06g032")

	MAKER("Microchip", "atmel")
	GPIO("microchip,sama7g5-pinctrl atmel,sama5d2-pinctrl microchip,sam9x60-gpio "
		"atmel,at91sam9x5-gpio atmel,at91rm9200-gpio")
	DMA("microchip,sama7g5-dma microchip,sam9x60-dma atmel,sama5d4-dma atmel,at91sam9g45-dma")
	FAMILY("sama7", "microchip,sama7g5 microchip,sama7d65 microchip,sama7")
	SOC("microchip,sam9x7")
	SOC("microchip,sam9x60")
	FAMILY("sama5d2", "sama5d2 sama5d27")
	FAMILY("sama5d3", "sama5d3 sama5d31 sama5d33 sama5d34 sama5d35 sama5d36")
	SOC("sama5d4")
	FAMILY("at91sam9",
		"at91sam9x5 at91sam9g45 at91sam9n12 at91sam9rl at91sam9g20 at91sam9260 at91sam9")
	SOC("at91rm9200")

	MAKER("Microchip", "microchip")
	SOC("sparx5")
	FAMILY("lan966x", "lan966 lan9662 lan9668")

	MAKER("Aspeed", "aspeed")
	GPIO("aspeed,ast2600-gpio aspeed,ast2500-gpio aspeed,ast2400-gpio")
	SOC("ast2600")
	SOC("ast2500")
	SOC("ast2400")

	MAKER("Nuvoton", "nuvoton")
	GPIO("nuvoton,npcm845-pinctrl nuvoton,npcm750-pinctrl")
	FAMILY("npcm8xx", "npcm845")
	FAMILY("npcm7xx", "npcm750 npcm730")
	SOC("ma35d1");
