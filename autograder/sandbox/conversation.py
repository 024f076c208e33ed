"""One child of a zygote, heard and watched while it runs a step; nothing it says is believed."""

import os
import secrets
import selectors
import socket
import struct
import time

from workbook.values import Failure, Observed

from autograder.sandbox.host import Host
from autograder.sandbox.inside import protocol
from autograder.sandbox.steps import Case, Cell, Limits
from autograder.status import Status

WATCH_AFTER, WATCH_EVERY = 0.2, 0.15  # seconds: short steps aren't worth looking at
GRACE = 1.0  # seconds that an interrupted step gets to answer
INTERRUPTS = 3  # within them: a garbage collector's callback may swallow one
PATIENCE = 10  # times its seconds that a step may take while others have the processors
READ = 30  # bytes that a byte of JSON becomes, at most
TAIL = 2000  # characters of output that are kept
_SENDER = struct.Struct("3i")  # process, user and group, as the kernel says them of each message


class Struck(Exception):
    """The child is of no more use; its step ended with this status."""

    def __init__(self, status: Status, failure: Failure | None = None):
        self.status, self.failure = status, failure


class Clock:
    """When a step's time is over; time that it waited for a processor isn't its own."""

    def __init__(self, seconds: float, deadline: float):
        self._start, self._seconds = time.monotonic(), seconds
        self._last = min(self._start + PATIENCE * seconds, deadline)
        self._waited_before: float | None = None
        self.end = min(self._start + seconds, deadline)

    def tell(self, waited: float) -> None:
        """Take note of the seconds that its processes waited so far, in this step and before."""
        if self._waited_before is None:
            self._waited_before = waited
        waited -= self._waited_before
        self.end = min(self._start + self._seconds + waited, self._last)

    def set(self, end: float) -> None:
        """End then, whatever is told."""
        self.end = self._last = end
        self._start = end


class Child:
    """The connection to one child: asks it one thing at a time and watches it meanwhile."""

    def __init__(self, host: Host, messages: socket.socket, output: int, limits: Limits):
        self._host, self._messages, self._output, self._limits = host, messages, output, limits
        self._selector = selectors.DefaultSelector()
        self._selector.register(messages, selectors.EVENT_READ)
        self._selector.register(output, selectors.EVENT_READ)
        self._selector.register(host.control, selectors.EVENT_READ)
        self._pid: int | None = (
            None  # known from its first byte, before any of the student's code ran
        )
        self.broken = False
        self.heard = 0  # bytes that the values of the last answer take, once they are read

    def ask(
        self, step: Cell | Case, seconds: float, deadline: float
    ) -> tuple[Failure | None, list[Observed]]:
        """(failure, observations) that the child answers; Struck when it is ended instead."""
        token = secrets.token_hex(8)
        kind, name = ("case", step.case) if isinstance(step, Case) else ("cell", step.name)
        request = {"step": token, "kind": kind, "name": name, "source": step.source}
        self._pending, self._frames = memoryview(protocol.pack(request)), protocol.Frames()
        self._printed, self._tail, self._interrupts = 0, bytearray(), 0
        try:
            head, body = self._wait(Clock(seconds, deadline))
            self._read_output()
            said, observations = protocol.parse_reply(head, body, token)
            self.heard = len(body) + READ * len(head)
        except protocol.ProtocolError as error:
            self.broken = True
            raise Struck(Status.CRASHED, Failure("ProtocolError", str(error))) from None
        except Struck:
            self.broken = True
            raise
        if self._interrupts:
            raise Struck(Status.TIMED_OUT)
        return Failure(**said) if said else None, [
            Observed(tree, arrays) for tree, arrays in observations
        ]

    def tail(self) -> str:
        """The last characters that the step printed."""
        return bytes(self._tail).decode("utf-8", "replace")[-TAIL:]

    def _wait(self, clock):
        """The reply's bytes; looks at time, memory and processes while there is none."""
        watch = time.monotonic() + WATCH_AFTER
        self._selector.modify(self._messages, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while True:
            now = time.monotonic()
            if now >= watch or now >= clock.end:
                clock.tell(self._watch())
                watch = time.monotonic() + WATCH_EVERY
            if now >= clock.end:
                if self._interrupts == INTERRUPTS:
                    raise Struck(Status.TIMED_OUT)
                self._host.interrupt()
                self._interrupts += 1
                clock.set(now + GRACE / INTERRUPTS)
            for key, events in self._selector.select(min(clock.end, watch) - now):
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
            data, facts, _, _ = self._messages.recvmsg(1 << 20, socket.CMSG_SPACE(_SENDER.size))
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if data:
            return self._from_child(data, _SENDER.unpack(facts[0][2])[0])
        self._forget(self._messages)  # closed: wait for the process's end, or time
        return None

    def _from_child(self, data, sender):
        """A frame if the child's bytes make one whole; those of its copies count as output."""
        if self._pid is None:
            self._pid, data = sender, data[1:]
        if sender == self._pid:
            return self._frames.feed(data)
        self._count(len(data))
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
            self._tail = (self._tail + data)[-4 * TAIL :]
            self._count(len(data))

    def _count(self, size):
        self._printed += size
        if self._printed > self._limits.output_bytes:
            raise Struck(Status.TOO_MUCH_OUTPUT)

    def _on_end(self, status):
        """The child died: by a signal, by leaving, or by the kernel for lack of memory."""
        if status is None:
            raise Struck(Status.TOO_MANY_FILES)
        signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        what = f"signal {signal}" if signal else f"exit status {os.waitstatus_to_exitcode(status)}"
        self._drain()
        full = b"bad_alloc" in self._tail or b"MemoryError" in self._tail
        raise Struck(
            Status.OUT_OF_MEMORY if full else Status.CRASHED,
            Failure("Crash", f"the process ended with {what}"),
        )

    def _drain(self):
        try:
            self._read_output()
        except (Struck, KeyError, OSError):
            pass

    def _watch(self):
        """Seconds waited for a processor so far; Struck when memory or processes are over a limit."""
        used = self._host.usage()
        if used.processes > self._limits.processes:
            raise Struck(Status.CRASHED, Failure("Crash", f"it started {used.processes} processes"))
        if used.memory_bytes > self._limits.memory_bytes:
            raise Struck(Status.OUT_OF_MEMORY)
        return used.waited_seconds

    def close(self) -> None:
        """Hang up."""
        self._selector.close()
        self._messages.close()
        os.close(self._output)
