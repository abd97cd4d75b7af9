/* SPDX-License-Identifier: MIT */
/* SoC families: STMicroelectronics, Renesas, Microchip, Aspeed, Nuvoton. See families.h. */
#include "families/families.h"

/* Banks are children of these, without a compatible of their own. */
static const char *const stm32_gpio[] = {
	"st,stm32mp257-pinctrl", "st,stm32mp157-pinctrl", "st,stm32mp135-pinctrl",
	"st,stm32h743-pinctrl", "st,stm32f746-pinctrl", "st,stm32f469-pinctrl",
	"st,stm32f429-pinctrl", NULL,
};

static const char *const stm32_dma[] = {
	"st,stm32-dma", "st,stm32mp25-dma3", "st,stm32h7-mdma", NULL,
};

static const char *const renesas_gpio[] = {
	"renesas,r9a07g043-pinctrl", "renesas,r9a07g044-pinctrl", "renesas,r9a07g054-pinctrl",
	"renesas,r9a08g045-pinctrl", "renesas,r9a09g011-pinctrl", "renesas,r9a09g057-pinctrl",
	"renesas,rcar-gen4-gpio", "renesas,rcar-gen3-gpio", "renesas,rcar-gen2-gpio",
	"renesas,rcar-gen1-gpio", "renesas,r7s72100-ports", "renesas,r7s9210-pinctrl", NULL,
};

static const char *const renesas_dma[] = {
	"renesas,rz-dmac", "renesas,rcar-gen4-dmac", "renesas,rcar-dmac", NULL,
};

static const char *const at91_gpio[] = {
	"microchip,sama7g5-pinctrl", "atmel,sama5d2-pinctrl", "microchip,sam9x60-gpio",
	"atmel,at91sam9x5-gpio", "atmel,at91rm9200-gpio", NULL,
};

static const char *const at91_dma[] = {
	"microchip,sama7g5-dma", "microchip,sam9x60-dma", "atmel,sama5d4-dma",
	"atmel,at91sam9g45-dma", NULL,
};

static const char *const aspeed_gpio[] = {
	"aspeed,ast2600-gpio", "aspeed,ast2500-gpio", "aspeed,ast2400-gpio", NULL,
};

static const char *const nuvoton_gpio[] = {
	"nuvoton,npcm845-pinctrl", "nuvoton,npcm750-pinctrl", NULL,
};

#define STM32(name, ...) \
	{ name, "STMicroelectronics", LIST(__VA_ARGS__), order_default, stm32_gpio, stm32_dma, \
	SOC_VIDEOCORE_NONE }
#define STMICROELECTRONICS(name, ...) \
	{ name, "STMicroelectronics", LIST(__VA_ARGS__), order_default, families_none, \
	families_none, SOC_VIDEOCORE_NONE }
#define RENESAS(name, ...) \
	{ name, "Renesas", LIST(__VA_ARGS__), order_default, renesas_gpio, renesas_dma, \
	SOC_VIDEOCORE_NONE }
#define AT91(name, ...) \
	{ name, "Microchip", LIST(__VA_ARGS__), order_default, at91_gpio, at91_dma, \
	SOC_VIDEOCORE_NONE }
#define MICROCHIP(name, ...) \
	{ name, "Microchip", LIST(__VA_ARGS__), order_default, families_none, families_none, \
	SOC_VIDEOCORE_NONE }
#define ASPEED(name, ...) \
	{ name, "Aspeed", LIST(__VA_ARGS__), order_default, aspeed_gpio, families_none, \
	SOC_VIDEOCORE_NONE }
#define NUVOTON(name, ...) \
	{ name, "Nuvoton", LIST(__VA_ARGS__), order_default, nuvoton_gpio, families_none, \
	SOC_VIDEOCORE_NONE }

const struct soc_family families_control[] = {
	STM32("stm32mp25", "st,stm32mp257", "st,stm32mp255", "st,stm32mp253", "st,stm32mp251"),
	STM32("stm32mp23", "st,stm32mp235", "st,stm32mp233", "st,stm32mp231"),
	STM32("stm32mp21", "st,stm32mp215", "st,stm32mp213", "st,stm32mp211"),
	STM32("stm32mp15", "st,stm32mp157", "st,stm32mp153", "st,stm32mp151"),
	STM32("stm32mp13", "st,stm32mp135", "st,stm32mp133", "st,stm32mp131"),
	STM32("stm32h7", "st,stm32h743", "st,stm32h750"),
	STM32("stm32f7", "st,stm32f746", "st,stm32f769"),
	STM32("stm32f4", "st,stm32f429", "st,stm32f469"),
	STMICROELECTRONICS("sti", "st,stih407", "st,stih410", "st,stih418"),
	STMICROELECTRONICS("spear", "st,spear1310", "st,spear1340", "st,spear600", "st,spear300",
		"st,spear310", "st,spear320"),
	STMICROELECTRONICS("ux500", "st-ericsson,u8500", "st-ericsson,u8540"),
	RENESAS("r9a07g043", "renesas,r9a07g043"),
	RENESAS("r9a07g044", "renesas,r9a07g044"),
	RENESAS("r9a07g054", "renesas,r9a07g054"),
	RENESAS("r9a08g045", "renesas,r9a08g045"),
	RENESAS("r9a09g011", "renesas,r9a09g011"),
	RENESAS("r9a09g047", "renesas,r9a09g047"),
	RENESAS("r9a09g057", "renesas,r9a09g057"),
	RENESAS("r8a774a1", "renesas,r8a774a1"),
	RENESAS("r8a774a3", "renesas,r8a774a3"),
	RENESAS("r8a774b1", "renesas,r8a774b1"),
	RENESAS("r8a774c0", "renesas,r8a774c0"),
	RENESAS("r8a774e1", "renesas,r8a774e1"),
	RENESAS("r8a7742", "renesas,r8a7742"),
	RENESAS("r8a7743", "renesas,r8a7743"),
	RENESAS("r8a7744", "renesas,r8a7744"),
	RENESAS("r8a7745", "renesas,r8a7745"),
	RENESAS("r8a77470", "renesas,r8a77470"),
	RENESAS("r8a7778", "renesas,r8a7778"),
	RENESAS("r8a7779", "renesas,r8a7779"),
	RENESAS("r8a7790", "renesas,r8a7790"),
	RENESAS("r8a7791", "renesas,r8a7791"),
	RENESAS("r8a7792", "renesas,r8a7792"),
	RENESAS("r8a7793", "renesas,r8a7793"),
	RENESAS("r8a7794", "renesas,r8a7794"),
	RENESAS("r8a7795", "renesas,r8a7795"),
	RENESAS("r8a7796", "renesas,r8a7796"),
	RENESAS("r8a77960", "renesas,r8a77960"),
	RENESAS("r8a77961", "renesas,r8a77961"),
	RENESAS("r8a77965", "renesas,r8a77965"),
	RENESAS("r8a77970", "renesas,r8a77970"),
	RENESAS("r8a77980", "renesas,r8a77980"),
	RENESAS("r8a77990", "renesas,r8a77990"),
	RENESAS("r8a77995", "renesas,r8a77995"),
	RENESAS("r8a779a0", "renesas,r8a779a0"),
	RENESAS("r8a779f0", "renesas,r8a779f0"),
	RENESAS("r8a779g0", "renesas,r8a779g0"),
	RENESAS("r8a779h0", "renesas,r8a779h0"),
	RENESAS("r7s72100", "renesas,r7s72100"),
	RENESAS("r7s9210", "renesas,r7s9210"),
	RENESAS("r8a7740", "renesas,r8a7740"),
	RENESAS("r8a73a4", "renesas,r8a73a4"),
	RENESAS("sh73a0", "renesas,sh73a0"),
	RENESAS("emev2", "renesas,emev2"),
	RENESAS("r9a06g032", "renesas,r9a06g032"),
	AT91("sama7", "microchip,sama7g5", "microchip,sama7d65", "microchip,sama7"),
	AT91("sam9x7", "microchip,sam9x7"),
	AT91("sam9x60", "microchip,sam9x60"),
	AT91("sama5d2", "atmel,sama5d2", "atmel,sama5d27"),
	AT91("sama5d3", "atmel,sama5d3", "atmel,sama5d31", "atmel,sama5d33", "atmel,sama5d34",
		"atmel,sama5d35", "atmel,sama5d36"),
	AT91("sama5d4", "atmel,sama5d4"),
	AT91("at91sam9", "atmel,at91sam9x5", "atmel,at91sam9g45", "atmel,at91sam9n12",
		"atmel,at91sam9rl", "atmel,at91sam9g20", "atmel,at91sam9260", "atmel,at91sam9"),
	AT91("at91rm9200", "atmel,at91rm9200"),
	MICROCHIP("sparx5", "microchip,sparx5"),
	MICROCHIP("lan966x", "microchip,lan966", "microchip,lan9662", "microchip,lan9668"),
	ASPEED("ast2600", "aspeed,ast2600"),
	ASPEED("ast2500", "aspeed,ast2500"),
	ASPEED("ast2400", "aspeed,ast2400"),
	NUVOTON("npcm8xx", "nuvoton,npcm845"),
	NUVOTON("npcm7xx", "nuvoton,npcm750", "nuvoton,npcm730"),
	NUVOTON("ma35d1", "nuvoton,ma35d1"),
	{ .name = NULL },
};
