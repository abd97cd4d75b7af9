/* SPDX-License-Identifier: MIT */
/* SoC families: STMicroelectronics, Renesas, Microchip, Aspeed, Nuvoton. See families.h and lines.h. */
#include "families/families.h"
#include "families/lines.h"

const char families_control[] =
	MAKER("STMicroelectronics")
	/* Banks are children of these, without a compatible of their own. */
	GPIO("st,stm32mp257-pinctrl st,stm32mp157-pinctrl st,stm32mp135-pinctrl "
		"st,stm32h743-pinctrl st,stm32f746-pinctrl st,stm32f469-pinctrl "
		"st,stm32f429-pinctrl")
	DMA("st,stm32-dma st,stm32mp25-dma3 st,stm32h7-mdma")
	FAMILY("stm32mp25", "st,stm32mp257 st,stm32mp255 st,stm32mp253 st,stm32mp251")
	FAMILY("stm32mp23", "st,stm32mp235 st,stm32mp233 st,stm32mp231")
	FAMILY("stm32mp21", "st,stm32mp215 st,stm32mp213 st,stm32mp211")
	FAMILY("stm32mp15", "st,stm32mp157 st,stm32mp153 st,stm32mp151")
	FAMILY("stm32mp13", "st,stm32mp135 st,stm32mp133 st,stm32mp131")
	FAMILY("stm32h7", "st,stm32h743 st,stm32h750")
	FAMILY("stm32f7", "st,stm32f746 st,stm32f769")
	FAMILY("stm32f4", "st,stm32f429 st,stm32f469")

	MAKER("STMicroelectronics")
	FAMILY("sti", "st,stih407 st,stih410 st,stih418")
	FAMILY("spear", "st,spear1310 st,spear1340 st,spear600 st,spear300 st,spear310 st,spear320")
	FAMILY("ux500", "st-ericsson,u8500 st-ericsson,u8540")

	MAKER("Renesas")
	GPIO("renesas,r9a07g043-pinctrl renesas,r9a07g044-pinctrl renesas,r9a07g054-pinctrl "
		"renesas,r9a08g045-pinctrl renesas,r9a09g011-pinctrl renesas,r9a09g057-pinctrl "
		"renesas,rcar-gen4-gpio renesas,rcar-gen3-gpio renesas,rcar-gen2-gpio "
		"renesas,rcar-gen1-gpio renesas,r7s72100-ports renesas,r7s9210-pinctrl")
	DMA("renesas,rz-dmac renesas,rcar-gen4-dmac renesas,rcar-dmac")
	SOC("renesas,r9a07g043")
	SOC("renesas,r9a07g044")
	SOC("renesas,r9a07g054")
	SOC("renesas,r9a08g045")
	SOC("renesas,r9a09g011")
	SOC("renesas,r9a09g047")
	SOC("renesas,r9a09g057")
	SOC("renesas,r8a774a1")
	SOC("renesas,r8a774a3")
	SOC("renesas,r8a774b1")
	SOC("renesas,r8a774c0")
	SOC("renesas,r8a774e1")
	SOC("renesas,r8a7742")
	SOC("renesas,r8a7743")
	SOC("renesas,r8a7744")
	SOC("renesas,r8a7745")
	SOC("renesas,r8a77470")
	SOC("renesas,r8a7778")
	SOC("renesas,r8a7779")
	SOC("renesas,r8a7790")
	SOC("renesas,r8a7791")
	SOC("renesas,r8a7792")
	SOC("renesas,r8a7793")
	SOC("renesas,r8a7794")
	SOC("renesas,r8a7795")
	SOC("renesas,r8a7796")
	SOC("renesas,r8a77960")
	SOC("renesas,r8a77961")
	SOC("renesas,r8a77965")
	SOC("renesas,r8a77970")
	SOC("renesas,r8a77980")
	SOC("renesas,r8a77990")
	SOC("renesas,r8a77995")
	SOC("renesas,r8a779a0")
	SOC("renesas,r8a779f0")
	SOC("renesas,r8a779g0")
	SOC("renesas,r8a779h0")
	SOC("renesas,r7s72100")
	SOC("renesas,r7s9210")
	SOC("renesas,r8a7740")
	SOC("renesas,r8a73a4")
	SOC("renesas,sh73a0")
	SOC("renesas,emev2")
	SOC("renesas,r9a06g032")

	MAKER("Microchip")
	GPIO("microchip,sama7g5-pinctrl atmel,sama5d2-pinctrl microchip,sam9x60-gpio "
		"atmel,at91sam9x5-gpio atmel,at91rm9200-gpio")
	DMA("microchip,sama7g5-dma microchip,sam9x60-dma atmel,sama5d4-dma atmel,at91sam9g45-dma")
	FAMILY("sama7", "microchip,sama7g5 microchip,sama7d65 microchip,sama7")
	SOC("microchip,sam9x7")
	SOC("microchip,sam9x60")
	FAMILY("sama5d2", "atmel,sama5d2 atmel,sama5d27")
	FAMILY("sama5d3",
		"atmel,sama5d3 atmel,sama5d31 atmel,sama5d33 atmel,sama5d34 atmel,sama5d35 atmel,sama5d36")
	SOC("atmel,sama5d4")
	FAMILY("at91sam9", "atmel,at91sam9x5 atmel,at91sam9g45 atmel,at91sam9n12 atmel,at91sam9rl "
		"atmel,at91sam9g20 atmel,at91sam9260 atmel,at91sam9")
	SOC("atmel,at91rm9200")

	MAKER("Microchip")
	SOC("microchip,sparx5")
	FAMILY("lan966x", "microchip,lan966 microchip,lan9662 microchip,lan9668")

	MAKER("Aspeed")
	GPIO("aspeed,ast2600-gpio aspeed,ast2500-gpio aspeed,ast2400-gpio")
	SOC("aspeed,ast2600")
	SOC("aspeed,ast2500")
	SOC("aspeed,ast2400")

	MAKER("Nuvoton")
	GPIO("nuvoton,npcm845-pinctrl nuvoton,npcm750-pinctrl")
	FAMILY("npcm8xx", "nuvoton,npcm845")
	FAMILY("npcm7xx", "nuvoton,npcm750 nuvoton,npcm730")
	SOC("nuvoton,ma35d1");
