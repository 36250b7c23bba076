"""Write digit data into the usual files: npz, the book's pickle, folders of IDX files."""

import gzip
import struct

import numpy as np

NAMES = ("training", "validation", "test")


def small_splits():
    """Three small splits of bytes: 12, 4 and 5 images of 2 x 3 pixels."""
    rng = np.random.default_rng(1)
    return [
        (rng.integers(0, 256, (n, 6), dtype=np.uint8), rng.integers(0, 10, n).astype(np.int64))
        for n in (12, 4, 5)
    ]


def as_floats(splits):
    return tuple((images / np.float32(256), labels) for images, labels in splits)


def save_npz(path, splits):
    arrays = {}
    for name, (images, labels) in zip(NAMES, splits, strict=True):
        arrays[f"{name}_images"], arrays[f"{name}_labels"] = images, labels
    np.savez_compressed(path, **arrays)
    return path


def save_gz(path, content):
    path.write_bytes(gzip.compress(content))
    return path


def python2_pickle(splits):
    """Write what Python 2 wrote: protocol 2, data in 8-bit strings."""

    def array(values, code):
        sizes = b"".join(b"J" + struct.pack("<i", n) for n in values.shape)
        raw = values.tobytes()
        return b"".join(
            [
                b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R",
                b"(K\x01(" + sizes + b"tcnumpy\ndtype\nU\x02" + code + b"K\x00K\x01\x87R",
                b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89",
                b"T" + struct.pack("<i", len(raw)) + raw + b"tb",
            ]
        )

    pairs = [array(x.astype("<f4"), b"f4") + array(y, b"i8") + b"\x86" for x, y in splits]
    return b"\x80\x02" + b"".join(pairs) + b"\x87."


def idx(array):
    head = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


def save_idx_folder(folder, train, test, zipped=False):
    folder.mkdir()
    for prefix, (images, labels) in (("train", train), ("t10k", test)):
        for kind, array in (
            ("images-idx3", images.reshape(-1, 2, 3)),
            ("labels-idx1", labels.astype(np.uint8)),
        ):
            content = idx(array)
            name = f"{prefix}-{kind}-ubyte"
            if zipped:
                save_gz(folder / f"{name}.gz", content)
            else:
                (folder / name).write_bytes(content)
    return folder
