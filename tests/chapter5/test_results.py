"""What `results.json` and the page are made of: experiments that have run."""

import json

import pytest

from fastnn.chapter5 import EXPERIMENTS
from fastnn.chapter5.results import (
    Stored,
    read_results,
    results_file,
    run_experiment,
    section,
)


def write_results(folder, *finished):
    path = folder / "results.json"
    path.write_bytes(results_file(finished, {"fastnn": "1"}))
    return path


@pytest.fixture
def finished():
    def run(name, quick=False):
        return run_experiment(
            name, EXPERIMENTS[name], range(6), quick=quick, dtype="float64", mapper=map
        )

    return run


def test_claims_have_their_rule_and_verdict_in_the_results(finished, tmp_path):
    path = write_results(tmp_path, finished("vanishing"))
    quantities = json.loads(path.read_text())["experiments"]["vanishing"]["quantities"]
    judged = [one for one in quantities if one["verdict"]]
    assert judged
    for one in judged:
        assert one["verdict"] == "agrees"
        assert one["published"] and one["where"] and one["rule"]
    assert all(one["published"] is None for one in quantities if not one["verdict"])


@pytest.mark.parametrize("name", ["vanishing", "unstable", "range"])
def test_shares_stay_within_0_and_100_per_cent(finished, name):
    shares = [row for row in section(finished(name)).rows if "%" in row.quantity]
    assert shares
    for row in shares:
        for low, high in (row.ends, row.single_ends):
            assert 0 <= low <= high <= 100


def test_a_quick_run_judges_nothing_but_mathematics(finished):
    assert {row.verdict for row in section(finished("vanishing", quick=True)).rows} == {
        "cannot be told",
        None,
    }
    assert {row.verdict for row in section(finished("exploding", quick=True)).rows} == {
        "agrees",
        None,
    }


def test_a_quick_run_says_which_of_its_settings_are_others(finished):
    full, quick = (section(finished("vanishing", quick=quick)).setup for quick in (False, True))
    assert quick == f"{full} This quick run has chains = 1,000 instead."
    assert section(finished("chain", quick=True)).setup == section(finished("chain")).setup


def test_prose_and_table_of_an_experiment_come_from_one_result(finished):
    of_page = section(finished("unstable"))
    growth = next(row for row in of_page.rows if row.quantity.startswith("Each layer back"))
    assert f"multiplies the norm of the error by {growth.measured} " in of_page.finding


def test_a_folder_tells_with_which_settings_its_report_was_made(finished, tmp_path):
    assert read_results(tmp_path) is None
    write_results(tmp_path, finished("exploding"), finished("chain"))
    seeds = {"seeds": [0, 1, 2, 3, 4, 5]}
    assert read_results(tmp_path) == Stored(False, {"exploding": seeds, "chain": seeds})
    write_results(tmp_path, finished("chain", quick=True))
    assert read_results(tmp_path).quick


def test_a_report_of_an_earlier_version_is_quick_by_its_settings(finished, tmp_path):
    for quick in (False, True):
        path = write_results(tmp_path, finished("vanishing", quick=quick))
        content = json.loads(path.read_text())
        del content["quick"]
        path.write_text(json.dumps(content))
        assert read_results(tmp_path).quick == quick


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{half",
        "[]",
        '{"experiments": {"chain": {"settings": {"seeds": [0]}}}}',
        '{"versions": {"fastnn": "1"}, "quick": false, "experiments": []}',
        '{"versions": {"fastnn": "1"}, "quick": false, "experiments": {"chain": {}}}',
        '{"versions": {"fastnn": "1"}, "quick": 1, "experiments": {}}',
    ],
    ids=str,
)
def test_other_files_of_that_name_are_no_results(tmp_path, text):
    (tmp_path / "results.json").write_text(text)
    assert read_results(tmp_path) is None
