SUMMARY = "Physical memory for user-space programs"
DESCRIPTION = "Maps registers, allocates memory that a device can reach by DMA, and says where \
a page really is. Not PMDK's library for persistent memory."
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=853b29b379a89e7c9b85dcb419c75822"

# A copy of the project beside the layer; with an archive, SRC_URI and its checksum instead.
inherit cmake pkgconfig externalsrc
EXTERNALSRC ?= "${TOPDIR}/../libpmem"

DEPENDS = "libbsd"

PACKAGECONFIG ??= "tools"
PACKAGECONFIG[tools] = "-DPMEM_TOOLS=ON,-DPMEM_TOOLS=OFF,json-c expat"

# With udev and systemd-sysusers, leave the last two out.
EXTRA_OECMAKE = "-DPMEM_TESTS=OFF -DPMEM_DOCS=OFF -DPMEM_MAN=OFF -DPMEM_API_JSON=OFF \
    -DPMEM_UDEVDIR= -DPMEM_SYSUSERSDIR="

PACKAGES =+ "${PN}-tools"
FILES:${PN}-tools = "${bindir}/physmem ${datadir}/bash-completion"
