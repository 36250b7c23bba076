"""Columns of dates and times are known in any usual form, and nothing else is taken for them."""

import datetime

import numpy as np
import pytest
from table_files import write

from fastnn.datasets.tables.dates import kind_of_dates, packed_dates
from fastnn.own_data import read_labelled_table

DATES = [
    "%Y-%m-%d", "%d.%m.%Y", "%m/%d/%y", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%SZ", "%Y%m%dT%H%M%S",
    "%d.%m.%y", "%m.%d.%y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y", "%d. %B %Y",
    "%d-%b-%y", "%d-%b-%Y", "%d%b%Y", "%Y-%b-%d", "%b-%d-%Y", "%a, %d %b %Y", "%A, %B %d, %Y",
    "%a %b %d %H:%M:%S +0000 %Y", "%a, %d %b %Y %H:%M:%S GMT",
]  # fmt: skip
MONTHS = [
    "%b-%y", "%b %Y", "%B %Y", "%b%Y", "%b. '%y", "%Y %b", "%Y-%m", "%m/%Y", "%m.%Y", "%YM%m",
]  # fmt: skip


def days(form, n=40):
    """Texts of days that lie 17 days apart."""
    first = datetime.datetime(1999, 7, 4, 13, 30)
    return [(first + datetime.timedelta(17 * at)).strftime(form) for at in range(n)]


@pytest.mark.parametrize("form", [*DATES, *MONTHS])
def test_dates_and_months_of_many_forms_are_known(form):
    kind = "months" if form in MONTHS else "dates"
    assert kind_of_dates(days(form)) == kind
    assert kind_of_dates([day.upper() for day in days(form)]) == kind


QUARTERS = ["{year}Q{q}", "{year}-Q{q}", "{year} Q{q}", "Q{q} {year}", "Q{q}-{year}", "{q}Q{year}"]


@pytest.mark.parametrize("form", QUARTERS)
def test_quarters_go_with_the_months(form):
    cells = [form.format(year=1990 + at // 4, q=1 + at % 4) for at in range(40)]
    assert kind_of_dates(cells) == "months"


TIMES = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S%p", "%H:%M:%S.%f", "%H.%M.%S"]


@pytest.mark.parametrize("form", TIMES)
def test_times_of_day_are_known(form):
    first = datetime.datetime(2000, 1, 1)
    times = [first + datetime.timedelta(minutes=17 * at) for at in range(40)]
    assert kind_of_dates([time.strftime(form) for time in times]) == "times"


NEITHER = {
    "months": ["jan", "feb", "jun", "may"],
    "days of the week": ["mon", "tue", "Sunday"],
    "ages": ["30-39", "40-49"],
    "sizes": ["0-4", "10-14", "1-5"],
    "shares": ["10/12", "1/2"],
    "seasons": ["2000-01", "2009-10", "2010-11"],
    "later seasons": ["2011-12", "2012-13"],
    "quarters": ["Q1", "Q2"],
    "codes": ["1990-13", "0400-01", "MAR-1"],
    "words": ["marble 12", "may be", "1 decade 2000", "augur 1 2000"],
    "scores": ["2:1", "3:0"],
    "versions": ["1.2", "1.2.345"],
    "one other": ["2000-01-01", "never"],
}


@pytest.mark.parametrize("kind", NEITHER)
def test_what_only_looks_like_dates_is_none(kind):
    assert kind_of_dates(NEITHER[kind]) is None


def told_of(path, cells):
    """The inputs of a table with these cells, each three times, and what is told of them."""
    lines = ["when,a,y", *(f'"{cell}",{at},{"uv"[at % 2]}' for at, cell in enumerate(cells * 3))]
    table = read_labelled_table(write(path, lines))
    return table.learn().names(), [line for line in table.describe() if "(when)" in line]


@pytest.mark.parametrize("form", ["%b %d, %Y", "%Y-%m"])
def test_dates_that_come_again_are_no_inputs(tmp_path, form):
    names, told = told_of(tmp_path / "t.csv", days(form, 60))
    assert names == ["a"]
    kind = "months" if form in MONTHS else "dates"
    assert told[0].startswith(f"Warning: column 1 (when) has {kind}, such as ")


FEW = {
    "times": [f"{hour:02}:00:00" for hour in range(24)],
    "months": ["Jun-07", "2009-1", "2009-2", "2010-12", "1Q2000"],
}


@pytest.mark.parametrize("kind", FEW)
def test_times_and_months_are_kinds_while_they_are_no_more_than_the_hours_of_a_day(tmp_path, kind):
    cells = FEW[kind]
    names, told = told_of(tmp_path / "t.csv", cells)
    assert len(names) == len(cells) + 1
    assert told == [
        f"Note: column 1 (when) has {len(cells)} different values that look like {kind}, such as "
        f"{min(cells)}: each is taken for a kind of its own; ignore_columns=['when'] leaves it out"
    ]


def test_more_times_than_the_hours_of_a_day_are_left_out(tmp_path):
    names, told = told_of(tmp_path / "t.csv", [f"{at % 24:02}:{at:02}" for at in range(25)])
    assert names == ["a"]
    assert told[0].startswith("Warning: column 1 (when) has times, such as 00:00: left out")


def packed(form, n=30, step=17):
    """Days in a row as whole numbers."""
    first = datetime.date(2018, 11, 3)
    return [(first + datetime.timedelta(days=step * at)).strftime(form) for at in range(n)]


PACKED = {
    "days": ("v", packed("%Y%m%d")),
    "days in a row": ("v", packed("%Y%m%d", step=1)),
    "months": ("v", packed("%Y%m", 60)),
    "a few months": ("YearMonth", packed("%Y%m", 12)),
    "two days": ("date", packed("%Y%m%d", 2)),
    "some are missing": ("v", [*packed("%Y%m%d", 50), "", "0"]),
}


@pytest.mark.parametrize("kind", PACKED)
def test_whole_numbers_that_look_like_dates_are_warned_of(tmp_path, kind):
    name, cells = PACKED[kind]
    [warning] = told_of_numbers(tmp_path / "t.csv", name, cells)
    known = f"Warning: column 1 ({name}) has whole numbers that look like dates, such as 2018110"
    assert warning.startswith(known[: known.rindex("0")])
    assert warning.endswith(f"apart: ignore_columns=['{name}'] leaves it out")


def told_of_numbers(path, name, cells):
    """What is told of a column of numbers, which stay one input and are as they were."""
    rows = [f"{cell},{at % 7},{'uv'[at % 2]}" for at, cell in enumerate(cells * 2)]
    table = read_labelled_table(write(path, [f"{name},a,y", *rows]))
    assert table.learn().names()[0] == name
    assert 0 in table.table.numbers
    return [line for line in table.describe() if "column 1" in line]


NO_DATES = {
    "a run of ids": ("v", range(20180101, 20180161)),
    "a run of short ids": ("v", range(201801, 201831)),
    "a few in a row": ("v", range(20180101, 20180119)),
    "fractions": ("date", [20180101.5 + at for at in range(25)]),
    "years": ("date", range(1950, 2010)),
    "days of February": ("v", [20180200 + at for at in range(20, 50)]),
    "prices": ("month", range(190_000, 210_000, 317)),
    "seconds": ("time", range(1_500_000_000, 1_500_900_000, 30_000)),
    "long ago": ("v", range(10180101, 10180129)),
}


@pytest.mark.parametrize("kind", NO_DATES)
def test_other_numbers_are_no_dates(tmp_path, kind):
    name, numbers = NO_DATES[kind]
    told = told_of_numbers(tmp_path / "t.csv", name, [str(number) for number in numbers])
    assert [line for line in told if "dates" in line] == []


def test_dates_as_numbers_are_not_taken_for_ids(tmp_path):
    rows = [f"{day},{at % 7},{'uv'[at % 2]}" for at, day in enumerate(packed("%Y%m%d", 60))]
    table = read_labelled_table(write(tmp_path / "t.csv", ["v,a,y", *rows]))
    [line] = table.warnings
    assert "such as 20181103, and is taken for numbers, in which 20181231 and 20190101" in line


def test_dates_that_a_large_table_keeps_in_float32_are_still_dates():
    days = np.array(packed("%Y%m%d", 900, 1), np.float32)
    assert packed_dates("v", days) in days


@pytest.mark.parametrize("name", ["candidate_id", "sentiment", "centimeters", "holiday", "update"])
def test_a_word_within_another_does_not_speak_of_dates(name):
    assert packed_dates(name, np.arange(200101.0, 200113.0)) is None


@pytest.mark.parametrize("name", ["date", "orderDate", "Start_Date", "MONTHS", "t.day"])
def test_names_that_speak_of_dates_need_few_values(name):
    assert packed_dates(name, np.arange(200101.0, 200113.0)) == 200101
