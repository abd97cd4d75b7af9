# Debian's cross compiler for armhf. Libraries of the target come from PMEM_SYSROOT, a folder that
# `cmake/sysroot armhf FOLDER` fills.
set(PMEM_TARGET_TRIPLET arm-linux-gnueabihf)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(PMEM_TARGET_QEMU qemu-arm)
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)
