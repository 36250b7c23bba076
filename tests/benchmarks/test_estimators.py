"""fastnn's estimators beside scikit-learn's: both come to the same, or that is noticed."""

import pytest

from benchmarks import estimators

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


def test_both_estimators_come_to_the_same(capsys, monkeypatch):
    monkeypatch.setattr(estimators, "limit_threads", lambda count: None)
    assert estimators.main(["--examples", "300", "--epochs", "1", "--repeats", "1"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[-2:] == ["loss", "apart"]
    assert len(rows) == 8
    for row in rows:
        theirs, ours = row.split()[-3:-1]
        assert theirs == ours


def test_estimators_that_part_are_noticed():
    line = estimators.Comparison("some", "sgd", 10, [0.9, 0.9], ([2.0], [1.0]), apart=0.1)
    assert estimators.report([line])[-1].endswith("DOES NOT AGREE")
    assert line.ratio == 2.0
