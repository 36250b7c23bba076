"""The documentation's script that searches with Optuna: two processes, one study, and pruning."""

import re
from pathlib import Path

import pytest
from processes import finish, start

pytest.importorskip("sqlalchemy")
optuna = pytest.importorskip("optuna")

GUIDE = Path(__file__).parents[2] / "docs" / "many.md"
TRIALS, EPOCHS = 12, 10


def script():
    """Return the script, on fewer examples."""
    (found,) = re.findall(
        r"```python\n(# python search\.py.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL
    )
    for long, short in (
        ("n_trials=20", f"n_trials={TRIALS // 2}"),
        ("training[:5000]", "training[:300]"),
        ("import optuna\n", "import optuna, os\nos.chdir(os.environ['FOLDER'])\n"),
    ):
        assert long in found
        found = found.replace(long, short)
    return found


@pytest.mark.compiled
@pytest.mark.filterwarnings("ignore")  # Optuna's own, which this process only reads with
def test_two_processes_search_together_and_prune(tmp_path):
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/search.db")
    optuna.create_study(study_name="digits", storage=storage, direction="maximize")
    for search in [start(script(), FOLDER=tmp_path) for _ in range(2)]:
        assert "hidden" in finish(search)[-1]
    trials = optuna.load_study(study_name="digits", storage=storage).trials
    storage.engine.dispose()
    assert len(trials) == TRIALS
    assert {trial.state.name for trial in trials} <= {"COMPLETE", "PRUNED"}
    for trial in trials:
        reported = [trial.intermediate_values[epoch] for epoch in sorted(trial.intermediate_values)]
        if trial.state.name == "COMPLETE":
            assert len(reported) == EPOCHS
            assert trial.value == max(reported)
        else:
            assert 0 < len(reported) <= EPOCHS
