"""What differs between the networks whose obstacles are measured, and what readers call it."""

from __future__ import annotations

from typing import NamedTuple

ACTIVATIONS = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU"}
"""Activations: `Network`'s names for them, and the names that readers see."""
INITIALIZERS = {
    "large": "N(0, 1)",
    "default": "N(0, 1)/√fan-in",
    "glorot": "Glorot and Bengio",
    "he": "He et al.",
}
"""Ways to draw the weights, by the same two names."""
ETA = 0.1
MOMENTA = (0.5, 0.9)


class Setting(NamedTuple):
    """What differs from the chapter's network with four hidden layers."""

    activation: str = "sigmoid"
    initializer: str = "default"
    momentum: float = 0.0
    eta: float = ETA

    @property
    def name(self) -> str:
        """What readers see."""
        if self.momentum:
            return f"momentum {self.momentum:g}, η = {self.eta:g}"
        return f"{ACTIVATIONS[self.activation]}, {INITIALIZERS[self.initializer]}"


SETTINGS = [Setting(activation, name) for activation in ACTIVATIONS for name in INITIALIZERS]
# Momentum m makes steps 1/(1 - m) times as long: once with the chapter's eta, once adapted to that.
WITH_MOMENTUM = [
    Setting(),
    *(Setting(momentum=m, eta=eta) for m in MOMENTA for eta in (ETA, round(ETA * (1 - m), 6))),
]
