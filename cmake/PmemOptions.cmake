# Flags of our own code, on one target that is linked PRIVATE so that nothing leaks to users.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
if(PMEM_ALL_SYMBOLS) # test/mutants links its suites with a shared library of all of them
    set(CMAKE_C_VISIBILITY_PRESET default)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON) # same bytes from any build folder
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

# libcheck's macros and dlsym() need more than strict ISO C: test/ sets PMEM_TEST for its targets.
define_property(TARGET PROPERTY PMEM_TEST INITIALIZE_FROM_VARIABLE PMEM_TEST)

add_library(pmem_flags INTERFACE)
target_compile_definitions(pmem_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
# glibc has names of errnos, other C libraries have not (lib/base/errno_name.c).
include(CheckSymbolExists)
set(CMAKE_REQUIRED_DEFINITIONS -D_GNU_SOURCE)
check_symbol_exists(strerrorname_np string.h PMEM_STRERRORNAME_NP)
check_symbol_exists(strerrordesc_np string.h PMEM_STRERRORDESC_NP)
unset(CMAKE_REQUIRED_DEFINITIONS)
if(PMEM_STRERRORNAME_NP AND PMEM_STRERRORDESC_NP)
    target_compile_definitions(pmem_flags INTERFACE PMEM_HAVE_ERRNO_NAMES)
endif()
# -Wformat=2 brings -Wformat-nonliteral, which stops each function that passes a format on; ATTR_PRINTF checks those.
target_compile_options(pmem_flags INTERFACE
    -Wall -Wextra $<$<NOT:$<BOOL:$<TARGET_PROPERTY:PMEM_TEST>>>:-Wpedantic> -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla
    -Wformat=2 -Wno-format-nonliteral
    -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=.)

# The library is calls and messages, and the kernel is what its callers wait for: an optimized build
# is one for size. Without unwind tables (.eh_frame), which would be a sixth of it: nothing is thrown
# through a library in C, threads are not cancelled inside, and debuggers find the same in the debug
# information. docs/building.md says who may want them.
option(PMEM_UNWIND_TABLES "Unwind tables in the library, for tracers without debug information" OFF)
set(pmem_library_options "")
set(pmem_hot_options "") # of the few files that do little for each of many entries
string(TOUPPER "CMAKE_C_FLAGS_${CMAKE_BUILD_TYPE}" type_flags)
if("${CMAKE_C_FLAGS} ${${type_flags}}" MATCHES "-O[23s]" AND NOT CMAKE_C_FLAGS MATCHES "-fsanitize|--coverage")
    include(CheckCCompilerFlag)
    check_c_compiler_flag(-Oz PMEM_OZ) # gcc 12, clang
    # A call that ends a function as a jump needs the registers restored at each such end: a kilobyte.
    set(pmem_library_options $<IF:$<BOOL:${PMEM_OZ}>,-Oz,-Os> -fno-optimize-sibling-calls)
    set(pmem_hot_options -O3)
    if(NOT PMEM_UNWIND_TABLES)
        list(APPEND pmem_library_options -fno-asynchronous-unwind-tables)
    endif()
endif()

# An object that reaches the loader must not ask for an executable stack, lazy binding or text
# relocations, whoever builds it.
set(pmem_link_options LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack LINKER:--as-needed)
