# What the cross toolchains share. The compiler has its own C library; PMEM_SYSROOT holds the
# other libraries, so it is searched for headers and libraries but is not the compiler's sysroot.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${PMEM_TARGET_TRIPLET}-gcc)
if(NOT PMEM_TARGET_MULTIARCH) # the name of Debian's library folders, if it is another
    set(PMEM_TARGET_MULTIARCH ${PMEM_TARGET_TRIPLET})
endif()
set(CMAKE_LIBRARY_ARCHITECTURE ${PMEM_TARGET_MULTIARCH})
set(PMEM_SYSROOT $ENV{PMEM_SYSROOT} CACHE PATH "Folder with libbsd, json-c and expat of the target")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES PMEM_SYSROOT)
set(CMAKE_FIND_ROOT_PATH ${PMEM_SYSROOT} /usr/${PMEM_TARGET_TRIPLET})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# Not the machine's own .pc files; and the paths in those of the sysroot begin below it.
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${PMEM_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR} ${PMEM_SYSROOT}/usr/lib/${PMEM_TARGET_MULTIARCH}/pkgconfig)
# A library of the sysroot may be newer than the compiler's C library: its own needs are its own.
string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT
    " -Wl,--allow-shlib-undefined -Wl,-rpath-link,${PMEM_SYSROOT}/usr/lib/${PMEM_TARGET_MULTIARCH}")
set(libc /usr/${PMEM_TARGET_TRIPLET})
if(PMEM_TARGET_LIBC_TOO) # no -L, which would make the sysroot's folder one that CMake names nowhere
    set(libc ${PMEM_SYSROOT})
    set(CMAKE_C_STANDARD_LIBRARIES_INIT ${PMEM_SYSROOT}/usr/lib/${PMEM_TARGET_MULTIARCH}/libc.so.6)
endif()
# What is built here does not run here, so it needs no path to the sysroot.
set(CMAKE_SKIP_RPATH ON)
# Tests run under qemu-user, or as they are where the machine can, with that C library and the sysroot's
# other libraries.
if(PMEM_TARGET_LOADER)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${PMEM_TARGET_LOADER} --library-path
        ${PMEM_SYSROOT}/usr/lib/${PMEM_TARGET_MULTIARCH}:/usr/${PMEM_TARGET_TRIPLET}/lib)
elseif(PMEM_TARGET_QEMU)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${PMEM_TARGET_QEMU} -L ${libc}
        -E LD_LIBRARY_PATH=${PMEM_SYSROOT}/usr/lib/${PMEM_TARGET_MULTIARCH})
endif()
