"""An estimator whose training is refused stays as it was."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self


class Before:
    """What an estimator was before a call, which comes back if the call ends with an exception.

    So checks may come in any order with what they are made on: scikit-learn's set attributes, and a
    subclass that draws initial weights looks at some.

    Parameters
    ----------
    estimator : object
        Its attributes come back, and what is in lists among them. What is in arrays does not.

    Attributes
    ----------
    has_learnt : bool
        Whether something finite was learnt, which is kept.
    """

    def __init__(self, estimator: Any) -> None:
        self._attributes = vars(estimator)
        self._before = dict(self._attributes)
        lists = (value for value in self._before.values() if isinstance(value, list))
        self._lists = [(value, list(value)) for value in lists]
        self.has_learnt = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None or self.has_learnt:
            return
        self._attributes.clear()
        self._attributes.update(self._before)
        for value, entries in self._lists:
            value[:] = entries
