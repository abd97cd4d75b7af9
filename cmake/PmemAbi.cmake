# Targets abi-dump (write the baseline, in a release commit only) and abi-check (compare with it).
# docs/abi.md tells the policy.

set(pmem_abi_dir ${PROJECT_SOURCE_DIR}/test/abi)
# The processor as the presets call it, which is not what uname says.
set(pmem_abi_arch ${CMAKE_SYSTEM_PROCESSOR})
if(pmem_abi_arch STREQUAL "aarch64")
    set(pmem_abi_arch arm64)
elseif(pmem_abi_arch MATCHES "^arm")
    set(pmem_abi_arch armhf)
elseif(pmem_abi_arch MATCHES "^i.86$")
    set(pmem_abi_arch i386)
endif()
set(pmem_abi_baseline ${pmem_abi_dir}/baseline/${pmem_abi_arch}.abi)

add_custom_target(abi-dump DEPENDS pmem VERBATIM
    COMMAND ${pmem_abi_dir}/diff.sh dump $<TARGET_FILE:pmem> ${PROJECT_SOURCE_DIR}/include
        ${pmem_abi_baseline}
    COMMENT "Writing ${pmem_abi_baseline}")
add_custom_target(abi-check DEPENDS pmem VERBATIM
    COMMAND ${pmem_abi_dir}/diff.sh check $<TARGET_FILE:pmem> ${PROJECT_SOURCE_DIR}/include
        ${pmem_abi_baseline}
    COMMENT "Comparing with ${pmem_abi_baseline}")
