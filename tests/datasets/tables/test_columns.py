"""What is learnt of columns: from the training part only, kept in arrays, applied by name."""

from collections import Counter

import numpy as np
import pytest
from refusals import assert_refused
from table_files import write
from table_networks import network_of, seen_by, stored

import fastnn
from fastnn.datasets.opening import Opened
from fastnn.datasets.tables.columns_in_files import columns_entries, columns_in
from fastnn.datasets.tables.frames import ReadingOptions
from fastnn.datasets.tables.later_columns import roles_of
from fastnn.datasets.tables.learnt_columns import learn_columns
from fastnn.own_data import Columns, read_labelled_table

pandas = pytest.importorskip("pandas")


def frame(n=40, seed=1):
    rng = np.random.default_rng(seed)
    size = rng.normal(5.0, 2.0, n)
    size[3] = np.nan
    return pandas.DataFrame(
        {
            "size": size,
            "colour": pandas.Categorical(np.array(["red", "blue"])[rng.integers(0, 2, n)]),
            "old": rng.integers(0, 2, n).astype(bool),
            "kind": np.array(["cat", "cow"])[np.arange(n) % 2],
        }
    )


def test_numbers_categories_and_missing_cells_become_inputs():
    table = read_labelled_table(frame())
    columns = table.learn()
    names = ["size", "size is missing", "colour=blue", "colour=red", "old=False", "old=True"]
    assert columns.names() == names
    inputs = table.examples(columns).inputs
    sizes = frame()["size"]
    assert np.array_equal(inputs[:, 1], sizes.isna())
    assert inputs[3, 0] == pytest.approx(sizes.mean())
    assert np.array_equal(inputs[:, 3], frame()["colour"] == "red")
    assert np.array_equal(inputs[:, 4:6].sum(axis=1), np.ones(40))


def test_only_the_training_part_is_learnt_from():
    table = read_labelled_table(frame())
    training, held_out = table.split(0.25, seed=1)
    columns = training.learn()
    rows = training.table.rows
    assert columns.inputs[0].fill == pytest.approx(frame()["size"].iloc[rows].mean())
    scaling = columns.scaling(training.examples(columns).inputs)
    assert scaling.mean[1:].tolist() == [0.0] * 5
    assert scaling.deviation[1:].tolist() == [1.0] * 5
    assert held_out.examples(columns).inputs.shape == (10, 6)


def test_each_class_has_its_share_of_both_parts():
    data = frame(100)
    data["kind"] = ["rare"] * 10 + ["usual"] * 90
    training, held_out = read_labelled_table(data).split(0.2, seed=3)
    assert (held_out.targets.values == "rare").sum() == 2
    assert (training.targets.values == "rare").sum() == 8


@pytest.fixture
def network():
    table = read_labelled_table(frame())
    columns = table.learn()
    net = fastnn.Network([columns.total, 3, 2])
    net.columns, net.labels = columns, table.classes
    net.scaling = columns.scaling(table.examples(columns).inputs)
    return net


def test_a_saved_network_knows_its_columns(network, tmp_path):
    network.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored)
    loaded = fastnn.load(tmp_path / "net.npz")
    assert loaded.columns == network.columns
    mixed = frame()[["kind", "old", "colour", "size"]].assign(other=1)
    assert loaded.predict(mixed).tolist() == network.predict(frame()).tolist()
    assert_refused(
        lambda: loaded.predict(frame().drop(columns="size")), ValueError, "no column size"
    )
    assert_refused(lambda: network.save(tmp_path / "net.json"), ValueError, "columns", ".npz")


def test_columns_of_another_width_or_kind_are_refused(network, tmp_path):
    network.columns = "size"
    assert_refused(lambda: network.save(tmp_path / "n.npz"), TypeError, "columns must be Columns")
    network.columns = Columns((), True, 1, "kind")
    assert_refused(
        lambda: network.save(tmp_path / "n.npz"), ValueError, "6 inputs", "columns for 0"
    )


@pytest.mark.parametrize(
    "part", ["names", "counts", "values", "fill", "target", "table", "task", "reading"]
)
def test_a_file_whose_columns_do_not_fit_together_is_refused(network, tmp_path, part):
    network.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as stored:
        arrays = dict(stored)
    array = arrays[f"columns_{part}"]
    arrays[f"columns_{part}"] = (
        np.full_like(array, np.nan) if array.dtype.kind == "f" else array[:-1]
    )
    np.savez(tmp_path / "net.npz", **arrays)
    with pytest.raises(ValueError, match=r"net\.npz"):
        fastnn.load(tmp_path / "net.npz")


def test_names_are_left_out_with_a_warning():
    data = frame().assign(name=[f"animal {at}" for at in range(40)])
    table = read_labelled_table(data, label_column="kind")
    assert "name" not in table.learn().names()
    assert any("(name) has another text" in line for line in table.describe())
    kept = read_labelled_table(data, label_column="kind", categories=["name"]).learn()
    assert "name=animal 7" in kept.names()


def test_a_file_from_before_does_not_say_how_its_table_was_read(network, tmp_path):
    network.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as stored:
        arrays = {name: stored[name] for name in stored if name != "columns_reading"}
    np.savez(tmp_path / "old.npz", **arrays)
    assert fastnn.load(tmp_path / "old.npz").columns == network.columns


def test_categories_in_another_shape_are_refused():
    entries = columns_entries(read_labelled_table(frame()).learn())
    values = entries["columns_values"]
    with pytest.raises(ValueError, match="what it says of columns does not fit together"):
        columns_in({**entries, "columns_values": values.reshape(1, -1)})


def test_cells_that_training_had_nothing_like_are_counted():
    columns = read_labelled_table(frame().drop(index=3)).learn()  # no cell is missing there
    other = frame()
    other["colour"] = pandas.Categorical(["green", None, None, *["red"] * 37])
    seen = Counter()
    inputs = columns.encode(read_labelled_table(other).table, seen)
    assert seen == {"size": 1, "colour": 3}
    assert inputs[:3, 1:3].tolist() == [[0.0, 0.0]] * 3


def test_without_names_the_label_of_a_narrower_table_is_where_the_user_says(tmp_path):
    trained, other = tmp_path / "trained.csv", tmp_path / "other.csv"
    trained.write_text("9,1,2,x\n8,3,4,y\n" * 3)
    other.write_text("x,1,2\ny,3,4\n" * 3)
    columns = read_labelled_table(trained, ignore_columns=[0]).learn()
    roles = roles_of(columns, Opened(other).frames(ReadingOptions()), 0)
    assert (roles.label, list(roles.numbers)) == (0, [1, 2])


# What training leaves out of columns `id,a,b,label`, or of their columns in another order.
UNUSED = {
    "an id": ("id,a,b,label", {"ignore_columns": ["id"]}),
    "weights": ("id,a,b,label", {"weight_column": "id"}),
    "names": ("name,a,b,label", {}),
    "labels in the middle": ("a,id,label,b", {"ignore_columns": ["id"]}),
    "no header": ("id,a,b,label", {"ignore_columns": [0], "header": False}),
}


def rows_of(names, n=30):
    """Lines without a header: fractions in a, hundreds in b, and what else the names say."""
    made = {
        "id": lambda at: 1000 + at,
        "name": lambda at: f"animal {at}",
        "a": lambda at: at % 7 + 0.5,
        "b": lambda at: 100 + at % 5,
        "label": lambda at: "xy"[at % 2],
    }
    return [",".join(str(made[name](at)) for name in names.split(",")) for at in range(n)]


@pytest.mark.parametrize("kind", UNUSED)
def test_a_table_without_names_is_never_read_beside_its_columns(tmp_path, kind):
    names, how = UNUSED[kind]
    head = [] if "header" in how else [names]
    net = network_of(write(tmp_path / "t.csv", head + rows_of(names)), **how)
    net = stored(net, tmp_path / "net.npz")
    wanted = [[at % 7 + 0.5, 100 + at % 5] for at in range(30)]
    for later in (names, "a,b"):
        inputs, file = seen_by(net, write(tmp_path / "new.csv", rows_of(later)), header=False)
        assert inputs.tolist() == wanted
        assert file.has_labels == (later == names)
    for gone in set(names.split(",")) - {"a", "b"}:
        left = ",".join(name for name in names.split(",") if name != gone)
        later = write(tmp_path / "new.csv", rows_of(left))
        if kind == "labels in the middle":  # the inputs are at the same places in either case
            assert seen_by(net, later, header=False)[0].tolist() == wanted
        else:
            words = ["is column 1 or column 4 not there", "all 4 columns", "2 inputs alone"]
            assert_refused(lambda path=later: seen_by(net, path, header=False), ValueError, *words)


def test_targets_that_never_vary_have_a_deviation_of_1():
    table = read_labelled_table(frame()).table  # of which the training part may have such
    columns = learn_columns(table, np.full(len(table), 2.5), "regression")
    assert (columns.mean, columns.deviation) == (2.5, 1.0)
    assert columns.targets(np.array([2.5, 3.5])).tolist() == [0.0, 1.0]
