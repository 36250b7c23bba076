"""Small data for tests of the program, and what its errors have in common."""

import numpy as np
from builders import arrays, digits

import fastnn

SMALL = ["--sizes", "784,8,10", "--epochs", "2", "--seed", "1"]
TIMES = (
    r"Time: loading \d+\.\d\d s, compiling \d+\.\d\d s, "
    r"training \d+\.\d\d s, evaluating \d+\.\d\d s"
)
ACCURACY = r"Accuracy on validation data: (\d+\.\d\d)% \(best (\d+\.\d\d)%, epoch (\d+)\)"


def small_mnist():
    """Training, validation and test data as `load_data_wrapper` gives them, but 60, 40 and 30."""
    rows, labels = arrays(digits(130, 784, 10, seed=1))
    grey = np.round(rows * 256).astype(np.uint8)
    return (
        fastnn.Dataset(grey[:60], labels[:60], classes=10, scale=1 / 256),
        fastnn.Dataset(grey[60:100], labels[60:100], scale=1 / 256),
        fastnn.Dataset(grey[100:], labels[100:], scale=1 / 256),
    )


def tiny_mnist():
    """The same of 60, 40 and the same 40 examples, with 20 inputs and 3 classes."""
    data = fastnn.Dataset.from_pairs(digits(100, 20, 3, seed=1))
    return data[:60], data[60:], data[60:]


def assert_one_line_of_error(result, *words):
    """Check that the program printed nothing but one line, on stderr, with each of the words."""
    status, out, err = result
    assert (status, out) == (1, [])
    assert len(err) == 1
    assert err[0].startswith("fastnn: ")
    assert [word for word in words if word not in err[0]] == []
