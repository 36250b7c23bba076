"""What of a class its author has written: only that tells what it does."""

from typing import NamedTuple, Protocol

from fastnn.model.class_members import own_members


def names(kind):
    return [name for name, _ in own_members(kind)]


def test_what_python_adds_to_a_class_is_left_out():
    class Cost:
        """A docstring says nothing about what is done."""

        __slots__ = ("strength",)
        scale: float = 2.0

        def fn(self, a, y):
            return 0.0

    assert names(Cost) == ["__slots__", "fn", "scale"]


def test_a_named_tuple_has_its_fields_defaults_and_own_methods_and_none_that_python_makes():
    class Step(NamedTuple):
        at: int
        factor: float = 0.5

        def __call__(self, epoch):
            return self.factor

    assert {"__call__", "_fields", "_field_defaults"} <= set(names(Step))
    assert {"__new__", "_make", "_replace", "_asdict"}.isdisjoint(names(Step))


def test_a_protocol_has_the_same_members_before_its_first_object_and_after():
    class Schedule(Protocol):
        def __call__(self, epoch): ...

    class Constant(Schedule):
        def __call__(self, epoch):
            return 1.0

    before = names(Constant)
    Constant()
    assert names(Constant) == before == ["__call__"]
