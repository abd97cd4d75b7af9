# SPDX-License-Identifier: MIT
"""Namespaces in which root's commands of a doctor are run for real, and nothing of this machine changes:
/etc is a copy, /dev and /sys are those of a container where that is played."""

import os
import re
import shlex
import subprocess

PHYSMEM = os.environ["PHYSMEM"]
LIBRARY = os.path.dirname(os.environ["LIBRARY"])
USER = "pmem-user"

# A program with capabilities looks for libraries only where ld.so.conf says.
SET_UP = f"""set -eu
mount -t tmpfs none "$WORK"
cp -a /etc/. "$WORK"
mount --bind "$WORK" /etc
printf '%s\\n' {shlex.quote(LIBRARY)} > /etc/ld.so.conf.d/000-physmem.conf
ldconfig -C /etc/ld.so.cache
useradd --no-create-home --shell /bin/sh {USER}
"""

# Asks, runs each line of the kind "run" as root, and asks again in a new session of the user's.
LOOP = """
round=0
while [ $round -lt 5 ]; do
    rc=0
    as_user "$DOCTOR" > "$REPORT" 2>&1 || rc=$?
    echo "== round $round: exit $rc"
    cat "$REPORT"
    [ $rc -ne 0 ] || exit 0
    sed -n 's/^ *run  *//p' "$REPORT" > "$REPORT.run"
    [ -s "$REPORT.run" ] || { echo "== no command"; exit "$rc"; }
    while IFS= read -r command; do
        echo "++ $command"
        sh -c "$command" || { echo "== it failed"; exit 99; }
    done < "$REPORT.run"
    round=$((round + 1))
done
exit 98
"""

AS_USER = f"""
as_user() {{
    setpriv --reuid {USER} --regid {USER} --init-groups --inh-caps=-all sh -c "$1"
}}
"""


def run(script, work, env=None, prefix=("unshare", "-m")):
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "WORK": work, **(env or {})}
    return subprocess.run([*prefix, "sh", "-c", script], env=environment, text=True, check=False,
                          capture_output=True, timeout=120)


def follow(doctor, work, report, env=None, before="", as_user=AS_USER):
    """Does what the doctor says until it is content. Its words are in stdout."""
    return run(SET_UP + before + as_user + LOOP, work,
               env={"DOCTOR": doctor, "REPORT": report, **(env or {})})


# What a container has by default (docs.docker.com/engine/security, moby's default profile).
CAPABILITIES = {"chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
                "net_bind_service", "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap"}
OPTIONS = {"--device": r"/dev/[\w/,.-]+", "--cap-add": r"[A-Z_]+", "--group-add": r"\d+",
           "--ulimit": r"memlock=\d+:\d+", "--security-opt": r"systempaths=unconfined"}


def options_of(command):
    """[(option, value)] of a line of docker run; what is not known here is a fault."""
    words = command.split()
    if words[:2] != ["docker", "run"] or words[-1] != "IMAGE":
        raise AssertionError(f"no docker run: {command}")
    pairs = list(zip(words[2:-1:2], words[3:-1:2]))
    for option, value in pairs:
        if not re.fullmatch(OPTIONS.get(option, "(?!)"), value):
            raise AssertionError(f"{option} {value}: not an option of the list")
    return pairs


def contain(command, program, work, env=None):
    """The program as the root of a container that these options of docker run describe."""
    given = options_of(command)
    values = {name: [value for option, value in given if option == name] for name in OPTIONS}
    caps = CAPABILITIES | {value.lower() for value in values["--cap-add"]}
    limit = next((value.partition("=")[2] for value in values["--ulimit"]), "65536:65536")
    script = ["set -eu", 'mount -t tmpfs none "$WORK"', 'mkdir "$WORK/dev"']
    for device in ["/dev/null", "/dev/zero", "/dev/urandom", *values["--device"]]:
        script.append(f'mkdir -p "$WORK{os.path.dirname(device)}"; touch "$WORK{device}"; '
                      f'mount --bind {device} "$WORK{device}"')
    script.append('mount --rbind "$WORK/dev" /dev')
    script.append("mount -o remount,bind,ro /sys")
    if not values["--security-opt"]:
        script.append("[ ! -d /sys/firmware ] || mount -t tmpfs -o ro none /sys/firmware")
    groups = ",".join(values["--group-add"])
    bounding = "-all" + "".join(f",+{cap}" for cap in sorted(caps))
    script.append(f"exec prlimit --memlock={limit} setpriv {f'--groups {groups}' if groups else '--clear-groups'} "
                  f"--inh-caps=-all --bounding-set={bounding} {program}")
    # The filter of system calls refuses io_uring.
    return run("\n".join(script), work, env={"LIBPMEM_NO_IO_URING": "1", **(env or {})})
