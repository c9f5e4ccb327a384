# SPDX-License-Identifier: GPL-2.0-or-later
"""The launcher itself: statuses, streams, messages."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from cxl_vm import topology
from cxl_vm.packages import REPOSITORY

from harness.group import Group, equal, expect

SCRIPT = REPOSITORY / "scripts" / "cxl-vm"
PANIC, GONE, DIED, TIMEOUT, NO_VERDICT = range(121, 126)
# A topology, the key its complaint must name, and a word of the remedy.
BRIDGE = '[[bridge]]\nname = "hb0"\nbus = 12\n'
PORT = 'ports = [ { device = "d0", volatile = "256M", serial = 1 } ]\n'
WINDOW = '[[window]]\ntargets = ["hb0"]\n'
BAD_TOPOLOGIES = [
    ("x = ", "TOML", ""),
    ("", "bridge", "at least one"),
    ('[[bridge]]\nname = "hb 0"\nbus = 12\n', "bridge[0].name", "letters"),
    ('[[bridge]]\nname = "hb0"\n', "bridge[0].bus", "missing"),
    ('[[bridge]]\nname = "hb0"\nbus = 300\n', "bridge[0].bus", "254"),
    (BRIDGE + "speed = 1\n", "bridge[0].speed", "known"),
    (BRIDGE + BRIDGE, "bridge.name", "twice"),
    (BRIDGE + BRIDGE.replace("hb0", "hb1"), "bridge.bus", "twice"),
    (BRIDGE + PORT + BRIDGE.replace("hb0", "b").replace("12", "13"),
     "bridge.bus", "move"),
    (BRIDGE + PORT.replace("256M", "100M"), "ports[0].volatile", "256M"),
    (BRIDGE + PORT.replace("256M", "lots"), "ports[0].volatile", "256M"),
    (BRIDGE + PORT.replace("volatile", "persistent"), "ports[0].lsa",
     "1M"),
    (BRIDGE + PORT.replace("serial", 'metadata = "64K", serial'),
     "ports[0].metadata", "128K"),
    (BRIDGE + PORT.replace(", serial = 1", ""), "ports[0].serial",
     "missing"),
    (BRIDGE + PORT + WINDOW + 'size = "100M"\n', "window[0].size", "256M"),
    (BRIDGE + PORT + WINDOW + 'size = "1G"\ngranularity = 300\n',
     "window[0].granularity", "power of two"),
    (BRIDGE + PORT + WINDOW.replace("hb0", "hb9") + 'size = "1G"\n',
     "window.targets", "hb0"),
    (BRIDGE + "generic_port = true\n", "bridge[0].generic_port", "table"),
    (BRIDGE + "generic_port = { latency = 1 }\n",
     "bridge[0].generic_port.latency", "read_latency"),
    (BRIDGE + "generic_port = { read_bandwidth = 65535 }\n",
     "bridge[0].generic_port.read_bandwidth", "65534"),
    (BRIDGE + PORT.replace("serial", 'performance = { read_latency = "1" }, '
                           "serial"),
     "ports[0].performance.read_latency", "number"),
]


def _launch(build: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    verb, *rest = words
    return subprocess.run(
        [sys.executable, str(SCRIPT), verb, "--build", str(build), *rest],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
    )


class Launcher(Group):
    """scripts/cxl-vm, as a user calls it."""

    boots = False

    def _exec(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return _launch(self.lab.build, "exec", *words)

    def _expect_log(self, errors: str) -> None:
        match = re.search(r"^logs: (.*)$", errors, re.M)
        expect(match, f"no place of the logs in: {errors}")
        log = Path(match.group(1)) / "console.log"
        expect("Linux version" in log.read_text(errors="replace"),
               f"{log} is not a console's log")

    def check_streams(self) -> None:
        """exec: words and both streams are exact, the status is returned"""
        script = (
            r"i=0; while [ $i -lt 300 ]; do printf '\000\001\r\n\377%s' $i; "
            "i=$((i+1)); done; printf '%s|' \"$@\"; echo to-err >&2; exit 42"
        )
        words = ["a b", "$HOME", "'", "*", ""]
        done = self._exec("--", "sh", "-c", script, "sh", *words)
        wanted = b"".join(b"\0\1\r\n\xff%d" % at for at in range(300))
        wanted += "".join(f"{word}|" for word in words).encode()
        equal(done.stdout, wanted, "standard output")
        equal(done.stderr.splitlines()[-1:], [b"to-err"], "standard error")
        equal(done.returncode, 42, "status")

    def check_panic(self) -> None:
        """exec: a panic ends the run, status 121"""
        done = self._exec("--", "echo c >/proc/sysrq-trigger")
        equal(done.returncode, PANIC, "status")
        errors = done.stderr.decode()
        expect("panicked: sysrq triggered crash" in errors, errors)
        self._expect_log(errors)

    def check_hang(self) -> None:
        """exec: a command without end is ended, status 124"""
        done = self._exec("--timeout", "2", "--", "sleep 1000")
        equal(done.returncode, TIMEOUT, "status")
        self._expect_log(done.stderr.decode())

    def check_power_off(self) -> None:
        """exec: a guest that leaves is noticed, status 122"""
        done = self._exec("--", "poweroff -f; sleep 60")
        equal(done.returncode, GONE, "status")

    def check_crash(self) -> None:
        """exec: a crash of QEMU gives status 123"""
        with tempfile.TemporaryDirectory() as scratch:
            fake = Path(scratch) / "qemu"
            fake.write_text("#!/bin/sh\nkill -SEGV $$\n")
            fake.chmod(0o755)
            done = self._exec("--qemu", str(fake), "--", "true")
        equal(done.returncode, DIED, "status")
        expect(b"SIGSEGV" in done.stderr, done.stderr.decode())

    def check_no_verdict(self) -> None:
        """exec: what is the launcher's own trouble gives status 125"""
        for words, said in (
            (["--qemu", "/nowhere", "--", "true"], "/nowhere"),
            (["--qemu-args=-bogus", "--", "true"], "-bogus"),
            (["--kernel", "/nowhere", "--", "true"], "/nowhere"),
            (["--topology", "nothing", "--", "true"], "hb2x2"),
            (["--smp"], "--smp"),
            (["-t", "qos", "--smp", "sockets=2", "--", "true"], "--smp"),
        ):
            done = self._exec(*words)
            equal(done.returncode, NO_VERDICT, f"status of {words}")
            expect(said in done.stderr.decode(), done.stderr.decode())
        done = _launch(self.lab.build, "demo", "-t", "rp4")
        equal(done.returncode, NO_VERDICT, "status of a tour on rp4")
        expect("hb2x2" in done.stderr.decode(), done.stderr.decode())

    def check_topology_errors(self) -> None:
        """a bad topology: file, key and remedy are named"""
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "bad.toml"
            for text, key, remedy in BAD_TOPOLOGIES:
                path.write_text(text)
                done = self._exec("--dry-run", "-t", str(path), "--", "true")
                errors = done.stderr.decode()
                equal(done.returncode, NO_VERDICT, f"status for {text!r}")
                for part in (str(path), key, remedy):
                    expect(part in errors, f"no '{part}' in: {errors}")

    def check_topologies(self) -> None:
        """topologies: each is described; topo draws any, also as SVG"""
        text = _launch_plain("topologies").stdout.decode()
        for name in topology.names():
            expect(re.search(rf"^{name} +\w+", text, re.M), f"no {name}")
        drawn = _launch_plain("topologies", *topology.names()).stdout.decode()
        equal(len(re.findall(r"^ *window 0 ", drawn, re.M)),
              len(topology.names()), "drawings")
        mixed = _launch_plain("topo", "mixed").stdout.decode()
        expect("sw1dsp0 ── dev2" in mixed and mixed in drawn, mixed)
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "x.svg"
            done = _launch_plain("topo", "mixed", "--svg", str(path))
            equal((done.returncode, done.stdout.decode().strip()),
                  (0, str(path)), "status and path")
            equal(ElementTree.parse(path).getroot().tag,
                  "{http://www.w3.org/2000/svg}svg", "root of the file")
            done = _launch_plain("topo", "mixed", "--svg", scratch)
            equal(done.returncode, NO_VERDICT, "status for a directory")
            expect("--svg" in done.stderr.decode(), done.stderr.decode())

    def check_dry_run(self) -> None:
        """--dry-run prints a command line QEMU accepts"""
        done = _launch(self.lab.build, "run", "--dry-run", "-t", "hb2x2")
        text = done.stdout.decode()
        for part in ("cxl-fmw.0.targets.1=hb1", "hypervisor=off",
                     "cxl-type3,id=dev3"):
            expect(part in text, f"no '{part}' in {text}")
        stopped = subprocess.run(
            text.rstrip() + " -S -snapshot & sleep 2; kill $!; wait $!",
            shell=True, capture_output=True, stdin=subprocess.DEVNULL,
        )
        expect(b"terminating on signal 15" in stopped.stderr,
               stopped.stderr.decode())

    def check_folders(self) -> None:
        """--state keeps the devices' bytes, --share shows a folder"""
        with (tempfile.TemporaryDirectory() as state,
              tempfile.TemporaryDirectory() as folder):
            Path(folder, "here").write_text("hello\n")
            done = self._exec(
                "--state", state, "--share", folder, "--",
                "cat /share/here >/share/there && ndctl disable-dimm nmem0 "
                "&& ndctl init-labels nmem0",
            )
            equal(done.returncode, 0, f"status {done.stderr.decode()}")
            equal(Path(folder, "there").read_text(), "hello\n", "copy")
            labels = Path(state, "dev0-lsa.img").read_bytes()
            expect(b"NAMESPACE_INDEX" in labels, "no labels in the file")

    def check_interactive(self) -> None:
        """run: a shell on the terminal, left with 'exit'"""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(sys.executable, [
                sys.executable, str(SCRIPT), "run", "--build",
                str(self.lab.build),
            ])
        shown = _read_until(terminal, b"Leave with", 120)
        shown += _read_until(terminal, b"# ", 30)
        os.write(terminal, b"echo $((6 * 7))-$(ls /sys/bus/cxl/devices)\n")
        shown += _read_until(terminal, b"42-decoder0.0", 30)
        os.write(terminal, b"exit\n")
        _read_until(terminal, b"Power down", 30)
        _, status = os.waitpid(pid, 0)
        equal(os.waitstatus_to_exitcode(status), 0, "status")


def _launch_plain(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words], stdin=subprocess.DEVNULL,
        capture_output=True, timeout=60,
    )


def _read_until(terminal: int, text: bytes, timeout: float) -> bytes:
    """What a terminal shows up to @text."""
    shown = b""
    deadline = time.monotonic() + timeout
    while text not in shown:
        left = deadline - time.monotonic()
        expect(left > 0, f"no {text!r} in {shown[-400:]!r}")
        if select.select([terminal], [], [], left)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:
                expect(False, f"ended without {text!r}: {shown[-400:]!r}")
    return shown
