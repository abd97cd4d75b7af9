# Targets abi-dump (write the baseline, in a release commit only) and abi-check (compare with it).
# docs/abi.md tells the policy.

set(pmem_abi_dir ${PROJECT_SOURCE_DIR}/test/abi)
set(pmem_abi_baseline ${pmem_abi_dir}/baseline/${CMAKE_SYSTEM_PROCESSOR}.abi)

add_custom_target(abi-dump DEPENDS pmem VERBATIM
    COMMAND ${pmem_abi_dir}/diff.sh dump $<TARGET_FILE:pmem> ${PROJECT_SOURCE_DIR}/include
        ${pmem_abi_baseline}
    COMMENT "Writing ${pmem_abi_baseline}")
add_custom_target(abi-check DEPENDS pmem VERBATIM
    COMMAND ${pmem_abi_dir}/diff.sh check $<TARGET_FILE:pmem> ${PROJECT_SOURCE_DIR}/include
        ${pmem_abi_baseline}
    COMMENT "Comparing with ${pmem_abi_baseline}")
