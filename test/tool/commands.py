#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The commands and settings that hints and documents give: each is known, that is run or listed.

usage: commands.py PROJECT_DIR

Looks into the documents, and into the string literals of the library and the command. What begins
like a command and is not in KNOWN is a fault, and so is what is in KNOWN and stands nowhere.
"""

import re
import sys
from pathlib import Path

# How what people type or set begins. A command that begins otherwise is not seen: add its word.
START = re.compile(r"""(?<![\w./"$-])(?:
    (?:add|del)(?:user|group)\s | (?:user|group)(?:add|mod|del)\s | gpasswd\s | newgrp\s |
    apt(?:-get)?\s(?:install|update)\b | ausearch\b | cc\s[\w-]+\.c | (?:chgrp|chmod|chown|setfacl)\s |
    cmake\s-- | ctest\s- | depmod\b | dmesg\b | docker\s(?:run|exec)\b | podman\s(?:run|exec)\b |
    dpkg-(?:buildpackage|reconfigure)\b | echo\s[^|]*?> | findmnt\b | insmod\b | ldconfig\b | lspci\b |
    meson\s | mknod\s | modprobe\s | mokutil\b | mount\s-{1,2}\w | ninja\s- | pip3?\s | pkg-config\s-- |
    prlimit\b | raspi-config\b | rmmod\b | setcap\s | setpriv\s | sudo\s | swapoff\b | sysctl\s |
    systemctl\s | systemd-run\s | udevadm\s | ulimit\s- | umount\s | unshare\s | update-(?:grub|initramfs)\b |
    \./(?:cmake|test)/[\w/-]+ |
    (?:SUBSYSTEM|KERNEL)== |
    (?:cma|default_hugepagesz|dtoverlay|dtparam|hugepages|hugepagesz|intel_iommu|iomem|iommu|lockdown|memmap
       |pci|swiotlb)=(?!=) |
    (?:Ambient|Bounding)?Capabilit\w+= | (?:Device|Limit|Memory|Private|Protect|Supplementary|SystemCall)\w+= |
    --(?:cap-add|cap-drop|cgroup\w*|device|group-add|ipc|memory|mount|network|pid|privileged|runtime
         |security-opt|sysctl|ulimit|userns|user|volume)(?![\w-]) |
    LIBPMEM_[A-Z]\w+ |
    /(?:proc|sys)/[\w/.*-]+/(?:nr_hugepages|compact_memory|drop_caches|unbind|new_id|bind)\b
)""", re.X)

RUN = "run"              # by test_commands.py: the name of the test
ELSEWHERE = "elsewhere"  # by other tests: their names
NOT = "not"              # why not

BOOT = "takes a boot; guests are booted with iomem=relaxed, hugepages= and lockdown="
SYSTEMD = "systemd of a booted system reads it"
CONTAINER = "needs a container engine, and the device of a board"

KNOWN = (
    (r"setcap cap_sys_admin,[a-z_,]*\+ep PROGRAM", RUN, "test_setcap_for_addresses"),
    (r"setcap (cap_sys_rawio|CAPABILITY)\+ep PROGRAM", RUN, "test_setcap_for_dev_mem"),
    (r'((SUBSYSTEM|KERNEL)=="[^"]+", )+GROUP="\w+", MODE="0660"', RUN, "test_udev_rules"),
    (r"usermod -aG (dmamem|gpio|kvm|GROUP) USER", RUN, "test_usermod"),
    (r"chgrp and chmod g\+rw", RUN, "test_chgrp_and_chmod"),
    (r"chmod g\+rw(\)| \|)", RUN, "test_chgrp_and_chmod"),
    (r"mount -t proc proc /proc", RUN, "test_mount_proc"),
    (r"mknod /dev/mem c 1 1", RUN, "test_mknod"),
    (r"sysctl vm\.max_map_count$", RUN, "test_max_map_count"),
    (r"sysctl fs\.file-max allows", NOT, "starving a machine of open files hits whatever else runs there"),
    (r"ulimit -n\b", RUN, "test_ulimit_n"),
    (r"ulimit -l\b", RUN, "test_ulimit_l"),
    (r"echo 1 > /proc/sys/vm/compact_memory", RUN, "test_compact_memory"),
    (r"/proc/sys/vm/compact_memory", RUN, "test_compact_memory"),
    (r"/sys/kernel/mm/hugepages/hugepages-\*/nr_hugepages", RUN, "test_nr_hugepages"),
    (r"findmnt -T", RUN, "test_findmnt"),
    (r"dmesg\b", RUN, "test_dmesg"),
    (r"AmbientCapabilities=", RUN, "test_ambient_capabilities"),
    (r"LIBPMEM_BACKEND\b", RUN, "test_backend"),
    (r"LIBPMEM_DEBUG\b", RUN, "test_debug"),
    (r"LIBPMEM_DEVICE_TREE\b", RUN, "test_device_tree"),
    (r"LIBPMEM_NO_IO_URING\b", RUN, "test_no_io_uring"),
    (r"LIBPMEM_ROOT\b", RUN, "test_root"),
    (r"LIBPMEM_RUN_DIR\b", ELSEWHERE, "unit_journal"),
    (r"LIBPMEM_REGION_[A-Z]+\b", ELSEWHERE, "tool_memory"),
    (r"(setcap CAPABILITY\+ep|usermod -aG GROUP) %s|usermod -aG gpio me\b|echo '%s' >> ", ELSEWHERE, "tool_doctor"),
    (r"newgrp (gpio|%s)", NOT, "a shell in a terminal; tool_doctor begins a new session instead"),
    (r"modprobe vfio-pci", NOT, "needs the modules of the running kernel, and an IOMMU"),
    (r"LIBPMEM_LIB_DIR\b", ELSEWHERE, "bindings_rust_*"),
    (r"dpkg-buildpackage -B -a arm64", ELSEWHERE, "foreign_arm64; package_cross_armhf for another processor"),
    (r"LIBPMEM_GUEST_(CACHE|MIRROR)\b", ELSEWHERE, "guest_*"),
    (r"(sudo )?\./test/guest/run\b", ELSEWHERE, "guest_*"),
    (r"\./cmake/bootstrap\b", ELSEWHERE, "the run of all tests"),
    (r"(sudo )?(cmake|ctest) -", ELSEWHERE, "package_*, and the run of all tests"),
    (r"apt install libpmem-udev\b", ELSEWHERE, "package_packages"),
    (r"(sudo )?apt (update|install (--allow-downgrades )?(\./build/packages/)?libpmem)", ELSEWHERE,
     "package_archive_*"),
    (r"sudo (tee /etc/apt|cp build/packages/libpmem\.pref)", ELSEWHERE, "package_archive_*"),
    (r"(cc \w+\.c \$\()?pkg-config --", ELSEWHERE, "package_*"),
    (r"sysctl kernel\.io_uring_disabled=0", ELSEWHERE, "guest_x86"),
    (r"sysctl kernel\.io_uring_group", NOT,
     "seen to help only while io_uring is switched off for the programs of the whole machine"),
    (r"insmod u-dma-buf\.ko", ELSEWHERE, "guest_x86-dmabuf, guest_arm64-dmabuf, with a module of that ABI"),
    (r"udevadm (control|trigger)", ELSEWHERE, "guest_raspi3b, guest_x86-dmabuf"),
    (r"echo (vfio-pci|[\da-f:.]+) > /sys/bus/pci/(devices/[\da-f:.]+/driver(_override|/unbind)|drivers_probe)$",
     ELSEWHERE, "tool_device; guests bind so"),
    (r"echo %\.\d+s > (%\.\d+s/driver(_override|/unbind)|/sys/bus/%s/drivers_probe)", ELSEWHERE,
     "guests follow the hint of what is not bound"),
    (r"modprobe ((iommufd|vfio-pci|%s)\b|8 \.|$)", ELSEWHERE, "tool_device; guests load it"),
    (r"update-grub", NOT, BOOT),
    (r"(cma|dtoverlay|hugepages|hugepagesz|intel_iommu|iomem|iommu|lockdown)=", NOT, BOOT),
    (r"echo ADDRESS > \.\.\./driver/unbind", NOT, "needs a PCI device that a driver has"),
    (r"ausearch", NOT, "needs the audit daemon; it only shows"),
    (r"lspci\b", NOT, "needs a PCI bus; it only shows"),
    (r"(DeviceAllow|LimitMEMLOCK|MemoryMax|SupplementaryGroups)=", NOT, SYSTEMD),
    (r"(docker|podman) run\b", ELSEWHERE, "tool_doctor plays what the options mean"),
    (r"--(cap-add|device|group-add|memory|privileged|security-opt|ulimit|volume)\b", NOT, CONTAINER),
)


def literals(text):
    """The string literals of C; those that stand together are one."""
    text = re.sub(r"(?s)/\*.*?\*/|//[^\n]*", " ", text)
    literal = r'"(?:[^"\\\n]|\\.)*"'
    for group in re.findall(literal + r"(?:(?:\s|\\\n)*" + literal + ")*", text):
        whole = "".join(part[1:-1] for part in re.findall(literal, group))
        yield whole.replace('\\"', '"').replace("\\n", "\n").replace("setcap %s", "setcap CAPABILITY") \
            .replace("usermod -aG %s", "usermod -aG GROUP")


def texts(tree):
    """(name, text) of all that people read."""
    for path in sorted([*tree.glob("*.md"), *tree.glob("docs/*.md"), *tree.glob("docs/man/*")]):
        yield path, re.sub(r"(?ms)^```c\n.*?^```$", "", path.read_text(encoding="utf-8"))
    for path in sorted(tree.glob("udev/*")):
        yield path, path.read_text(encoding="utf-8")
    for path in sorted([*tree.glob("lib/**/*.[ch]"), *tree.glob("tools/*.[ch]")]):
        yield path, "\n".join(literals(path.read_text(encoding="utf-8")))


def occurrences(tree):
    """(file, the rest of its line) of each."""
    for path, text in texts(Path(tree)):
        for line in text.splitlines():
            for match in START.finditer(line):
                yield path.relative_to(tree).as_posix(), line[match.start():]


def known(rest):
    """The entry of KNOWN, or None."""
    return next((entry for entry in KNOWN if re.match(entry[0], rest)), None)


def main(tree):
    faults, used = [], set()
    for path, rest in occurrences(tree):
        entry = known(rest)
        if entry:
            used.add(entry)
        else:
            faults.append(f"{path}: neither run nor listed: {rest[:60]}")
    faults += [f"stands nowhere: {entry[0]}" for entry in KNOWN if entry not in used]
    for fault in faults:
        print(fault)
    return 1 if faults or not used else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
