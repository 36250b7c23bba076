"""What may be chosen on the live page, and the Python that is shown for it."""

import dataclasses

import pytest

from fastnn.chapter5.live.settings import CHOICES, DEEPEST, IMAGES, WIDEST, Settings


def test_the_first_choice_is_the_chapters_experiment():
    settings = Settings()
    assert settings.sizes == [784, 30, 30, 30, 30, 10]
    assert settings.of_network() == {"sizes": settings.sizes, "seed": 0}
    assert settings.of_sgd() == {
        **{"epochs": 500, "mini_batch_size": 1000, "eta": 0.1, "lmbda": 5.0, "seed": 0}
    }


@pytest.mark.parametrize("name", CHOICES)
def test_every_value_on_offer_can_be_chosen_and_is_written_into_the_code(name):
    for value in CHOICES[name]:
        others = {"momentum": 0.5} if value == "nesterov" else {}
        settings = Settings(**{name: value, **others})
        compile(settings.code(), "the page", "exec")
        if value != getattr(Settings(), name):
            assert settings.code() != Settings().code()
            assert settings.summary() != Settings().summary() or name == "epochs"


@pytest.mark.parametrize(("depth", "width"), [(1, 1), (DEEPEST, WIDEST)])
def test_depth_and_width_are_those_of_the_hidden_layers(depth, width):
    assert Settings(depth=depth, width=width).sizes == [784, *[width] * depth, 10]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        ({"depth": 0}, ValueError, "depth must be an integer of at least 1, got 0"),
        ({"depth": 9}, ValueError, "depth must be at most 8, got 9"),
        ({"depth": 2.5}, TypeError, "depth must be an integer"),
        ({"width": 101}, ValueError, "width must be at most 100, got 101"),
        ({"activation": "step"}, ValueError, "activation must be one of sigmoid, tanh, relu"),
        ({"initializer": None}, ValueError, "initializer must be one of default, large"),
        ({"optimizer": "newton"}, ValueError, "optimizer must be one of sgd, nesterov, adam"),
        ({"eta": float("nan")}, ValueError, "eta must be a finite number"),
        ({"lmbda": "5"}, TypeError, "lmbda must be a finite number"),
        ({"momentum": 1.0}, ValueError, "momentum must be at least 0 and below 1"),
        ({"mini_batch_size": 0}, ValueError, "mini_batch_size must be an integer"),
        ({"epochs": 0}, ValueError, "epochs must be an integer of at least 1"),
        ({"seed": -1}, ValueError, "seed must be an integer of at least 0"),
        ({"seed": None}, TypeError, "seed must be an integer"),
        ({"optimizer": "nesterov"}, ValueError, "needs a momentum above 0"),
        ({"optimizer": "adam", "momentum": 0.5}, ValueError, "Adam takes no momentum, got 0.5"),
    ],
)
def test_what_is_wrong_is_refused_by_name(wrong, error, words):
    with pytest.raises(error, match=words.replace("(", r"\(")):
        Settings(**wrong)


def test_settings_cannot_be_changed_under_a_run():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().eta = 1.0


def test_full_batches_are_all_images():
    assert "full batch" in Settings(mini_batch_size=IMAGES).summary()
    assert "batch 10" in Settings(mini_batch_size=10).summary()
