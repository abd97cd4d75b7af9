# Debian's cross compiler for s390x. Libraries of the target come from PMEM_SYSROOT, a folder that
# `cmake/sysroot s390x FOLDER` fills.
set(PMEM_TARGET_TRIPLET s390x-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(PMEM_TARGET_QEMU qemu-s390x)
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)
