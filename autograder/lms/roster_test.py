"""Tables of an LMS: read whatever they hold, or refused in a line; nobody mixed up."""

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.errors import UserError
from autograder.lms.roster import People, Person, Table, fold, read_table

cell = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
fast = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@fast
@given(st.binary(max_size=80))
def test_any_bytes_are_a_table_or_one_line(tmp_path, data):
    (tmp_path / "t.csv").write_bytes(data)
    try:
        table = read_table(tmp_path / "t.csv")
    except UserError as error:
        assert "\n" not in str(error).replace(str(tmp_path), "")  # noqa: PT017
    else:
        assert all(len(row) == len(table.header) for row in table.rows)


@fast
@given(st.lists(st.lists(cell, min_size=3, max_size=3), max_size=4))
def test_what_is_read_back_is_as_it_was_and_nothing_else_a_formula(rows):
    text = Table(["a", "b", "c"], rows).text({1})
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
    assert [row[1] for row in read] == [row[1] for row in rows]
    for row, given_ in zip(read, rows):
        for place in (0, 2):
            assert row[place] in (given_[place], f"'{given_[place]}")
            assert row[place][:1] not in ("=", "@", "\t")


@given(cell, cell)
def test_a_name_is_found_in_any_order_and_only_its_own(last, first):
    people = People([Person(0, "1", f"{last}, {first}"), Person(1, "2", "Somebody, Else 7")])
    found = people.called(f"{first} {last}")
    if fold(first + last) and "," not in last + first:
        assert found in (people.persons[0], None)
    assert People([]).called(last) is None


def test_a_name_that_two_have_is_nobodys_but_for_the_number():
    people = People([Person(0, "1", "Lee, Ann"), Person(1, "2", "Lee, Ann")])
    assert people.called("Ann Lee") is None
    assert people.called("leeann_2") == people.persons[1]
    assert people.called("leeann_3") is None
    assert people.numbered("1") == people.persons[0]


def test_a_semicolon_or_utf_16_is_read_as_well(tmp_path):
    for text in ("a;b\n1;2\n".encode("utf-8-sig"), "a\tb\n1\t2\n".encode("utf-16")):
        (tmp_path / "t.csv").write_bytes(text)
        table = read_table(tmp_path / "t.csv")
        assert (table.header, table.rows) == (["a", "b"], [["1", "2"]])
