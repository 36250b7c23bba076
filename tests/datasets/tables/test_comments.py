"""Comment lines, and rows that begin as such lines do."""

import pytest
from example_files import animals, save_csv
from table_files import iris, write
from table_networks import network_of, seen_by

import fastnn
from fastnn.own_data import read_examples, read_labelled_table


def texts(path, place=0):
    """The texts of a column, row by row."""
    codes, values = read_labelled_table(path).table.texts[place]
    return [values[code] for code in codes]


def test_rows_whose_first_column_is_text_may_begin_with_a_mark(tmp_path):
    tags = ["#hash" if at % 5 == 0 else "word" for at in range(300)]
    lines = ["tag,b,label", *(f"{tag},{at},{at % 2}" for at, tag in enumerate(tags))]
    assert texts(write(tmp_path / "t.csv", lines)) == tags


@pytest.mark.parametrize("header", [["colour,b,label"], []], ids=["header", "no header"])
@pytest.mark.parametrize("mark", ["#", "%", "//"])
def test_all_rows_may_begin_with_a_mark(tmp_path, header, mark):
    tags = [f"{mark}ff00{at % 3}" for at in range(15)]
    rows = [f"{tag},{at},{at % 2}" for at, tag in enumerate(tags)]
    assert texts(write(tmp_path / "t.csv", [*header, *rows])) == tags


def test_comments_among_such_rows_are_still_left_out(tmp_path):
    rows = [f"{'#a' if at % 3 else 'b'},{at},{at % 2}" for at in range(30)]
    lines = ["# of the lab", "tag,n,label", *rows[:20], "# the second, by others", *rows[20:]]
    path = write(tmp_path / "t.csv", lines)
    assert texts(path) == [row.split(",")[0] for row in rows]
    told = read_labelled_table(path).describe()
    assert "Note: lines that begin with # are left out, such as line 23" in told


def test_a_row_that_is_taken_out_of_a_table_of_numbers_stays_out(tmp_path):
    lines = iris()
    table = read_labelled_table(
        write(tmp_path / "t.csv", [*lines[:9], "#" + lines[9], *lines[10:]])
    )
    assert len(table.table) == 149
    assert "Note: lines that begin with # are left out, such as line 10" in table.describe()


@pytest.mark.parametrize("rows", [["red,1,0", "blue,2,1"] * 9, ["red,1,0", "#blue,2,1"] * 9])
def test_names_after_a_mark_are_the_header_of_a_table_of_text(tmp_path, rows):
    table = read_labelled_table(write(tmp_path / "t.csv", ["#colour,n,label", *rows]))
    assert table.table.frames.names == ["colour", "n", "label"]
    assert len(table.table) == 18


def test_every_row_gets_an_answer_whatever_it_begins_with(fastnn_program, tmp_path):
    lines = ["tag,n,label", *(f"{'#none' if at % 2 else 'some'},{at},{at % 2}" for at in range(30))]
    path, net = write(tmp_path / "t.csv", lines), tmp_path / "net.npz"
    assert fastnn_program("train", "--data", path, "--quiet", "--save", net)[0] == 0
    new = write(tmp_path / "new.csv", ["tag,n", "some,1", "#none,2", "some,3"])
    _, out, _ = fastnn_program("predict", net, new)
    assert len([line for line in out if line in ("0", "1") or line[:1].isdigit()]) == 3
    assert fastnn.load(net).columns.inputs[0].values == ("#none", "some")


@pytest.mark.parametrize("mark", ["#", "%", "//", "# "])
@pytest.mark.parametrize("notes", [0, 1], ids=["no comments", "comments"])
def test_a_line_within_a_quoted_cell_is_no_comment(tmp_path, mark, notes):
    words = [f"nice\n{mark}sunny day" if at % 7 == 3 else "plain" for at in range(300)]
    rows = [f'{at},"{word}",{at % 5},{at % 2}' for at, word in enumerate(words)]
    comment = [f'{mark} by "others"'] * notes
    lines = [*comment, "id,text,n,label", *rows[:250], *comment, *rows[250:]]
    path = write(tmp_path / "t.csv", lines)
    assert texts(path, 1) == words
    assert read_labelled_table(path).targets.values.tolist() == [at % 2 for at in range(300)]


def test_every_row_gets_an_answer_whatever_is_in_its_quotes(fastnn_program, tmp_path):
    lines = ["text,n,label", *(f"{'good' if at % 2 else 'bad'},{at},{at % 2}" for at in range(30))]
    network_of(write(tmp_path / "t.csv", lines)).save(tmp_path / "net.npz")
    new = write(tmp_path / "new.csv", ["text,n", '"good', '# or not",1', "bad,2", '"# bad', '",3'])
    _, out, _ = fastnn_program("predict", tmp_path / "net.npz", new)
    assert len(out) == 3


def test_what_dos_ends_a_text_with_is_no_row(tmp_path):
    path = save_csv(tmp_path / "t.csv", *animals())
    rows = read_examples(path).inputs
    path.write_bytes(path.read_bytes() + b"\x1a")
    assert read_examples(path).inputs.tolist() == rows.tolist()
    assert read_labelled_table(path).describe()[1:] == []


def pokemon(mark="#", separator=",", names=("Type 1", "HP", "Legendary")):
    """Lines of a table whose first column is called as a comment begins."""
    rows = [[str(at), "uvw"[at % 3], str(at * 7 % 50), str(at % 4 > 2)] for at in range(60)]
    return [separator.join(row) for row in [[mark, *names], *rows]]


@pytest.mark.parametrize("header", [None, True])
@pytest.mark.parametrize("mark", ["#", "%", "//"])
@pytest.mark.parametrize("separator", [",", ";", "\t", ", "])
def test_a_mark_alone_is_the_name_of_the_first_column(tmp_path, header, mark, separator):
    path = write(tmp_path / "t.csv", pokemon(mark, separator))
    table = read_labelled_table(path, header=header, label_column="Legendary")
    assert table.table.frames.names == [mark, "Type 1", "HP", "Legendary"]
    assert len(table.table) == 60


def test_names_after_a_mark_alone_may_be_numbers(tmp_path):
    names = ["kind", "2019", "Legendary"]
    table = read_labelled_table(write(tmp_path / "t.csv", pokemon(names=names)))
    assert (table.table.frames.names, len(table.table)) == (["#", *names], 60)


def test_a_row_that_a_mark_takes_out_is_no_header(tmp_path):
    lines = pokemon()[1:]
    lines[0] = "#" + lines[0][1:]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert (table.table.frames.names, len(table.table)) == (None, 59)


@pytest.mark.parametrize("first", ["#ID", "# ID", "#"])
def test_a_header_that_the_user_tells_of_may_be_the_comment_above(tmp_path, first):
    path = write(tmp_path / "t.csv", pokemon(first))
    table = read_labelled_table(path, header=True)
    assert (table.table.frames.name(0), len(table.table)) == (first.lstrip("# ") or "#", 60)
    assert "Note: the comment line above the table is its header" in table.describe()


@pytest.mark.parametrize("header", [None, True])
@pytest.mark.parametrize("comment", ["# by us, in May, here, now", "#,of,the,lab"])
def test_a_comment_above_a_header_is_none(tmp_path, header, comment):
    path = write(tmp_path / "t.csv", [comment, *pokemon("ID")])
    table = read_labelled_table(path, header=header)
    assert (table.table.frames.names[0], len(table.table)) == ("ID", 60)


@pytest.mark.parametrize("header", [None, True])
def test_each_row_below_a_mark_alone_gets_an_answer(tmp_path, header):
    net = network_of(write(tmp_path / "t.csv", pokemon()), header=header)
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", pokemon()[:6]))
    assert len(inputs) == 5


@pytest.mark.parametrize("header", [None, True])
@pytest.mark.parametrize("first", ["#", "#ID"])
def test_names_after_a_mark_may_stand_among_other_lines(tmp_path, header, first):
    names, *rows = pokemon(first)
    for lines in (["sep=,", names], ["Of the game", names]):
        table = read_labelled_table(write(tmp_path / "t.csv", [*lines, *rows]), header=header)
        wanted = [first.removeprefix("#") or "#", "Type 1", "HP", "Legendary"]
        assert (table.table.frames.names, len(table.table)) == (wanted, 60)


@pytest.mark.parametrize("header", [None, False])
def test_an_example_in_the_comments_names_no_columns(tmp_path, header):
    rows = [f"{'pqr'[at % 3]},{'st'[at % 2]},{'xy'[at % 4 > 1]}" for at in range(60)]
    lines = ["% such as", "% p,t,y", "% of the lab", *rows]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), header=header)
    assert (table.table.frames.names, len(table.table)) == (None, 60)


@pytest.mark.parametrize("header", [None, True])
@pytest.mark.parametrize("first", ["#", "#ID"])
@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_separator_may_end_names_after_a_mark(tmp_path, header, first, separator):
    lines = [line + separator for line in pokemon(first, separator)]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), header=header)
    wanted = [first.removeprefix("#") or "#", "Type 1", "HP", "Legendary"]
    assert (table.table.frames.names, len(table.table)) == (wanted, 60)


def test_a_comment_is_no_header_where_the_user_tells_of_numbers_unlike_those_below(tmp_path):
    rows = [f"{at % 7 / 10},{at % 5 / 10},{at % 2}" for at in range(60)]
    lines = ["# spectra, from NIR, of 2021", "500,650,700", *rows]
    table = read_labelled_table(write(tmp_path / "t.csv", lines), header=True)
    assert (table.table.frames.names, len(table.table)) == (["500", "650", "700"], 60)


def test_a_row_like_all_others_is_no_header_below_a_comment_with_a_warning(tmp_path):
    rows = [f"{at % 7},{at % 5},{'xy'[at % 2]}" for at in range(60)]
    path = write(tmp_path / "t.csv", ["#a,b,kind", *rows])
    told = read_labelled_table(path, header=True).describe()
    assert any("line 2 is like the lines after it, so the comment" in line for line in told)


def test_prose_above_another_comment_names_no_columns(tmp_path):
    rows = [f"{at % 7} {at % 5} {at % 2}" for at in range(60)]
    lines = ["# class is last", "# columns are sepal, petal and kind", *rows]
    table = read_labelled_table(write(tmp_path / "t.txt", lines))
    assert (table.table.frames.names, table.table.roles.label) == (None, 2)


COUNTED = {
    "as pandas counts": [",0,1", *(f"{at},{at % 5},{at % 2}" for at in range(30))],
    "a number above text": ["1,2,3", *(f"{at % 4},{at % 5},{'xy'[at % 2]}" for at in range(30))],
}


@pytest.mark.parametrize("kind", COUNTED)
def test_a_header_of_numbers_that_the_user_tells_of_stays_one_below_a_comment(tmp_path, kind):
    path = write(tmp_path / "t.csv", ["# made in May, by Li, for us", *COUNTED[kind]])
    table = read_labelled_table(path, header=True)
    assert (table.table.frames.names, len(table.table)) == (COUNTED[kind][0].split(","), 30)


def test_a_later_table_with_the_names_of_a_network_is_read_below_a_comment(tmp_path):
    lines = ["0,1,2", *(f"{at % 4},{at % 5},{at % 2}" for at in range(30))]
    net = network_of(write(tmp_path / "t.csv", lines), header=True)
    inputs, _ = seen_by(net, write(tmp_path / "new.csv", ["# made, in, May", *lines]))
    assert len(inputs) == 30
