"""Who trains what: no network twice while its trainer lives, and none left to the dead."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import finish, start
from small_sweeps import results_of, sweep
from waiting import wait_until

from fastnn.sweeps import claims
from fastnn.sweeps.claims import Claims

JOB = """
import sys
from fastnn.sweeps import worker
from small_sweeps import sweep

train_network, trained = worker.train_network, []

def noting(task, *arguments):
    trained.append(task.seed)
    return train_network(task, *arguments)

worker.train_network = noting
rows = sweep(seeds=range(int(sys.argv[2])), results=sys.argv[1], epochs=int(sys.argv[3]))
print(len(rows), len(rows.failed))
print(*trained)
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "sweep.jsonl"


def take(call, *keys, most=10):
    with call.locked():
        return call.take(keys, most)


@pytest.mark.skipif(sys.platform != "linux", reason="its number is elsewhere, or nowhere")
def test_process_ids_count_only_until_the_machine_starts_anew():
    assert Path("/proc/sys/kernel/random/boot_id").read_text().strip() in claims._host()


def test_a_network_is_claimed_by_one_call_only(file):
    one, other = Claims(file), Claims(file)
    assert take(one, "a", "b", "c", most=2) == ["a", "b"]
    assert take(other, "a", "b", "c") == ["c"]
    one.give_back("b")
    assert take(one, "c") == []
    with one.kept():
        pass
    assert take(other, "a", "b", "c") == ["a", "b", "c"]


def test_what_is_given_back_can_be_claimed_by_others(file):
    one, other = Claims(file), Claims(file)
    take(one, "a", "b")
    one.give_back("a")
    take(one, "c")
    assert take(other, "a", "b", "c") == ["a"]


def test_claims_of_a_dead_process_are_void_at_once(file):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    one, other = Claims(file), Claims(file)
    one._me["pid"] = dead.pid
    take(one, "a")
    assert take(other, "a") == ["a"]


def test_claims_from_another_machine_are_void_once_it_shows_no_sign_of_life(file, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    one, other = Claims(file), Claims(file)
    one._me["host"] = "another machine"
    take(one, "a")
    for _ in range(3):
        assert take(other, "a") == []
        now[0] += claims.EXPIRES - 1
        one._me["beat"] += 1
        take(one, "a")
    assert take(other, "a") == []
    now[0] += claims.EXPIRES + 1
    assert take(other, "a") == ["a"]


def test_a_call_shows_that_it_lives(file, monkeypatch):
    monkeypatch.setattr(claims, "BEAT", 0.01)
    one = Claims(file)
    take(one, "a")
    before = file.with_name("sweep.jsonl.claims").read_text()
    with one.kept():
        wait_until(lambda: file.with_name("sweep.jsonl.claims").read_text() != before)
    assert not file.with_name("sweep.jsonl.claims").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"x": {"pid": 1e999}}', b"\xff"], ids=str)
def test_damaged_claims_are_void(file, content):
    file.with_name("sweep.jsonl.claims").write_bytes(content)
    assert take(Claims(file), "a") == ["a"]


@pytest.mark.compiled
def test_processes_share_a_file_and_none_trains_what_another_does(file):
    trained = []
    for job in [start(JOB, file, 30, 20) for _ in range(3)]:
        table, seeds = finish(job)
        assert table == "30 0"
        trained += map(int, seeds.split())
    assert sorted(trained) == list(range(30))
    assert len(file.read_bytes().splitlines()) == 31
    wanted = sweep(seeds=range(30), epochs=20)
    assert results_of(sweep(seeds=range(30), epochs=20, results=file)) == results_of(wanted)
    assert {path.name for path in file.parent.iterdir()} == {"sweep.jsonl", "sweep.jsonl.lock"}


@pytest.mark.long
@pytest.mark.compiled
def test_processes_that_are_killed_lose_no_row_of_a_file_they_share(file):
    rng = random.Random(1)
    jobs = [start(JOB, file, 100, 2000) for _ in range(8)]
    time.sleep(3)
    for _ in range(50):
        time.sleep(rng.uniform(0, 0.5))
        place = rng.randrange(len(jobs))
        jobs[place].kill()
        jobs[place].communicate()
        jobs[place] = start(JOB, file, 100, 2000)
    for job in jobs:
        assert finish(job)[0] == "100 0"
    assert len(file.read_bytes().splitlines()) == 101
    wanted = sweep(seeds=range(100), epochs=2000)
    assert results_of(sweep(seeds=range(100), epochs=2000, results=file)) == results_of(wanted)
