"""Seconds that a child's processes waited while others had the processors: not its own time."""

import os

import psutil

KERNEL_SECONDS = 4.0  # for each gigabyte of fresh memory, at most


class Waiting:
    """What a child may be credited with so far; others must really have used what it waited for.

    A process with many threads waits for itself, so what is counted at each look is no more than
    its threads waited, and no more than the others' share of the processors since the last one.
    """

    def __init__(self):
        self._waited = self._own = self._most_memory = self._kernel = self._seconds = 0.0
        self._busy = busy_seconds()

    @property
    def seconds(self) -> float:
        """The credit so far."""
        kernel = min(self._kernel, KERNEL_SECONDS * self._most_memory / 1e9)
        return self._seconds + kernel

    def look(
        self, waited: float, own: float, kernel: float, memory: float, busy: float | None = None
    ) -> None:
        """Take note of the child's processes as they are now, all in seconds or bytes.

        Args:
            waited: while its threads were ready to run and had no processor.
            own: that they used, of which `kernel` in the kernel, which takes seconds to hand out a
                gigabyte of fresh memory on a virtual machine: without this a memory hog met the
                time or the memory limit first, as luck had it.
            memory: that they hold.
            busy: that our processors were used by anybody; None asks the system.
        """
        busy = busy_seconds() if busy is None else busy
        others = max(busy - self._busy - max(own - self._own, 0.0), 0.0) / processors()
        # without a clock of the processors (some containers have none) what was waited counts
        self._seconds += min(max(waited - self._waited, 0.0), others if busy else float("inf"))
        self._waited, self._own, self._busy = waited, own, busy
        self._kernel, self._most_memory = kernel, max(memory, self._most_memory)


def processors() -> int:
    """How many processors we may use."""
    return len(os.sched_getaffinity(0))


def busy_seconds() -> float:
    """Seconds that these were used by anybody since the system started."""
    each = psutil.cpu_times(percpu=True)
    ours = [each[n] for n in os.sched_getaffinity(0) if n < len(each)]
    return sum(t.user + t.nice + t.system + t.irq + t.softirq + t.steal for t in ours)
