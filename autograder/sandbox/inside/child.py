"""What runs a submission's steps inside the sandbox, forked from the zygote."""

import os
import signal
import socket
import sys
import types
from pathlib import Path

import protocol
import shortcuts
import workbook.cases
import workbook.evaluate.program
import workbook.values
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets.config import Config
from workbook.evaluate import eager

# Magics that reach outside Python; the rest work.
OUTSIDE = (
    "pip conda mamba micromamba uv system sx sc alias rehashx bash sh script perl ruby pypy "
    "python2 python3 python cmd js javascript latex edit"
).split()
_shell = None


# ---------------------------------------------------------------- before the fork


def prepare() -> None:
    """Make the shell and put silent stand-ins where a notebook finds its grader."""
    global _shell
    shortcuts.take()
    eager.install()
    setattr(os, "utime", _seem_to_set_times(os.utime))  # noqa: B010 (mypy knows its type)
    setattr(workbook, "Notebook", SilentNotebook)  # noqa: B010 (mypy knows it as a class)
    sys.modules |= _otter_stand_in()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Minimal"
    _shell = Shell.instance(config=config)
    _shell.display_formatter.active_types = ["text/plain"]


def _seem_to_set_times(utime):
    """os.utime for the walls' refusal of it, so that shutil.copy2 and the like work."""

    def set_times(path, *args, **options):
        try:
            utime(path, *args, **options)
        except PermissionError:
            os.stat(path)  # it says so where there is no such file, as touch() wants to know

    return set_times


class SilentNotebook:
    """A notebook's grader that checks nothing: the check happens outside, on values."""

    def __init__(self, *args: object, **kwargs: object):
        pass

    def check(self, *args: object, **kwargs: object) -> None:
        """Nothing."""

    def ready(self, *args: object, **kwargs: object) -> bool:
        """False, so that pay-off cells stay closed."""
        return False

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


def _test_case(name=None, points=None, hidden=False, **messages):
    """Otter's decorator: keeps what it is told, and the function as test_func."""
    return lambda function: types.SimpleNamespace(
        name=name, points=points, hidden=hidden, test_func=function, **messages
    )


def _otter_stand_in():
    otter, files = types.ModuleType("otter"), types.ModuleType("otter.test_files")
    otter.Notebook, otter.test_files, files.test_case = SilentNotebook, files, _test_case
    return {"otter": otter, "otter.test_files": files}


class Shell(InteractiveShell):
    """IPython without a way out, without history and without pages of traceback."""

    def system(self, command: str) -> None:
        """Say that shell commands do nothing here."""
        print(f"Not run while grading: !{command}")

    system_raw = system_piped = system

    def getoutput(self, command: str, split: bool = True, depth: int = 0) -> SList | str:
        """Say so, and give nothing back."""
        self.system(command)
        return SList() if split else ""

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> object:
        """Run a magic unless it reaches outside or doesn't exist here."""
        if self._refuses(magic_name, "line", line):
            return None
        return super().run_line_magic(magic_name, line, _stack_depth=_stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> object:
        """Run a cell magic unless it reaches outside or doesn't exist here."""
        if self._refuses(magic_name, "cell", line):
            return None
        return super().run_cell_magic(magic_name, line, cell)

    def _refuses(self, name, kind, line):
        known = self.find_magic(name, kind)
        if known and name not in OUTSIDE and not (name == "config" and "InlineBackend" in line):
            return False
        print(f"Not run while grading: {'%%' if kind == 'cell' else '%'}{name} {line}")
        return True

    def enable_gui(self, gui: str | None = None) -> None:
        """Nothing: there is no screen."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str, str]:
        """Keep the backend that draws into memory."""
        return "agg", "agg"

    def showtraceback(self, *args: object, **kwargs: object) -> None:
        """One line: the client says where."""
        kind, error = sys.exc_info()[:2]
        if kind:
            print(f"{kind.__name__}: {error}"[:1000])

    showsyntaxerror = showindentationerror = showtraceback


# ---------------------------------------------------------------- after the fork


class Interruptible:
    """SIGINT raises KeyboardInterrupt inside the with block, and does nothing outside."""

    def __init__(self):
        self._inside = False
        signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, number, frame):
        if self._inside:
            raise KeyboardInterrupt

    def __enter__(self):
        self._inside = True

    def __exit__(self, *exception):
        self._inside = False


def serve(connection: socket.socket, folder: Path) -> None:
    """Run the steps that arrive until the client hangs up."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    out = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.stdout = sys.stderr = out
    stream, interruptible, own = connection.makefile("rb"), Interruptible(), os.getpid()
    connection.sendall(b"\0")  # the client learns from it which process answers
    while True:
        try:
            request, _ = protocol.receive(lambda n: _exactly(stream, n))
        except EOFError:
            return
        try:
            with interruptible:
                answer = _answer(request)
        except KeyboardInterrupt:
            failure = workbook.values.Failure("KeyboardInterrupt", "interrupted")
            answer = protocol.reply(request["step"], workbook.values.CaseOutcome(failure=failure))
        _flush()
        if os.getpid() != own:  # a copy that the student's code forked and let run on
            return
        connection.sendall(answer)


def _exactly(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # the student replaced or closed it


def _answer(request):
    run = _run_case if request["kind"] == "case" else _run_cell
    try:
        outcome = run(request["name"], request["source"])
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a student's class may raise anything, anywhere
        outcome = workbook.values.CaseOutcome(failure=_describe(error))
    return protocol.reply(request["step"], outcome)


def _run_cell(name, source):
    result = _shell.run_cell(source, store_history=False)
    error = result.error_before_exec or result.error_in_exec
    if isinstance(error, KeyboardInterrupt):
        raise error
    return workbook.values.CaseOutcome(failure=error and _describe(error))


def _run_case(name, source):
    env = {"__name__": "case"}
    exec(compile(source, "<case>", "exec"), env)
    return workbook.cases.run_case(env[name].test_func, _shell.user_ns)


def _describe(error):
    return workbook.cases.describe_failure(error, _shell.user_ns)
