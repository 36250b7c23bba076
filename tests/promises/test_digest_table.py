"""Training from the same initial weights gives the same bits on every machine: a stored table."""

from __future__ import annotations

import pytest
from digest_table import KINDS, TYPES, digests_of, stored_digests


@pytest.mark.compiled
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_weights_and_history_of_every_kind_of_training_are_those_of_the_table(kind, dtype):
    assert digests_of(kind, dtype) == stored_digests()[kind, dtype]


def test_the_table_has_a_row_for_every_kind_and_type():
    assert list(stored_digests()) == [(kind, dtype) for kind in KINDS for dtype in TYPES]
