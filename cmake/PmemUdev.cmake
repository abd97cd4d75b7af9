# The rules of udev and the groups of systemd-sysusers: component Udev, the package libpmem-udev.
# A folder that is given is taken as it is; empty is off. Else it is where pkg-config says that they
# look, but below the prefix if that is not /usr: /usr/local/lib is looked into as well. Without the
# files of udev and systemd for developers, nothing is installed.

function(pmem_system_folder variable module key below what)
    pkg_get_variable(folder ${module} ${key})
    # Of a cross build: pkgconf puts the sysroot in front.
    set(sysroot "$ENV{PKG_CONFIG_SYSROOT_DIR}")
    if(sysroot)
        string(REGEX REPLACE "^${sysroot}/*" "/" folder "${folder}")
    endif()
    if(folder AND NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
        set(folder ${below})
    endif()
    set(${variable} "${folder}" CACHE STRING "Where ${what}; empty: it is not installed")
endfunction()

pmem_system_folder(PMEM_UDEVDIR udev udevdir lib/udev "udev looks for rules.d")
pmem_system_folder(PMEM_SYSUSERSDIR systemd sysusersdir lib/sysusers.d "systemd-sysusers looks")
if(NOT PMEM_UDEVDIR OR NOT PMEM_SYSUSERSDIR)
    message(STATUS "No rules of udev: PMEM_UDEVDIR and PMEM_SYSUSERSDIR do not say where")
    return()
endif()
install(FILES udev/05-libpmem.rules DESTINATION ${PMEM_UDEVDIR}/rules.d COMPONENT Udev)
install(FILES udev/libpmem.conf DESTINATION ${PMEM_SYSUSERSDIR} COMPONENT Udev)
