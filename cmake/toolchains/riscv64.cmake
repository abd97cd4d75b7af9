# Debian's cross compiler for riscv64. Libraries of the target come from PMEM_SYSROOT, a folder that
# `cmake/sysroot riscv64 FOLDER` fills.
set(PMEM_TARGET_TRIPLET riscv64-linux-gnu)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(PMEM_TARGET_QEMU qemu-riscv64)
set(PMEM_TARGET_LIBC_TOO ON) # libcheck there is of a newer release than the compiler's libc
include(${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake)
