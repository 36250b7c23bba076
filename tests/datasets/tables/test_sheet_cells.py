"""Cells of a sheet that seem empty, as they are merged, or formulas without results."""

import zipfile

import pytest
from refusals import assert_refused

from fastnn.own_data import read_labelled_table

pytest.importorskip("pandas")
openpyxl = pytest.importorskip("openpyxl")


def save_sheet(path, rows, merged=(), edit=None):
    """Write a sheet whose XML may be edited: as Excel stores what openpyxl cannot."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    if edit:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, edit(content) if "sheet1" in name else content)
    return path


def grouped(n=40, per=5):
    """Rows of groups whose first row alone names them."""
    return [[f"g{at // per}" if at % per == 0 else None, at * 1.5, "ab"[at % 2]] for at in range(n)]


def test_what_merged_cells_hold_counts_for_each_of_their_rows(tmp_path):
    rows = [["Report", None, None], ["group", "a", "label"], *grouped()]
    merged = ["A1:C1", *(f"A{at}:A{at + 4}" for at in range(3, 43, 5))]
    table = read_labelled_table(save_sheet(tmp_path / "t.xlsx", rows, merged))
    texts = table.table.texts[0]
    assert [texts.values[code] for code in texts.codes] == [f"g{at // 5}" for at in range(40)]
    note = "column 1 (group): what merged cells hold is taken for each of their rows, as 'g0' for"
    assert [line for line in table.describe() if "merged" in line] == [f"Note: {note} rows 3 to 7"]


def test_cells_merged_over_rows_and_columns_count_in_the_first_column(tmp_path):
    rows = [["group", "more", "a", "label"], *([g, None, *rest] for g, *rest in grouped())]
    merged = [f"A{at}:B{at + 4}" for at in range(2, 42, 5)]
    table = read_labelled_table(save_sheet(tmp_path / "t.xlsx", rows, merged))
    texts = table.table.texts[0]
    assert [texts.values[code] for code in texts.codes] == [f"g{at // 5}" for at in range(40)]


def test_labels_may_be_merged_cells(tmp_path):
    rows = [["a", "label"], *([at * 1.5, "ab"[at // 20] if at % 20 == 0 else None]
                              for at in range(40))]  # fmt: skip
    table = read_labelled_table(save_sheet(tmp_path / "t.xlsx", rows, ["B2:B21", "B22:B41"]))
    assert table.targets.values.tolist() == ["a"] * 20 + ["b"] * 20


def test_empty_cells_and_cells_merged_over_columns_or_in_the_header_stay_empty(tmp_path):
    rows = [["group", "a", "label"], *grouped()]
    rows[7][0:2] = ["two", None]
    path = save_sheet(tmp_path / "t.xlsx", rows, ["A8:B8", "A1:A3"])
    table = read_labelled_table(path)
    assert int((table.table.texts[0].codes < 0).sum()) == 40 - 8 - 1 + 1
    assert not any("merged" in line for line in table.describe())


def sums(n=40):
    rows = ([at * 1.5, f"=A{at + 2}+1", "ab"[at % 2]] for at in range(n))
    return [["a", "sum", "label"], *rows]


def test_formulas_without_results_are_warned_of(tmp_path):
    path = save_sheet(tmp_path / "t.xlsx", sums())
    first, second = read_labelled_table(path).warnings
    assert first == (
        "column 2 (sum) has formulas without their results, as in row 2: open and save the file "
        "in Excel"
    )
    assert second == "column 2 (sum) holds nothing: left out"
    assert_refused(
        lambda: read_labelled_table(path, label_column="sum"),
        ValueError, "column 2 (sum) holds no labels", "open and save the file in Excel",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "result"), [(b"", b"7"), (b' t="str"', b""), (b' t="e"', b"#DIV/0!")]
)
def test_formulas_whose_results_are_stored_are_nothing_special(tmp_path, kind, result):
    def edit(content):
        return content.replace(b"<v />", b"<v>" + result + b"</v>").replace(
            b'"><f>', b'"' + kind + b"><f>"
        )

    table = read_labelled_table(save_sheet(tmp_path / "t.xlsx", sums(), edit=edit))
    assert not any("formulas" in line for line in table.warnings)
