"""What becomes of each network: its accuracies, or its error, and the line that shows it."""

import sweep_schedules
from small_sweeps import sweep
from sweep_schedules import evaluation_data


def test_a_network_that_fails_is_reported_and_the_others_go_on(capsys):
    rows = sweep(grid={"schedule": [sweep_schedules.failing, sweep_schedules.plain]}, progress=True)
    assert [row.error for row in rows] == [
        *["LookupError: no rate for this epoch"] * 2,
        *[None] * 2,
    ]
    assert rows.failed == list(rows[:2])
    assert repr(rows) == "Sweep(4 networks, 2 of them failed)"
    failed, trained = rows.summary()
    assert (failed.trained, failed.failed, failed.final_accuracy) == (0, 2, None)
    assert (trained.trained, trained.failed) == (2, 0)
    assert capsys.readouterr().err.count("LookupError: no rate for this epoch") == 2


def test_accuracies_are_parts_of_the_evaluation_data():
    for row in sweep(seeds=range(5)):
        counts = row.history.evaluation_accuracy
        assert row.final_accuracy == counts[-1] / 30
        assert row.best_accuracy == max(counts) / 30
        assert row.seconds > 0


def test_with_early_stopping_the_final_accuracy_is_that_of_the_network_that_is_kept():
    data = evaluation_data()
    for row in sweep(seeds=range(4), epochs=12, eta=5.0, early_stopping_n=2, keep_networks=True):
        assert row.final_accuracy == row.network.accuracy(data) / 30


def test_progress_is_a_line_a_network_on_stderr(capsys):
    sweep(seeds=[2], grid={"eta": [0.1, 0.5]}, progress=True)
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert len(lines) == 2
    assert [line.split(": ")[0] for line in lines] == ["network 1/2", "network 2/2"]
    assert sorted(line.split(": ")[1] for line in lines) == ["eta=0.1, seed 2", "eta=0.5, seed 2"]
    assert all(line.split(": ")[2].startswith("accuracy ") for line in lines)
    sweep()
    assert capsys.readouterr().err == ""
