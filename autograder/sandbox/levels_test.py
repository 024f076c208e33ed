"""As whom submissions run, and where they don't run at all: by grader's user and by kernel."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from autograder.errors import UserError
from autograder.sandbox import host, policy
from autograder.sandbox.client import Sandbox
from autograder.sandbox.conftest import LIMITS, needs
from autograder.sandbox.steps import Cell

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).parents[2]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def said(sandbox, source):
    [result] = sandbox.run([Cell("cell", source)], "p")
    assert result.status == "ok", result
    return result.output


# ---------------------------------------------------------------- as root


@needs_root
def test_root_never_runs_a_submission_as_root(sandbox):
    """Whoever may read this Python; what is left of root's rights is at most the one to read."""
    source = """
import os
sets = [line.split()[1] for line in open('/proc/self/status') if line.startswith(('CapI', 'CapP', 'CapE', 'CapA'))]
print(os.getresuid(), os.getresgid(), os.getgroups(), {int(each, 16) & ~4 for each in sets})
"""
    nobody = (policy.NOBODY,) * 3
    assert said(sandbox, source) == f"{nobody} {nobody} [] {{0}}\n"


@needs_root
def test_where_nobody_can_run_this_python_root_refuses_and_says_what_to_do(course, monkeypatch):
    monkeypatch.setattr(policy, "nobody_can_read", lambda *args, **options: False)
    with pytest.raises(UserError, match="install bubblewrap, put the environment where every user"):
        Sandbox({"p": course}, LIMITS, "process")


@needs_root
def test_root_lends_its_right_to_read_only_where_landlock_limits_it(course, monkeypatch):
    monkeypatch.setattr(policy, "nobody_can_read", lambda folders, lent=False: lent)
    monkeypatch.setenv(host.ONE_SUBMISSION, "1")
    with Sandbox({"p": course}, LIMITS, "process") as made:
        assert made._host._needs_landlock()
        assert not made.keeps_files_apart
        secret = made._host._folder.parent / "of-root-alone"
        secret.touch(0o600)
        try:
            [result] = made.run([Cell("cell", f"open({str(secret)!r})")], "p")
        finally:
            secret.unlink()
    assert result.failure.type == "PermissionError"


# ---------------------------------------------------------------- kernels that lack something

# Answers some calls as a kernel without them does, then grades one cell in a sandbox.
LACKING = """
import ctypes, struct, sys
from pathlib import Path
[machine, calls, level, folder] = sys.argv[1:]
code = [(32, 0, 0, 0)]
for call in calls.split():
    number, _, option = call.partition(":")
    if option:
        code += [(21, 0, 3, int(number)), (32, 0, 0, 16), (21, 0, 1, int(option)), (6, 0, 0, 0x50016), (32, 0, 0, 0)]
    else:
        code += [(21, 0, 1, int(number)), (6, 0, 0, 0x50026)]
code = b"".join(struct.pack("HBBI", *each) for each in [*code, (6, 0, 0, 0x7FFF0000)])
buffer = ctypes.create_string_buffer(code)
program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0 == libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0)

from autograder.errors import UserError
from autograder.sandbox import policy
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import Cell
policy.nobody_can_read = lambda folders, lent=False: True if lent else machine == "nobody may"
try:
    with Sandbox({"p": Path(folder)}, level=level) as sandbox:
        print(sandbox.run([Cell("cell", "1")], "p")[0].status)
except UserError as error:
    print(error)
"""
LANDLOCK, SECCOMP = "444 445 446", {"x86_64": "157:22", "aarch64": "167:22"}[os.uname().machine]


def lacking(calls, level, course, nobody="lent", **environment):
    command = [sys.executable, "-c", LACKING, nobody, calls, level, str(course)]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_landlock_bubblewrap_still_holds(course):
    needs("bubblewrap")
    assert lacking(LANDLOCK, "bubblewrap", course) == "ok\n"


def test_without_landlock_and_bubblewrap_nothing_is_graded(course):
    text = lacking(LANDLOCK, "process", course)
    assert "this Linux has no Landlock" in text
    assert "install bubblewrap" in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("level", ["bubblewrap", "process"])
def test_without_seccomp_nothing_is_graded(course, level):
    needs(level)
    text = lacking(SECCOMP, level, course)
    assert "this kernel doesn't filter system calls by seccomp" in text
    assert len(text.splitlines()) == 1


# ---------------------------------------------------------------- as an ordinary user

SOMEBODY = 54321
# What a submission does who shares its files' owner with the grader; what came of it, as words.
AS_SOMEBODY = """
import os, sys, tempfile
from pathlib import Path
from autograder.sandbox import policy
from autograder.sandbox.client import Sandbox
from autograder.sandbox.steps import Cell
policy.extra_packages = lambda: [sys.argv[2]]  # as if they were this Python's own
policy.working_policy = policy.python_policy
folder = Path(tempfile.mkdtemp())
(folder / "helpers.py").write_text("ANSWER = 42\\n")
outside = folder / "outside"
outside.write_text("x")
os.chmod(outside, 0o640), os.utime(outside, (7, 7))
facts = lambda: (oct(outside.stat().st_mode), outside.stat().st_mtime, os.listxattr(outside))
before = facts()
attack = f'''
import ctypes, fcntl, os
libc = ctypes.CDLL(None, use_errno=True)
shared, outside = os.path.realpath("helpers.py"), {str(outside)!r}
def lease():
    fcntl.fcntl(os.open(shared, 0), 1024, fcntl.F_WRLCK)
def empty():
    os.open(outside, os.O_RDONLY | os.O_TRUNC)
def flag():
    fcntl.ioctl(os.open(shared, 0), 0x40086602, (64).to_bytes(8, "little"))
def attribute():
    os.setxattr(outside, "user.left", b"x")
for act in (lease, empty, flag, attribute):
    try:
        act()
        print("DONE", act.__name__)
    except OSError:
        pass
os.chmod(outside, 0o777)
tried = libc.utimensat(-100, outside.encode(), None, 0)
'''
with Sandbox({"p": folder}, level=sys.argv[1]) as first, Sandbox({"p": folder}, level=sys.argv[1]) as second:
    print(os.geteuid(), [s.run([Cell("cell", attack)], "p")[0].output for s in (first, second)], facts() == before)
"""


def _python_for_all():
    """A Python like this one that every user can run, and this environment's packages."""
    packages = sysconfig.get_path("purelib")
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        words = [python, "-c", "import jax, psutil; print(1)"]
        environment = {"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY}/source:{packages}"}
        try:
            subprocess.run(
                words, env=environment, user=SOMEBODY, group=SOMEBODY, check=True, cwd="/",
                extra_groups=[], capture_output=True,
            )  # fmt: skip
        except (OSError, subprocess.CalledProcessError):
            continue
        return python, environment, packages
    pytest.skip("no Python here that every user can run: ordinary users' levels are NOT tested")


@pytest.fixture
def home():
    """A folder of somebody's; pytest's own are closed to all but their user."""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, SOMEBODY, SOMEBODY)
        yield folder


@needs_root
@pytest.mark.parametrize("level", ["bubblewrap", "process"])
def test_a_grader_who_is_an_ordinary_user(level, home):
    needs(level)
    python, environment, packages = _python_for_all()
    environment |= {"HOME": home, "TMPDIR": home, "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [python, "-c", AS_SOMEBODY, level, packages], env=environment, user=SOMEBODY, group=SOMEBODY,
        extra_groups=[], cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == f"{SOMEBODY} ['', ''] True\n", done.stderr
