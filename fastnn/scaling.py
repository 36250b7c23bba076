"""Standardise inputs to zero mean and unit variance."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastnn.common.checks import describe, numbers

_ROWS_AT_A_TIME = 4096


class Scaling(NamedTuple):
    """How inputs are standardised: ``(x - mean) / deviation``, input by input.

    Attributes
    ----------
    mean : ndarray, shape (inputs,)
    deviation : ndarray, shape (inputs,)
        Standard deviation; 0 for an input that never varied, which always becomes 0.

    Examples
    --------
    >>> import numpy as np
    >>> scaling = Scaling.of(np.array([[1.0, 7.0], [3.0, 7.0]]))
    >>> scaling.apply(np.array([[5.0, 8.0]]))
    array([[3., 0.]])
    """

    mean: npt.NDArray[np.float64]
    deviation: npt.NDArray[np.float64]

    @classmethod
    def of(cls, inputs: npt.ArrayLike) -> Scaling:
        """Find the scaling that gives each input zero mean and unit variance.

        Parameters
        ----------
        inputs : array_like, shape (n, inputs)
            Examples for training; keep those for evaluation out.

        Returns
        -------
        Scaling

        Raises
        ------
        TypeError, ValueError
            If `inputs` is empty, or not finite numbers of that shape.
        """
        rows = numbers("inputs", inputs, "(n, inputs)")
        if rows.ndim != 2 or 0 in rows.shape:
            raise ValueError(
                f"inputs must have the shape (n, inputs), at least one of each, got {rows.shape}"
            )
        finite = np.isfinite(rows)
        if not finite.all():
            example, column = np.argwhere(~finite)[0].tolist()
            raise ValueError(
                f"inputs must be finite numbers, got {rows[example, column]} in input {column} of "
                f"example {example}"
            )
        most, least = rows.max(axis=0), rows.min(axis=0)
        varied = most != least
        # Measured in the largest value, nothing overflows and squares do not vanish.
        unit = np.maximum(np.abs(most.astype(np.float64)), np.abs(least.astype(np.float64)))
        unit[unit == 0] = 1.0
        mean, squares = np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
        for chunk in _chunks(rows):
            mean += (chunk / unit).sum(axis=0) / len(rows)
        for chunk in _chunks(rows):
            squares += ((chunk / unit - mean) ** 2).sum(axis=0) / len(rows)
        return cls(mean * unit, np.where(varied, np.sqrt(squares) * unit, 0.0))

    def apply(self, inputs: npt.ArrayLike, out: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:
        """Standardise inputs.

        Parameters
        ----------
        inputs : array_like, shape (n, inputs)
        out : ndarray of floats, shape (n, inputs), optional
            Where to put the result; it may be `inputs`, which need no longer be kept then.

        Returns
        -------
        ndarray, shape (n, inputs)
            `out`, or a new array: float64, or float32 for float32 inputs.

        Raises
        ------
        TypeError, ValueError
            If `inputs` is not an array of numbers of that shape, or `out` is not one of floats of
            the same. Nothing has then been written.
        """
        shape = f"(n, {len(self.mean)})"
        rows = numbers("inputs", inputs, shape)
        if rows.ndim != 2 or rows.shape[1] != len(self.mean):
            raise ValueError(f"inputs must have the shape {shape}, got {rows.shape}")
        if out is None:
            out = np.empty(rows.shape, np.float32 if rows.dtype == np.float32 else np.float64)
        else:
            _check_out(out, rows.shape)
        varied = self.deviation > 0
        divisor = np.where(varied, self.deviation, 1.0)
        # A value beyond the type becomes infinite, and is refused where it is used.
        with np.errstate(over="ignore"):
            for start in range(0, len(rows), _ROWS_AT_A_TIME):
                part = slice(start, start + _ROWS_AT_A_TIME)
                out[part] = np.where(varied, (rows[part] - self.mean) / divisor, 0.0)
        return out


def _chunks(rows: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Cut rows into views so short that a float64 copy of one is small."""
    return [rows[start : start + _ROWS_AT_A_TIME] for start in range(0, len(rows), _ROWS_AT_A_TIME)]


def _check_out(out: Any, shape: tuple[int, ...]) -> None:
    """Raise TypeError or ValueError unless the result, of this shape, can be put there."""
    expected = f"out must be a writeable array of floats of shape {shape}"
    if not isinstance(out, np.ndarray) or out.dtype.kind != "f":
        raise TypeError(f"{expected}, got {describe(out)}")
    if out.shape != shape or not out.flags.writeable:
        read_only = "" if out.flags.writeable else ", which is read-only"
        raise ValueError(f"{expected}, got {describe(out)}{read_only}")


def check_scaling(name: str, scaling: object, inputs: int) -> Scaling:
    """Check that a scaling fits a network of `inputs` inputs; return it in float64."""
    if not isinstance(scaling, Scaling):
        raise TypeError(f"{name} must be a Scaling or None, got {describe(scaling)}")
    mean = numbers(f"{name}.mean", scaling.mean, f"({inputs},)")
    deviation = numbers(f"{name}.deviation", scaling.deviation, f"({inputs},)")
    if mean.shape != (inputs,) or deviation.shape != (inputs,):
        raise ValueError(
            f"{name} must be for the network's {inputs} inputs, "
            f"got the shapes {mean.shape} and {deviation.shape}"
        )
    for part, values, least in (("mean", mean, -np.inf), ("deviation", deviation, 0.0)):
        wrong = np.flatnonzero(~(np.isfinite(values) & (values >= least)))
        if wrong.size:
            first = int(wrong[0])
            raise ValueError(
                f"{name} must hold finite numbers and no negative deviation, "
                f"got {values[first]} as {part}[{first}]"
            )
    return Scaling(mean.astype(np.float64), deviation.astype(np.float64))
