"""What whoever waits for a class is told, and what is there in the end."""

from contextlib import closing

import pytest

from autograder.errors import UserError
from autograder.grading.batch import Batch
from autograder.grading.classroom import Begun, Finished, Graded, Note, grade_class, grade_one
from autograder.grading.result import load_results
from autograder.status import Status


@pytest.fixture
def folder(tmp_path, classroom):
    """Two students with the same right answers, and one who handed in nothing."""
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("ann", "bob"):
        (folder / f"{name}.ipynb").write_bytes(classroom.notebook())
    (folder / "cy.ipynb").write_bytes(b"")
    return folder


def test_a_class_tells_what_happens_and_its_pages_are_written_before_it_is_finished(
    mini, folder, tmp_path
):
    written = []
    pages = lambda *facts: written.append(facts)  # noqa: E731
    output = tmp_path / "out"
    for begun in (3, 0):  # the second time nothing had changed
        events = [*grade_class(mini, folder, None, output, pages, workers=2)]
        kinds = [type(event) for event in events if not isinstance(event, Note)]
        assert kinds == [Begun, *[Graded] * (2 if begun else 0), Finished]
        assert next(e for e in events if isinstance(e, Begun)).submissions == begun
        finished = events[-1]
        assert {r.student: r.status for r in finished.results} == {
            "ann": Status.GRADED, "bob": Status.GRADED, "cy": Status.UNREADABLE
        }  # fmt: skip
        assert written.pop() == (finished.results, output, finished.title)
    assert finished.folder == output / "01_mini"
    assert len(load_results(finished.folder)) == 3
    assert Note("3 of 3 had not changed and were not graded again") in events


def test_nothing_is_written_when_there_is_nothing_to_grade(mini, tmp_path):
    output = tmp_path / "out"
    with pytest.raises(UserError, match="there is no"):
        next(grade_class(mini, tmp_path / "none", None, output, lambda *facts: None))
    assert not output.exists()


def test_who_stops_listening_ends_it(mini, folder, tmp_path, monkeypatch):
    closed, close = [], Batch.close
    monkeypatch.setattr(Batch, "close", lambda batch: closed.append(batch) or close(batch))
    pages = lambda *facts: pytest.fail("no class was finished")  # noqa: E731
    with closing(grade_class(mini, folder, None, tmp_path / "out", pages)) as events:
        while not isinstance(next(events), Begun):
            pass
    assert closed


def test_one_notebook_leaves_nothing(mini, folder):
    events = [*grade_one(mini, folder / "ann.ipynb", None)]
    assert [result.points for result in events[-1].results] == [6]
    assert not events[-1].folder.exists()
