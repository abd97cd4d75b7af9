# Debian's cross compiler for arm64. Libraries of the target come from PMEM_SYSROOT, a folder that
# `cmake/sysroot arm64 FOLDER` fills.
set(PMEM_TARGET_TRIPLET aarch64-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(PMEM_TARGET_QEMU qemu-aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)
