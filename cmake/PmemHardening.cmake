# SPDX-License-Identifier: MIT
# What makes a fault in the library or the command harder to use, where the compiler has it: pmem_hardening.
# Distributions have flags of their own for this. What CMAKE_C_FLAGS names already, in whatever way, stays
# as it is; so does what a compiler does by itself. Sanitizers and coverage do not get along with some of it.

option(PMEM_HARDENING "Stack protector, FORTIFY, protected branches and the like, where the compiler has them" ON)
set(pmem_hardening "")
string(TOUPPER "CMAKE_C_FLAGS_${CMAKE_BUILD_TYPE}" type_flags)
set(pmem_all_flags "${CMAKE_C_FLAGS} ${${type_flags}}")
if(NOT PMEM_HARDENING OR pmem_all_flags MATCHES "-fsanitize|--coverage")
    return()
endif()
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)

# pmem_harden(name flag): unless a flag of that kind is given, or the compiler does not know it.
function(pmem_harden kind flag)
    if(pmem_all_flags MATCHES "${kind}")
        return()
    endif()
    string(MAKE_C_IDENTIFIER "PMEM_HAS${flag}" known)
    set(CMAKE_REQUIRED_FLAGS -Werror) # clang only warns of what it does not use for a processor
    check_c_compiler_flag(${flag} ${known})
    if(${known})
        set(pmem_hardening ${pmem_hardening} ${flag} PARENT_SCOPE)
    endif()
endfunction()

pmem_harden(stack-protector -fstack-protector-strong)
pmem_harden(stack-clash -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64|i.86)$")
    # Shadow stacks. Linux has no user space whose indirect branches are tracked, so marks for it
    # (-fcf-protection=branch) would be 3 KiB that nothing looks at.
    pmem_harden(cf-protection -fcf-protection=return)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
    pmem_harden(branch-protection -mbranch-protection=standard)
endif()

# Checked copies are glibc's, and only of optimized code: elsewhere the macro warns, or does nothing.
if(NOT pmem_all_flags MATCHES "FORTIFY_SOURCE" AND pmem_all_flags MATCHES "-O[1-3sz]")
    set(CMAKE_REQUIRED_FLAGS -O2)
    check_c_source_compiles("#include <stdio.h>
        #if !defined(__GLIBC__) || defined(_FORTIFY_SOURCE)
        #error
        #endif
        int main(void) { return 0; }" PMEM_FORTIFY)
    unset(CMAKE_REQUIRED_FLAGS)
    if(PMEM_FORTIFY)
        list(APPEND pmem_hardening -D_FORTIFY_SOURCE=2)
    endif()
endif()
