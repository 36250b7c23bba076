"""The experiments of the book's chapter 5, *Why are deep neural networks hard to train?*

Each is a module with a function ``run(seeds, ...)`` that returns plain arrays. `EXPERIMENTS` lists
them in the chapter's order; ``fastnn chapter5`` runs them and writes a report.

Besides the experiments, from the bottom up:

- `networks`: the chapter's networks and images.
- `claims`: what the chapter claims, and the rules that judge it.
- `page`: rows, figures and sections of the report.
- `experiment`: what an experiment consists of.
- `single_neurons`: networks of one neuron per layer.
- `gates`: logic circuits for the parity of bits.
- `obstacle_settings`: what differs between the networks of `obstacles`.
- `workers`: where the seeds of an experiment run.
- `results`: experiments run, and their results collected.
- `report`: the page with all results.
- `live`: the page on which one sees a network learn; it has a list of its own.
"""

from fastnn.chapter5 import (
    chain,
    circuits,
    depth,
    exploding,
    first_layer,
    initial_gradient,
    initial_speeds,
    input_range,
    mini_batches,
    obstacles,
    sigmoid_prime,
    training_speeds,
    unstable,
    vanishing,
)
from fastnn.chapter5.experiment import Experiment

__all__ = ["EXPERIMENTS", "Experiment"]

EXPERIMENTS: dict[str, Experiment] = {
    "circuits": circuits.EXPERIMENT,
    "depth": depth.EXPERIMENT,
    "initial-gradient": initial_gradient.EXPERIMENT,
    "initial-speeds": initial_speeds.EXPERIMENT,
    "training-speeds": training_speeds.EXPERIMENT,
    "mini-batches": mini_batches.EXPERIMENT,
    "first-layer": first_layer.EXPERIMENT,
    "chain": chain.EXPERIMENT,
    "sigmoid-prime": sigmoid_prime.EXPERIMENT,
    "vanishing": vanishing.EXPERIMENT,
    "exploding": exploding.EXPERIMENT,
    "range": input_range.EXPERIMENT,
    "unstable": unstable.EXPERIMENT,
    "obstacles": obstacles.EXPERIMENT,
}
"""Every experiment, by its name on the command line."""
