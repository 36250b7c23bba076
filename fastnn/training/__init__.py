"""A training run: its options, its epochs, what is measured after each, and checkpoints.

From the bottom up:

- `option_checks`: the checks that no other argument needs.
- `options`: the options of `SGD`, each declared once.
- `checked_options`: the options of a call, each checked alone and all together.
- `sample_weight`: how much each example counts.
- `callers_data`: the caller's own data, for what a user's functions are called with.
- `run_data`: the examples of a run.
- `python_trainer`: epochs whose steps are a user's own.
- `monitors`: what is measured after every epoch.
- `bursts`: several short epochs at a stretch.
- `stopping`: when a run stops by itself, and which epoch was the best.
- `recorded`: what a history must hold for a run to go on, and for a checkpoint.
- `progress`: what a run shows while it goes on.
- `overrides`: what a run has to call in Python.
- `shown_meanwhile`: what a cost in Python may look at within an epoch.
- `measurements`: what is measured before each epoch and after it.
- `whole_epochs`: an epoch that does not come to its end is undone.
- `run`: one training run, from epoch to epoch.
- `repeats`: a short call of `SGD` like the one before.
- `stored_runs`: what the file of a checkpoint holds, read and checked.
- `checkpoints`: the state of a run, written to a file.
- `resuming`: go on from a checkpoint.
"""
