"""The scaling as a module of PyTorch: what it computes, and that it goes where modules go."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest
from builders import seeded_network

import fastnn
from fastnn import network2
from fastnn.scaling import Scaling

torch = pytest.importorskip("torch")

INPUTS = np.random.default_rng(2).standard_normal((20, 3)) * [1.0, 50.0, 0.0] + [0.1, 4e5, 7.0]
SCALING = Scaling.of(INPUTS)  # the third input never varies


def module(dtype="float64"):
    net = seeded_network(network2, [3, 4, 2], dtype=dtype)
    net.scaling = SCALING
    return net.to_torch()


def test_inputs_are_standardised_and_what_never_varied_is_0():
    got = module()[0](torch.tensor(INPUTS)).numpy()
    np.testing.assert_allclose(got, SCALING.apply(INPUTS), rtol=0, atol=1e-15)
    changed = torch.tensor(INPUTS + 1.0)
    assert (module()[0](changed)[:, 2] == 0).all()


def test_in_float32_a_mean_keeps_more_digits_than_float32_has():
    got = module("float32")[0].scaling()
    np.testing.assert_allclose(got.mean, SCALING.mean, rtol=1e-13)
    np.testing.assert_allclose(got.deviation, SCALING.deviation, rtol=1e-7)


def test_training_a_module_leaves_its_scaling_as_it_was():
    trained = module()
    before = copy.deepcopy(trained[0].state_dict())
    trained.train()
    trained(torch.tensor(INPUTS)).sum().backward()
    torch.optim.SGD(trained.parameters(), lr=0.5).step()
    assert len(list(trained.parameters())) == 4  # of two layers
    for name, values in trained[0].state_dict().items():
        assert torch.equal(values, before[name])


def test_a_module_is_stored_with_its_scaling():
    stored = io.BytesIO()
    torch.save(module().state_dict(), stored)
    stored.seek(0)
    other = module()
    for values in other.state_dict().values():
        values.zero_()
    other.load_state_dict(torch.load(stored))
    for made in (other, copy.deepcopy(module())):
        with torch.no_grad():
            assert torch.equal(made(torch.tensor(INPUTS)), module()(torch.tensor(INPUTS)))


def test_its_text_says_how_many_inputs_there_are():
    assert repr(module()[0]) == "Standardise(inputs=3)"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda part: part.__init__(*np.ones((3, 2))), "for the network's 3 inputs"),
        (lambda part: part.mean.fill_(np.nan), "hold finite numbers"),
        (lambda part: part.deviation.fill_(-1.0), "no negative deviation"),
    ],
)
def test_a_scaling_that_somebody_broke_is_refused(broken, message):
    changed = module()
    broken(changed[0])
    with pytest.raises(ValueError, match=rf"^the Standardise of module must .*{message}"):
        fastnn.from_torch(changed)


def test_a_scaling_behind_a_layer_is_refused():
    first, *others = module()
    with pytest.raises(ValueError, match="got Standardise"):
        fastnn.from_torch(torch.nn.Sequential(*others, first))
