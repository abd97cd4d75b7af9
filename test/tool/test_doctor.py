# SPDX-License-Identifier: MIT
"""physmem doctor: running exactly what it says makes it so."""

import os
import re
import shutil
import stat
import tempfile
import unittest

import physmem
import sandbox

BUILD = os.path.dirname(os.environ["STATIC"])
PHYSMEM = os.environ["PHYSMEM"]

# udevd's part, for files: applies GROUP= and MODE= of the rules in /etc to what they name.
UDEVADM = """#!/bin/sh
[ "$1" = trigger ] || exit 0
sed -n 's/.*KERNEL=="\\([^"]*\\)".*GROUP="\\([^"]*\\)", MODE="\\([^"]*\\)".*/\\1 \\2 \\3/p' /etc/udev/rules.d/*.rules |
while read -r kernel group mode; do
    chgrp "$group" "$LIBPMEM_ROOT/dev/$kernel" && chmod "$mode" "$LIBPMEM_ROOT/dev/$kernel"
done
"""


class Case(physmem.Case):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(dir=BUILD)  # /tmp may be mounted nosuid
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        os.mkdir(self.path("work"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def follow(self, doctor, expect=0, **kwargs):
        done = sandbox.follow(doctor, self.path("work"), self.path("report"), **kwargs)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout

    def iommu(self, *nodes, mode=0o666):
        """A machine with an IOMMU and these nodes of VFIO."""
        self.play()
        self.machine.write("sys/kernel/iommu_groups/7/devices/x", b"")
        for name in nodes:
            self.machine.write(f"dev/vfio/{name}", b"")
            os.chmod(self.machine.path(f"dev/vfio/{name}"), mode)


@physmem.need_root
class Followed(Case):
    """For real, in namespaces: the commands are run as they stand there."""

    def need_memory(self):
        done = physmem.run("doctor", "--for", "phys", "--size", "64K")
        if done.returncode:
            self.skipTest(f"not even root gets memory here: {done.stdout}")

    def test_setcap(self):
        """An ordinary user, a copy of the program: one command, and all of memory's uses work."""
        self.need_memory()
        program = shutil.copy(PHYSMEM, self.path("physmem"))
        said = self.follow(f"{program} doctor --for alloc,phys,dma --size 64K")
        self.assertIn("round 0: exit 3", said)
        self.assertEqual(re.findall(r"(?m)^\+\+ (.*)$", said),
                         [f"setcap cap_sys_admin,cap_dac_read_search+ep {program}"])
        self.assertIn("round 1: exit 0", said)

    def test_setcap_keeps_what_is_there(self):
        self.need_memory()
        program = shutil.copy(PHYSMEM, self.path("physmem"))
        said = self.follow(f"{program} doctor --for phys --size 64K",
                           before=f"setcap cap_ipc_lock+ep {program}\n")
        self.assertRegex(said, r"(?m)^\+\+ setcap cap_sys_admin,cap_dac_read_search,cap_ipc_lock\+ep ")

    def test_group(self):
        """A file of a group: usermod, and a new session."""
        self.machine.path("dev/mem")
        before = ('groupadd -g 54321 registers\nchgrp 54321 "$LIBPMEM_ROOT/dev/mem"\n'
                  'chmod 0660 "$LIBPMEM_ROOT/dev/mem"\n')
        said = self.follow(f"{PHYSMEM} doctor --for map", before=before,
                           env={"LIBPMEM_ROOT": self.machine.root})
        self.assertEqual(re.findall(r"(?m)^\+\+ (.*)$", said), [f"usermod -aG registers {sandbox.USER}"])
        self.assertIn("the group holds from the next login on", said)

    def test_udev_rule(self):
        """root's own file: a rule, udevd's two commands, and the group. udevd is played."""
        os.chmod(self.machine.path("dev/mem"), 0o600)
        with open(self.path("udevadm"), "w", encoding="ascii") as file:
            file.write(UDEVADM)
        os.chmod(self.path("udevadm"), 0o755)
        said = self.follow(f"{PHYSMEM} doctor --for map", before="mkdir -p /etc/udev/rules.d\n",
                           env={"LIBPMEM_ROOT": self.machine.root,
                                "PATH": f"{self.folder}:{os.environ['PATH']}"})
        self.assertEqual(len(re.findall(r"(?m)^\+\+ ", said)), 4, said)
        self.assertEqual(stat.S_IMODE(os.stat(self.machine.path("dev/mem")).st_mode), 0o660)

    def test_limit(self):
        """A soft limit: the user's own command; a hard one: a file that PAM reads."""
        for hard, kind, text in (("unlimited", "login", "ulimit -l 1088"),
                                 ("64", "run", f"echo '{sandbox.USER} - memlock 1088' > "
                                  "/etc/security/limits.d/70-libpmem.conf")):
            with self.subTest(hard=hard):
                self.iommu("vfio", "7")
                script = (f"ulimit -S -l 64; ulimit -H -l {hard}; exec {PHYSMEM} doctor --for vfio")
                done = sandbox.run(sandbox.SET_UP + sandbox.AS_USER + f'as_user "{script}"',
                                   self.path("work"), env={"LIBPMEM_ROOT": self.machine.root})
                self.assertEqual(done.returncode, physmem.FAILED, done.stdout + done.stderr)
                self.assertRegex(done.stdout, rf"(?m)^ *{kind} +{re.escape(text)}$")
                if kind == "login":
                    script = script.replace("exec", f"{text}; exec")
                    follow = ""
                else:
                    # su's session reads the file by pam_limits.
                    follow = f"{text}\n"
                    script = f"{PHYSMEM} doctor --for vfio"
                call = f'as_user "{script}"' if kind == "login" else \
                    f'su -m -s /bin/sh {sandbox.USER} -c "{script}"'
                done = sandbox.run("ulimit -S -l 64\n" + sandbox.SET_UP + sandbox.AS_USER + follow + call,
                                   self.path("work"), env={"LIBPMEM_ROOT": self.machine.root})
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_container(self):
        """The options that it prints are enough, each of them is needed, and --privileged is none."""
        self.need_memory()
        for use in ("alloc", "phys"):
            with self.subTest(use=use):
                ask = f"doctor --for {use} --size 64K"
                docker = self.json("doctor", "--for", use, "--size", "64K", "--container",
                                   root=None)["container"]["docker"]
                self.assertNotIn("privileged", docker)
                done = sandbox.contain(docker, f"{PHYSMEM} {ask}", self.path("work"))
                self.assertEqual(done.returncode, 0, docker + done.stdout + done.stderr)
                for option, value in sandbox.options_of(docker):
                    if option == "--ulimit":
                        continue  # pipes keep as much in place without it
                    less = docker.replace(f" {option} {value}", "")
                    done = sandbox.contain(less, f"{PHYSMEM} {ask}", self.path("work"))
                    self.assertNotEqual(done.returncode, 0, less)


class Told(Case):
    """On played machines: what is said of each cause."""

    def steps(self, *args, **kwargs):
        """{(kind, text)} of all checks."""
        document = self.json("doctor", *args, **kwargs)
        return {(step["kind"], step["text"]) for check in document["checks"] for step in check["steps"]}

    @physmem.need_root
    def test_udev_package(self):
        """Nodes that the package's rules are for."""
        self.machine.write("dev/gpiomem", b"")
        os.chmod(self.machine.path("dev/gpiomem"), 0o600)
        steps = self.steps("--for", "gpio", user=physmem.NOBODY, expect=physmem.PERMISSION)
        self.assertIn(("run", "apt install libpmem-udev"), steps)
        self.assertIn(("run", "usermod -aG gpio nobody"), steps)
        self.machine.write("lib/udev/rules.d/05-libpmem.rules", b"")
        steps = self.steps("--for", "gpio", user=physmem.NOBODY, expect=physmem.PERMISSION)
        self.assertIn(("run", "udevadm trigger"), steps)

    def test_boot(self):
        config = f"boot/config-{os.uname().release}"
        self.machine.write(config, b"CONFIG_STRICT_DEVMEM=y\nCONFIG_IO_STRICT_DEVMEM=y\n")
        self.machine.write("proc/cmdline", b"quiet\n")
        text = self.physmem("doctor", "--for", "map").stdout
        self.assertIn("boot      iomem=relaxed (in the one line of /boot/firmware/cmdline.txt)", text)
        self.machine.write("proc/cmdline", b"quiet iomem=relaxed\n")
        self.assertNotIn("iomem", self.physmem("doctor", "--for", "map").stdout)

    def test_iommu(self):
        self.physmem("doctor", "--for", "vfio", expect=physmem.UNSUPPORTED)
        self.machine.write("sys/firmware/acpi/tables/DMAR", b"")
        text = self.physmem("doctor", "--for", "vfio", expect=physmem.FAILED).stdout
        self.assertRegex(text, r"(?m)^    boot +intel_iommu=on ")

    @physmem.need_root
    def test_vfio_is_not_permitted(self):
        self.iommu("vfio", "7", mode=0o600)
        checks = self.json("doctor", "--for", "vfio", "--size", "4096", user=physmem.NOBODY,
                           expect=physmem.PERMISSION)["checks"]
        self.assertEqual([(check["state"], check.get("error", {}).get("cause")) for check in checks[:3]],
                         [("ok", None), ("missing", "file-mode"), ("missing", "file-mode")])

    def test_vfio_has_nothing(self):
        """The words name commands that are known, with the words of their own help."""
        self.iommu()
        self.assertIn(("run", "modprobe vfio-pci"), self.steps("--for", "vfio", expect=physmem.FAILED))
        self.iommu("vfio")
        (text,) = [text for kind, text in self.steps("--for", "vfio", expect=physmem.FAILED) if kind == "advice"]
        synopsis = self.physmem("device", "--help").stdout
        for command in ("list", "bind DEVICE"):
            self.assertIn(f"physmem device {command}", text)
            for word in command.split():
                self.assertIn(word, synopsis.splitlines()[0])

    def test_container_of_a_board(self):
        """The nodes of a Pi, with the group that has them, and the device tree."""
        self.machine.write("dev/gpiomem", b"")
        os.chmod(self.machine.path("dev/gpiomem"), 0o660)
        if os.geteuid() == 0:
            os.chown(self.machine.path("dev/gpiomem"), 0, 997)
        found = self.json("doctor", "--for", "gpio", "--container")["container"]
        group = " --group-add 997" if os.geteuid() == 0 else f" --group-add {os.getegid()}"
        self.assertEqual(found["docker"], f"docker run --device /dev/gpiomem{group} "
                         "--security-opt systempaths=unconfined IMAGE")
        self.assertEqual(found["podman"], f"podman run --device /dev/gpiomem{group} "
                         "--security-opt unmask=/sys/firmware IMAGE")

    def test_inside_a_container(self):
        self.machine.write(".dockerenv", b"")
        os.unlink(self.machine.path("dev/mem"))
        self.assertIn(("container", "--device /dev/mem"),
                      self.steps("--for", "map", expect=physmem.UNSUPPORTED))

    def test_absent_is_no_failure_unless_asked_for(self):
        self.play(nodes={}, files={}, memory=True)
        self.physmem("doctor", "--for", "gpio", expect=physmem.UNSUPPORTED)
        checks = self.json("doctor", "--for", "gpio,map", expect=physmem.UNSUPPORTED)["checks"]
        self.assertEqual([check["state"] for check in checks], ["ok", "absent"])

    def test_each_use_is_told(self):
        done = physmem.run("doctor", "--json", root=self.machine.root)
        document = physmem.json.loads(done.stdout)
        self.assertEqual({check["use"] for check in document["checks"]},
                         {"map", "gpio", "alloc", "phys", "dma", "vfio"})
        self.assertEqual(document["usable"], done.returncode == physmem.OK)
        for check in document["checks"]:
            if check["state"] == "missing":
                self.assertTrue(check["steps"], check)


if __name__ == "__main__":
    physmem.main()
