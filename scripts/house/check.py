# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/check: run the test suites and count their points."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from house.lists import ROOT
from house.suites import Stage, Suite, expand, load, programs
from house.tap import Tally
from house.ui import HouseError, run_logged, step

LOGS = ROOT / "build/logs"
SHOWN = 8


@dataclass
class Totals:
    """Points of all suites so far."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, name: str, tally: Tally) -> None:
        """Take in the result of suite @name."""
        self.passed += tally.passed
        self.failed += len(tally.failures)
        self.skipped += tally.skipped
        self.failures += [f"{name}: {what}" for what in tally.failures]

    def line(self) -> str:
        """The closing line."""
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def log_of(name: str) -> Path:
    """Where the output of a suite or stage goes."""
    return LOGS / (name.replace("/", "-") + ".log")


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Runner:
    """Runs suites side by side within the host's cores."""

    def __init__(self, cores: int, verbose: bool) -> None:
        self.cores = cores
        self.verbose = verbose
        self.free = cores
        self.totals = Totals()
        self.turn = threading.Condition()
        self.running: set[subprocess.Popen[bytes]] = set()
        self.threads: list[threading.Thread] = []

    def _execute(self, suite: Suite) -> tuple[int, bool]:
        """Exit status, and whether it ran out of time."""
        log = log_of(suite.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as stream:
            process = subprocess.Popen(
                suite.command, cwd=ROOT / suite.cwd,
                env={**os.environ, **suite.env}, stdin=subprocess.DEVNULL,
                stdout=stream, stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.add(process)
        try:
            return process.wait(suite.timeout), False
        except subprocess.TimeoutExpired:
            return -1, True
        finally:
            _kill(process)
            process.wait()
            self.running.discard(process)

    def _judge(self, suite: Suite) -> Tally:
        tally = Tally()
        try:
            status, late = self._execute(suite)
        except OSError as error:
            tally.failures.append(f"cannot run: {error}")
            return tally
        text = log_of(suite.name).read_text(encoding="utf-8",
                                            errors="replace")
        for line in text.splitlines():
            tally.feed(line)
        if late:
            tally.failures.append(f"stopped after {suite.timeout} s")
        else:
            tally.finish(status)
        return tally

    def _run_one(self, suite: Suite, cores: int) -> None:
        started = time.monotonic()
        tally = self._judge(suite)
        with self.turn:
            self.free += cores
            self.totals.add(suite.name, tally)
            self._report(suite, tally, time.monotonic() - started)
            self.turn.notify_all()

    def _report(self, suite: Suite, tally: Tally, seconds: float) -> None:
        word = "FAILED" if tally.failures else "ok"
        counts = f"{tally.passed} passed"
        if tally.failures:
            counts += f", {len(tally.failures)} failed"
        if tally.skipped:
            counts += f", {tally.skipped} skipped"
        step(f"{word:6} {suite.name:34} {counts} ({seconds:.1f} s)")
        for what in tally.failures[:SHOWN]:
            print(f"           not ok: {what}")
        if tally.failures:
            print(f"           see {log_of(suite.name)}", flush=True)
        if self.verbose:
            print(log_of(suite.name).read_text(errors="replace"), flush=True)

    def start(self, suite: Suite) -> None:
        """Start @suite as soon as enough cores are free."""
        cores = min(suite.cores, self.cores)
        with self.turn:
            self.turn.wait_for(lambda: self.free >= cores)
            self.free -= cores
        thread = threading.Thread(target=self._run_one, args=(suite, cores))
        self.threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Wait for all that was started."""
        for thread in self.threads:
            thread.join()
        self.threads.clear()

    def stop(self) -> None:
        """End all that is running."""
        for process in list(self.running):
            _kill(process)

    def fail(self, name: str, what: str) -> None:
        """Count a failure that no test point tells of."""
        self.totals.add(name, Tally(failures=[what]))
        step(f"FAILED {name:34} {what}")


class Stages:
    """Builds what suites need, each thing once and only when needed."""

    def __init__(self, stages: dict[str, Stage], runner: Runner) -> None:
        self.stages = stages
        self.runner = runner
        self.done: dict[str, bool] = {}

    def ready(self, name: str) -> bool:
        """Make stage @name; False when it or one before it failed."""
        if name not in self.done:
            stage = self.stages[name]
            self.done[name] = (all([self.ready(one) for one in stage.after])
                               and self._make(stage))
        return self.done[name]

    def _make(self, stage: Stage) -> bool:
        self.runner.wait()
        command = list(stage.command)
        step(f"build  {stage.name}: {' '.join(command)}")
        try:
            if stage.ninja:
                command += programs(stage.ninja_dir, stage.ninja)
            run_logged(command, log_of(f"stage-{stage.name}"),
                       f"stage {stage.name}", cwd=ROOT)
        except (HouseError, OSError) as error:
            print(error, flush=True)
            self.runner.fail(f"stage {stage.name}", "could not be built")
            return False
        return True


def run(suites: list[Suite], stages: Stages, runner: Runner) -> None:
    """Run @suites in order, side by side where they may."""
    for suite in suites:
        if not all([stages.ready(name) for name in suite.needs]):
            runner.fail(suite.name, "not run: what it needs was not built")
            continue
        try:
            expanded = expand(suite)
        except HouseError as error:
            runner.fail(suite.name, str(error))
            continue
        if not expanded:
            runner.fail(suite.name, "no test found")
        for one in expanded:
            runner.start(one)
    runner.wait()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="check", description=__doc__)
    add = parser.add_argument
    add("--suite", action="append", metavar="NAME",
        help="run only the suites whose name starts so (may be repeated)")
    add("--list", action="store_true", help="list the suites and stop")
    add("-v", "--verbose", action="store_true",
        help="show the output of each suite")
    add("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def main() -> int:
    """Command line entry."""
    args = _parse()
    try:
        stages, suites = load()
    except HouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if args.suite:
        suites = [suite for suite in suites
                  if suite.name.startswith(tuple(args.suite))]
    if args.list:
        for suite in suites:
            print(f"{suite.name:16} {' '.join(suite.command)}")
        return 0
    runner = Runner(args.jobs, args.verbose)
    try:
        run(suites, Stages(stages, runner), runner)
    except KeyboardInterrupt:
        runner.stop()
        runner.fail("check", "interrupted")
    if runner.totals.failures:
        print("\nFailed:")
        print("\n".join(f"    {what}" for what in runner.totals.failures))
    print(runner.totals.line(), flush=True)
    done = runner.totals.passed > 0 and runner.totals.failed == 0
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
