"""Blocks of a text table: what comes below the first rows is not lost or read as another thing."""

import pytest
from refusals import assert_refused
from table_files import write

from fastnn.datasets.tables import text_frames
from fastnn.own_data import read_examples, read_labelled_table

CODES = ["code,n,label", *(f"{10_000 + at % 7},{at % 9},{at % 2}" for at in range(250))]


def test_codes_whose_zeros_come_late_keep_them(tmp_path):
    lines = [*CODES, *(f"0213{at % 5},{at % 9},{at % 2}" for at in range(50))]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert table.table.texts[0].values[-5:] == [f"0213{at}" for at in range(5)]
    assert "Note: column 1 (code) has codes such as 02130: kept as text" in table.describe()


def test_the_code_that_is_told_has_zeros_in_front(tmp_path):
    lines = ["code,n,label", *(f"{('-123', '0123')[at % 2]},{at},{at % 2}" for at in range(60))]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert "Note: column 1 (code) has codes such as 0123: kept as text" in table.describe()


@pytest.mark.parametrize("late", ["2134", "02134", "134"])
def test_codes_whose_zeros_come_below_the_first_block_are_refused_by_line(
    tmp_path, monkeypatch, late
):
    monkeypatch.setattr(text_frames, "CELLS", 3 * 250)
    path = write(tmp_path / "t.csv", [*CODES, *(f"{late},1,{at % 2}" for at in range(9))])
    if late.startswith("0"):
        words = ["line 252, column 1 (code)", "the code 02134", "categories="]
        assert_refused(lambda: read_examples(path), ValueError, *words)
    else:
        assert read_examples(path).inputs[-1].tolist() == [int(late), 1]


def test_numbers_that_get_shorter_are_no_codes(tmp_path):
    lines = [*CODES, *(f"{at},{at % 9},{at % 2}" for at in range(50)), "00012,1,1"]
    assert read_examples(write(tmp_path / "t.csv", lines)).inputs[-1].tolist() == [12, 1]


def test_a_late_cell_beyond_a_separator_that_ends_lines_is_refused_by_line(tmp_path):
    lines = [*(f"{at},1,{at % 2}," for at in range(300)), "1,2,0,9"]
    path = write(tmp_path / "t.csv", lines)
    assert_refused(lambda: read_examples(path), ValueError, "line 301 has 4 columns", "3")


def test_a_single_row_that_is_shorter_than_its_header_is_refused_by_line(tmp_path):
    full, short = (
        write(tmp_path / f"{row}.csv", ["age,city,ok,class", row]) for row in ("30,A,,x", "30,A,x")
    )
    known = "line 2 has 3 columns, others have 4"
    assert_refused(lambda: read_labelled_table(short), ValueError, known)
    assert_refused(lambda: read_labelled_table(full), ValueError, "all labels are 'x'")


def test_a_separator_that_ends_nothing_but_the_header_is_no_column(tmp_path):
    lines = ["a,b,label,", *(f"{at},{at % 3},{at % 2}" for at in range(9))]
    assert read_labelled_table(write(tmp_path / "t.csv", lines)).learn().names() == ["a", "b"]


@pytest.mark.parametrize("rows", [9, 40])
def test_a_word_among_numbers_that_makes_them_text_is_pointed_out_by_line(tmp_path, rows):
    cells = ["many" if at % 8 == 4 else str(at % 20) for at in range(rows)]
    lines = ["a,b,label", *(f"{cell},{at},{at % 2}" for at, cell in enumerate(cells))]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert any(
        line.startswith("Warning: column 1 (a) has 'many' in line 6, among numbers")
        for line in table.describe()
    )


def test_words_among_numbers_that_are_more_are_pointed_out_however_many(tmp_path):
    cells = [f"<{at % 9}" if at % 4 == 3 else str(at % 20) for at in range(90)]
    lines = ["a,b,label", *(f"{cell},{at},{at % 2}" for at, cell in enumerate(cells))]
    told = read_labelled_table(write(tmp_path / "t.csv", lines)).describe()
    assert any("column 1 (a) has '<3' in line 5, among numbers" in line for line in told)


def test_one_word_beside_many_numbers_is_pointed_out_however_often_it_comes(tmp_path):
    cells = ["nd" if at % 3 else str(at) for at in range(90)]
    lines = ["a,b,label", *(f"{cell},{at},{at % 2}" for at, cell in enumerate(cells))]
    told = read_labelled_table(write(tmp_path / "t.csv", lines)).describe()
    assert any("column 1 (a) has 'nd' in line 3, among numbers" in line for line in told)


@pytest.mark.parametrize("mark", ["..", ":", "N.A.", "n/d", "1.#IND"])
def test_a_mark_for_missing_numbers_may_fill_most_of_their_column(tmp_path, mark):
    cells = [mark if at % 3 else str(at) for at in range(90)]
    lines = ["a,b,label", *(f"{cell},{at},{at % 2}" for at, cell in enumerate(cells))]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert table.learn().names() == ["a", "a is missing", "b"]


def test_a_ratio_in_a_cell_is_not_taken_apart(tmp_path):
    lines = [f"{1 + at % 3} : {1 + at % 2}\t{'uv'[at % 2]}" for at in range(60)]
    table = read_labelled_table(write(tmp_path / "t.tsv", lines))
    assert table.learn().names()[0] == "0=1 : 1"


def test_numbers_among_many_texts_are_nothing_to_point_out(tmp_path):
    cells = [f"A/{at % 9}" if at % 3 else str(at % 5) for at in range(90)]
    lines = ["ticket,b,label", *(f"{cell},{at},{at % 2}" for at, cell in enumerate(cells))]
    told = read_labelled_table(write(tmp_path / "t.csv", lines)).describe()
    assert not any("ticket" in line for line in told)


def test_what_mysql_writes_for_nothing_is_missing(tmp_path):
    null = "\\N"
    lines = ["a,colour,label"]
    lines += [f"{at if at % 4 else null},{'red' if at % 3 else null},{at % 2}" for at in range(40)]
    table = read_labelled_table(write(tmp_path / "t.csv", lines))
    assert table.learn().names()[:2] == ["a", "a is missing"]
    assert table.table.texts[1].values == ["red"]


def test_a_cell_with_blanks_in_a_table_that_blanks_part_is_refused_with_what_to_do(tmp_path):
    lines = [
        "id educ years",
        *(f"{at} {'12-15' if at % 9 else '< 12'} {at % 7}.5" for at in range(60)),
    ]
    known = "line 2 has 4 columns", "if cells hold blanks, save the table with commas, as CSV"
    assert_refused(
        lambda: read_labelled_table(write(tmp_path / "t.csv", lines)), ValueError, *known
    )
