/* SPDX-License-Identifier: MIT */
/*
 * How a table of families is written. It is one text, a line after the other: it has no pointers, so
 * the loader has nothing to write into it and programs share its memory. What MAKER() and the lines
 * below it say holds for the families that follow, until another MAKER() begins anew.
 */
#ifndef SOC_LINES_H
#define SOC_LINES_H

/* prefix: what stands before the comma in this maker's root strings */
#define MAKER(name, prefix) "m" name "\0" prefix "\0"
#define ORDER(words)        "o" words "\0" /* ORDER_DEFAULT without it */
#define GPIO(words)         "g" words "\0" /* without: what the tree calls its first controller */
#define GPIO_ONLY(words)    "G" words "\0" /* if the tree has none of them, no other will do */
#define DMA(words)          "d" words "\0"
#define VIDEOCORE(kind)     "v" kind "\0"  /* "L1 nonalloc" or "direct" */
/*
 * A family with one root string, and one that is named otherwise or has several. MAKER()'s prefix
 * belongs before strings without a comma; the name is what follows it.
 */
#define SOC(string)         "s" string "\0"
#define FAMILY(name, words) "f" name "\0" words "\0"

/*
 * Memory that the kernel takes back when its owner dies comes first; firmware memory survives its
 * owner, so it comes after what the kernel keeps; plain pages are there when nothing else is.
 */
#define ORDER_DEFAULT "vcsm dmaheap ion udmabuf pages"
#define ORDER_PI      "vcsm dmaheap videocore udmabuf pages"
/* Who sets up a u-dma-buf there means it for DMA; elsewhere it is asked last. */
#define ORDER_FPGA    "vcsm dmaheap udmabuf-kmod ion udmabuf pages"
#define ORDER_PC      "dmaheap udmabuf pages"

/* Longer than what ISO C asks every compiler to take. */
#pragma GCC diagnostic ignored "-Woverlength-strings"

#endif
