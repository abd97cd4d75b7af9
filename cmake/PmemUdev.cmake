# The rules of udev and the groups of systemd-sysusers: component Udev, the package libpmem-udev.
# A folder that is given is taken as it is; empty is off. Else it is where pkg-config says that they
# look, but below the prefix if that is not /usr: /usr/local/lib is looked into as well. Without the
# files of udev and systemd for developers, nothing is installed.

function(pmem_system_folder out module key below)
    pkg_get_variable(folder ${module} ${key})
    # Of a cross build: pkgconf puts the sysroot in front.
    set(sysroot "$ENV{PKG_CONFIG_SYSROOT_DIR}")
    if(sysroot)
        string(REGEX REPLACE "^${sysroot}/*" "/" folder "${folder}")
    endif()
    if(folder AND NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
        set(folder ${below})
    endif()
    set(${out} "${folder}" PARENT_SCOPE)
endfunction()

pmem_system_folder(udevdir udev udevdir lib/udev)
pmem_system_folder(sysusersdir systemd sysusersdir lib/sysusers.d)
set(PMEM_UDEVDIR "${udevdir}" CACHE STRING
    "Where udev looks for the folder rules.d; empty: no rules are installed")
set(PMEM_SYSUSERSDIR "${sysusersdir}" CACHE STRING
    "Where systemd-sysusers looks; empty: no rules are installed")
if(NOT PMEM_UDEVDIR OR NOT PMEM_SYSUSERSDIR)
    message(STATUS "No rules of udev: PMEM_UDEVDIR and PMEM_SYSUSERSDIR do not say where")
    return()
endif()
install(FILES udev/05-libpmem.rules DESTINATION ${PMEM_UDEVDIR}/rules.d COMPONENT Udev)
install(FILES udev/libpmem.conf DESTINATION ${PMEM_SYSUSERSDIR} COMPONENT Udev)
