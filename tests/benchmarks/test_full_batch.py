"""Full batches: the norms are compared with the reference's."""

import pytest

from benchmarks import full_batch

pytestmark = [pytest.mark.thorough, pytest.mark.compiled]


def test_full_batches_have_the_norms_of_the_reference_or_that_is_noticed(capsys, monkeypatch):
    monkeypatch.setattr(full_batch, "limit_threads", lambda count: None)
    few = ["--images", "40", "--epochs", "3", "--reference-epochs", "2", "--repeats", "1"]
    assert full_batch.main(few) == 0
    words = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert words == ["fastnn", "reference", "ratio"]
    monkeypatch.setattr(full_batch, "TOLERANCE", -1.0)
    assert full_batch.main(few) == 1
