"""Numbers as people write them, on pages and in figures."""

from __future__ import annotations

import math


def written(value: float, digits: int | None = None) -> str:
    """Write a number as people do: 96.52, −0.013, 2.5 × 10⁻⁷.

    Parameters
    ----------
    value : float
    digits : int, optional
        Decimal places; by default, so many that there are three significant digits. So it is, too,
        where nothing but zeros would be left of a number.
    """
    if not math.isfinite(value):
        return str(value).replace("-inf", "−∞").replace("inf", "∞")
    size = abs(value)
    if size and (size < 1e-3 or size >= 1e6):
        mantissa, _, power = f"{value:.1e}".partition("e")
        return f"{mantissa} × 10{superscript(int(power))}".replace("-", "−")
    if digits is None or (size and float(f"{size:.{digits}f}") == 0):
        places = max(0, 2 - math.floor(math.log10(size))) if size else 0
        text = f"{value:,.{places}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{value:,.{digits}f}"
    return text.replace("-", "−")


def subscript(number: int) -> str:
    """Write a number below the line: ₁₂."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def superscript(number: int) -> str:
    """Write a number above the line: ⁻¹²."""
    return str(number).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
