"""`autograder grade` as a process of its own, to be stopped and killed, and the rows that it left."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import psutil

from autograder.course import Course


def command(folder: Path, output: Path, *options: str) -> list[str]:
    """Grade a folder with two workers."""
    words = ["-m", "autograder.cli", "grade", str(folder), "-o", str(output), "--workers", "2"]
    return [sys.executable, *words, *options]


def start(course: Course, folder: Path, output: Path, *options: str) -> subprocess.Popen:
    """The command, begun, in a session of its own."""
    return subprocess.Popen(
        command(folder, output, *options),
        cwd=course.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def below(process: subprocess.Popen) -> list[psutil.Process]:
    """Its processes."""
    with contextlib.suppress(psutil.Error):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def rows(output: Path, pattern: str = "*.json") -> dict[str, dict]:
    """Every stored result that counts, by file name, without what time changes."""
    found = {}
    for path in sorted(output.glob(f"*/{pattern}")):
        data = json.loads(path.read_text())
        data.pop("seen")
        for timed in (data, *data["exercises"]):
            timed.pop("seconds"), timed.pop("cpu_seconds", None)
        found[path.stem] = data
    return found
