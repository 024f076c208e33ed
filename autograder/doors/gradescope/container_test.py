"""The sandbox's zip as Gradescope runs it: in a root file tree of its own, its own scripts, as root.

The tree shows this system's /usr and this environment's packages, so that nothing is downloaded:
of setup.sh all but the installing runs. bubblewrap is hidden there, and the kernel's Landlock is
taken away, so that what keeps answers unreadable is the user that submissions run as.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from autograder.doors.gradescope import container
from autograder.doors.gradescope.results_test import problems, shown
from autograder.doors.otter.package import package

ENTER = """
set -e
PATH=$PATH:/usr/sbin:/sbin
tree=$1 python=$2 packages=$3; shift 3
mount --bind "$tree" "$tree"
mount --rbind /usr "$tree/usr"
mount --rbind /dev "$tree/dev"
mount -t proc proc "$tree/proc"
mount -t tmpfs -o mode=1777 tmpfs "$tree/tmp"
mount --bind "$python" "$tree/opt/python"
[ ! -d "$tree$packages" ] || mount --bind "$packages_here" "$tree$packages"
[ ! -e "$tree/usr/bin/bwrap" ] || mount --bind /dev/null "$tree/usr/bin/bwrap"
cd "$tree"
exec chroot "$tree" env -i PATH=/usr/bin:/bin:/usr/sbin HOME=/root LANG=C.UTF-8 "$@"
"""
# Answers Landlock's three calls as an older kernel does, then becomes the command.
WITHOUT_LANDLOCK = """
import ctypes, os, struct, sys
rules = [(32, 0, 0, 0), (21, 2, 0, 444), (21, 1, 0, 445), (21, 0, 1, 446)]
code = b"".join(struct.pack("HBBI", *r) for r in [*rules, (6, 0, 0, 0x50026), (6, 0, 0, 0x7FFF0000)])
buffer = ctypes.create_string_buffer(code)
program = struct.pack("HxxxxxxP", 6, ctypes.addressof(buffer))
assert ctypes.CDLL(None).prctl(22, 2, ctypes.c_char_p(program), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""
# Looks for the name of a hidden case in every file and every process that it may read.
ATTACK = """
import os
found = []
def look(path):
    try:
        with open(path, "rb") as file:
            if b"kept" + b"_scores" in file.read(5_000_000):
                found.append(path)
    except (OSError, ValueError):
        pass
for folder, below, names in os.walk("/"):
    below[:] = [b for b in below if os.path.join(folder, b) not in ("/proc", "/sys", "/dev", "/usr")]
    below[:] = [b for b in below if b not in ("python", "site-packages")]
    for name in names:
        look(os.path.join(folder, name))
for process in filter(str.isdigit, os.listdir("/proc")):
    for part in ("environ", "cmdline", "fd/3", "fd/4", "fd/5", "fd/6", "fd/7"):
        look(f"/proc/{process}/{part}")
    look(f"/proc/{process}/root/autograder/source/course/solutions/01_mini/answers.safetensors")
"""
SAYS_IT = """
def causal_mask(scores):
    raise ValueError(f"found {found} as {os.getuid()}")
"""


class Gradescope:
    """A root file tree with /autograder, and its harness: unpack, set up once, run for each student."""

    def __init__(self, tree: Path, archive: Path):
        self.tree, self.place = tree, tree / "autograder"
        for name in ("usr", "dev", "proc", "tmp", "root", "opt/python", "var/cache", "etc"):
            (tree / name).mkdir(parents=True)
        for name in ("bin", "sbin", "lib", "lib64"):
            (tree / name).symlink_to(f"usr/{name}")
        for name in ("passwd", "group", "ld.so.cache"):
            shutil.copy(f"/etc/{name}", tree / "etc")
        for name in ("source", "submission", "results"):
            (self.place / name).mkdir(parents=True)
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(self.place / "source")
        shutil.copy(self.place / "source" / "run_autograder", self.place)
        (self.place / "run_autograder").chmod(0o755)
        version = "python{}.{}".format(*sys.version_info)
        self.packages = f"/opt/autograder/lib/{version}/site-packages"
        self.enter(f"/opt/python/bin/{version}", *"-m venv --without-pip /opt/autograder".split())

    def enter(self, *command: str) -> str:
        """What a command says that runs as root in the tree, in namespaces of its own."""
        walls = "unshare --mount --pid --fork --kill-child --propagation private".split()
        places = [str(self.tree), sys.base_prefix, self.packages]
        here = sysconfig.get_path("purelib")
        environment = os.environ | {"packages_here": here}
        script = ["bash", "-c", ENTER, "enter", *places]
        done = subprocess.run([*walls, *script, *command], env=environment, capture_output=True, text=True, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def python(self, code: str, *arguments: str) -> str:
        """What some Python prints there."""
        return self.enter("/opt/autograder/bin/python", "-c", code, *arguments)

    def grade(self, **files: bytes) -> dict:
        """The results of what one student hands in."""
        for folder in (self.place / "submission", self.place / "results"):
            shutil.rmtree(folder)
            folder.mkdir()
        for name, content in files.items():
            (self.place / "submission" / name.replace("_ipynb", ".ipynb")).write_bytes(content)
        self.python(WITHOUT_LANDLOCK, "/autograder/run_autograder")
        found = json.loads((self.place / "results" / "results.json").read_text())
        assert not problems(found)
        return found


@pytest.fixture(scope="module")
def gradescope(mini, tmp_path_factory):
    """The small course at Gradescope, set up."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a root file tree: the container's promises are NOT tested")
    probe = ["unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/mnt"]
    if not shutil.which("unshare") or subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("mounting isn't allowed here: the container's promises are NOT tested")
    folder = tmp_path_factory.mktemp("gradescope")
    package(mini, "01", folder / "autograder.zip", sandbox=True)
    made = Gradescope(folder / "tree", folder / "autograder.zip")
    assert "level process" in made.enter("bash", "/autograder/source/setup.sh")
    return made


def points(found):
    return [test["score"] for test in found["tests"] if "score" in test]


@pytest.mark.slow
@pytest.mark.parametrize(
    "cells",
    [{}, {"causal_mask": "def causal_mask(scores):\n    return scores"}, {"Scale": "1 / 0"}],
    ids=["right", "a mistake that others build on", "a cell that fails"],
)
def test_points_are_those_of_autograder_grade(gradescope, classroom, cells):
    found = gradescope.grade(work_ipynb=classroom.notebook(cells))
    result = classroom.grade(cells)
    assert points(found) == [e.points for e in result.exercises]
    assert found["score"] == result.points
    assert found["extra_data"]["isolation"] == "process"


@pytest.mark.slow
def test_a_blank_is_not_started(gradescope, mini):
    blank = (mini.release("01_mini") / "01_mini.ipynb").read_bytes()
    found = gradescope.grade(work_ipynb=blank)
    assert found["score"] == 0
    assert {test["output"] for test in found["tests"]} == {"not started"}


@pytest.mark.slow
def test_hidden_answers_are_out_of_reach(gradescope, classroom):
    found = gradescope.grade(work_ipynb=classroom.notebook({"causal_mask": ATTACK + SAYS_IT}))
    assert "found [] as 65534" in shown(found)
    assert points(found)[0] == 0


@pytest.mark.slow
def test_the_attack_finds_them_where_it_may(gradescope):
    assert "solutions/01_mini/answers.safetensors" in gradescope.python(f"{ATTACK}\nprint(found)")


# ---------------------------------------------------------------- what a student has to put right


def zipped(name, content):
    from io import BytesIO

    with zipfile.ZipFile(made := BytesIO(), "w") as archive:
        archive.writestr(name, content)
    return made.getvalue()


@pytest.fixture
def place(mini, tmp_path, monkeypatch):
    """The folders of a container, without the tree."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    package(mini, "01", tmp_path / "autograder.zip", sandbox=True)
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        archive.extractall(tmp_path / "source")
    for name in ("submission", "results"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "there is no notebook (.ipynb) and no .zip"),
        ({"a.txt": b"hello"}, "there is no notebook (.ipynb) and no .zip"),
        (
            {"a.ipynb": b"{}", "b.ipynb": b"{}"},
            "there are 2 notebooks (a.ipynb, b.ipynb): hand in one",
        ),
        ({"a.zip": zipped("b.zip", zipped("c.ipynb", "{}"))}, "another zip: hand in the notebook"),
        ({"a.zip": b"PK\3\4 broken"}, "zip"),
    ],
    ids=["nothing", "no notebook", "two notebooks", "a zip of zips", "a broken zip"],
)
def test_bad_hand_ins_get_no_points_and_one_line(place, files, reason):
    for name, content in files.items():
        (place / "submission" / name).write_bytes(content)
    container.grade(place)
    found = json.loads((place / "results" / "results.json").read_text())
    assert not problems(found)
    assert found["score"] == 0
    assert reason in found["output"]
    assert "\n" not in found["output"]
