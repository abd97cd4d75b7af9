# This machine's processor with musl instead of glibc, by Debian's musl-gcc. Libraries come from
# PMEM_SYSROOT, a folder that `cmake/musl FOLDER` fills.
set(CMAKE_C_COMPILER musl-gcc)
set(PMEM_SYSROOT $ENV{PMEM_SYSROOT} CACHE PATH "Folder with libbsd and json-c for musl")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PMEM_SYSROOT)
# musl-gcc looks at no header of this machine, so not at the kernel's either.
set(CMAKE_C_FLAGS_INIT "-idirafter ${PMEM_SYSROOT}/kernel")
set(CMAKE_FIND_ROOT_PATH ${PMEM_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${PMEM_SYSROOT}/usr/lib/pkgconfig)
# Tests run with the sysroot's libraries; what is built needs no path to them.
set(CMAKE_SKIP_RPATH ON)
set(CMAKE_CROSSCOMPILING_EMULATOR /lib/ld-musl-${CMAKE_HOST_SYSTEM_PROCESSOR}.so.1
    --library-path ${PMEM_SYSROOT}/usr/lib)
