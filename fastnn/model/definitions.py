"""Digests of what classes and functions of somebody's own do, so that a change of them is seen."""

from __future__ import annotations

from typing import Any, NamedTuple

from fastnn.model.code_describer import CodeDescriber
from fastnn.model.describer import Describer, digest_of_text
from fastnn.model.memory import Memory


class Definition(NamedTuple):
    """What is known of a class, a function or an object, with all that it holds.

    Attributes
    ----------
    digest : str
        32 hexadecimal digits, the same in every process for what does the same.
    unseen : tuple of str
        What it reads that no digest can say, by name.
    """

    digest: str
    unseen: tuple[str, ...]


class Code(NamedTuple):
    """What is known of the code of a class, a function or an object.

    Attributes
    ----------
    digest : str
        As of a `Definition`, but without what calls may change.
    draws : tuple of str
        The generators of random numbers that it shares with other code, by the names it has for
        them. One that an object keeps for itself is none of these.
    memory : Memory
        What it changes and what it reads; but not attributes, which a copy of it has for itself.
    steps : tuple of str
        The iterators that it goes on with and that copies of it would share.
    """

    digest: str
    draws: tuple[str, ...]
    memory: Memory
    steps: tuple[str, ...]


def definition_of(value: Any) -> Definition:
    """Find out what a class, a function or an object does.

    What it reads counts, too: numbers, texts, arrays and containers by their content, functions and
    classes by their code and by what they read in turn, and objects by their class and by what
    they would be pickled as. Code that comes with Python, with fastnn or from an installed package
    counts by its name; the state of its objects does not.

    Parameters
    ----------
    value : class, function or object
        A method of an object counts with that object.

    Returns
    -------
    Definition
    """
    describer = Describer()
    digest = digest_of_text(describer.describe(value))
    return Definition(digest, tuple(describer.unseen))


def code_of(value: Any) -> Code:
    """Find out what a class, a function or an object does, but for what calls may have changed.

    Of what it reads, only numbers, texts, arrays, tuples of these, functions and classes count;
    lists, dicts and objects may be others where the same code has been called more often.

    Parameters
    ----------
    value : class, function or object
        A method of an object counts with the class of that object.

    Returns
    -------
    Code
    """
    describer = CodeDescriber()
    digest = digest_of_text(describer.describe(value))
    return Code(digest, tuple(describer.draws), describer.memory, tuple(describer.steps))
