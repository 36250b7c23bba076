"""Networks trained by other processes: the same bits, the data sent once, and workers that die."""

import multiprocessing
import os
import pickle
import re
import subprocess
import sys
import threading
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import sweep_schedules
from builders import assert_same_bits
from processes import finish, start
from small_sweeps import alone, process_pool, quick_method, results_of
from sweep_schedules import MARKER, SETTINGS, SIZES, evaluation_data, settings_beside, training_data
from waiting import wait_until

from fastnn import train_many
from fastnn.sweeps import dispatch, executors

SEEDS = range(4)


def sweep(executor=None, **settings):
    return train_many(
        SIZES,
        training_data(),
        seeds=SEEDS,
        evaluation_data=evaluation_data(),
        executor=executor,
        **{**settings_beside(settings.get("grid")), **settings},
    )


@pytest.fixture(scope="module")
def marker(tmp_path_factory):
    """The file without which the next process that looks for it is killed."""
    path = tmp_path_factory.mktemp("sweep") / "marker"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARKER, str(path))  # before any worker starts
        yield path


@contextmanager
def dask_cluster(marker, workers=2, method=None):
    distributed = pytest.importorskip("distributed")
    import dask

    method = method or quick_method("distributed")
    with (
        dask.config.set({"distributed.worker.multiprocessing-method": method}),
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            env={MARKER: str(marker)},
        ) as cluster,
    ):
        yield cluster


@pytest.fixture(scope="module")
def shared_cluster(marker):
    with dask_cluster(marker) as cluster:
        yield cluster


@pytest.fixture
def dask_client(shared_cluster):
    """A client of a cluster of two worker processes, for a test that kills none."""
    with shared_cluster.get_client() as client:
        yield client


@pytest.fixture
def mortal_client(marker):
    """A client of a cluster of its own, whose two workers the test may kill."""
    with dask_cluster(marker) as cluster, cluster.get_client() as client:
        yield client


def assert_same_sweeps(got, wanted):
    for mine, theirs in zip(got, wanted, strict=True):
        assert (mine.settings, mine.seed, mine.error) == (theirs.settings, theirs.seed, None)
        assert tuple(mine.history) == tuple(theirs.history)
        assert_same_bits(mine.network, theirs.network)


@pytest.mark.parametrize("workers", [1, 2, pytest.param(8, marks=pytest.mark.thorough)])
def test_processes_give_the_same_bits_and_stay_open(workers):
    settings = {"grid": {"eta": [0.1, 0.2, 0.3, 0.5]}, "keep_networks": True}
    wanted = sweep(**settings)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for _ in range(2):
            assert_same_sweeps(sweep(pool, **settings), wanted)


def test_dask_gives_the_same_bits_and_sends_the_data_once(dask_client, monkeypatch):
    sent = []
    submit = dask_client.submit

    def noting(function, *arguments, **options):
        sent.append(len(pickle.dumps([one for one in arguments if not hasattr(one, "client")])))
        return submit(function, *arguments, **options)

    monkeypatch.setattr(dask_client, "submit", noting)
    wanted = sweep(keep_networks=True)
    assert_same_sweeps(sweep(dask_client.get_executor(), keep_networks=True), wanted)
    data, *networks = sent
    assert len(networks) == len(SEEDS)
    assert max(networks) < 3000 < data


TERMINAL = """
import sys
from contextlib import ExitStack
from small_sweeps import process_pool, sweep

kind, file, address = sys.argv[1:]
with ExitStack() as opened:
    executor = None
    if kind == "processes":
        executor = opened.enter_context(process_pool(2))
    if kind == "dask":
        from distributed import Client
        executor = opened.enter_context(Client(address)).get_executor()
    rows = sweep(
        seeds=range(12), results=file, grid={"eta": [0.1, 0.5]}, executor=executor, epochs=30,
        monitor_training_cost=True,
    )
for row in rows:
    print(row.settings["eta"], row.seed, *row.history.evaluation_accuracy, end=" ")
    print(*(cost.hex() for cost in row.history.training_cost))
"""


def test_terminals_with_threads_processes_and_dask_share_a_file(dask_client, tmp_path):
    file = tmp_path / "sweep.jsonl"
    address = dask_client.scheduler.address
    kinds = ("threads", "processes", "dask")
    terminals = [start(TERMINAL, kind, file, address) for kind in kinds]
    wanted = []
    for eta in (0.1, 0.5):
        for seed in range(12):
            _, history = alone(seed, eta=eta, epochs=30, monitor_training_cost=True)
            costs = (cost.hex() for cost in history.training_cost)
            wanted.append(" ".join(map(str, (eta, seed, *history.evaluation_accuracy, *costs))))
    for terminal in terminals:
        assert finish(terminal) == wanted
    assert len(file.read_bytes().splitlines()) == 25


def test_a_failure_in_a_process_is_reported_in_its_row(dask_client):
    rows = sweep(
        dask_client.get_executor(),
        grid={"schedule": [sweep_schedules.failing, sweep_schedules.plain]},
    )
    assert [row.error for row in rows] == [
        *["LookupError: no rate for this epoch"] * 4,
        *[None] * 4,
    ]


def test_a_pool_whose_worker_dies_is_replaced_and_no_network_is_lost(tmp_path, marker):
    grid = {"schedule": [sweep_schedules.plain, sweep_schedules.killing_once]}
    file = tmp_path / "sweep.jsonl"
    marker.unlink(missing_ok=True)
    with process_pool(2) as pool:
        rows = sweep(pool, grid=grid, results=file)
        with pytest.raises(BrokenExecutor):  # it stays the caller's, and broken
            pool.submit(len, "")
    assert marker.exists()
    assert rows.failed == []
    assert results_of(rows) == results_of(sweep(grid=grid))
    assert len(file.read_bytes().splitlines()) == 9


@pytest.mark.parametrize("workers", ["a pool", "dask"])
def test_a_network_that_kills_every_worker_is_given_up_and_no_other(workers, monkeypatch, request):
    monkeypatch.setattr(dispatch, "TRIES", 4)
    grid = {"schedule": [sweep_schedules.killing_always, sweep_schedules.plain]}
    with ExitStack() as open_ones, pytest.warns(RuntimeWarning, match="1 of 5 networks were lost"):
        if workers == "dask":
            executor = request.getfixturevalue("mortal_client").get_executor()
        else:
            executor = open_ones.enter_context(process_pool(2))
        rows = train_many(
            SIZES,
            training_data(),
            seeds=[0],
            grid=[
                *({"schedule": schedule} for schedule in grid["schedule"]),
                *({"schedule": sweep_schedules.plain, "eta": eta} for eta in (0.1, 0.2, 0.3)),
            ],
            executor=executor,
            **SETTINGS,
        )
    (lost,) = rows.failed
    assert lost.settings["schedule"] is sweep_schedules.killing_always
    assert "workers died while they trained it, the last with" in lost.error


def test_a_pool_whose_workers_cannot_start_is_given_up(monkeypatch):
    renewed = []
    renew = executors._Processes.renew
    monkeypatch.setattr(
        executors._Processes, "renew", lambda self: renewed.append(self) or renew(self)
    )
    with (
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), sys.exit, (3,)) as pool,
        pytest.warns(RuntimeWarning, match="4 of 4 networks were lost"),
    ):
        rows = sweep(pool)
    assert [row.error.split(":")[0] for row in rows] == ["lost by the executor"] * 4
    assert len(renewed) == dispatch.FRUITLESS - 1


def test_what_a_dead_worker_of_dask_was_at_is_trained_by_another(mortal_client, marker):
    grid = {"schedule": [sweep_schedules.plain, sweep_schedules.killing_once]}
    marker.unlink(missing_ok=True)
    rows = sweep(mortal_client.get_executor(), grid=grid, keep_networks=True)
    assert marker.exists()
    assert_same_sweeps(rows, sweep(grid=grid, keep_networks=True))


def test_dask_gets_the_data_again_when_all_workers_died(mortal_client, marker):
    grid = {"schedule": [sweep_schedules.plain, sweep_schedules.killing_both]}
    marker.unlink(missing_ok=True)
    rows = sweep(mortal_client.get_executor(), grid=grid, keep_networks=True)
    assert marker.with_suffix(".second").exists()
    assert_same_sweeps(rows, sweep(grid=grid, keep_networks=True))


def test_a_result_that_is_lost_on_its_way_is_trained_again(dask_client, monkeypatch):
    comm = pytest.importorskip("distributed.comm")
    gather = dask_client._gather_remote
    lost = []

    async def losing(*arguments):
        if lost:
            return await gather(*arguments)
        lost.extend(dask_client._gather_keys)
        dask_client._gather_keys = dask_client._gather_future = None
        raise comm.CommClosedError("the connection was closed")

    monkeypatch.setattr(dask_client, "_gather_remote", losing)
    rows = sweep(dask_client.get_executor(), keep_networks=True)
    assert lost
    assert_same_sweeps(rows, sweep(keep_networks=True))


def test_what_the_executor_of_a_client_was_given_goes_with_the_networks(dask_client, monkeypatch):
    """Tasks that no worker has the resources for would wait for ever."""
    sent = []
    submit = dask_client.submit

    def noting(function, *arguments, **options):
        sent.append(options.pop("resources", None))
        return submit(function, *arguments, **options)

    monkeypatch.setattr(dask_client, "submit", noting)
    sweep(dask_client.get_executor(resources={"large": 1}))
    assert sent == [None, *[{"large": 1}] * len(SEEDS)]


def test_a_cluster_without_workers_is_waited_for_and_the_user_is_told(marker, monkeypatch):
    """Its workers are spawned, as dask does it by itself: they have imported nothing of fastnn."""
    monkeypatch.setattr(executors, "_WITHOUT_WORKERS", 0.0)
    with (
        dask_cluster(marker, workers=0, method="spawn") as cluster,
        cluster.get_client() as client,
        pytest.warns(RuntimeWarning, match="has had no workers for 0 s; the sweep waits") as told,
    ):

        def adapt_then():
            wait_until(lambda: len(told) > 0)
            cluster.adapt(minimum=0, maximum=1)

        adapting = threading.Thread(target=adapt_then)
        adapting.start()
        rows = sweep(client.get_executor(), keep_networks=True)
        adapting.join()
    assert_same_sweeps(rows, sweep(keep_networks=True))


def test_the_guides_script_for_a_cluster_runs(dask_client, tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "many.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(# python cluster\.py.*?)```", guide, re.DOTALL)
    for long, short in (("range(20)", "range(2)"), ("training[:5000]", "training[:100]")):
        assert long in script
        script = script.replace(long, short)
    (tmp_path / "cluster.py").write_text(script, encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, "cluster.py", dask_client.scheduler.address],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    assert [line.partition("}")[0] for line in lines] == ["{'eta': 0.1", "{'eta': 0.5"]
    assert len((tmp_path / "cluster.jsonl").read_bytes().splitlines()) == 5
