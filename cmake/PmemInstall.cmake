# What is installed where. One component is one Debian package: Runtime (libpmem3), Development
# (libpmem3-dev), Names (libpmem-dev), Tools (libpmem-tools), Python (python3-libpmem), Doc (libpmem-doc),
# and Udev (libpmem-udev) of PmemUdev.cmake. debian/rules installs components and has no list of files.
#
# Names has what PMDK's libpmem-dev has as well, and nothing else: libpmem.so, libpmem.a and
# libpmem.pc. All others can be installed beside PMDK.

include(CMakePackageConfigHelpers)

set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/libpmem)
if(pmem_shared)
    install(TARGETS pmem EXPORT libpmem-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Runtime
            NAMELINK_COMPONENT Names
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} # Meson does not know file sets
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT Development)
    install(FILES $<TARGET_FILE_DIR:pmem>/libpmem-3.so DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT Development)
else()
    install(DIRECTORY include/pmem DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT Development
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
endif()
install(TARGETS pmem-static EXPORT libpmem-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT Development)
install(FILES $<TARGET_FILE_DIR:pmem-static>/libpmem.a DESTINATION ${CMAKE_INSTALL_LIBDIR}
    COMPONENT Names)
install(EXPORT libpmem-targets NAMESPACE libpmem:: DESTINATION ${cmake_dir}
    COMPONENT Development)

configure_package_config_file(cmake/libpmem-config.cmake.in libpmem-config.cmake
    INSTALL_DESTINATION ${cmake_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(libpmem-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libpmem-config.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/libpmem-config-version.cmake
    DESTINATION ${cmake_dir} COMPONENT Development)

# Distributions want an absolute prefix: with one relative to the file, pkg-config cannot tell
# that -I/usr/include is the default and prints it in an unusual spelling.
set(pc_prefix ${CMAKE_INSTALL_PREFIX})
if(PMEM_PC_RELOCATABLE)
    cmake_path(SET pc_dir NORMALIZE ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
    file(RELATIVE_PATH pc_up ${pc_dir} ${CMAKE_INSTALL_PREFIX})
    string(REGEX REPLACE "/$" "" pc_up ${pc_up})
    set(pc_prefix "\${pcfiledir}/${pc_up}")
endif()
# What the static library needs is for "--static" only, unless there is no other.
set(pc_private .private)
set(pc_public_libs "")
if(NOT pmem_shared)
    set(pc_private "")
    set(pc_public_libs " -pthread")
endif()
# An absolute CMAKE_INSTALL_LIBDIR or INCLUDEDIR survives the join.
cmake_path(APPEND pc_libdir "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
cmake_path(APPEND pc_includedir "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
foreach(name libpmem libpmem-3)
    set(component Development)
    if(name STREQUAL libpmem)
        set(component Names)
    endif()
    configure_file(pkgconfig/${name}.pc.in ${name}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${component})
endforeach()

# The Python module: interpreters differ in where they look, so nothing is guessed.
set(PMEM_PYTHON_DIR "" CACHE STRING
    "Where the Python module goes, such as lib/python3/dist-packages; empty: it is not installed")
if(PMEM_PYTHON_DIR)
    install(DIRECTORY bindings/python/libpmem DESTINATION ${PMEM_PYTHON_DIR} COMPONENT Python
        FILES_MATCHING PATTERN "*.py" PATTERN py.typed)
endif()

# The Go package is source; where Go programs look for it is a matter of their modules.
set(PMEM_GO_DIR "" CACHE STRING
    "Where the Go package goes, such as share/gocode/src/libpmem/pmem; empty: it is not installed")
if(PMEM_GO_DIR)
    install(DIRECTORY bindings/go/ DESTINATION ${PMEM_GO_DIR} COMPONENT Go
        PATTERN "*_test.go" EXCLUDE)
endif()

if(NOT PMEM_DOCS)
    return()
endif()
# Manual pages: docs/man/*.[1-8]; the pages of section 3 and 7 belong to the headers.
file(GLOB pmem_pages CONFIGURE_DEPENDS docs/man/*.[1-8])
foreach(page ${pmem_pages})
    cmake_path(GET page EXTENSION LAST_ONLY extension)
    string(SUBSTRING ${extension} 1 1 section)
    set(component Development)
    if(section EQUAL 1 OR section EQUAL 8)
        set(component Tools)
    endif()
    install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
        COMPONENT ${component})
endforeach()

# The documents, with the folders that the links between them expect.
install(FILES README.md CHANGELOG CONTRIBUTING.md SECURITY.md LICENSE
    DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT Doc OPTIONAL)
file(GLOB pmem_docs CONFIGURE_DEPENDS docs/*.md)
install(FILES ${pmem_docs} DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs COMPONENT Doc OPTIONAL)
install(DIRECTORY docs/examples docs/packaging docs/benchmarks docs/map DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs COMPONENT Doc OPTIONAL)
