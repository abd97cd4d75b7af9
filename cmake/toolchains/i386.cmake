# Debian's cross compiler for i386. Libraries of the target come from PMEM_SYSROOT, a folder that
# `cmake/sysroot i386 FOLDER` fills.
set(PMEM_TARGET_TRIPLET i686-linux-gnu)
set(PMEM_TARGET_MULTIARCH i386-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(PMEM_TARGET_QEMU qemu-i386)
if(CMAKE_HOST_SYSTEM_PROCESSOR STREQUAL "x86_64") # which runs it as it is
    set(PMEM_TARGET_LOADER /usr/${PMEM_TARGET_TRIPLET}/lib/ld-linux.so.2)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)
