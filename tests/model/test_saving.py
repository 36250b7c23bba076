"""Saved networks: the same JSON as network2's, whole or not at all, and nothing else is loaded."""

import json
import os
import re
import stat
import threading

import numpy as np
import pytest
from builders import assert_same_bits, parameters, seeded_network
from memory import peak_bytes
from refusals import assert_refused

import fastnn
from fastnn import network2, reference

SIZES = [4, 3, 2]
MODULES = [network2, reference]
COSTS = ["CrossEntropyCost", "QuadraticCost"]

# Numbers that a careless writer would change.
DIFFICULT = [0.1, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, 2**53 + 2.0, np.nextafter(1, 2)]


def network_of_difficult_numbers(module, cost="CrossEntropyCost"):
    net = seeded_network(module, SIZES, cost)
    net.weights[0].flat[: len(DIFFICULT)] = DIFFICULT
    return net


def names(module):
    return module.__name__.rpartition(".")[2]


# --- there and back ---------------------------------------------------------------------------


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("reader", MODULES, ids=names)
@pytest.mark.parametrize("writer", MODULES, ids=names)
def test_files_of_either_program_load_in_the_other_bit_for_bit(tmp_path, writer, reader, cost):
    path = tmp_path / "net.json"
    saved = network_of_difficult_numbers(writer, cost)
    saved.save(path)
    loaded = reader.load(path)
    assert_same_bits(loaded, saved)
    assert np.signbit(loaded.weights[0].flat[DIFFICULT.index(-0.0)])
    assert loaded.sizes == SIZES
    assert loaded.num_layers == len(SIZES)
    assert loaded.cost is getattr(reader, cost)


def test_a_file_holds_what_network2s_files_hold(tmp_path):
    net = seeded_network(network2, SIZES, "QuadraticCost")
    net.save(tmp_path / "net.json")
    content = json.loads((tmp_path / "net.json").read_text(encoding="ascii"))
    assert content == {
        "sizes": SIZES,
        "weights": [w.tolist() for w in net.weights],
        "biases": [b.tolist() for b in net.biases],
        "cost": "QuadraticCost",
    }


@pytest.mark.parametrize("cost", COSTS)
def test_both_programs_write_the_same_content(tmp_path, cost):
    for module in MODULES:
        network_of_difficult_numbers(module, cost).save(tmp_path / names(module))
    mine, theirs = (json.loads((tmp_path / names(module)).read_text()) for module in MODULES)
    assert mine == theirs


def test_float32_values_are_kept_exactly(tmp_path):
    net = seeded_network(network2, SIZES, dtype=np.float32)
    net.save(tmp_path / "net.json")
    loaded = fastnn.load(tmp_path / "net.json")
    for mine, theirs in zip(parameters(loaded), parameters(net), strict=True):
        assert theirs.dtype == np.float32
        assert mine.dtype == np.float64
        assert np.array_equal(mine, theirs)


def test_values_that_are_not_finite_are_kept(tmp_path):
    net = seeded_network(network2, SIZES)
    net.weights[0][0, :3] = np.nan, np.inf, -np.inf
    net.save(tmp_path / "net.json")
    for module in MODULES:
        assert_same_bits(module.load(tmp_path / "net.json"), net)


@pytest.mark.parametrize("sizes", [tuple(SIZES), np.array(SIZES), [np.int64(n) for n in SIZES]])
def test_sizes_assigned_in_another_form_are_saved_as_a_list(tmp_path, sizes):
    net = seeded_network(network2, SIZES)
    net.sizes = sizes
    net.save(tmp_path / "net.json")
    assert json.loads((tmp_path / "net.json").read_text())["sizes"] == SIZES


@pytest.mark.parametrize("form", [str, lambda path: path], ids=["str", "path"])
def test_a_filename_is_a_string_or_a_path(tmp_path, form, monkeypatch):
    net = seeded_network(network2, SIZES)
    net.save(form(tmp_path / "net.json"))
    assert_same_bits(fastnn.load(form(tmp_path / "net.json")), net)
    monkeypatch.chdir(tmp_path)
    net.save("beside.json")
    assert_same_bits(fastnn.load("beside.json"), net)


def test_a_loaded_network_can_be_written_into(tmp_path):
    seeded_network(network2, SIZES).save(tmp_path / "net.json")
    for array in parameters(fastnn.load(tmp_path / "net.json")):
        array[:] = 0


# --- whole or not at all ----------------------------------------------------------------------


@pytest.fixture
def umask():
    """A function that sets the umask until the end of the test."""
    before = os.umask(0)
    os.umask(before)
    yield os.umask
    os.umask(before)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path, umask, mask, mode):
    umask(mask)
    seeded_network(network2, SIZES).save(tmp_path / "net.json")
    assert stat.S_IMODE((tmp_path / "net.json").stat().st_mode) == mode


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_an_existing_file_keeps_its_permissions(tmp_path, umask):
    umask(0o022)
    path = tmp_path / "net.json"
    path.touch(mode=0o600)
    seeded_network(network2, SIZES).save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_saving_again_replaces_the_file(tmp_path):
    path = tmp_path / "net.json"
    for seed in (1, 2):
        net = seeded_network(network2, SIZES, seed=seed)
        net.save(path)
    assert_same_bits(fastnn.load(path), net)
    assert list(tmp_path.iterdir()) == [path]


def test_saving_through_a_link_writes_the_file_that_it_points_to(tmp_path):
    target, link = tmp_path / "net.json", tmp_path / "latest.json"
    target.touch()
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("no links here")
    net = seeded_network(network2, SIZES)
    net.save(link)
    assert link.is_symlink()
    assert_same_bits(fastnn.load(target), net)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    net = seeded_network(network2, SIZES)
    saving = threading.Thread(target=net.save, args=[pipe], daemon=True)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        saving.start()
        saving.join(timeout=300)
        assert stat.S_ISFIFO(pipe.stat().st_mode)
        assert json.loads(os.read(reading, 1 << 16))["sizes"] == SIZES
    finally:
        os.close(reading)


def test_a_name_as_long_as_the_system_allows_is_written_to(tmp_path):
    path = tmp_path / ("n" * 250 + ".json")
    try:
        path.touch()
    except OSError:
        pytest.skip("such names are too long here")
    net = seeded_network(network2, SIZES)
    net.save(path)
    assert_same_bits(fastnn.load(path), net)


def fail(*arguments, **options):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_failing_to_write_leaves_the_old_file_and_no_other(
    tmp_path, monkeypatch, function, existing
):
    path = tmp_path / "net.json"
    if existing:
        path.write_text("as it was")
    monkeypatch.setattr(os, function, fail)
    with pytest.raises(OSError, match="No space left"):
        seeded_network(network2, SIZES).save(path)
    if existing:
        assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path] * existing


def test_wrong_weights_leave_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "net.json"
    path.write_text("as it was")
    net = seeded_network(network2, SIZES)
    net.weights[1] = np.ones((3, 3))
    assert_refused(lambda: net.save(path), ValueError, "weights[1]", "(2, 3)", "(3, 3)")
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    net = seeded_network(network2, SIZES)
    path = tmp_path / "nowhere" / "net.json"
    assert_refused(lambda: net.save(path), FileNotFoundError, "nowhere", network=net)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    (tmp_path / "net.json").mkdir()
    with pytest.raises(OSError, match=r"net\.json"):
        seeded_network(network2, SIZES).save(tmp_path / "net.json")
    assert [path.is_dir() for path in tmp_path.iterdir()] == [True]


# --- what load refuses ------------------------------------------------------------------------


@pytest.mark.parametrize("filename", [None, 3.5, ["net.json"]])
def test_a_filename_of_another_type_is_refused(filename):
    net = seeded_network(network2, SIZES)
    for action in (lambda: fastnn.load(filename), lambda: net.save(filename)):
        assert_refused(action, TypeError, "filename", repr(filename))


def test_a_missing_file_is_refused(tmp_path):
    path = tmp_path / "nowhere.json"
    assert_refused(lambda: fastnn.load(path), FileNotFoundError, str(path))


def content(**changes):
    """The content of a good file but for some changes; None takes an entry out."""
    good = {
        "sizes": [2, 1],
        "weights": [[[0.5, -0.5]]],
        "biases": [[[0.25]]],
        "cost": "CrossEntropyCost",
    }
    changed = {key: value for key, value in {**good, **changes}.items() if value is not None}
    return json.dumps(changed).encode()


def test_the_content_that_is_changed_below_is_good(tmp_path):
    (tmp_path / "net.json").write_bytes(content())
    assert fastnn.load(tmp_path / "net.json").weights[0].tolist() == [[0.5, -0.5]]


DAMAGED = {
    "empty": (b"", "no valid JSON"),
    "cut short": (content()[:-20], "no valid JSON"),
    "cut within a number": (content()[:45], "no valid JSON"),
    "zeros": (bytes(100), "no valid JSON"),
    "not UTF-8": (b'{"sizes": "\xff\xfe"}', "no valid JSON"),
    "a pickle": (b"\x80\x04N.", "no valid JSON"),
    "nested too deeply": (b"[" * 200_000, "no valid JSON"),
    "nested too deeply in the sizes": (
        content(sizes="x").replace(b'"x"', b"[" * 200_000 + b"]" * 200_000),
        "no valid JSON",
    ),
    "a number of too many digits": (
        content(sizes="x").replace(b'"x"', b"9" * 10_000),
        "no valid JSON",
    ),
    "a list": (b"[1, 2]", "JSON object with sizes, weights, biases, cost"),
    "a number": (b"5", "JSON object with sizes, weights, biases, cost"),
    "another object": (b'{"name": "x"}', "JSON object with sizes, weights, biases, cost"),
    "no cost": (content(cost=None), "JSON object with sizes, weights, biases, cost"),
    "no biases": (content(biases=None), "JSON object with sizes, weights, biases, cost"),
    "an unknown cost": (content(cost="HingeCost"), "CrossEntropyCost", "QuadraticCost", "HingeC"),
    "a function for a cost": (content(cost="load"), "CrossEntropyCost", "'load'"),
    "a list for a cost": (content(cost=["QuadraticCost"]), "cost must be one of"),
    "a cost for other outputs": (content(cost="LogLikelihoodCost"), "softmax", "'sigmoid'"),
    "one layer": (content(sizes=[2]), "sizes", "at least two layers", "[2]"),
    "a layer of nothing": (content(sizes=[2, 0]), "sizes[1]", "at least 1", "got 0"),
    "a layer of half a neuron": (content(sizes=[2, 0.5]), "sizes[1]", "integer", "got 0.5"),
    "text for sizes": (content(sizes="2,1"), "sizes", "integers", "'2,1'"),
    "other sizes": (content(sizes=[3, 1]), "weights[0]", "(1, 3)", "(1, 2)"),
    "huge sizes": (content(sizes=[10**15, 10**15]), "weights[0]", str(10**15), "(1, 2)"),
    "one layer of weights more": (content(weights=[[[1, 2]], [[1]]]), "weights", "1 arrays", "2"),
    "flat weights": (content(weights=[[0.5, -0.5]]), "weights[0]", "(1, 2)", "(2,)"),
    "ragged weights": (content(weights=[[[1, 2], [3]]]), "weights[0]", "(1, 2)", "ragged"),
    "weights of text": (content(weights=[[["a", "b"]]]), "weights[0]", "numbers", "<U1"),
    "weights of nothing": (content(weights=[[[1, {}]]]), "weights[0]", "numbers", "object"),
    "no list of weights": (content(weights=7), "weights", "list of arrays", "got 7"),
    "biases in a row": (content(biases=[[0.25]]), "biases[0]", "(1, 1)", "(1,)"),
    "other activations": (content(activation="relu"), "'activation': 'relu'", "of sigmoids"),
    "activations in objects": (
        content(activations=[{"name": "tanh"}, {"name": "sigmoid"}]),
        "'activations'",
    ),
    "activations by layer": (content(hidden_Activations=["sigmoid", "tanh"]), "hidden_Activations"),
    "huge biases": (content(biases=[[[10**400]]]), "biases[0]", "numbers", "object"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_or_foreign_file_is_refused_by_name(tmp_path, monkeypatch, damage):
    stored, *words = DAMAGED[damage]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.json").write_bytes(stored)
    assert_refused(lambda: fastnn.load("net.json"), ValueError, "filename: net.json", *words)
    assert (tmp_path / "net.json").read_bytes() == stored


def test_what_else_another_program_has_noted_is_not_read(tmp_path):
    path = tmp_path / "net.json"
    for noted in (
        *({"activation": "Sigmoid"}, {"activations": ["sigmoid", "logistic"]}, {"epoch": 7}),
        *({"activations": {"hidden": "sigmoid", "count": 1}}, {"last_activations": [[0.1], [0.2]]}),
        *({"plot_activations": False}, {"activation": ""}, {"activation": None}),
    ):
        path.write_bytes(content(**noted))
        assert fastnn.load(path).activations == ["sigmoid"]
        assert reference.load(path).sizes == [2, 1]
    path.write_bytes(content(activation="relu"))
    with pytest.raises(ValueError, match="sigmoids alone"):
        reference.load(path)


def test_an_error_names_the_file_that_was_asked_for(tmp_path):
    path = tmp_path / "nowhere" / "net.json"
    net = seeded_network(network2, SIZES)
    with pytest.raises(FileNotFoundError, match=re.escape(f"'{path}'")):
        net.save(path)


def test_long_text_among_numbers_is_refused_before_numpy_makes_all_as_long(tmp_path):
    path = tmp_path / "net.json"
    rows = [[0.5] * 99_999 + ["x" * 10_000]]
    path.write_bytes(content(weights=[rows]))

    def refused():
        assert_refused(lambda: fastnn.load(path), ValueError, "net.json", "a text of 10000 char")

    assert peak_bytes(refused) < 20_000_000


def test_control_characters_of_a_file_name_reach_no_message(tmp_path):
    path = tmp_path / "net\x1b[2J.json"
    for stored in (b"{", b"[]", b"PK\x03\x04", content(cost=3)):
        path.write_bytes(stored)
        with pytest.raises(ValueError, match=r"net\\x1b\[2J\.json"):
            fastnn.load(path)
    net = seeded_network(network2, SIZES)
    net.labels = ["a", "b"]
    with pytest.raises(ValueError, match=r"net\\x1b\[2J\.json"):
        net.check_saving(path)
