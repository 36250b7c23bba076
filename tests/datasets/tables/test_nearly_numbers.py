"""Text that may be meant as numbers is warned of, and ordinary text is not."""

import numpy as np
import pytest

from fastnn.own_data import read_labelled_table

pandas = pytest.importorskip("pandas")
PLACES = np.arange(30) % 3


UNITS = ["{}lbs", "{} CC", "{} months", "{} km/h", "{}.5 °C", "< {} years"]


def told_of(cells):
    n = len(cells)
    frame = pandas.DataFrame({"x": np.arange(n) % 7, "c": cells, "label": list("AB") * (n // 2)})
    return [line for line in read_labelled_table(frame).describe() if "column 2 (c)" in line]


def letters_warned_of(cells):
    return [line for line in told_of(cells) if "is text, with numbers and letters" in line]


@pytest.mark.parametrize("form", UNITS)
@pytest.mark.parametrize("others", [0, 2])
def test_numbers_with_a_unit_in_letters_are_warned_of(form, others):
    cells = [form.format(36 + 12 * place) for place in PLACES]
    cells[:others] = ["many"] * others
    [line] = letters_warned_of(cells)
    assert repr(form.format(36 + 12 * PLACES[others])) in line


@pytest.mark.parametrize(
    "kinds",
    [["A1", "B2", "C3"], ["1E5", "2E3", "3E1"], ["3a7", "4b2", "5c1"], ["36 km"], ["a", "1 c"]],
    ids=str,
)
def test_codes_and_words_are_no_numbers_with_a_unit(kinds):
    assert letters_warned_of([kinds[place % len(kinds)] for place in PLACES]) == []


ORDINARY = {
    "addresses": ["13 Main", "15 Main", "77 Elm", "4 Oak"],
    "seats": ["12A", "14A", "12C"],
    "blocks": ["1a", "2a", "1b"],
    "places": ["1st", "2nd", "3rd", "11th", "12th"],
    "two places": ["11th", "12th"],
    "drives": ["2WD", "4WD"],
    "dimensions": ["2D", "3D"],
    "bands": ["<50K", ">50K"],
    "bands that touch": ["<50K", "50-100K", ">100K"],
    "generations": ["2G", "3G", "4G", "5G"],
    "sizes": ["32A", "34B", "36C", "32B", "34A"],
    "house numbers": ["11", "12a", "14b", "15"],
    "short streets": ["13 Oak", "15 Elm", "77 Ash", "4 Oak", "6 Elm"],
    "grades": ["5+", "4-", "3", "3+", "2-"],
    "models": ["11", "11 Pro", "12", "12 Pro", "13", "13 Pro"],
    "trims": ["1.4 TSI", "2.0 TDI", "2.0", "1.6 TDI"],
    "teams": ["49ers", "76ers", "1860"],
    "ages and sexes": ["18M", "25F", "40M", "61F"],
}

# Codes of which a column has many kinds, each a number with letters behind it.
CODES = {
    "postcodes": "{} XL,{} AB,{} KD,{} MB,{} VC",
    "courses": "{} MA,{} CS,{} BIO",
    "bus lines": "{}T,{}M,{}",
    "classes": "{}G,{}B",
    "roads": "{} NB,{} SB,{} EB",
    "residues": "{}GLY,{}ALA,{}SER",
    "streets": "{} Elm St,{} Oak St,{} 1st Ave",
    "charges": "{}+,{}-",
    "marks": "{}+,{},{}-",
}


@pytest.mark.parametrize("kind", CODES)
def test_codes_of_many_kinds_are_no_numbers_with_a_unit(kind):
    forms = CODES[kind].split(",")
    cells = [forms[at % len(forms)].format(11 + at % 60) for at in range(300)]
    assert not any(word in line for line in told_of(cells) for word in ("unit", "signs"))


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_categories_are_no_numbers_with_a_unit(kind):
    cells = ORDINARY[kind]
    assert letters_warned_of([cells[at % len(cells)] for at in range(30)]) == []


@pytest.mark.parametrize("cells", [["36 months", "60 months"], ["1 year", "2 years", "3 years"],
                                   ["20mg", "10mg"], ["12k", "9k"], ["2 l", "3 l"]])  # fmt: skip
def test_a_few_numbers_may_have_a_unit(cells):
    assert letters_warned_of([cells[at % len(cells)] for at in range(30)])


def test_seats_are_no_numbers_with_a_unit():
    assert letters_warned_of([f"{1 + at % 4}{'ABCDEF'[at % 6]}" for at in range(30)]) == []


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_categories_are_not_warned_of(kind):
    assert told_of([ORDINARY[kind][at % len(ORDINARY[kind])] for at in range(30)]) == []


SCALES = {
    "millions and thousands": (["{}M", "{}k"], "letters such as '20M' and '21k'"),
    "three scales": (["{}K", "{}M", "{}B"], "letters such as '20K' and '21M'"),
    "plain ones beside": (["{}", "{}.5k", "{}M"], "letters such as '20' and '21.5k'"),
    "words beside": (["{}M", "{}k", "it varies"], "letters such as '20M' and '21k'"),
    "three units": (["{}kg", "{} lbs", "{}oz"], "letters such as '20kg' and '21 lbs'"),
    "money": (["€{}.5M", "€{}.0K", "€0"], "signs such as '€20.5M' and '€21.0K'"),
    "a rare currency": (["₽{}"], "signs such as '₽20'"),
    "one behind": (["{} ₽"], "signs such as '20 ₽'"),
    "places on the globe": (["{}.25° N", "{}.5° S"], "letters such as '20.25° N' and '21.5° S'"),
}


@pytest.mark.parametrize("kind", SCALES)
@pytest.mark.parametrize("again", [50, 200], ids=["comes again", "as names"])
def test_numbers_in_several_units_are_warned_of(kind, again):
    forms, told = SCALES[kind]
    cells = [forms[at % len(forms)].format(20 + at % again) for at in range(200)]
    several = " and " in told
    advice = "write plain numbers, all in one unit, if these are units"
    [line, *others] = told_of(cells)
    assert f"is text, with numbers and {told}: {advice if several else 'take the'}" in line
    assert all("left out" in other or "different values" in other for other in others)


SIGNED = {
    "a minus behind": (["{}.5", "{}.25-"], "'21.25-' in row 2"),
    "errors": (["{}.5 ± 0.1"], "'20.5 ± 0.1' in row 1"),
    "errors in ASCII": (["{}.5 +/- 0.1"], "'20.5 +/- 0.1' in row 1"),
    "bounds": (["<{}.5", "~{}"], "'<20.5' in row 1"),
    "notes": (["{}.5*", "{}"], "'20.5*' in row 1"),
}


@pytest.mark.parametrize("kind", SIGNED)
def test_numbers_with_signs_beside_them_are_warned_of_by_line(kind):
    forms, told = SIGNED[kind]
    [line, left_out] = told_of([forms[at % len(forms)].format(20 + at) for at in range(60)])
    expected = f"Warning: column 2 (c) has {told}, where signs beside the number make it text"
    assert line.startswith(expected)
    assert "left out" in left_out
