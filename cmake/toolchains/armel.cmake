# Debian's cross compiler for armel: ARMv5 code without floating-point registers, which the ARMv6
# of a Raspberry Pi Zero runs. Libraries of the target come from PMEM_SYSROOT, a folder that
# `cmake/sysroot armel FOLDER` fills.
set(PMEM_TARGET_TRIPLET arm-linux-gnueabi)
set(CMAKE_SYSTEM_PROCESSOR arm)
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)
