"""Functions remember what they change and read again where others see it, and nothing else."""

import textwrap
import types

import numpy as np
import pytest

from fastnn.model.memory import Memory

REMEMBERING = {
    "an added entry": ("SEEN.append(e); return len(SEEN)", "SEEN"),
    "a taken entry": ("return QUEUE.pop()", "QUEUE"),
    "a key": ("COUNTS['n'] = COUNTS.get('n', 0) + 1; return COUNTS['n']", "COUNTS"),
    "a key that is counted up": ("COUNTS[e] += 1; return COUNTS[e]", "COUNTS"),
    "a place that is computed": ("SEEN[len(QUEUE) - 1] = e; return SEEN", "SEEN"),
    "a slice": ("SEEN[0:2] = [e]; return SEEN", "SEEN"),
    "a slice of an array": ("ARRAY[:] *= 2; return ARRAY.sum()", "ARRAY"),
    "a removed entry": ("del SEEN[0]; return SEEN", "SEEN"),
    "a global": ("global n; n += 1; return n", "n"),
    "an attribute": ("it.n = getattr(it, 'n', 0) + 1; return it.n", "it.n"),
    "an attribute that is counted up": ("it.n += 1; return it.n", "it.n"),
    "a list of an object": ("OBJECT.log.append(e); return OBJECT.log[-1]", "OBJECT.log"),
    "in a comprehension": ("return [SEEN.append(i) or len(SEEN) for i in range(e)]", "SEEN"),
}
FORGETTING = {
    "only added to": "SEEN.append(e); return .5",
    "only written": "COUNTS[e] = 1; return .5",
    "only counted": "COUNTS[e] += 1; it.n += 1; return .5",
    "a global that is only written": "global n; n = e; return .5",
    "what it is called with": "if e not in COUNTS: COUNTS[e] = e / 2\nreturn COUNTS[e]",
    "another attribute": "OBJECT.log.append(e); return OBJECT.rate",
    "beside another name": "return max(SEEN, (x := [3])) and x",
    "no container": "return np.append(ARRAY, e) + ARRAY[0]",
    "only read": "return [entry for entry in SEEN] if e < ARRAY[0] < 5 else COUNTS[SEEN[0]]",
    "a value": "d = {}; d[e] = SEEN; d[len(SEEN)] = COUNTS; return d",
    "of its own": "seen = []; seen.append(e); seen[0] += 1; return seen[0]",
    "of its own, within": "n = 0\ndef f():\n  nonlocal n\n  n += e\n  return n\nreturn f()",
}


def function_with(body):
    names = {"SEEN": [1], "QUEUE": [1], "COUNTS": {}, "ARRAY": np.ones(3), "np": np, "n": 0}
    names["OBJECT"] = types.SimpleNamespace(log=[], rate=0.5)
    exec("def it(e):\n" + textwrap.indent(body, "  "), names)
    return names["it"]


def remembered(*functions, is_shared=False):
    memory = Memory()
    for function in functions:
        memory.note(function, is_shared)
    return memory.remembered()


@pytest.mark.parametrize(("body", "name"), REMEMBERING.values(), ids=REMEMBERING)
def test_what_is_changed_and_read_again_is_remembered(body, name):
    assert remembered(function_with(body)) == (name,)


@pytest.mark.parametrize("body", FORGETTING.values(), ids=FORGETTING)
def test_what_is_only_read_or_only_changed_is_not(body):
    assert remembered(function_with(body), is_shared=True) == ()


def test_another_function_may_read_what_one_has_changed():
    names = {"SEEN": []}
    exec("def note(e): SEEN.append(e)\ndef it(e): return len(SEEN)", names)
    assert remembered(names["note"], names["it"]) == ("SEEN",)


def test_closures_and_defaults_count_where_they_are_shared():
    calls, seen = 0, []

    def counting(epoch):
        nonlocal calls
        calls += 1
        return calls

    def noting(epoch):
        seen.append(epoch)
        return len(seen)

    def in_a_default(epoch, kept=[], *, also={}):  # noqa: B006 - they remember
        kept.append(epoch)
        also["calls"] = 1
        return len(kept) + len(also)

    functions = counting, noting, in_a_default
    assert remembered(*functions) == ()
    assert remembered(*functions, is_shared=True) == ("calls", "seen", "kept", "also")
