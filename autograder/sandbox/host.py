"""The process that holds a zygote: starting, asking, watching and replacing it."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from workbook.evaluate import SWITCH

from autograder import cache as caches
from autograder.compiling import XLA_FLAGS
from autograder.course import LEFT_BEHIND, WORKBOOK
from autograder.errors import UserError
from autograder.packages import IMPORTED
from autograder.sandbox import policy as policies
from autograder.sandbox import staging
from autograder.sandbox.steps import Limits
from autograder.sandbox.waiting import Waiting

STARTS, START_SECONDS, CLEAR_SECONDS, END_SECONDS = 3, 120, 10, 10
INSIDE = Path(__file__).parent / "inside"  # all that is staged, and nothing else
# Set where a container grades one submission and is thrown away: what nobody writes reaches nobody.
ONE_SUBMISSION = "AUTOGRADER_ONE_SUBMISSION"
UNREADABLE = (
    "as root and without bubblewrap submissions run as the user nobody, who can't run this Python "
    f"({sys.executable}): install bubblewrap, put the environment where every user may read it, "
    "or grade as another user than root"
)

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "Agg",
    "MALLOC_ARENA_MAX": "2",
    "JAX_PLATFORMS": "cpu",
    "JAX_DEFAULT_MATMUL_PRECISION": "highest",
    "XLA_FLAGS": " ".join(XLA_FLAGS),
    "NPROC": "1",  # XLA's own pools: a worker slot is one processor
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


@dataclass(frozen=True)
class Usage:
    """Memory beyond the zygote's image, processes, and how long others kept processors from them."""

    memory_bytes: int
    processes: int
    waited_seconds: float


class ZygoteDied(Exception):
    """The sandbox's first process ended or stopped answering."""


def level_of(level: str | None) -> str:
    """This level, or the strongest that works here."""
    return level or ("bubblewrap" if policies.works() else "process")


class Host:
    """Owns one zygote; starts it when first needed, and again after it died."""

    def __init__(self, files: Mapping[str, Path], level: str | None):
        if sys.platform != "linux":
            raise UserError("grading runs on Linux only: use the container on this system")
        self.level = level_of(level)
        self._files = {name: Path(path).resolve() for name, path in files.items()}
        self._process: subprocess.Popen | None = None
        self._zygote: psutil.Process | None = None
        self._closed = False
        self._waiting = Waiting()
        self._becomes_nobody = self.level != "bubblewrap" and os.geteuid() == 0
        self._as_nobody = self._becomes_nobody and self._can_be_nobody()
        self.start()

    @property
    def keeps_files_apart(self) -> bool:
        """Whether files that only our own user may read are out of reach for what runs inside."""
        return self.level == "bubblewrap" or self._as_nobody

    def _can_be_nobody(self):
        """Whether nobody can do the work as it is, without root's right to read; UserError if never."""
        folders = str(caches.fonts()), tempfile.gettempdir()
        as_it_is = policies.nobody_can_read(folders)
        if not as_it_is and not policies.nobody_can_read(folders, lent=True):
            raise UserError(UNREADABLE)
        return as_it_is

    # ------------------------------------------------------------ life

    def start(self) -> None:
        """Start the zygote's process; it answers once it has imported everything."""
        if self._closed:
            raise UserError("grading was stopped")
        self._stage()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()
        make = self._bubblewrap if self.level == "bubblewrap" else self._bare
        command, environment = make(theirs.fileno())
        self._process = subprocess.Popen(
            command,
            env=environment,
            cwd="/",
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            start_new_session=True,  # Ctrl-C in a terminal is for the grader to answer
            **(policies.AS_NOBODY if self._as_nobody else {}),  # type: ignore[call-overload]
        )
        theirs.close()
        self._zygote = None

    def _stage(self):
        """Copy what will be seen inside, readable whatever the originals' owner and mode."""
        self._folder = staging.make()
        self._remove_folder = weakref.finalize(self, staging.remove, self._folder)
        for name in ("grader", "course", "scratch", "scratch/tmp"):
            (self._folder / name).mkdir()
        for path in INSIDE.glob("*.py"):
            shutil.copyfile(path, self._folder / "grader" / path.name)
        ignore = shutil.ignore_patterns(*LEFT_BEHIND)
        shutil.copytree(WORKBOOK, self._folder / "grader" / WORKBOOK.name, ignore=ignore)
        for name, path in self._files.items():
            shutil.copytree(path, self._folder / "course" / name, copy_function=shutil.copyfile)
        for path in (self._folder / "grader", self._folder / "course"):
            _let_everyone_read(path)
        if self._becomes_nobody:
            self._folder.chmod(0o711)
            for folder in (self._folder / "scratch", self._folder / "scratch" / "tmp"):
                os.chown(folder, policies.NOBODY, policies.NOBODY)

    def _bubblewrap(self, control):
        base = policies.working_policy()
        if base is None:
            raise UserError("bubblewrap doesn't work here: install it, or use the level process")
        shown = [(str(self._folder / name), f"/{name}") for name in ("grader", "course")]
        shown.append((str(caches.fonts()), "/fonts"))
        policy = replace(
            base,
            read_only=(*base.read_only, *shown),
            environment=tuple(self._environment().items()),
        )
        settings = self._settings(control, Path("/"), "/tmp", "/fonts", ["/"])
        command = _python(policies.place_of(sys.executable), settings)
        return policies.bubblewrap(policy, command), None

    def _bare(self, control):
        """The same zygote without namespaces."""
        readable = [source for source, _ in policies.python_policy().read_only]
        readable += ["/lib", "/lib64", "/proc/self", "/proc/cpuinfo", "/proc/meminfo"]
        readable += ["/dev/urandom", "/sys/devices/system/cpu", str(self._folder)]
        fonts, scratch = str(caches.fonts()), str(self._folder / "scratch" / "tmp")
        settings = self._settings(control, self._folder, scratch, fonts, readable)
        command = _python(sys.executable, settings)
        if self._becomes_nobody and not self._as_nobody:
            command = policies.reading_everything(command)
        return command, self._environment()

    def _environment(self):
        environment = dict(ENVIRONMENT)
        if evaluator := os.environ.get(SWITCH):
            environment[SWITCH] = evaluator
        if extra := policies.extra_packages():
            places = map(policies.place_of, extra) if self.level == "bubblewrap" else extra
            environment["PYTHONPATH"] = os.pathsep.join(places)
        return environment

    def _settings(self, control, top, scratch, fonts, readable):
        return {
            "control": control,
            "folder": self._folder.name,  # so that what is left is found, should we be killed
            "grader": str(top / "grader"),
            "scratch": scratch,
            "course": {name: str(top / "course" / name) for name in self._files},
            "fonts": fonts,
            "imports": IMPORTED,
            "readable": readable,
            "needs_landlock": self._needs_landlock(),
        }

    def _needs_landlock(self):
        alone = self._as_nobody and ONE_SUBMISSION in os.environ
        return self.level != "bubblewrap" and not alone

    def close(self) -> None:
        """End it for good."""
        self._closed = True
        self.abandon()

    def abandon(self) -> None:
        """End the zygote and whatever it started; the next fork starts another."""
        if self._process is None:
            return
        with contextlib.suppress(OSError):
            self.control.close()
        family = self._family()
        for process in [*family, self._process]:
            with contextlib.suppress(psutil.Error, OSError):
                process.send_signal(signal.SIGKILL)
        self._process.wait()
        _await_end(family)
        self._errors.close()
        self._process = self._zygote = None
        self._remove_folder()

    # ------------------------------------------------------------ requests

    def fork(self, folder: str, limits: Limits) -> tuple[socket.socket, int]:
        """(messages, output) of a fresh child: a socket and a pipe's file number."""
        self.await_ready()
        self._waiting = Waiting()
        ours, theirs = socket.socketpair()
        # before anyone can write: what was sent earlier wouldn't say who sent it
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        output, printing = os.pipe()
        os.set_blocking(output, False)
        ours.setblocking(False)
        wanted = ("memory_bytes", "file_bytes", "files", "threads")
        request = {
            "do": "fork",
            "folder": folder,
            "limits": {name: getattr(limits, name) for name in wanted},
        }
        try:
            self._send(request, [theirs.fileno(), printing])
        except ZygoteDied:
            ours.close()
            os.close(output)
            raise
        finally:
            theirs.close()
            os.close(printing)
        return ours, output

    def await_ready(self) -> None:
        """Wait until a zygote serves; UserError when it doesn't start, tried again."""
        for attempt in range(STARTS):
            if self._process is None:
                self.start()
            if self._zygote is not None:
                return
            try:
                self._receive(START_SECONDS, "ready")
                break
            except ZygoteDied:
                self._errors.seek(0)
                said = self._errors.read()[-2000:].decode("utf-8", "replace").strip()
                self.abandon()
                if attempt == STARTS - 1:
                    what = f"the sandbox ({self.level}) doesn't start: {said or 'it was killed'}"
                    raise UserError(what) from None
        assert self._process is not None
        lowest = self._family()
        self._zygote = lowest[-1] if lowest else psutil.Process(self._process.pid)

    def interrupt(self) -> None:
        """Send SIGINT to the child."""
        self._send({"do": "interrupt"})

    def clear(self) -> float:
        """End the child and all that it left; CPU seconds that it used. Drops a dirty zygote."""
        try:
            self._send({"do": "clear"})
            reply = self._receive(CLEAR_SECONDS, "cleared")
            cpu = reply.get("cpu")
            if reply["cleared"] is not True or not isinstance(cpu, float):
                raise ZygoteDied
        except ZygoteDied:
            self.abandon()
            self.start()  # it imports while the client does something else
            return 0.0
        return cpu

    def has_news(self) -> bool:
        """Whether the zygote said something unasked: that the child, or it itself, ended."""
        return bool(select.select([self.control], [], [], 0)[0])

    def read_end(self) -> int | None:
        """The wait status of a child that the zygote says has ended; None: it made too many files."""
        message = self._receive(0, "ended", "crowded")
        status = message.get("ended")
        if "crowded" not in message and (type(status) is not int or not 0 <= status < 1 << 16):
            raise ZygoteDied
        return status

    def _send(self, request, handles=()):
        try:
            socket.send_fds(self.control, [json.dumps(request).encode()], handles)
        except OSError:
            raise ZygoteDied from None

    def _receive(self, seconds, *wanted):
        """The next message that has one of these keys; others are old news."""
        self.control.settimeout(seconds)
        try:
            while True:
                message = json.loads(self.control.recv(4096))
                if message.keys() & set(wanted):
                    return message
        except (OSError, ValueError, AttributeError, RecursionError):
            raise ZygoteDied from None

    # ------------------------------------------------------------ watching

    def _family(self):
        """Every process below ours, oldest first."""
        assert self._process is not None
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.Error:
            return []

    def usage(self) -> Usage:
        """What the submission's processes use now; ZygoteDied once another thread has closed us."""
        memory, processes, waited, own, kernel = 0, 0, 0.0, 0.0, 0.0
        zygote = self._zygote
        if zygote is None:
            raise ZygoteDied
        try:
            below, image = zygote.children(recursive=True), zygote.memory_info().rss
        except psutil.Error:
            return Usage(0, 0, 0.0)
        for process in below:
            with contextlib.suppress(psutil.Error):
                memory += process.memory_info().rss
                processes += 1
                waited += _waited(process.pid)
                used = process.cpu_times()
                kernel += used.system
                own += used.user + used.system + used.children_user + used.children_system
        memory -= image * processes  # forks share the zygote's pages
        self._waiting.look(waited, own, kernel, memory)
        return Usage(memory, processes, self._waiting.seconds)


def _await_end(processes):
    """Wait until processes that were killed are gone: a kernel takes a moment for their memory."""
    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline and any(map(_is_alive, processes)):
        time.sleep(0.005)


def _is_alive(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _waited(pid):
    """Seconds that a process's threads were ready to run and others had the processors."""
    nanoseconds = 0
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:  # it has ended a moment ago
        threads = []
    for thread in threads:
        with contextlib.suppress(OSError, ValueError, IndexError):
            nanoseconds += int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[1])
    return nanoseconds / 1e9


def _python(executable, settings):
    script = f"{settings.pop('grader')}/{staging.ZYGOTE}"
    return [executable, "-s", script, json.dumps(settings)]


def _let_everyone_read(folder):
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
