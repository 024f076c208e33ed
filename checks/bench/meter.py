"""Wall seconds, CPU seconds and peak memory of a command and everything that it starts."""

import contextlib
import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.errors import UserError
from autograder.programs import environment

SAMPLE_EVERY = 0.5  # seconds
LINGER = 10  # seconds that processes may outlive their command
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Usage:
    """What a command used; CPU is user + system time of it and all its descendants."""

    wall: float
    cpu: float
    memory: int  # bytes: the largest sum of PSS over the process tree that was seen
    worker: int  # bytes: the same, of one process that the command started and all below that

    def __add__(self, other: "Usage") -> "Usage":
        """One command after the other."""
        memory, worker = max(self.memory, other.memory), max(self.worker, other.worker)
        return Usage(self.wall + other.wall, self.cpu + other.cpu, memory, worker)


NOTHING = Usage(0.0, 0.0, 0, 0)


def measure(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Usage:
    """Run a command in a folder; UserError with the end of its output when it fails."""
    # Orphans come to us, so that the time of a process whose parent was killed counts too.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = _cpu_of_children()
    with (folder / "output.log").open("w+") as log:
        started = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=environment(**(env or {})), stdout=log, stderr=log
        )
        peak = Peak(process.pid)
        try:
            failed = process.wait()
        except BaseException:  # somebody ends the benchmark
            process.terminate()
            process.wait()
            raise
        wall = time.monotonic() - started
        peak.stop()
        _reap_orphans()
        log.seek(0)
        if failed:
            raise UserError(f"{' '.join(command)} failed:\n{log.read()[-3000:]}")
    return Usage(wall, _cpu_of_children() - before, peak.memory, peak.worker)


def _cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap_orphans():
    deadline = time.monotonic() + LINGER
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.05)


class Peak:
    """Watches the memory of a process tree, and of its largest branch, from a thread."""

    def __init__(self, pid: int):
        self.memory = self.worker = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def _watch(self, pid):
        while not self._done.wait(SAMPLE_EVERY):
            branches = branches_memory(pid)
            self.memory = max(self.memory, memory_of(pid) + sum(branches))
            self.worker = max([self.worker, *branches])

    def stop(self) -> None:
        """Look no more; `memory` and `worker` are the largest sums seen, in bytes."""
        self._done.set()
        self._thread.join()


def tree_memory(pid: int) -> int:
    """Bytes of a process and all its descendants."""
    return memory_of(pid) + sum(branches_memory(pid))


def branches_memory(pid: int) -> list[int]:
    """Bytes of each child of a process with all its descendants, in one look at the processes."""
    parents: dict[int, int] = {}
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in psutil.Process(pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                parents[process.pid] = process.ppid()
    sums: dict[int, int] = {}
    for process in parents:
        top = process
        while parents.get(top, pid) != pid:
            top = parents[top]
        sums[top] = sums.get(top, 0) + memory_of(process)
    return list(sums.values())


def memory_of(pid: int) -> int:
    """A process's PSS (shared pages divided by their users); its RSS where PSS may not be read."""
    try:
        process = psutil.Process(pid)
        with contextlib.suppress(psutil.AccessDenied):
            return process.memory_full_info().pss
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0
