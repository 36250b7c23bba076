"""What a visitor may choose, and the Python that does the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastnn.common import checks
from fastnn.model.initialisers import INITIALISERS

IMAGES = 1000
"""How many images to train on, and how many others to count right answers on."""

DEEPEST = 8
WIDEST = 100

CHOICES: Mapping[str, tuple[Any, ...]] = {
    "activation": ("sigmoid", "tanh", "relu"),
    "initializer": tuple(INITIALISERS),
    "optimizer": ("sgd", "nesterov", "adam"),
    "eta": (
        *(0.0001, 0.0003, 0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
        *(1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0),
    ),
    "lmbda": (0.0, 0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0),
    "momentum": (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99),
    "mini_batch_size": (1, 10, 32, 100, IMAGES),
    "epochs": (50, 100, 200, 500, 1000, 2000),
}
"""The values on offer, by the name of the setting. Those of `depth` and `width` are a range."""


@dataclass(frozen=True)
class Settings:
    """All that a run depends on: the chapter's experiment, unless something else is chosen.

    Attributes
    ----------
    depth, width : int
        How many hidden layers there are, and neurons in each.
    activation, initializer : str
        As for `Network`.
    optimizer : {"sgd", "nesterov", "adam"}
        "nesterov" is "sgd" with the momentum of Nesterov.
    eta, lmbda, momentum : float
        As for `SGD`.
    mini_batch_size, epochs : int
        As for `SGD`; mini-batches of `IMAGES` are full batches.
    seed : int
        Of the initial values and of the orders.

    Raises
    ------
    TypeError, ValueError
        If a value is wrong, or momentum and optimiser do not go together.
    """

    depth: int = 4
    width: int = 30
    activation: str = "sigmoid"
    initializer: str = "default"
    optimizer: str = "sgd"
    eta: float = 0.1
    lmbda: float = 5.0
    momentum: float = 0.0
    mini_batch_size: int = IMAGES
    epochs: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every value."""
        for name, most in (("depth", DEEPEST), ("width", WIDEST)):
            checks.integer_within(name, getattr(self, name), 1, most)
        for name in ("activation", "initializer", "optimizer"):
            if getattr(self, name) not in CHOICES[name]:
                names, got = ", ".join(CHOICES[name]), checks.describe(getattr(self, name))
                raise ValueError(f"{name} must be one of {names}, got {got}")
        for name in ("mini_batch_size", "epochs"):
            checks.integer(name, getattr(self, name), smallest=1)
        checks.check_seed("seed", self.seed)
        checks.real("eta", self.eta)
        checks.real("lmbda", self.lmbda)
        checks.fraction("momentum", self.momentum)
        if self.optimizer == "nesterov" and self.momentum == 0.0:
            raise ValueError("Nesterov's optimizer needs a momentum above 0, got 0")
        if self.optimizer == "adam" and self.momentum != 0.0:
            raise ValueError(f"Adam takes no momentum, got {self.momentum:g}")

    @property
    def sizes(self) -> list[int]:
        """The neurons of each layer, for images of 784 pixels and ten digits."""
        return [784, *[self.width] * self.depth, 10]

    def of_network(self) -> dict[str, Any]:
        """Return the arguments of `Network` by their names."""
        chosen: dict[str, Any] = {"sizes": self.sizes, "seed": self.seed}
        if self.activation != "sigmoid":
            chosen["activation"] = self.activation
        if self.initializer != "default":
            chosen["initializer"] = self.initializer
        return chosen

    def of_sgd(self) -> dict[str, Any]:
        """Return the arguments of `SGD` that say how to train, by their names."""
        chosen: dict[str, Any] = {
            "epochs": self.epochs,
            "mini_batch_size": self.mini_batch_size,
            "eta": self.eta,
            "lmbda": self.lmbda,
            "seed": self.seed,
        }
        if self.optimizer == "adam":
            chosen["optimizer"] = "adam"
        if self.optimizer == "nesterov":
            chosen["nesterov"] = True
        if self.momentum:
            chosen["momentum"] = self.momentum
        return chosen

    def summary(self) -> str:
        """Say in a line what was chosen."""
        parts = [
            f"{self.sizes}",
            self.activation,
            f"weights {self.initializer}",
            self.optimizer,
            f"eta {self.eta:g}",
            f"lambda {self.lmbda:g}",
            *([f"momentum {self.momentum:g}"] if self.momentum else []),
            "full batch" if self.mini_batch_size >= IMAGES else f"batch {self.mini_batch_size}",
            f"seed {self.seed}",
        ]
        return ", ".join(parts)

    def code(self) -> str:
        """Return the script that trains the same network to the same numbers."""
        return "\n".join(
            [
                "from fastnn import Network, mnist_loader",
                "",
                "training_data, validation_data, _ = mnist_loader.load_data_wrapper()",
                f"net = Network({_written(self.of_network())})",
                "history = net.SGD(",
                f"    training_data[:{IMAGES}],",
                *(f"    {name}={value!r}," for name, value in self.of_sgd().items()),
                f"    evaluation_data=validation_data[:{IMAGES}],",
                "    monitor_evaluation_accuracy=True,",
                "    monitor_training_cost=True,",
                "    monitor_training_accuracy=True,",
                "    monitor_layer_speeds=True,",
                "    verbose=False,",
                ")",
                "print(history.layer_speeds[-1], history.training_cost[-1])",
                "",
            ]
        )


def _written(arguments: Mapping[str, Any]) -> str:
    """Write keyword arguments as Python does, the sizes without their name."""
    return ", ".join(
        f"{value!r}" if name == "sizes" else f"{name}={value!r}"
        for name, value in arguments.items()
    )
