# Manual pages of section 3, written from the public headers: Doxygen reads these,
# header_pages.py writes the pages. `docs` makes HTML of the same.

find_program(PMEM_DOXYGEN doxygen)
find_package(Python3 COMPONENTS Interpreter QUIET)
set(pmem_can_man OFF)
if(PROJECT_IS_TOP_LEVEL AND PMEM_DOXYGEN AND Python3_Interpreter_FOUND)
    set(pmem_can_man ON)
endif()
option(PMEM_MAN "Manual pages of the functions (needs doxygen and python3)" ${pmem_can_man})
if(NOT PMEM_MAN)
    message(STATUS "No manual pages of the functions")
    return()
endif()
if(NOT PMEM_DOXYGEN OR NOT Python3_Interpreter_FOUND)
    message(FATAL_ERROR "PMEM_MAN needs doxygen and python3")
endif()

set(pmem_doc_dir ${PROJECT_BINARY_DIR}/man)
foreach(pmem_doc_kind xml html)
    set(pmem_doc_xml NO)
    set(pmem_doc_html NO)
    set(pmem_doc_${pmem_doc_kind} YES)
    configure_file(cmake/Doxyfile.in ${pmem_doc_dir}/Doxyfile.${pmem_doc_kind} @ONLY)
endforeach()

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
add_custom_target(docs COMMAND ${PMEM_DOXYGEN} ${pmem_doc_dir}/Doxyfile.html VERBATIM)
install(DIRECTORY ${pmem_doc_dir}/man3 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT Development)
