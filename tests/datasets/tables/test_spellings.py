"""Texts that mean the same as a known one are found, and no others."""

import pytest

from fastnn.datasets.tables.spellings import places_of


@pytest.mark.parametrize(
    ("known", "text", "in_text", "typed"),
    [
        (["1", "2"], "1", 0, 0),
        (["1", "2"], "2.0", 1, 1),
        (["1.0", "2.0"], "2", 1, 1),
        (["false", "true"], "True", 1, 1),
        (["FALSE", "TRUE"], "true", 1, 1),
        (["02134", "10001"], "2134", -1, 0),
        (["02134", "10001"], "2134.0", -1, 0),
        (["02134", "2134"], "2134", 1, 1),
        (["02134", "2134"], "2134.0", 1, -1),  # which of them is it?
        (["1.10", "1.2"], "1.1", -1, 0),
        (["true", "True"], "TRUE", -1, -1),
        (["a", "b"], "A", -1, -1),
        (["a", "b"], "", -1, -1),
        (["9007199254740993"], "9007199254740992", -1, -1),
        (["1"], "10", -1, -1),
        (["1"], "1e0", -1, 0),
        (["-1"], "-1.0", 0, 0),
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
