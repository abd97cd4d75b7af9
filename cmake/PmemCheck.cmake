# Suites of libcheck as ctest entries.

pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET check)

# A suite runs once, so that to compile it quickly is worth more than to optimize it; the library is what is measured.
# Preset dev keeps the optimization, and with it the warnings that need it.
set(PMEM_SUITE_FLAGS "" CACHE STRING "Flags of the tests alone, after all others")
separate_arguments(pmem_suite_options NATIVE_COMMAND "${PMEM_SUITE_FLAGS}")

add_library(pmem_harness STATIC
    ${PROJECT_SOURCE_DIR}/test/harness/main.c
    ${PROJECT_SOURCE_DIR}/test/fake/calls.c
    ${PROJECT_SOURCE_DIR}/test/fake/calls_process.c
    ${PROJECT_SOURCE_DIR}/test/fake/counted.c
    ${PROJECT_SOURCE_DIR}/test/fake/fake.c
    ${PROJECT_SOURCE_DIR}/test/fake/fake_vfio.c
    ${PROJECT_SOURCE_DIR}/test/fake/fake_vfio_device.c
    ${PROJECT_SOURCE_DIR}/test/fake/fake_vfio_files.c
    ${PROJECT_SOURCE_DIR}/test/fake/fake_vfio_group.c
    ${PROJECT_SOURCE_DIR}/test/fake/fake_vfio_iommufd.c
    ${PROJECT_SOURCE_DIR}/test/fake/fake_vfio_space.c
    ${PROJECT_SOURCE_DIR}/test/fake/plan.c
    ${PROJECT_SOURCE_DIR}/test/fake/play.c
    ${PROJECT_SOURCE_DIR}/test/fake/played_dmabuf.c
    ${PROJECT_SOURCE_DIR}/test/fake/played_kmod.c
    ${PROJECT_SOURCE_DIR}/test/fake/pagemap.c
    ${PROJECT_SOURCE_DIR}/test/fake/tree.c
    ${PROJECT_SOURCE_DIR}/test/fake/vcfw.c
    ${PROJECT_SOURCE_DIR}/test/fake/vm.c)
target_include_directories(pmem_harness PUBLIC ${PROJECT_SOURCE_DIR}/test/harness
    ${PROJECT_SOURCE_DIR}/test/fake)
target_link_libraries(pmem_harness PUBLIC pmem_internal PkgConfig::CHECK PRIVATE pmem_flags)
target_compile_options(pmem_harness PRIVATE ${pmem_suite_options})

if(CMAKE_C_FLAGS MATCHES "--coverage")
    target_sources(pmem_harness PRIVATE ${PROJECT_SOURCE_DIR}/test/harness/gcov_exit.c)
endif()

# What the memory sanitizer cannot see is written; see there.
if(CMAKE_C_FLAGS MATCHES "-fsanitize=memory")
    add_library(pmem_msan OBJECT ${PROJECT_SOURCE_DIR}/test/harness/msan.c)
    target_link_libraries(pmem_msan PRIVATE pmem_flags PkgConfig::LIBBSD)
    target_link_libraries(pmem_harness PUBLIC $<TARGET_OBJECTS:pmem_msan>)
    foreach(call emalloc erealloc strlcpy strlcat sl_init sl_add fstat64 stat64 lstat64)
        target_link_options(pmem_harness PUBLIC LINKER:--wrap=${call})
    endforeach()
endif()

# pmem_add_suite(label file.c [library]): the suite in test_NAME.c, linked with the played kernel,
# after the library if there is one. Exit 77 is a skip, and the suite then says why.
function(pmem_add_suite label file)
    get_filename_component(name ${file} NAME_WE)
    string(REGEX REPLACE "^test_" "${label}_" target ${name})
    add_executable(${target} ${file})
    target_link_libraries(${target} PRIVATE ${ARGN} pmem_harness pmem_flags)
    target_compile_options(${target} PRIVATE -Wno-pedantic ${pmem_suite_options}) # libcheck's macros are not pedantic
    if(NOT TARGET suites-${label}) # builds the suites of one label
        add_custom_target(suites-${label})
    endif()
    add_dependencies(suites-${label} ${target})
    add_test(NAME ${target} COMMAND ${target})
    set_tests_properties(${target} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77 TIMEOUT 300
        ENVIRONMENT CK_DEFAULT_TIMEOUT=60) # seconds for one case; libcheck's 4 are few on a busy machine
endfunction()

# pmem_add_script(label script argument...): a script as a test. Exit 77 is a skip with a reason.
function(pmem_add_script label script)
    get_filename_component(name ${script} NAME_WE)
    add_test(NAME ${label}_${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${ARGN}
        COMMAND_EXPAND_LISTS)
    set_tests_properties(${label}_${name} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77
        TIMEOUT 300)
endfunction()
