"""Texts that mean the same as a known one are found, and no others."""

import pytest
from table_files import write

from fastnn.datasets.tables.spellings import differ_slightly, places_of
from fastnn.own_data import read_labelled_table

pytest.importorskip("pandas")


@pytest.mark.parametrize(
    ("known", "text", "in_text", "typed"),
    [
        (["1", "2"], "1", 0, 0),
        (["1", "2"], "2.0", 1, 1),
        (["1.0", "2.0"], "2", 1, 1),
        (["false", "true"], "True", 1, 1),
        (["FALSE", "TRUE"], "true", 1, 1),
        (["02134", "10001"], "2134", 0, 0),
        (["02134", "10001"], "2134.0", 0, 0),
        (["7", "10"], "007", 0, 0),
        (["02134", "2134"], "2134", 1, 1),
        (["02134", "2134"], "2134.0", -1, -1),  # which of them is it?
        (["1.10", "1.2"], "1.1", -1, 0),
        (["true", "True"], "TRUE", -1, -1),
        (["a", "b"], "A", -1, -1),
        (["a", "b"], "", -1, -1),
        (["9007199254740993"], "9007199254740992", -1, -1),
        (["1"], "10", -1, -1),
        (["1"], "1e0", -1, 0),
        (["-1"], "-1.0", 0, 0),
        (["0"], "-0", 0, 0),
        (["1"], "1" * 5000, -1, -1),
        (["False", "True"], "1", 1, 1),
        (["False", "True"], "0.0", 0, 0),
        (["0", "1"], "TRUE", 1, 1),
        (["0", "1", "2"], "True", -1, -1),
        (["1", "2"], "True", -1, -1),
    ],
)
def test_a_text_is_the_only_known_one_that_means_the_same(known, text, in_text, typed):
    assert places_of([text], known, typed=False) == [in_text]
    assert places_of([text], known, typed=True) == [typed]


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("Yes", "yes", "capitals"),
        ("New York", "new  york", "capitals"),
        ("a b", "a  b", "blanks"),
        ("caf\u00e9", "cafe\u0301", "the codes of their accents"),
        ("Caf\u00e9", "cafe\u0301", "capitals"),
    ],
)
def test_texts_that_a_slip_made_different_are_told_with_it(one, other, what):
    assert differ_slightly(["x", one, "y", other]) == {what: [(one, other)]}


@pytest.mark.parametrize("texts", [[], ["a"], ["a", "b"], ["ab", "a b"], ["Masse", "Ma\u00dfe"]])
def test_other_texts_are_different(texts):
    assert differ_slightly(texts) == {}


def test_categories_that_differ_slightly_are_warned_of(tmp_path):
    rows = [f"{('Yes', 'yes', 'NO')[at % 3]},{at % 7}.5,{'uv'[at % 2]}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", ["own,a,class", *rows]))
    told = "column 1 (own) has 'Yes' and 'yes', which differ in capitals only"
    assert table.warnings == [f"{told}: each is taken for a kind of its own"]


SPELLINGS = ("NO", "no", "Yes", "yes", "YES", "a b", "a  b", "Oh", "oh")


@pytest.mark.parametrize("place", [0, 2], ids=["categories", "classes"])
def test_all_that_differ_slightly_are_warned_of_by_what_they_differ_in(tmp_path, place):
    rows = []
    for at in range(90):
        cells = ["uv"[at % 2], f"{at % 7}.5", "uv"[at % 2]]
        cells[place] = SPELLINGS[at % 9]
        rows.append(",".join(cells))
    table = read_labelled_table(write(tmp_path / "t.csv", ["own,a,class", *rows]))
    capitals, blanks = [line.replace("'", "") for line in table.warnings if "differ in" in line]
    assert "YES and Yes, NO and no, Oh and oh, ..." in capitals
    assert "differ in capitals only" in capitals
    assert "a  b and a b" in blanks
    assert "differ in blanks only" in blanks
