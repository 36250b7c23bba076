"""The names of a network's classes: any whole numbers, or text."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastnn.common.checks import describe

Labels = NDArray[Any]  # int64 or text

_JOINERS = dict.fromkeys((0x200C, 0x200D))  # zero-width non-joiner and joiner, to be left out


def as_labels(name: str, values: NDArray[Any]) -> Labels:
    """Return labels (n,) as int64 or text, after checking them; `name` is for errors.

    Whole numbers may be stored as floats; text may be stored as UTF-8 bytes.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise ValueError(
            f"{name} must have one entry for each example, shape (n,), got {values.shape}"
        )
    kind = values.dtype.kind
    if kind in "SU":
        # Each text once: all of them, as Python's, would take many times the memory.
        texts, places = np.unique(values, return_inverse=True)
        if kind == "S":
            texts = np.char.decode(texts, "utf-8")
        texts = np.char.strip(np.char.replace(texts, "\u00a0", " "))
        for text in texts.tolist():
            if not can_be_shown(text):
                raise ValueError(f"{name} must be text that can be printed, got {describe(text)}")
        return texts[places]
    if kind not in "biuf":
        raise ValueError(f"{name} must be whole numbers or text, got {values.dtype}")
    if kind in "bi":
        return values.astype(np.int64)
    wide = values.astype(np.promote_types(values.dtype, np.float64))  # 2**63 is beyond float16
    whole = np.isfinite(wide) & (np.trunc(wide) == wide) & (np.abs(wide) < 2.0**63)
    if not whole.all():
        place = int(np.argmin(whole))
        raise ValueError(
            f"{name} must be whole numbers or text, as they name classes; "
            f"got {values[place]} in example {place}"
        )
    return values.astype(np.int64)


def can_be_shown(text: str) -> bool:
    """Say whether a text can be printed: all but its joiners, which Persian and others need."""
    told = text.translate(_JOINERS)
    return bool(told) and told.isprintable()


def distinct(labels: Labels) -> list[Any]:
    """Return each label once, sorted, as int or str."""
    found: list[Any] = np.unique(labels).tolist()
    return found


def are_plain(classes: list[Any]) -> bool:
    """Say whether the classes are 0, 1, 2 and so on, the names that a network uses by default."""
    return classes == list(range(len(classes)))


def class_indices(labels: Labels, classes: list[Any]) -> NDArray[np.int64]:
    """Return the index of each label in the sorted list `classes`, shape (n,)."""
    places: NDArray[np.int64] = np.searchsorted(np.array(classes), labels)
    return places


def check_classes(name: str, classes: Any, outputs: int) -> list[Any]:
    """Return the names of a network's classes as a list of int or of str.

    There is one for each output, and two for one output, which tells between them.
    """
    count = max(outputs, 2)
    each = "one for each output" if outputs > 1 else "for an output of 0 and of 1"
    expected = f"{name} must be a list of {count} different integers or texts, {each}"
    if not isinstance(classes, (list, tuple, np.ndarray)):
        raise TypeError(f"{expected}, got {describe(classes)}")
    array = np.array(classes) if len(classes) else np.empty(0)
    same_kind = len({isinstance(entry, (str, np.str_)) for entry in classes}) == 1
    if array.ndim != 1 or array.dtype.kind not in "iuU" or not same_kind:
        raise TypeError(f"{expected}, got {describe(classes)}")
    checked: list[Any] = as_labels(name, array).tolist()
    if len(checked) != count or len(set(checked)) != count:
        raise ValueError(f"{expected}, got {describe(checked)}: {len(set(checked))} different ones")
    return checked
