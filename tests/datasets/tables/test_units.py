"""Units of numbers: a table has those of training, or says that it has others."""

import numpy as np
import pytest
from refusals import assert_refused
from table_files import write
from table_networks import network_of, seen_by, stored

import fastnn
from fastnn.own_data import evaluate, read_labelled_table

pandas = pytest.importorskip("pandas")


def table_of(path, *forms, header="rate,x,label"):
    """A table whose first column has its numbers in these forms, one after the other."""
    cells = [forms[at % len(forms)].format(at % 9 + 1) for at in range(60)]
    return write(path, [header, *(f"{cell},{at},{'AB'[at % 2]}" for at, cell in enumerate(cells))])


OTHER = {  # the forms of training, of a later table, and what that is refused for
    "another currency": ("${}", "€{}", "a number in $"),
    "percent for money": ("${}", "{}%", "a number in $"),
    "per mille for percent": ("{}%", "{}‰", "a number in %"),
    "percent for plain numbers": ("{}", "{}%", "a number without a unit"),
}


@pytest.mark.parametrize("kind", OTHER)
def test_another_unit_than_in_training_is_refused_by_line(tmp_path, kind):
    trained, later, wanted = OTHER[kind]
    net = stored(network_of(table_of(tmp_path / "t.csv", trained)), tmp_path / "net.npz")
    path = table_of(tmp_path / "new.csv", later)
    known = "line 2, column 1 (rate)", f"expected {wanted}, as in training", later.format(1)
    assert_refused(lambda: seen_by(net, path), ValueError, *known)


def test_the_cell_that_has_another_unit_is_named_and_no_zero_before_it(tmp_path):
    net = network_of(table_of(tmp_path / "t.csv", "{}"))
    path = write(tmp_path / "new.csv", ["rate,x", "0,1", "5%,2"])
    assert_refused(lambda: seen_by(net, path), ValueError, "line 3, column 1 (rate)", "'5%'")


@pytest.mark.parametrize("step", [1, 20])
def test_several_units_are_refused_however_many_numbers_there_are(tmp_path, step):
    rows = [f"{100 + at // step * 7} {('USD', 'EUR')[at % 2]},{at % 7}.5,{'uv'[at % 2]}"
            for at in range(60)]  # fmt: skip
    path = write(tmp_path / "t.csv", ["price,a,class", *rows])
    known = "line 3, column 1 (price)", "expected a number in USD, as in other lines"
    assert_refused(lambda: read_labelled_table(path), ValueError, *known)
    table = read_labelled_table(path, ignore_columns=["price"])
    assert table.learn().names() == ["a"]


def test_several_units_in_a_column_that_is_left_out_do_not_matter(tmp_path):
    rows = [f"{at} {'kg' if at % 2 else 'km'},{at % 7}.5,{'uv'[at % 2]}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", ["name,a,class", *rows]))
    assert [column.name for column in table.learn().inputs] == ["a"]


WARNED = {
    "a share without a unit": ("{}%", "0.{}", "has no unit, where training had %: 0.1 is taken"),
    "a currency": ("{}", "${}", "is in $, where training had no unit"),
}


@pytest.mark.parametrize("kind", WARNED)
def test_a_unit_that_may_be_meant_is_warned_of(tmp_path, kind):
    trained, later, told = WARNED[kind]
    net = stored(network_of(table_of(tmp_path / "t.csv", trained)), tmp_path / "net.npz")
    path = table_of(tmp_path / "new.csv", later)
    inputs, file = seen_by(net, path)
    assert inputs.shape == (60, 2)
    assert [warning for warning in file.warnings if told in warning] == file.warnings
    assert len(file.warnings) == 1
    with pytest.warns(UserWarning, match="column 1"):
        net.predict(pandas.read_csv(path))


@pytest.mark.parametrize(
    ("trained", "later"), [("{}%", "{} %"), ("{} USD", "USD {}"), ("€{}", "{}€"), ("${}", "{}")]
)
def test_the_same_unit_is_nothing_to_tell(tmp_path, trained, later):
    net = network_of(table_of(tmp_path / "t.csv", trained))
    inputs, file = seen_by(net, table_of(tmp_path / "new.csv", later))
    assert inputs[0].tolist() == [1, 0]
    assert file.warnings == []


@pytest.mark.parametrize(
    "forms", [("{}%", "{}%", "{}"), ("${}", "${}", "€{}"), ("{}", "{}", "{}%")]
)
def test_several_units_in_one_column_are_refused_by_line(tmp_path, forms):
    path = table_of(tmp_path / "t.csv", *forms)
    known = "line 4, column 1 (rate): expected a number", "as in other lines", forms[2].format(3)
    assert_refused(lambda: read_labelled_table(path), ValueError, *known, "categories=")
    kinds = read_labelled_table(path, categories=["rate"]).learn().inputs[0].values
    assert len(kinds) == 9


MIXED = {  # the unit of training, the cells of a later table, and which is refused for what
    "the second": ("${}", ["$5,000.00", "5000"], "line 3", "a number in $", "5000"),
    "the first": ("${}", ["5000", "$5,000.00"], "line 2", "a number in $", "5000"),
    "most": ("${}", ["5000", "6000", "$7"], "line 2", "a number in $", "5000"),
    "in training none": ("{}", ["5000", "$7", "$8"], "line 3", "a number without a unit", "$7"),
    "in training another": ("€{}", ["$7", "8", "$9"], "line 3", "a number in $", "8"),
}


@pytest.mark.parametrize("kind", MIXED)
def test_several_units_in_a_later_table_are_refused_as_in_training(tmp_path, kind):
    trained, cells, where, wanted, got = MIXED[kind]
    net = network_of(table_of(tmp_path / "t.csv", trained))
    path = write(tmp_path / "new.csv", ["rate,x", *(f'"{cell}",1' for cell in cells)])
    told = f"{where}, column 1 (rate): expected {wanted}, as in other lines, got '{got}'; mend it"
    assert_refused(lambda: seen_by(net, path), ValueError, told)


def test_several_units_are_refused_for_a_network_that_knows_no_columns(tmp_path):
    path = write(tmp_path / "new.csv", ["rate,x", "$5,1", "7,2"])
    told = "line 3, column 1 (rate): expected a number in $, as in other lines, got '7'"
    net = fastnn.Network([2, 3, 2], seed=1)
    assert_refused(lambda: seen_by(net, path), ValueError, told)


@pytest.mark.parametrize("cells", [["0", "$5"], ["", "$5"], ["$5", "NA"], ["$6", "0.00"]])
def test_zeros_and_missing_cells_need_no_unit(tmp_path, cells):
    net = network_of(table_of(tmp_path / "t.csv", "${}"))
    path = write(tmp_path / "new.csv", ["rate,x", *(f"{cell},1" for cell in cells)])
    inputs, file = seen_by(net, path)
    assert len(inputs) == 2
    assert file.warnings == []


def test_a_word_among_several_units_is_what_is_wrong(tmp_path):
    net = network_of(table_of(tmp_path / "t.csv", "${}"))
    path = write(tmp_path / "new.csv", ["rate,x", "$5,1", "dear,1", "6,1"])
    assert_refused(
        lambda: seen_by(net, path), ValueError, "line 3, column 1 (rate): expected a finite number"
    )


def test_a_network_of_before_knows_no_units(tmp_path):
    net = network_of(table_of(tmp_path / "t.csv", "{}%"))
    [rate, other] = net.columns.inputs
    net.columns = net.columns._replace(inputs=(rate._replace(unit=None), other))
    _, file = seen_by(stored(net, tmp_path / "net.npz"), table_of(tmp_path / "new.csv", "{}"))
    assert file.warnings == []


def measured(path, form, slip=None):
    """A table whose targets have fractions and this form; the fourth row may hold a slip."""
    cells = [form.format(f"{at * 1.37 + 1:.2f}") for at in range(60)]
    cells[3] = slip or cells[3]
    return write(path, ["x,price", *(f"{at % 7},{cell}" for at, cell in enumerate(cells))])


@pytest.mark.parametrize("kind", OTHER)
def test_targets_in_another_unit_than_in_training_are_refused_by_line(tmp_path, kind):
    trained, later, wanted = OTHER[kind]
    net = stored(network_of(measured(tmp_path / "t.csv", trained)), tmp_path / "net.npz")
    path = measured(tmp_path / "new.csv", later)
    known = "new.csv", "line 2, column 2 (price)", f"expected {wanted}, as in training"
    assert_refused(lambda: evaluate(net, path), ValueError, *known, later.format("1.00"))


@pytest.mark.parametrize("kind", WARNED)
def test_a_unit_of_targets_that_may_be_meant_is_warned_of(tmp_path, kind):
    trained, later, told = WARNED[kind]
    net = stored(network_of(measured(tmp_path / "t.csv", trained)), tmp_path / "net.npz")
    with pytest.warns(UserWarning, match="column 2 \\(price\\)") as warned:
        report = evaluate(net, measured(tmp_path / "new.csv", later.removeprefix("0.")))
    assert report.n == 60
    assert told.split(":")[0] in str(warned[0].message)


@pytest.mark.parametrize("task", [None, "regression"])
@pytest.mark.parametrize(("form", "slip"), [("${}", "€7.5"), ("{}", "51.3%"), ("{}%", "$4.00")])
def test_several_units_in_targets_are_refused_by_line(tmp_path, form, slip, task):
    path = measured(tmp_path / "t.csv", form, slip)
    known = "line 5, column 2 (price): expected a number", repr(slip)
    advice = ['task="classification"'] if task is None else []
    assert_refused(lambda: read_labelled_table(path, task=task), ValueError, *known, *advice)
    assert len(read_labelled_table(path, task="classification").classes) == 60


@pytest.mark.parametrize(("slip", "said"), [("12o.5", "a finite number"), ("€3.00", "a number in")])
def test_a_slip_among_later_targets_is_named_with_file_and_line(
    fastnn_program, tmp_path, slip, said
):
    net = network_of(measured(tmp_path / "t.csv", "${}"))
    path = measured(tmp_path / "new.csv", "${}", slip)
    known = "new.csv", "line 5, column 2 (price)", f"expected {said}", repr(slip)
    assert_refused(lambda: evaluate(net, path), ValueError, *known)
    net.save(tmp_path / "net.npz")
    status, out, err = fastnn_program("predict", tmp_path / "net.npz", path)
    assert (status, len(out), len(err)) == (0, 60, 1)  # all have an answer, none is compared
    assert [word for word in known[1:] if word not in err[0]] == []
    status, _, err = fastnn_program("evaluate", tmp_path / "net.npz", path)
    assert (status, "--task" in err[0]) == (1, False)  # it has no such option


def test_a_network_of_before_knows_no_unit_of_targets(tmp_path):
    net = network_of(measured(tmp_path / "t.csv", "${}"))
    net.save(tmp_path / "net.npz")
    with np.load(tmp_path / "net.npz") as file:
        entries = {name: file[name] for name in file if name != "columns_unit"}
    np.savez(tmp_path / "before.npz", **entries)
    before = fastnn.load(tmp_path / "before.npz")
    assert before.columns == net.columns._replace(unit=None)
    assert evaluate(before, measured(tmp_path / "new.csv", "€{}")).n == 60
