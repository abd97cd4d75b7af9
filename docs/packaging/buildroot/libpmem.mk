################################################################################
#
# libpmem
#
################################################################################

LIBPMEM_VERSION = 3.0.0
# A copy of the project beside the tree; with an archive, LIBPMEM_SOURCE and a hash instead.
LIBPMEM_SITE = $(TOPDIR)/../libpmem
LIBPMEM_SITE_METHOD = local
LIBPMEM_LICENSE = MIT
LIBPMEM_LICENSE_FILES = LICENSE
LIBPMEM_INSTALL_STAGING = YES
LIBPMEM_DEPENDENCIES = host-pkgconf libbsd
# cmake-package passes BUILD_SHARED_LIBS and BUILD_TESTING. With systemd, leave the last two out.
LIBPMEM_CONF_OPTS = -DPMEM_DOCS=OFF -DPMEM_MAN=OFF -DPMEM_API_JSON=OFF -DPMEM_UDEVDIR= -DPMEM_SYSUSERSDIR=

ifeq ($(BR2_PACKAGE_LIBPMEM_TOOLS),y)
LIBPMEM_DEPENDENCIES += json-c expat
LIBPMEM_CONF_OPTS += -DPMEM_TOOLS=ON
else
LIBPMEM_CONF_OPTS += -DPMEM_TOOLS=OFF
endif

$(eval $(cmake-package))
