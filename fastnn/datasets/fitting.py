"""Whether examples fit a network, and the form in which they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.datasets.dataset import Dataset, as_dataset


def fitting_dataset(name: str, data: Any, sizes: Sequence[int]) -> Dataset:
    """Return `as_dataset`, which has to fit a network of these sizes; `name` is for errors.

    For a network with one output, scalars become its desired values; for several, labels.
    """
    dataset = as_dataset(name, data)
    check_fits(name, dataset, sizes)
    if sizes[-1] == 1:
        return dataset.with_store(dataset.store.for_one_output())
    if dataset.store.answer_length is None and dataset.store.targets.dtype.kind == "f":
        return dataset.with_store(dataset.store.with_labels_of(dataset.order))
    return dataset


class Needs(NamedTuple):
    """What of examples is looked at here, and not by methods of a user's alone."""

    inputs: bool
    answers: bool
    pairs: bool = True  # that they are pairs at all


ALL = Needs(inputs=True, answers=True)
NOTHING = Needs(inputs=False, answers=False, pairs=False)


def fitting_parts(
    name: str, pairs: Any, sizes: Sequence[int], needs: Needs
) -> tuple[Dataset, bool]:
    """Return `fitting_dataset` if it takes the examples, and True.

    If not, return what is needed of them in a data set that is as long, with zeros for the rest,
    and False: a user's methods may know what to do with other examples.
    """
    try:
        return fitting_dataset(name, pairs, sizes), True
    except (TypeError, ValueError):
        if needs == ALL or not len(pairs):
            raise
        try:
            parts = [_needed(pair, needs) for pair in pairs]
        except (TypeError, ValueError):
            parts = []
        if not parts:
            raise
    needed = sizes[0] if needs.inputs else 1, sizes[-1] if needs.answers else 1
    return fitting_dataset(name, parts, needed), False


def _needed(pair: Any, needs: Needs) -> tuple[Any, Any]:
    if needs == NOTHING:
        return _ZERO, 0
    x, y = pair
    return x if needs.inputs else _ZERO, y if needs.answers else 0


_ZERO = np.zeros((1, 1))


def check_fits(name: str, data: Dataset, sizes: Sequence[int]) -> None:
    """Raise ValueError unless inputs and labels of `data` fit a network of these sizes."""
    store = data.store
    if store.inputs.shape[1] != sizes[0]:
        raise ValueError(
            f"{name} must have {sizes[0]} inputs per example, like the network's first layer, "
            f"got {store.inputs.shape[1]}"
        )
    outputs = sizes[-1]
    if store.answer_length is not None:
        if store.answer_length != outputs:
            one = "; a label is a number, not an array of one" if store.answer_length == 1 else ""
            raise ValueError(
                f"{name} must have desired outputs of length {outputs}, like the network's last "
                f"layer, got {store.answer_length}{one}"
            )
    elif outputs > 1:
        _check_labels_below(outputs, name, store.targets[data.order])


def _check_labels_below(outputs: int, name: str, labels: npt.NDArray[Any]) -> None:
    wrong = (labels < 0) | (labels >= outputs) | (labels != np.trunc(labels))
    if wrong.any():
        i = int(np.argmax(wrong))
        label = labels[i].item()
        raise ValueError(
            f"{name} must have labels below {outputs}, the number of outputs: whole numbers "
            f"between 0 and {outputs - 1}; got {int(label) if label == int(label) else label} in "
            f"example {i}"
        )
