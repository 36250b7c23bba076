"""Whether the first row names the columns: no example is taken for a header in silence."""

import pytest
from refusals import assert_refused
from table_files import write
from table_networks import network_of, seen_by

from fastnn.own_data import read_labelled_table


def numbers(n=60):
    """Lines without a header: a fraction, a small number, a class."""
    return [f"{5 + at / 10},{at % 7},{'uv'[at % 2]}" for at in range(n)]


def words(n=60):
    """Lines of nothing but text, without a header."""
    kinds = ["yes", "no", "other"]
    return [f"{['red', 'blue'][at % 2]},{kinds[at % 3]},{'uv'[at % 4 > 1]}" for at in range(n)]


def warnings_of(table):
    return [line for line in table.describe() if line.startswith("Warning: line 1")]


@pytest.mark.parametrize("first", ["5.0,<1,u", "5.0,n/k,u", "5.0,1O,u", "5.3,many,w"])
def test_an_example_with_a_bad_number_is_no_header(tmp_path, first):
    path = write(tmp_path / "t.csv", [first, *numbers()])
    cell = first.split(",")[1]
    known = "line 1, column 2: expected a finite number", repr(cell), "header=True"
    assert_refused(lambda: read_labelled_table(path), ValueError, *known)


@pytest.mark.parametrize("later", ["5.1,unclear 5.2,3 5.3,4", "7,unclear,u 5,3,u 6,4,v"])
def test_a_network_for_tables_without_a_header_answers_no_fewer_rows(tmp_path, later):
    net = network_of(write(tmp_path / "t.csv", numbers()))
    path = write(tmp_path / "new.csv", later.split())
    assert_refused(lambda: seen_by(net, path), ValueError, "line 1, column 2", "'unclear'")


def test_a_header_that_training_did_not_have_is_warned_of(tmp_path):
    net = network_of(write(tmp_path / "t.csv", numbers()))
    inputs, file = seen_by(net, write(tmp_path / "new.csv", ["a,b", "5.1,2", "5.2,3"]))
    assert inputs.tolist() == [[5.1, 2], [5.2, 3]]
    assert "taken for a header, though the network was trained" in file.warnings[0]


@pytest.mark.parametrize("header", ["2019,2020,price", "1,2,price", "id,2020,price"])
def test_a_header_with_numbers_is_one_with_a_warning(tmp_path, header):
    rows = [f"{at * 1.5},{at * 2},{at * 7.5}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", [header, *rows]))
    assert table.table.frames.names == header.split(",")
    assert "taken for a header" in warnings_of(table)[0]


@pytest.mark.parametrize(
    "header",
    ["label,0,1", "id,0,class", "mean,0.25,class", "region,18,kind", "x1,2,class", "18,25,kind"],
)
def test_a_header_may_have_numbers_as_the_columns_below_it_have(tmp_path, header):
    rows = [f"{at % 3},{at % 40},{at % 3}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", [header, *rows]))
    assert (table.table.frames.names, len(table.table)) == (header.split(","), 60)
    assert "taken for a header" in warnings_of(table)[0]


def years(header, n=60, first=lambda at: f"C{at}", low=500):
    """Lines of a table that names its columns by years, with values such as years are, too."""
    wide = header.count(",") + 1
    cells = [
        [first(at), *(low + (at * 379 + j * j * 577) % 2500 for j in range(1, wide))]
        for at in range(n)
    ]
    return [header, *(",".join(map(str, row)) for row in cells)]


@pytest.mark.parametrize(
    "header",
    ["country,1800,1801,1802", ",2020,2015,2010,2005", "c,-2,-1,0,1", "c,1990,2000,2010,2019"],
)
@pytest.mark.parametrize("first", ["C{}", "{}"], ids=["texts", "numbers"])
def test_numbers_in_order_are_names_with_a_warning(tmp_path, header, first):
    lines = years(header, first=first.format)
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert (table.table.frames.names, len(table.table)) == (header.split(","), 60)
    assert "in order" in warnings_of(table)[0] and "header=False" in warnings_of(table)[0]


@pytest.mark.parametrize("header", ["country,2010,2019", "country,2010,2011,2019"])
@pytest.mark.parametrize("low", [0.5, 10])
def test_years_far_from_the_numbers_below_are_names_however_few(tmp_path, header, low):
    wide = header.count(",")
    rows = [[f"C{at}", *(low + at * (7 + j) % 89 for j in range(wide))] for at in range(60)]
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert (table.table.frames.names, len(table.table)) == (header.split(","), 60)
    assert "in order (2010, 20" in warnings_of(table)[0]


def test_examples_with_years_are_no_header(tmp_path):
    rows = [f"{1950 + at % 40},{1960 + at % 59},{'uv'[at % 2]}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", rows))
    assert (table.table.frames.names, len(table.table), warnings_of(table)) == (None, 60, [])


def test_years_above_cells_most_of_which_are_missing_are_names(tmp_path):
    rows = [
        f"C{at},,,{at * 37 % 2500},{at}" if at % 2 else f"C{at},{at * 70},{at * 9},,5"
        for at in range(60)
    ]
    table = read_labelled_table(write(tmp_path / "t.csv", ["country,2000,2001,2002,2003", *rows]))
    assert (table.table.frames.names[1], len(table.table)) == ("2000", 60)


def test_numbers_in_order_and_nothing_else_are_names(tmp_path):
    lines = years("1960,1961,1962,1963", first=lambda at: 700 + at * 31)
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert (table.table.frames.names, len(table.table)) == (lines[0].split(","), 60)


@pytest.mark.parametrize("step", [1, 2])
def test_numbers_that_hardly_change_from_column_to_column_may_be_an_example(tmp_path, step):
    rows = [[100 + at * 7, 100 + at * 7 + step] for at in range(60)]
    rows = [[*row, row[1] + at % 3, row[1] + at % 3 - at % 2] for at, row in enumerate(rows)]
    lines = ["97,98,99,100", *(",".join(map(str, row)) for row in rows)]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), task="regression")
    assert (table.table.frames.names, len(table.table)) == (None, 61)


@pytest.mark.parametrize("first", ["2,4,6,u", "9,8,7,v", "5,5,5,u", "0,128,64,u"])
def test_small_numbers_in_order_may_be_an_example(tmp_path, first):
    rows = [f"{at * 7 % 10},{at * 3 % 10},{at * at % 10},{'uv'[at % 2]}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", [first, *rows]))
    assert (table.table.frames.names, len(table.table), warnings_of(table)) == (None, 61, [])


def test_rows_that_all_are_in_order_are_examples(tmp_path):
    rows = [f"{at * 3},{at * 3 + 1},{at * 3 + 2},{'uv'[at % 2]}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", rows[9:]))
    assert (table.table.frames.names, len(table.table), warnings_of(table)) == (None, 51, [])


def test_numbers_in_order_that_a_few_rows_have_too_are_warned_of(tmp_path):
    lines = [*years("country,1800,1801,1802"), "X,1000,1100,1200"]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert len(table.table) == 62
    assert "taken for data; header=True if it is a header" in warnings_of(table)[0]


def test_a_network_for_tables_without_a_header_warns_of_years_above_a_later_one(tmp_path):
    lines = [line.partition(",")[2] for line in years("country,1800,1801,1802")]
    net = network_of(write(tmp_path / "t.csv", lines[1:]))
    inputs, file = seen_by(net, write(tmp_path / "new.csv", lines))
    assert len(inputs) == 61
    assert "in order (1800, 1801, ...), as years are, and is taken for data" in file.warnings[0]


def test_a_series_of_pandas_has_a_header(tmp_path):
    lines = [",0", *(f"{1821 + at},{at * 37 % 91}" for at in range(60))]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), task="regression")
    assert (table.table.frames.names, len(table.table)) == (["", "0"], 60)
    assert "counts the columns" in warnings_of(table)[0]


@pytest.mark.parametrize(("first", "rows"), [(",0", 60), ("7,0", 61), ("7.5,0", 61)])
def test_a_later_series_of_pandas_is_read_with_its_header_or_without(tmp_path, first, rows):
    lines = [f"{1821 + at * at % 97},{at * 37 % 91}" for at in range(60)]
    net = network_of(write(tmp_path / "t.csv", [",0", *lines]), task="regression")
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", [first, *lines]))
    assert len(inputs) == rows


def test_an_example_that_lacks_what_others_lack_too_is_no_header(tmp_path):
    lines = [",0", *(f"{at if at % 9 else ''},{at % 2}" for at in range(60))]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), drop_missing=True)
    assert table.table.frames.names is None


def test_numbers_above_numbers_and_a_label_above_words_are_a_header(tmp_path):
    table = read_labelled_table(write(tmp_path / "t.csv", ["6.25,0.75,class", *numbers()]))
    assert (table.table.frames.names, len(table.table)) == (["6.25", "0.75", "class"], 60)
    assert "as labels are called, and is taken for a header" in warnings_of(table)[0]


@pytest.mark.parametrize("name", ["inf", "Inf", "infinity", "nan"])
def test_a_name_that_reads_as_a_number_is_nothing_to_warn_of(tmp_path, name):
    rows = [f"{1959 + at},{at % 7}.5,{at * 7.5}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", [f"year,{name},rate", *rows]))
    assert (table.table.frames.names, warnings_of(table)) == (["year", name, "rate"], [])


@pytest.mark.parametrize("first", ["inf,2,u", "inf,inf,u", "5.0,inf,u"])
def test_an_example_that_is_infinite_is_no_header(tmp_path, first):
    path = write(tmp_path / "t.csv", [first, *numbers()])
    assert_refused(lambda: read_labelled_table(path), ValueError, "line 1, column", "'inf'")


def test_a_class_before_numbers_that_count_is_an_example(tmp_path):
    rows = [f"{'uv'[at % 2]},{at % 5},{at % 7}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", ["u,0,1", *rows]), label_column=0)
    assert (table.table.frames.names, len(table.table), warnings_of(table)) == (None, 61, [])


def test_a_name_that_is_also_a_value_makes_a_header_no_example(tmp_path):
    table = read_labelled_table(write(tmp_path / "t.csv", ["colour,other,class", *words()]))
    assert (table.table.frames.names, len(table.table)) == (["colour", "other", "class"], 60)
    assert "taken for a header" in warnings_of(table)[0]


def test_a_name_that_comes_twice_makes_a_header_no_example(tmp_path):
    table = read_labelled_table(write(tmp_path / "t.csv", ["q,q,class", *words()]))
    assert (table.table.frames.names, len(table.table)) == (["q", "q.1", "class"], 60)


@pytest.mark.parametrize("first", ["red,no,u", "green,no,u"])
def test_examples_of_text_are_no_header(tmp_path, first):
    table = read_labelled_table(write(tmp_path / "t.csv", [first, *words()]))
    assert (table.table.frames.names, len(table.table), warnings_of(table)) == (None, 61, [])


def test_a_row_of_text_that_may_be_either_is_warned_of(tmp_path):
    lines = [line.rpartition(",")[0] for line in words()]
    table = read_labelled_table(write(tmp_path / "t.csv", ["colour,other", *lines]))
    assert len(table.table) == 61
    assert (
        "half of which its columns repeat, and is taken for data; header=True"
        in table.describe()[-1]
    )


@pytest.mark.parametrize("header", ["cap,odor,class", "q,q,class", "colour,other,class"])
@pytest.mark.parametrize("n", [12, 60, 300])
def test_a_header_that_comes_again_is_refused_by_line(tmp_path, header, n):
    path = write(tmp_path / "t.csv", [header, *words(n), header, *words(n)])
    known = f"line {n + 2} is the header once more", "expected an example"
    assert_refused(lambda: read_labelled_table(path), ValueError, *known)


def flowers_without_a_name(names="b,c,class"):
    """Lines of a table of four columns, whose header has three names."""
    rows = [f"{at * 0.37:.2f},{at % 7}.5,{at % 5},{'uv'[at % 2]}" for at in range(60)]
    return [names, *rows]


def test_a_header_that_lacks_a_name_is_warned_of_where_the_first_column_names_no_rows(tmp_path):
    told = read_labelled_table(write(tmp_path / "t.csv", flowers_without_a_name())).describe()
    known = "line 1 has 3 names for 4 columns: they are taken for those of columns 2 to 4"
    assert [line for line in told if line.startswith(f"Warning: {known}")]


def test_row_names_of_r_are_nothing_to_warn_of(tmp_path):
    lines = flowers_without_a_name()
    lines[1:] = [f"r{at}{line[line.index(',') :]}" for at, line in enumerate(lines[1:])]
    told = read_labelled_table(write(tmp_path / "t.csv", lines)).describe()
    assert not [line for line in told if line.startswith("Warning")]


@pytest.mark.parametrize(("first", "warned"), [("{at}", 0), ("{at}.5", 1), ("7", 1)])
def test_a_later_header_that_lacks_a_name_is_warned_of_likewise(tmp_path, first, warned):
    lines = [f"{at % 9},{at % 7}.5,{at % 5},{'uv'[at % 2]}" for at in range(60)]
    net = network_of(write(tmp_path / "t.csv", ["a,b,c,class", *lines]))
    later = [f"{first.format(at=at)},{line}" for at, line in enumerate(lines)]
    _, file = seen_by(net, write(tmp_path / "new.csv", ["a,b,c,class", *later]))
    told = [line for line in file.warnings if line.startswith("line 1 has 4 names for 5 columns")]
    assert len(told) == warned


def test_a_later_header_that_lacks_the_name_that_training_lacked_is_nothing_to_tell(tmp_path):
    path = write(tmp_path / "t.csv", flowers_without_a_name())
    _, file = seen_by(network_of(path), path)
    assert file.warnings == []


@pytest.mark.parametrize("first", [0, -30, -59])
def test_an_index_may_count_from_any_whole_number(tmp_path, first):
    lines = flowers_without_a_name()
    lines[1:] = [f"{first + at}{line[line.index(',') :]}" for at, line in enumerate(lines[1:])]
    told = read_labelled_table(write(tmp_path / "t.csv", lines)).describe()
    assert any("is an index, left out" in line for line in told)
    assert not [line for line in told if line.startswith("Warning")]


@pytest.mark.parametrize("second", ["(cm),(kg),", "length,width,kind"])
def test_a_second_row_of_a_header_is_refused_with_what_to_do(tmp_path, second):
    rows = [f"{at % 7}.5,{at % 5}.25,{'uv'[at % 2]}" for at in range(60)]
    path = write(tmp_path / "t.csv", ["a,b,label", second, *rows])
    known = "line 2, column 1 (a)", "take this row out if it has units or goes on with the header"
    assert_refused(lambda: read_labelled_table(path), ValueError, *known)


@pytest.mark.parametrize(("second", "warned"), [("u1,u2,u3", 1), ("u1,u2,x", 0), ("u1,v0,u3", 0)])
def test_a_second_row_of_a_header_above_text_is_warned_of(tmp_path, second, warned):
    rows = [f"{'pqr'[at % 3]},v{at % 4},{'xy'[at % 2]}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.csv", ["a,b,label", second, *rows]))
    told = [line for line in table.warnings if "line 2 has nothing that occurs again" in line]
    assert len(told) == warned


def test_years_above_rows_that_all_rise_are_warned_of(tmp_path):
    rows = [",".join(str(int(1500 * 1.1 ** (at + lag))) for lag in range(4)) for at in range(30)]
    table = read_labelled_table(write(tmp_path / "t.csv", rows))
    assert (table.table.frames.names, len(table.table)) == (None, 30)
    assert any("in order (1500, 1650, ...), as years are" in line for line in table.describe())
