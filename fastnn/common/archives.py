"""Zip archives in streams that their users open and close; Ctrl-C leaves these in order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


class Archive(zipfile.ZipFile):
    """An archive over a stream that is somebody else's, so that there is nothing to clean up.

    Python's own is closed whatever happens. Interrupted within a member, it then says that this
    cannot be done, in the place of KeyboardInterrupt and once more as it is deleted.
    """

    def __exit__(self, kind: Any, problem: Any, traceback: Any) -> None:
        """Close an archive that is whole; one that is not is of no use."""
        if kind is None:
            self.close()

    def __del__(self) -> None:
        """Leave the stream as it is."""


def npz_content(arrays: Mapping[str, npt.ArrayLike]) -> bytes:
    """Return the bytes of a file that `numpy.savez` would write, without pickled objects.

    Raises
    ------
    ValueError
        If an array holds objects.
    """
    content = io.BytesIO()
    with Archive(content, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
    return content.getvalue()
