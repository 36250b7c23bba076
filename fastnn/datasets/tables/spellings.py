"""Texts that mean the same, though programs spell them otherwise: True and true, 1.0 and 1.

Where there are but two, True and False mean the same as 1 and 0.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

_WHOLE = re.compile(r"(?:\+|(?P<minus>-))?(?P<digits>\d+)(?:\.0*)?$")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d{1,2})?$")
_LARGEST = 2.0**53  # below which a float tells whole numbers apart
_SHOWN = 3  # pairs that a message names
_TRUTHS = {"true": "1", "false": "0", "1": "true", "0": "false"}


def differ_slightly(texts: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the pairs of texts that a slip may have made different, by what they differ in."""
    seen: dict[str, str] = {}
    pairs: dict[str, list[tuple[str, str]]] = {}
    for text in texts:
        plain = unicodedata.normalize("NFC", text)
        other = seen.setdefault(" ".join(plain.lower().split()), text)
        if other != text:
            composed = unicodedata.normalize("NFC", other)
            capitals = "".join(composed.split()) != "".join(plain.split())
            what = "capitals" if capitals else "blanks"
            if composed == plain:
                what = "the codes of their accents"
            pairs.setdefault(what, []).append((other, text))
    return pairs


def told_of_pairs(pairs: Sequence[tuple[str, str]], shown: Callable[[str], str]) -> str:
    """Name the first of some pairs in a message, each text as `shown` writes it."""
    named = [f"{shown(one)} and {shown(other)}" for one, other in pairs[:_SHOWN]]
    return ", ".join(named) + (", ..." if len(pairs) > _SHOWN else "")


def places_of(texts: Sequence[str], known: Sequence[str], typed: bool) -> list[int]:
    """Return the place of each text among those that are known, -1 where it is not.

    A text that is spelled otherwise counts as known if it means the same as exactly one of them.

    Parameters
    ----------
    texts, known : sequence of str
    typed : bool
        Whether the texts were numbers and booleans before, so that 1.1 may be what is left of
        1.10. In a text file these are others, while 2134 may be what Excel leaves of 02134.
    """
    places = {text: place for place, text in enumerate(known)}
    if all(text in places for text in texts):
        return [places[text] for text in texts]
    meant: dict[str, int] = {}
    for text, place in places.items():
        meaning = _meaning(text, typed)
        if meaning is not None:
            meant[meaning] = place if meaning not in meant else -1  # two of them: which is it?
    if len(places) == 2 and set(meant) in ({"true", "false"}, {"0", "1"}):
        meant |= {_TRUTHS[each]: place for each, place in meant.items()}
    return [places.get(text, meant.get(_meaning(text, typed) or "", -1)) for text in texts]


def _meaning(text: str, typed: bool) -> str | None:
    """Return one spelling for all texts that mean the same; None if it is no more than a text."""
    if text.lower() in ("true", "false"):
        return text.lower()
    if not typed:
        found = _WHOLE.match(text)
        if found is None:
            return None
        digits = found["digits"].lstrip("0")  # int() reads no more than some thousand
        return (found["minus"] or "") + digits if digits else "0"
    if not _NUMBER.match(text):
        return None
    number = float(text) + 0.0  # -0 is 0
    return f"{number:.17g}" if abs(number) < _LARGEST else None
