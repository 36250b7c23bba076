"""What figures are drawn on."""

import pytest


@pytest.fixture
def ax():
    from matplotlib.figure import Figure

    return Figure().add_subplot()
