"""Names of classes: whole numbers or text, from every form they are stored in."""

from __future__ import annotations

import numpy as np
import pytest
from refusals import assert_refused

from fastnn.datasets.labels import (
    are_plain,
    as_labels,
    check_classes,
    class_indices,
    distinct,
)


@pytest.mark.parametrize(
    ("stored", "labels"),
    [
        (np.array([2.0, -1.0]), [2, -1]),
        (np.array([[2], [1]], np.uint8), [2, 1]),
        (np.array([b"Z\xc3\xbcrich", b"Bern"]), ["Zürich", "Bern"]),
        (np.array([" cat ", "dog"]), ["cat", "dog"]),
        (np.array([2.0**62]), [2**62]),
        (np.array([3, -2], np.float16), [3, -2]),
        (np.array(["New\u00a0York"]), ["New York"]),
        (np.array(["می\u200cخ", "ක්\u200dර"]), ["می\u200cخ", "ක්\u200dර"]),
    ],
)
def test_labels_become_whole_numbers_or_text(stored, labels):
    assert as_labels("labels", stored).tolist() == labels


@pytest.mark.parametrize(
    ("stored", "word"),
    [
        (np.array([1.0, 0.5]), "got 0.5 in example 1"),
        (np.array([1.0, np.inf]), "got inf in example 1"),
        (np.array([2.0**63]), "whole numbers"),
        (np.array([1, np.inf], np.float16), "got inf in example 1"),
        (np.array(["cat", " "]), "text that can be printed"),
        (np.array(["cat", "\u200c"]), "text that can be printed"),
        (np.array(["cat", "a\u202eb"]), "text that can be printed"),
        (np.zeros((2, 2)), "one entry for each example"),
    ],
)
def test_what_names_no_classes_is_refused(stored, word):
    assert_refused(lambda: as_labels("labels", stored), ValueError, "labels must", word)


def test_each_label_has_the_index_of_its_class():
    labels = np.array(["dog", "cat", "dog"])
    classes = distinct(labels)
    assert classes == ["cat", "dog"]
    assert class_indices(labels, classes).tolist() == [1, 0, 1]


def test_only_0_1_2_and_so_on_are_plain():
    assert are_plain([0, 1, 2])
    assert not are_plain([1, 2, 3])
    assert not are_plain(["0", "1"])


@pytest.mark.parametrize(
    ("classes", "error"),
    [
        (["cat", "cat"], ValueError),
        (["cat", "dog", "cow"], ValueError),
        (["cat", 1], TypeError),
        ([0.0, 1.0], TypeError),
        ("ab", TypeError),
    ],
    ids=str,
)
def test_a_network_of_two_outputs_needs_two_different_names(classes, error):
    assert check_classes("labels", ("cat", "dog"), 2) == ["cat", "dog"]
    assert_refused(lambda: check_classes("labels", classes, 2), error, "labels must be a list of 2")
