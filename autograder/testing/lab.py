"""A dask scheduler and workers as processes of their own, as a lab of machines would have them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

ITS_PAGES = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")  # seen by nobody
PATIENCE = 60  # seconds, on a busy machine

# Who looks after a worker starts it again when it ended, as systemd would.
KEEP_STARTING = 'while true; do "$@"; sleep 0.2; done'


def wait_for(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"waited {seconds} s"
        time.sleep(0.1)


class Lab:
    """Processes that grade; `close` ends all of them."""

    def __init__(self, folder: Path, host: str = "127.0.0.1"):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        with socket.socket() as free:
            free.bind(("", 0))
            self._port = free.getsockname()[1]
        self._host = host
        self.address = f"tcp://{host}:{self._port}"
        self._started: list[subprocess.Popen] = []

    def start_scheduler(self, inside: Sequence[str] = ()) -> subprocess.Popen:
        """A scheduler at the lab's address; `inside` is a command that starts it in some place."""
        words = ["--host", self._host, "--port", str(self._port), *ITS_PAGES]
        return self._start([*inside, *_dask("scheduler", *words)])

    def start_worker(
        self, inside: Sequence[str] = (), first_paths: Sequence[Path] = (), threads: int = 1
    ) -> subprocess.Popen:
        """A worker that is started again when it ends; modules are looked for in some paths first."""
        words = ["--nthreads", str(threads), "--no-nanny", "--memory-limit", "0", *ITS_PAGES]
        words += ["--local-directory", str(self._folder)]
        command = [*inside, *_dask("worker", self.address, *words)]
        return self._start(["sh", "-c", KEEP_STARTING, "sh", *command], first_paths)

    def _start(self, command, first_paths=()):
        paths = [*map(str, first_paths), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self._folder,  # Python looks for modules there first
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def log(self) -> str:
        """What all of them said."""
        return (self._folder / "log").read_text()

    def end(self, process: subprocess.Popen, by: signal.Signals = signal.SIGKILL) -> None:
        """End one of them and what it started."""
        os.killpg(process.pid, by)
        process.wait()
        self._started.remove(process)

    def close(self) -> None:
        """End all that was started here, and wait until sandboxes have noticed."""
        family = [child for process in self._started for child in below(process.pid)]
        for process in list(self._started):
            self.end(process)
        psutil.wait_procs(family, timeout=PATIENCE)


def below(pid: int) -> list[psutil.Process]:
    """Every process below one."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def worker_below(process: subprocess.Popen) -> psutil.Process | None:
    """The dask worker that is looked after by a process, if it lives at the moment."""
    for each in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if each.name() != "sleep":
                return each
    return None


def _dask(*words):
    return [sys.executable, "-m", "dask", *words]
