# Manual pages of section 3, written from the public headers: Doxygen reads these,
# header_pages.py writes the pages. And the HTML of headers, guides and examples.

find_program(PMEM_DOXYGEN doxygen)
find_package(Python3 COMPONENTS Interpreter QUIET)
set(pmem_can_man OFF)
if(PMEM_DOCS AND PMEM_DOXYGEN AND Python3_Interpreter_FOUND)
    set(pmem_can_man ON)
endif()
option(PMEM_MAN "Manual pages of the functions, and HTML (needs doxygen and python3)" ${pmem_can_man})
if(NOT PMEM_MAN)
    message(STATUS "No manual pages of the functions, no HTML")
    return()
endif()
if(NOT PMEM_DOXYGEN OR NOT Python3_Interpreter_FOUND)
    message(FATAL_ERROR "PMEM_MAN needs doxygen and python3")
endif()

set(pmem_doc_dir ${PROJECT_BINARY_DIR}/man)
configure_file(cmake/Doxyfile.in ${pmem_doc_dir}/Doxyfile.xml @ONLY)
configure_file(cmake/Doxyfile.html.in ${pmem_doc_dir}/Doxyfile.html @ONLY)

file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/pmem/*.h)
set(writer ${PROJECT_SOURCE_DIR}/cmake/header_pages.py)
set(date_from ${PROJECT_SOURCE_DIR}/docs/man/physmem.7)
add_custom_command(OUTPUT ${pmem_doc_dir}/man3/libpmem.3
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${pmem_doc_dir}/xml ${pmem_doc_dir}/man3
    COMMAND ${PMEM_DOXYGEN} ${pmem_doc_dir}/Doxyfile.xml
    COMMAND Python3::Interpreter -B ${writer} ${pmem_doc_dir}/xml ${pmem_doc_dir}/man3 ${date_from}
    DEPENDS ${headers} ${writer} ${date_from} ${pmem_doc_dir}/Doxyfile.xml
    COMMENT "Writing manual pages" VERBATIM)
add_custom_target(pmem_man ALL DEPENDS ${pmem_doc_dir}/man3/libpmem.3)

# Doxygen fails on any warning. It reads a folder of its own, so that no path of the build is told.
set(writer ${PROJECT_SOURCE_DIR}/cmake/doxygen_input.py)
file(GLOB guides CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/*.md ${PROJECT_SOURCE_DIR}/docs/examples/*
    ${PROJECT_SOURCE_DIR}/docs/benchmarks/* ${PROJECT_SOURCE_DIR}/docs/map/*)
foreach(name README.md CONTRIBUTING.md SECURITY.md CHANGELOG LICENSE include/pmem/pmem.hpp cmake/DoxygenLayout.xml)
    list(APPEND guides ${PROJECT_SOURCE_DIR}/${name})
endforeach()
add_custom_command(OUTPUT ${pmem_doc_dir}/html.stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${pmem_doc_dir}/html
    COMMAND Python3::Interpreter -B ${writer} ${PROJECT_SOURCE_DIR} ${pmem_doc_dir}/input
    COMMAND ${CMAKE_COMMAND} -E chdir ${pmem_doc_dir}/input ${PMEM_DOXYGEN} ../Doxyfile.html
    COMMAND ${CMAKE_COMMAND} -E touch ${pmem_doc_dir}/html.stamp
    DEPENDS ${headers} ${guides} ${writer} ${pmem_doc_dir}/Doxyfile.html
    COMMENT "Writing HTML" VERBATIM)
add_custom_target(docs ALL DEPENDS ${pmem_doc_dir}/html.stamp)
if(PMEM_INSTALL)
    install(DIRECTORY ${pmem_doc_dir}/man3 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT Development)
    install(DIRECTORY ${pmem_doc_dir}/html DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT Doc OPTIONAL)
endif()
