# api.json: the description of the API for language bindings, made from the headers by cmake/api.
# docs/bindings.md tells what is in it.

find_package(Python3 COMPONENTS Interpreter)
# Distributions have pycparser for their own Python, which need not be the first one that is found.
foreach(python ${Python3_EXECUTABLE} /usr/bin/python3)
    execute_process(COMMAND ${python} -c "import pycparser" RESULT_VARIABLE status ERROR_QUIET)
    if(status EQUAL 0)
        set(pmem_python ${python})
        break()
    endif()
endforeach()
if(pmem_python)
    set(found ON)
else()
    set(found OFF)
endif()
option(PMEM_API_JSON "The description of the API, share/libpmem/api.json (needs python3-pycparser)" ${found})
if(NOT PMEM_API_JSON)
    message(STATUS "No api.json: there is no Python with pycparser, or PMEM_API_JSON is off")
    return()
elseif(NOT pmem_python)
    message(FATAL_ERROR "PMEM_API_JSON needs Python with pycparser")
endif()

set(pmem_api_json ${PROJECT_BINARY_DIR}/api.json)
file(GLOB pmem_api_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/pmem/*.h)
add_custom_command(OUTPUT ${pmem_api_json}
    COMMAND ${pmem_python} ${PROJECT_SOURCE_DIR}/cmake/api write ${PROJECT_SOURCE_DIR}/include
        ${pmem_api_json} ${CMAKE_C_COMPILER}
    DEPENDS ${PROJECT_SOURCE_DIR}/cmake/api ${pmem_api_headers} VERBATIM
    COMMENT "Describing the API in api.json")
add_custom_target(pmem-api ALL DEPENDS ${pmem_api_json})
if(PMEM_INSTALL)
    install(FILES ${pmem_api_json} DESTINATION ${CMAKE_INSTALL_DATADIR}/libpmem COMPONENT Development)
endif()
