# The table behind constant.h: a line CONSTANT(name) for each number that the public headers define,
# in their order. Made from the headers, so that it cannot differ from them.

function(pmem_write_constants out)
    set(lines "")
    foreach(header ${ARGN})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
        # A name, white space and a value (U: UINT64_MAX): no guard, no macro with arguments. Brackets and
        # semicolons in other lines would confuse CMake's lists.
        file(STRINGS ${header} defines REGEX "^#define +PMEM_[A-Z0-9_]+ +[(0-9U]")
        foreach(define ${defines})
            string(REGEX REPLACE "^#define +(PMEM_[A-Z0-9_]+) .*" "CONSTANT(\\1)\n" line "${define}")
            string(APPEND lines ${line})
        endforeach()
    endforeach()
    file(CONFIGURE OUTPUT ${out} CONTENT "${lines}" @ONLY)
endfunction()
