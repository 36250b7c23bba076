"""Columns of dates and times are known in any usual form, and nothing else is taken for them."""

import datetime

import pytest
from table_files import write

from fastnn.datasets.tables.dates import kind_of_dates
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
