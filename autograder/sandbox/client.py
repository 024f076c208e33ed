"""The trusted side: gives a submission's steps to a sandbox and believes nothing it says."""

import os
import secrets
import selectors
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from answerkey import Failure, Observed

from autograder.sandbox import protocol
from autograder.sandbox.host import Host, ZygoteDied

OK, ERROR, TIMED_OUT, OUT_OF_MEMORY = "ok", "error", "timed out", "out of memory"
TOO_MUCH_OUTPUT, TOO_MANY_FILES = "too much output", "too many files"
CRASHED, NOT_RUN = "crashed", "not run"

WATCH_AFTER, WATCH_EVERY = 0.2, 0.15  # seconds: short steps aren't worth looking at
GRACE = 1.0  # seconds that an interrupted step gets to answer
INTERRUPTS = 3  # within them: a garbage collector's callback may swallow one
USED_UP = (
    "can't start new thread",
    "Resource temporarily unavailable",
    "Too many open files",
    "No space left on device",
)
TAIL = 2000  # characters of output that are kept


@dataclass(frozen=True)
class Cell:
    """A notebook cell, run with IPython's semantics."""

    name: str
    source: str


@dataclass(frozen=True)
class Case:
    """A test case: `source` defines the function `case` after all that it needs."""

    exercise: str
    case: str
    source: str


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    cell_seconds: float = 20
    case_seconds: float = 10
    submission_seconds: float = 240
    memory_bytes: int = 4 << 30
    output_bytes: int = 10_000_000  # a step
    processes: int = 16
    threads: int = 1024  # of all its processes
    file_bytes: int = 64 << 20
    files: int = 20_000


@dataclass
class StepResult:
    """How one step ended."""

    status: str
    failure: Failure | None = None
    observations: list[Observed] = field(default_factory=list)
    output: str = ""
    seconds: float = 0.0


class Sandbox:
    """A zygote in a sandbox, and the child that runs the current submission.

    Args:
        files: what students get, as folders by name.
        level: "bubblewrap" or "process"; None takes bubblewrap where it works.
        cache: folder of compiled programs, only read unless writable_cache (for trusted code).
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        limits: Limits = Limits(),
        level: str | None = None,
        cache: Path | None = None,
        writable_cache: bool = False,
    ):
        self.limits, self.cpu_seconds = limits, 0.0
        self._host = Host(files, level, cache, writable_cache)
        self.level = self._host.level

    def run(self, steps: Sequence[Cell | Case], folder: str) -> list[StepResult]:
        """Run one submission's steps in order, in a fresh child whose files are `folder`'s."""
        self._host.await_ready()  # its imports aren't the submission's time
        run = _Run(self._host, self.limits, folder)
        try:
            return [run.step(step) for step in steps]
        finally:
            run.close()
            self.cpu_seconds = run.cpu_seconds

    def close(self) -> None:
        """End every process of this sandbox, also one that is grading in another thread."""
        self._host.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


class _Struck(Exception):
    """The child is of no more use; its step ended with this status."""

    def __init__(self, status, failure=None):
        self.status, self.failure = status, failure


class _Run:
    """One submission: a child, and what a fresh child must repeat to take its place."""

    def __init__(self, host, limits, folder):
        self._host, self._limits, self._folder = host, limits, folder
        self._deadline = time.monotonic() + limits.submission_seconds
        self._child, self._done = None, []
        self._slow = set()  # exercises with a case that ran out of time
        self.cpu_seconds = 0.0

    def step(self, step):
        """The result of one step; a dead zygote costs it one retry."""
        result = StepResult(NOT_RUN)
        for attempt in ("first", "last"):
            try:
                if self._ready():
                    result = self._attempt(step)
                break
            except ZygoteDied:
                self._lose_child()
                if attempt == "last":
                    result = StepResult(CRASHED)
        if isinstance(step, Cell) and self._child is not None and result.status != TIMED_OUT:
            self._done.append(step)
        return result

    def _ready(self):
        """Whether there is time and a child that has run the cells so far.

        One that died unasked isn't the next step's fault; a cell that kills the child or takes
        too long when it is repeated is left out from then on.
        """
        if self._child is not None and self._host.has_news():
            self._end_child()
        while self._child is None and time.monotonic() < self._deadline:
            self._child = self._new_child()
            for cell in list(self._done):
                if self._attempt(cell).status == TIMED_OUT or self._child is None:
                    self._done.remove(cell)
                if self._child is None:
                    break
        return time.monotonic() < self._deadline

    def _new_child(self):
        messages, output = self._host.fork(self._folder, self._limits)
        return _Child(self._host, messages, output, self._limits)

    def _attempt(self, step):
        """The result of a step in the current child, which is gone if the step killed it."""
        seconds = self._seconds(step)
        started = time.monotonic()
        try:
            failure, observations = self._child.ask(step, min(started + seconds, self._deadline))
            result = StepResult(_status(failure), failure, observations)
        except _Struck as struck:
            result = StepResult(struck.status, struck.failure)
        if result.status == TIMED_OUT and isinstance(step, Case):
            self._slow.add(step.exercise)
        result.output = self._child.tail()
        result.seconds = time.monotonic() - started
        if self._child.broken or _is_used_up(result):
            self._end_child()
        return result

    def _seconds(self, step):
        """A step's time; once a case was too slow, its exercise's other cases get a quarter."""
        if isinstance(step, Cell):
            return self._limits.cell_seconds
        return self._limits.case_seconds / (4 if step.exercise in self._slow else 1)

    def _end_child(self):
        self._child.close()
        self._child = None
        self.cpu_seconds += self._host.clear()

    def _lose_child(self):
        if self._child is not None:
            self._child.close()
            self._child = None
        self._host.abandon()

    def close(self):
        """Leave nothing of the submission behind."""
        if self._child is not None:
            self._end_child()


def _status(failure):
    if failure is None:
        return OK
    out_of_memory = failure.type == "MemoryError" or "RESOURCE_EXHAUSTED" in failure.message
    return OUT_OF_MEMORY if out_of_memory else ERROR


def _is_used_up(result):
    """Whether a step took all of something and keeps it from the steps that follow."""
    return result.status == OUT_OF_MEMORY or any(
        words in (result.failure.message if result.failure else "") for words in USED_UP
    )


class _Child:
    """The connection to one child: asks it one thing at a time and watches it meanwhile."""

    def __init__(self, host, messages, output, limits):
        self._host, self._messages, self._output, self._limits = host, messages, output, limits
        self._selector = selectors.DefaultSelector()
        self._selector.register(messages, selectors.EVENT_READ)
        self._selector.register(output, selectors.EVENT_READ)
        self._selector.register(host.control, selectors.EVENT_READ)
        self.broken = False

    def ask(self, step, deadline):
        """(failure, observations) that the child answers; _Struck when it is ended instead."""
        token = secrets.token_hex(8)
        kind, name = ("case", step.case) if isinstance(step, Case) else ("cell", step.name)
        request = {"step": token, "kind": kind, "name": name, "source": step.source}
        self._pending, self._frames = memoryview(protocol.pack(request)), protocol.Frames()
        self._printed, self._tail, self._interrupts = 0, bytearray(), 0
        try:
            head, body = self._wait(deadline)
            self._read_output()
            failure, observations = protocol.parse_reply(head, body, token)
        except protocol.ProtocolError as error:
            self.broken = True
            raise _Struck(CRASHED, Failure("ProtocolError", str(error))) from None
        except _Struck:
            self.broken = True
            raise
        if self._interrupts:
            raise _Struck(TIMED_OUT)
        failure = failure and Failure(**failure)
        return failure, [Observed(tree, arrays) for tree, arrays in observations]

    def tail(self):
        """The last characters that the step printed."""
        return bytes(self._tail).decode("utf-8", "replace")[-TAIL:]

    def _wait(self, deadline):
        """The reply's bytes; looks at time, memory and processes while there is none."""
        watch = time.monotonic() + WATCH_AFTER
        self._selector.modify(self._messages, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            now = time.monotonic()
            if now >= deadline:
                if self._interrupts == INTERRUPTS:
                    raise _Struck(TIMED_OUT)
                self._host.interrupt()
                self._interrupts, deadline = self._interrupts + 1, now + GRACE / INTERRUPTS
            if now >= watch:
                self._watch()
                watch = time.monotonic() + WATCH_EVERY
            for key, events in self._selector.select(min(deadline, watch) - now):
                if frame := self._on_event(key.fileobj, events):
                    return frame

    def _on_event(self, source, events):
        if source is self._output:
            self._read_output()
        elif source is self._host.control:
            self._on_end(self._host.read_end())
        elif events & selectors.EVENT_WRITE:
            self._write()
        else:
            return self._read()
        return None

    def _write(self):
        try:
            self._pending = self._pending[self._messages.send(self._pending) :]
        except OSError:
            self._pending = b""  # it hung up: its end follows
        if not self._pending:
            self._selector.modify(self._messages, selectors.EVENT_READ)

    def _read(self):
        try:
            data = self._messages.recv(1 << 20)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if data:
            return self._frames.feed(data)
        self._forget(self._messages)  # closed: wait for the process's end, or time
        return None

    def _forget(self, source):
        if source in self._selector.get_map():
            self._selector.unregister(source)

    def _read_output(self):
        """Take what the child printed, as much as is there, and count it."""
        while True:
            try:
                data = os.read(self._output, 1 << 16)
            except BlockingIOError:
                return
            if not data:  # closed by everyone who could write
                self._forget(self._output)
                return
            self._printed += len(data)
            self._tail = (self._tail + data)[-4 * TAIL :]
            if self._printed > self._limits.output_bytes:
                raise _Struck(TOO_MUCH_OUTPUT)

    def _on_end(self, status):
        """The child died: by a signal, by leaving, or by the kernel for lack of memory."""
        if status is None:
            raise _Struck(TOO_MANY_FILES)
        signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        what = f"signal {signal}" if signal else f"exit status {os.waitstatus_to_exitcode(status)}"
        self._drain()
        full = b"bad_alloc" in self._tail or b"MemoryError" in self._tail
        raise _Struck(
            OUT_OF_MEMORY if full else CRASHED,
            Failure("Crash", f"the process ended with {what}"),
        )

    def _drain(self):
        try:
            self._read_output()
        except (_Struck, KeyError, OSError):
            pass

    def _watch(self):
        used = self._host.usage()
        if used.processes > self._limits.processes:
            raise _Struck(CRASHED, Failure("Crash", f"it started {used.processes} processes"))
        if used.memory_bytes > self._limits.memory_bytes:
            raise _Struck(OUT_OF_MEMORY)

    def close(self):
        """Hang up."""
        self._selector.close()
        self._messages.close()
        os.close(self._output)
