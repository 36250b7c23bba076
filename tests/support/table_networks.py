"""Networks that know the columns of a table, without training, and what they see of later files."""

import numpy as np

import fastnn
from fastnn.datasets.opening import Opened
from fastnn.datasets.tables.frames import ReadingOptions
from fastnn.own_data import file_for, read_labelled_table

SHAPES = ["shape,colour,label", *["big,red,A", "small,blue,B", "big,blue,A"] * 9]


def network_of(table, seed=1, **how):
    """A network for a table, a file or a DataFrame, that is read as `read_labelled_table` does."""
    labelled = read_labelled_table(table, **how)
    columns = labelled.learn()
    regression = {"cost": fastnn.QuadraticCost, "output": "identity"}
    sizes = [columns.total, 3, len(labelled.classes) or 1]
    net = fastnn.Network(sizes, seed=seed, **({} if labelled.classes else regression))
    net.columns, net.labels = columns, labelled.classes or None
    net.scaling = columns.scaling(labelled.examples(columns).inputs)
    return net


def stored(net, path):
    """The network as it is after saving."""
    net.save(path)
    return fastnn.load(path)


def seen_by(net, table, **options):
    """The inputs that a network is given for a later table, and what is said of it."""
    file = file_for(net, Opened(table), None, ReadingOptions(**options))
    inputs = np.concatenate([block.inputs for block in file.blocks()])
    return inputs, file
