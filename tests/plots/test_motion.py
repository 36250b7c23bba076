"""Moving pictures of how fast each neuron learns: their files, their frames and their scale."""

import shutil

import numpy as np
import pytest
from refusals import assert_refused

from fastnn import plots

pytest.importorskip("matplotlib")
Image = pytest.importorskip("PIL.Image")


def gradients(frames=4, seed=1):
    """dC/db of two hidden layers and the outputs, which become smaller from frame to frame."""
    rng = np.random.default_rng(seed)
    first = [rng.uniform(0.5, 1, (n, 1)) for n in (5, 4, 3)]
    return [[layer / 2**frame for layer in first] for frame in range(frames)]


def red_pixels(image):
    """How many pixels have the colour of bars."""
    red, green, blue = np.moveaxis(np.asarray(image.convert("RGB"), int), -1, 0)
    return int(np.sum((red > 190) & (green < 120) & (blue < 60)))


def test_a_gif_has_a_frame_for_each_epoch(tmp_path):
    path = plots.animate(gradients(), tmp_path / "bars.gif", frames_per_second=10)
    with Image.open(path) as moving:
        assert moving.n_frames == 4
        assert moving.info["duration"] == 100


def test_one_scale_holds_for_all_frames(tmp_path):
    path = plots.animate(gradients(3), tmp_path / "bars.gif")
    counts = []
    with Image.open(path) as moving:
        for frame in range(3):
            moving.seek(frame)
            counts.append(red_pixels(moving))
    assert counts[0] > 1.2 * counts[1] > 1.3 * counts[2]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_an_mp4_is_written_by_ffmpeg(tmp_path):
    path = plots.animate(gradients(), tmp_path / "bars.mp4")
    assert path.read_bytes()[4:8] == b"ftyp"


@pytest.mark.skipif(shutil.which("ffmpeg") is not None, reason="ffmpeg is installed")
def test_a_missing_program_is_named(tmp_path):
    assert_refused(
        lambda: plots.animate(gradients(), tmp_path / "bars.mp4"), ValueError, "filename", "ffmpeg"
    )


@pytest.mark.parametrize(
    ("frames", "options", "words"),
    [
        ([], {}, ["gradients", "one or more"]),
        ([*gradients(1), [np.ones((2, 1)), np.ones((1, 1))]], {}, ["gradients", "one network"]),
        (gradients(1), {"neurons": 0}, ["neurons", "0"]),
        (gradients(1), {"frames_per_second": 0}, ["frames_per_second", "0"]),
        ([[np.ones((2, 1))]], {}, ["nabla_b", "hidden"]),
    ],
    ids=["none", "other layers", "no neurons", "no speed", "no hidden layer"],
)
def test_what_cannot_move_is_refused_and_nothing_is_written(tmp_path, frames, options, words):
    path = tmp_path / "bars.gif"
    assert_refused(lambda: plots.animate(frames, path, **options), ValueError, *words)
    assert not path.exists()


def test_another_ending_is_refused(tmp_path):
    assert_refused(
        lambda: plots.animate(gradients(), tmp_path / "bars.avi"), ValueError, "filename", ".gif"
    )
