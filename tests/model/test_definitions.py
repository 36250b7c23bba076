"""Two definitions have the same digest if, and only if, they do the same."""

from __future__ import annotations

import contextvars
import enum
import logging
import queue
import subprocess
import sys
import textwrap
import threading

import numba
import numpy as np
import pytest

from fastnn.model.code_describer import CodeDescriber
from fastnn.model.definitions import code_of, definition_of

# What defines `it`, with a word that is replaced by one of two others.
CASES = {
    "a number of the module": ("rate = X\ndef it(e): return rate ** e", ".5", ".25"),
    "a list": ("rates = [1., X]\ndef it(e): return rates[e]", ".5", ".25"),
    "a dict of lists": ("rates = {'a': [1., X]}\ndef it(e): return rates['a'][e]", ".5", ".25"),
    "an array": ("rates = np.array([1., X])\ndef it(e): return rates[e]", ".5", ".25"),
    "a set": ("few = {1, X}\ndef it(e): return e in few", "2", "3"),
    "a helper beside a list": (
        "rates = [1.]\ndef helper(e): return X ** e\ndef it(e): return rates[0] * helper(e)",
        ".5",
        ".25",
    ),
    "a helper of a class": ("class H:\n  def f(e): return X\ndef it(e): return H.f(e)", "1", "2"),
    "a helper that calls itself": (
        "def helper(e): return X if e < 1 else helper(e - 1)\ndef it(e): return helper(e)",
        "1",
        "2",
    ),
    "what is adorned": ("@functools.lru_cache\ndef it(e): return X ** e", ".5", ".25"),
    "a partial function": (
        "f = functools.partial(pow, X)\ndef it(e): return f(e)",
        "2",
        "3",
    ),
    "the object of a method": (
        "class Rate:\n  def __init__(self, r): self.r = r\n  def at(self, e): return self.r ** e\n"
        "it = Rate(X).at",
        ".5",
        ".25",
    ),
    "an object of slots": (
        "class Rate:\n  __slots__ = ('r',)\nrate = Rate()\nrate.r = X\ndef it(e): return rate.r",
        ".5",
        ".25",
    ),
    "a tuple of a class": ("class it:\n  W = (1., X)\n  fn = lambda a, y: it.W[0]", "2.", "3."),
    "a class within": ("class it:\n  class W:\n    w = X\n  fn = lambda a, y: it.W.w", "2.", "3."),
    "a base": ("class Base:\n  w = X\nclass it(Base): pass", "2.", "3."),
    "a property": ("class it:\n  @property\n  def w(self): return X", "2.", "3."),
    "a default": ("def it(e, rate=X): return rate", ".5", ".25"),
    "a closure": ("def make(rate):\n  return lambda e: rate\nit = make(X)", ".5", ".25"),
    "a function of numba.jit": (
        "@numba.njit\ndef f(e): return X\ndef it(e): return f(e)",
        "1",
        "2",
    ),
    "a function of numba.vectorize": (
        "@numba.vectorize\ndef f(e): return X\ndef it(e): return f(e)",
        "1",
        "2",
    ),
    "a partial function's argument": (
        "f = functools.partial(max, key=X)\ndef it(e): return f(e)",
        "len",
        "abs",
    ),
    "a function of NumPy": ("def it(e): return np.X(e)", "floor", "ceil"),
    "a function of SciPy": ("def it(e): return special.X(e)", "expit", "logit"),
    "attributes of a function": ("def it(e): return it.rate\nit.rate = X", ".5", ".25"),
    "a method of a dict": ("rate = {0: X}.get\ndef it(e): return rate(0)", ".5", ".25"),
    "an itemgetter": ("f = operator.itemgetter(X)\ndef it(e): return f('ab')", "0", "1"),
    "a function made by a library": (
        "f = np.vectorize(lambda x: X)\ndef it(e): return f(e)",
        "1",
        "2",
    ),
    "what a library adorns": (
        "@contextlib.contextmanager\ndef f(): yield X\ndef it(e):\n  with f() as r: return r",
        ".5",
        ".25",
    ),
    "an attribute of a dict of one's own": (
        "class D(dict): pass\nrates = D()\nrates.k = X\ndef it(e): return rates.k",
        ".5",
        ".25",
    ),
    "an attribute of a list of one's own": (
        "class L(list): pass\nrates = L()\nrates.k = X\ndef it(e): return rates.k",
        ".5",
        ".25",
    ),
    "a cached property": (
        "class it:\n  @functools.cached_property\n  def w(self): return X",
        "2.",
        "3.",
    ),
    "a metaclass": (
        "class M(type):\n  @property\n  def w(c): return X\nclass it(metaclass=M): pass",
        "2.",
        "3.",
    ),
    "a constructor": ("class it:\n  def __new__(cls): return X", "2.", "3."),
    "the mask of an array": (
        "rates = np.ma.array([1., 2.], mask=[0, X])\ndef it(e): return rates[e]",
        "0",
        "1",
    ),
    "a key": ("rates = {X: .5}\ndef it(e): return rates[max]", "max", "min"),
    "the metadata of a field": (
        "C = dataclasses.make_dataclass('C', [('k', int, dataclasses.field(metadata={0: X}))])\n"
        "def it(e): return dataclasses.fields(C)[0].metadata[0]",
        ".5",
        ".25",
    ),
    "an annotation": ("class C:\n  k: X\ndef it(e): return C.__annotations__", "int", "float"),
    "an annotation of its own": (
        "class it:\n  k: X\n  def __call__(self, e): return typing.get_type_hints(type(self))",
        "int",
        "float",
    ),
    "which function a name has": (
        "from math import X as f\ndef it(e): return f(e)",
        "floor",
        "ceil",
    ),
}

# Objects of classes from libraries; what they hold counts.
STATES = (
    *("argparse.Namespace(k=X)", "types.SimpleNamespace(k=X)", "fractions.Fraction(X)"),
    *("decimal.Decimal(X)", "collections.deque([X])", "collections.ChainMap({0: X})"),
    *("collections.UserDict({0: X})", "collections.Counter({0: X})", "array.array('d', [X])"),
    *("bytearray([X])", "datetime.timedelta(X)", "np.poly1d([1, X])", "np.random.RandomState(X)"),
    *(
        "random.Random(X)",
        "itertools.repeat(X)",
        "pd.Series([X])",
        "fastnn.Network([2, 2], seed=X)",
        "memoryview(bytes([X]))",
        "re.match('1|2', str(X))",
    ),
)
CASES |= {
    f"an object: {state}": (f"o = {state}\ndef it(e): return o", "1", "2") for state in STATES
}

HEAD = """
import argparse, array, collections, contextlib, dataclasses, datetime, decimal, fractions
import functools, itertools, operator, random, re, types, typing
import numba, numpy as np, pandas as pd
import fastnn
from scipy import special
"""


def defined(case, word):
    source, *_ = CASES[case]
    names = {"__name__": "somebodys"}
    exec(HEAD + source.replace("X", word), names)
    return names["it"]


@pytest.mark.parametrize("case", CASES)
def test_a_change_of_what_it_does_is_seen(case):
    _, before, after = CASES[case]
    once, again, other = (
        definition_of(defined(case, when)).digest for when in (before, before, after)
    )
    assert once == again
    assert once != other


def test_functions_of_other_modules_are_followed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    digests = []
    for rate in (0.5, 0.25, 0.5):
        helpers = type(sys)("somebodys_helpers")
        exec(f"def decay(e): return {rate} ** e", helpers.__dict__)
        names = {"__name__": "somebodys", "helpers": helpers}
        exec("def it(e): return helpers.decay(e)", names)
        digests.append(definition_of(names["it"]).digest)
    assert digests[0] == digests[2] != digests[1]


@pytest.mark.parametrize(
    "reading",
    ["import helpers\n  return helpers.rate", "from helpers import rate\n  return rate"],
    ids=["import", "from"],
)
def test_what_a_function_imports_itself_is_followed(monkeypatch, reading):
    helpers = type(sys)("helpers")
    monkeypatch.setitem(sys.modules, "helpers", helpers)
    names = {"__name__": "somebodys"}
    exec(f"def it(e):\n  {reading}", names)
    digests = []
    for helpers.rate in (0.5, 0.25, 0.5):
        digests.append(definition_of(names["it"]).digest)
    assert digests[0] == digests[2] != digests[1]


def test_no_library_is_imported_to_describe_who_imports_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)

    def it(epoch):
        import this

        return this.d

    assert definition_of(it) == definition_of(it)
    assert "this" not in sys.modules


@pytest.mark.parametrize(
    ("read", "named"),
    {
        "globals()['rate']": "globals()",
        "eval('rate')": "eval()",
        "importlib.import_module('somebodys').rate": "importlib.import_module",
        "getattr(helpers, 'rate')": "helpers",
        "sys.modules['helpers'].rate": "sys.modules",
        "ufunc(e)": "ufunc",
    }.items(),
)
def test_what_cannot_be_seen_is_named(read, named):
    names = {"__name__": "somebodys", "helpers": type(sys)("helpers")}
    names["ufunc"] = np.frompyfunc(lambda x: x, 1, 1)
    exec(f"import importlib, sys\ndef it(e): return {read}", names)
    (unseen, *_) = definition_of(names["it"]).unseen
    assert unseen.startswith(named)


def test_a_function_stays_the_same_as_it_is_called(tmp_path):
    queued, local, name = queue.SimpleQueue(), threading.local(), contextvars.ContextVar("name")
    view = numba.vectorize(lambda x: x / 2)

    def calling(epoch):
        import json.tool

        calling.calls += 1
        calling.last = epoch
        queued.put(epoch)
        local.epoch = epoch
        name.set(epoch)
        log.write(f"{epoch} {json.tool}")
        return view(float(epoch))

    calling.calls = 0
    sys.modules.pop("json.tool", None)
    with (tmp_path / "log").open("w") as log:
        before = definition_of(calling)
        calling(1)
        assert definition_of(calling) == before
    assert before.unseen == ()


GENERATOR = np.random.RandomState(0)
GENERATORS = {"one": GENERATOR, "module": np.random}


@pytest.mark.parametrize(
    ("body", "draws"),
    {
        "import random; return random.Random(e).uniform(0, 1)": (),
        "import random; return random.uniform(0, 1)": ("random.uniform",),
        "import random as r; return r.uniform(0, 1)": ("random.uniform",),
        "from random import uniform, Random as R; return R(e).random()": (),
        "from random import Random as R, uniform as u; return u(0, 1)": ("random.uniform",),
        "import numpy.random; return numpy.random.rand()": ("numpy.random.rand",),
        "import numpy.random as r; return r.rand()": ("numpy.random.rand",),
        "from numpy import random as r; return r.rand()": ("numpy.random.rand",),
        "from numpy import random as r; return r.default_rng(e)": (),
        "import numpy as n; return (lambda: n.random.rand())()": ("numpy.random.rand",),
        "r = np.random; return r.default_rng(e)": (),
        "return np.random.default_rng(e)": (),
        "return np.random.rand()": ("np.random.rand",),
        "return GENERATOR.rand()": ("GENERATOR.rand",),
        "return GENERATORS['one'].rand()": (),
        "return sys.modules": (),
    }.items(),
)
def test_code_draws_from_a_generator_that_it_names(body, draws):
    names = {"__name__": "somebodys", "np": np, "sys": sys}
    names |= {"GENERATOR": GENERATOR, "GENERATORS": GENERATORS}
    exec(f"def it(e): {body}", names)
    assert code_of(names["it"]).draws == draws


def test_a_generator_in_a_container_cannot_be_seen():
    assert definition_of(lambda epoch: GENERATORS["one"].rand()).unseen == ("GENERATORS",)


def test_code_is_without_what_calls_change():
    class Rate:
        calls, seen, decay = 0, [], 0.5

        def __call__(self, epoch):
            self.calls += 1
            self.seen.append(epoch)
            return self.decay**epoch

    rate, kept = Rate(), {}

    def remembering(epoch):
        if epoch not in kept:
            kept[epoch] = rate(epoch)
        return kept[epoch]

    before = code_of(remembering)
    remembering(1)
    assert code_of(remembering) == before
    Rate.decay = 0.25
    assert code_of(rate) != before


def test_locks_and_loggers_and_what_raises_hide_nothing_else():
    class Odd:
        @property
        def __class__(self):
            raise LookupError

    lock, log, odd = threading.Lock(), logging.getLogger("a"), Odd()

    def careful(epoch):
        with lock:
            log.info("%s", epoch)

    def strange(epoch):
        return odd

    assert definition_of(careful).unseen == ()
    assert definition_of(strange).unseen == ("odd (Odd)",)


def test_what_refers_to_itself_has_a_digest():
    around = []
    around.append(around)

    def it(epoch):
        return around[epoch]

    assert definition_of(it).digest == definition_of(it).digest


def test_another_process_finds_the_same(tmp_path):
    """Sets of texts have another order there."""
    script = tmp_path / "somebodys.py"
    script.write_text(
        textwrap.dedent("""
            import numpy as np
            from fastnn.model.definitions import definition_of
            NAMES, RATES = {"one", "two", "three", "four"}, np.arange(3.0)
            BY_FUNCTION, RANDOM = {max: 1, len: 2}, np.random.default_rng(0)
            class Rate:
                rate = 0.5
                def at(self, epoch):
                    return self.rate ** epoch if "one" in NAMES else RATES[epoch]
                def other(self, epoch):
                    return BY_FUNCTION[max], RANDOM.normal()
            print(definition_of(Rate).digest, definition_of(Rate().at).digest)
        """)
    )
    command = [sys.executable, str(script)]
    first, second = (subprocess.check_output(command, text=True) for _ in range(2))
    assert first == second
    assert len(set(first.split())) == 2


class ByName(enum.IntEnum):
    """As Python 3.11.2 has it of signals: pickled by the name of a global."""

    HIGH = 1

    def __reduce_ex__(self, protocol):
        return self.name


HIGH = ByName.HIGH


def test_what_is_pickled_by_a_name_is_seen_where_its_module_has_it():
    assert definition_of(lambda epoch: HIGH).unseen == ()


@pytest.mark.parametrize("method", [str.upper, dict.fromkeys, [].append, np.add.reduce])
def test_built_in_methods_are_seen_by_their_names(method):
    describer = CodeDescriber()
    describer.describe(method)
    assert not describer.unseen
