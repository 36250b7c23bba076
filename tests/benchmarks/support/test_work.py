"""Operations and bytes, counted by hand."""

from benchmarks.support.work import Workload


def test_work_counts_what_the_mathematics_asks_for():
    batch = Workload([784, 30, 10], examples=10, nonzeros=150, item=8)
    assert batch.sparse_forward().operations == batch.sparse_update().operations == 2 * 1500 * 30
    assert batch.forward().operations == 2 * (1500 * 30 + 10 * 30 * 10)
    assert batch.backward().operations == 2 * 10 * 30 * 10
    assert batch.dense_forward().operations == 2 * 10 * 784 * 30
    # A row of the padded weights and an entry for each pixel.
    assert batch.sparse_forward().read == 1500 * (32 * 8 + 2)
