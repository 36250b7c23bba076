"""Networks from and to PyTorch, and to ONNX: the same outputs on both sides."""

from __future__ import annotations

import json

import numpy as np
import pytest
from builders import Softplus, assert_same_bits, parameters, seeded_network

import fastnn
from fastnn import network2
from fastnn.datasets.tables.columns import Column, Columns
from fastnn.model.activations import HIDDEN, OUTPUT
from fastnn.model.costs import usual_cost
from fastnn.scaling import Scaling

INPUTS = np.random.default_rng(1).standard_normal((40, 6)) * 3 + 1

SIZES = [6, *[5] * len(HIDDEN), 3]  # each hidden layer has another activation
TOLERANCES = {np.float64: 1e-12, np.float32: 1e-6}


def network(output, dtype=np.float64, **attributes):
    options = {"dtype": dtype, "activation": list(HIDDEN), "output": output}
    net = seeded_network(network2, SIZES, usual_cost(output), 2, **options)
    for attribute, value in attributes.items():
        setattr(net, attribute, value)
    return net


@pytest.fixture(params=[None, Scaling.of(INPUTS[:, [0, 1, 2, 3, 4, 4]])], ids=["", "scaling"])
def scaling(request):
    return request.param


every_output = pytest.mark.parametrize("output", OUTPUT)
every_output_of_pytorch = pytest.mark.parametrize("output", sorted(set(OUTPUT) - {"exponential"}))
both_types = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def regression(dtype):
    """A network that was trained on a table's targets, around 1,000."""
    columns = Columns(
        tuple(Column(f"x{place}", place) for place in range(6)),
        *(True, 7, "price"),
        task="regression",
        mean=1000.0,
        deviation=200.0,
    )
    net = seeded_network(network2, [6, 5, 1], "QuadraticCost", output="identity", dtype=dtype)
    net.columns, net.scaling = columns, Scaling.of(INPUTS)
    return net


# PyTorch --------------------------------------------------------------------------------------


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def outputs_of(torch, module, inputs=INPUTS):
    with torch.no_grad():
        return module(torch.tensor(inputs, dtype=next(module.parameters()).dtype)).numpy()


@both_types
@every_output_of_pytorch
def test_a_module_of_pytorch_gives_the_outputs_of_the_network(output, dtype, scaling, torch):
    net = network(output, dtype, scaling=scaling, labels=["a", "b", "c"])
    module = net.to_torch()
    got = outputs_of(torch, module)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, net.outputs(INPUTS), rtol=0, atol=10 * TOLERANCES[dtype])
    assert module.labels == ["a", "b", "c"]


@both_types
@every_output_of_pytorch
def test_there_and_back_a_network_keeps_every_bit(output, dtype, torch):
    net = network(output, dtype, labels=[3, 1, 2])
    back = fastnn.from_torch(net.to_torch())
    assert_same_bits(back, net)
    assert (back.activations, back.labels, back.cost) == (net.activations, net.labels, net.cost)
    assert not any(
        np.shares_memory(a, b) for a, b in zip(parameters(net), parameters(back), strict=True)
    )


@both_types
@pytest.mark.parametrize("mean", [1e2, 1e4, 1e6])
def test_a_module_of_pytorch_keeps_its_digits_where_inputs_have_large_means(dtype, mean, torch):
    inputs = (INPUTS + mean / 3).astype(dtype)
    net = network("sigmoid", dtype, scaling=Scaling.of(inputs))
    got = outputs_of(torch, net.to_torch(), inputs)
    np.testing.assert_allclose(got, net.outputs(inputs), rtol=0, atol=TOLERANCES[dtype])


@both_types
def test_there_and_back_a_network_keeps_its_scaling(dtype, scaling, torch):
    net = network("softmax", dtype, scaling=scaling)
    back = fastnn.from_torch(net.to_torch())
    assert_same_bits(back, net)
    assert (back.scaling is None) == (scaling is None)
    for got, wanted in zip(back.scaling or (), scaling or (), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=np.finfo(dtype).eps)
    np.testing.assert_allclose(back.outputs(INPUTS), net.outputs(INPUTS), atol=TOLERANCES[dtype])


@both_types
def test_a_module_of_pytorch_estimates_in_the_units_of_the_targets(dtype, torch):
    net = regression(dtype)
    module = net.to_torch()
    np.testing.assert_allclose(
        outputs_of(torch, module)[:, 0], net.predict(INPUTS), rtol=TOLERANCES[dtype]
    )
    with pytest.raises(ValueError, match=r"a network has with its columns: give module\[:-1\]"):
        fastnn.from_torch(module)
    assert_same_bits(fastnn.from_torch(module[:-1]), net)
    net.predict = net.outputs  # which tells no units
    for give_away in (net.to_torch, lambda: net.to_onnx("net.onnx")):
        with pytest.raises(ValueError, match=r"Network\.predict is overridden"):
            give_away()
    net.columns = net.columns._replace(task="classification")  # whose columns are inputs alone
    np.testing.assert_allclose(
        outputs_of(torch, net.to_torch()), net.outputs(INPUTS), atol=10 * TOLERANCES[dtype]
    )


def test_a_module_with_layers_that_do_nothing_when_predicting_is_taken(torch):
    torch.manual_seed(3)
    nn = torch.nn
    inner = nn.Sequential(nn.Linear(6, 4, bias=False), nn.Tanh(), nn.Dropout(0.5))
    module = nn.Sequential(nn.Flatten(), inner, nn.Identity(), nn.Linear(4, 2), nn.Softmax(-1))
    net = fastnn.from_torch(module.eval())
    assert net.dtype == np.float32
    assert net.activations == ["tanh", "softmax"]
    np.testing.assert_allclose(net.outputs(INPUTS), outputs_of(torch, module), atol=1e-6)


def test_a_module_of_pytorch_goes_on_learning_from_the_network(torch):
    net = network("softmax")
    before = [array.copy() for array in parameters(net)]
    module = net.to_torch()
    module(torch.tensor(INPUTS)).log().sum().backward()
    assert all(parameter.grad is not None for parameter in module.parameters())
    torch.optim.SGD(module.parameters(), lr=0.1).step()
    for array, kept in zip(parameters(net), before, strict=True):
        np.testing.assert_array_equal(array, kept)


def wrong_modules(nn):
    return {
        "no activation between": nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2)),
        "nothing": nn.Sequential(nn.ReLU()),
        "empty": nn.Sequential(),
        "convolution": nn.Sequential(nn.Conv1d(1, 1, 1), nn.Linear(2, 2)),
        "unknown activation": nn.Sequential(nn.Linear(2, 2), nn.GELU(), nn.Linear(2, 1)),
        "two activations": nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Tanh()),
        "softmax over examples": nn.Sequential(nn.Linear(2, 2), nn.Softmax(0)),
        "softmax inside": nn.Sequential(nn.Linear(2, 2), nn.Softmax(1), nn.Linear(2, 1)),
        "tanh outputs": nn.Sequential(nn.Linear(2, 2), nn.Tanh()),
        "layers that do not fit": nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(2, 1)),
    }


@pytest.mark.parametrize(
    "which",
    [
        *("no activation between", "nothing", "empty", "convolution", "unknown activation"),
        *("two activations", "softmax over examples", "softmax inside", "tanh outputs"),
        "layers that do not fit",
    ],
)
def test_a_module_that_is_no_such_network_is_refused(which, torch):
    with pytest.raises(ValueError, match=r"^module"):
        fastnn.from_torch(wrong_modules(torch.nn)[which])


def test_a_refusal_names_the_modules_that_are_taken(torch):
    words = "each followed by Sigmoid, Tanh, ReLU or, at the end, Softmax; got GELU"
    with pytest.raises(ValueError, match=words):
        fastnn.from_torch(wrong_modules(torch.nn)["unknown activation"])


def changed_modules(nn):
    def normalised(normalise):
        return nn.Sequential(normalise(nn.Linear(2, 2)), nn.Sigmoid())

    def patched(change):
        made = nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(2, 2), nn.Sigmoid()))
        change(made)
        return made

    def nothing(*arguments):
        """Stand for a hook."""

    return {
        "spectral_norm": (normalised(nn.utils.spectral_norm), r"module\[0\] .* pre-hook"),
        "pruned": (
            normalised(lambda part: nn.utils.prune.l1_unstructured(part, "weight", 1)),
            r"module\[0\] .* this Linear has a forward pre-hook",
        ),
        "hook": (patched(lambda m: m[0].register_forward_hook(nothing)), r"module\[0\] .* hook"),
        "hook of the whole": (patched(lambda m: m.register_forward_hook(nothing)), "module must"),
        "pre-hook inside": (
            patched(lambda m: m[1].register_forward_pre_hook(nothing)),
            r"module\[1\] .* this Sequential has a forward pre-hook",
        ),
        "forward": (
            patched(lambda m: setattr(m[1][0], "forward", nothing)),
            r"module\[1\]\[0\] .* this Linear has a forward of its own",
        ),
        "forward of the whole": (patched(lambda m: setattr(m, "forward", nothing)), "module must"),
    }


# PyTorch has a newer spectral_norm, which makes a class of its own for each layer.
@pytest.mark.filterwarnings("ignore:.*spectral_norm.*:FutureWarning")
@pytest.mark.parametrize(
    "which",
    [
        *("spectral_norm", "pruned", "hook", "hook of the whole", "pre-hook inside", "forward"),
        "forward of the whole",
    ],
)
def test_a_module_with_something_that_changes_its_outputs_is_refused(which, torch):
    import torch.nn.utils.prune  # which `import torch` leaves out

    module, words = changed_modules(torch.nn)[which]
    with pytest.raises(ValueError, match=f"^{words}"):
        fastnn.from_torch(module)


def test_a_module_without_real_numbers_is_refused(torch):
    for options, got in (
        ({"dtype": torch.complex64}, "torch.complex64"),
        ({"device": "meta"}, "none, on the device meta"),
    ):
        module = torch.nn.Sequential(torch.nn.Linear(2, 1, **options))
        with pytest.raises(ValueError, match=f"^module must have real numbers .* got {got}"):
            fastnn.from_torch(module)


# ONNX -----------------------------------------------------------------------------------------


@both_types
@every_output
def test_an_onnx_file_gives_the_outputs_of_the_network(output, dtype, scaling, tmp_path):
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    net = network(output, dtype, scaling=scaling, labels=["a", "b", "c"])
    net.to_onnx(tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    for rows in (1, 40):  # any number of examples
        (got,) = session.run(["outputs"], {"inputs": INPUTS[:rows].astype(dtype)})
        assert got.dtype == dtype
        wanted = net.outputs(INPUTS[:rows])
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12 if dtype == np.float64 else 1e-5)
    metadata = session.get_modelmeta().custom_metadata_map
    assert json.loads(metadata["labels"]) == ["a", "b", "c"]


@both_types
@pytest.mark.parametrize("mean", [1e2, 1e4, 1e6])
def test_an_onnx_file_keeps_its_digits_where_inputs_have_large_means(dtype, mean, tmp_path):
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    inputs = (INPUTS + mean / 3).astype(dtype)
    net = network("sigmoid", dtype, scaling=Scaling.of(inputs))
    net.to_onnx(tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    (got,) = session.run(["outputs"], {"inputs": inputs})
    np.testing.assert_allclose(got, net.outputs(inputs), rtol=0, atol=TOLERANCES[dtype])


@both_types
def test_an_onnx_file_estimates_in_the_units_of_the_targets(dtype, tmp_path):
    pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    net = regression(dtype)
    net.to_onnx(tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    (got,) = session.run(["outputs"], {"inputs": INPUTS.astype(dtype)})
    assert got.dtype == dtype
    np.testing.assert_allclose(got[:, 0], net.predict(INPUTS), rtol=TOLERANCES[dtype])


def test_an_onnx_file_is_written_whole_or_not_at_all(tmp_path):
    pytest.importorskip("onnx")
    path = tmp_path / "net.onnx"
    path.write_text("what was there")
    with pytest.raises(TypeError, match="labels must be a list of 3"):
        network("sigmoid", labels="abc").to_onnx(path)
    assert path.read_text() == "what was there"
    with pytest.raises(OSError, match="no such folder"):
        network("sigmoid").to_onnx(tmp_path / "no such folder" / "net.onnx")


@pytest.mark.parametrize("give_away", ["to_torch", "to_onnx"])
def test_an_activation_of_ones_own_cannot_be_given_away(give_away, tmp_path):
    net = seeded_network(network2, [6, 5, 3], activation=Softplus)
    arguments = [tmp_path / "net.onnx"] if give_away == "to_onnx" else []
    with pytest.raises(TypeError, match="activation Softplus is a class of one's own"):
        getattr(net, give_away)(*arguments)


def test_outputs_that_pytorch_has_no_module_for_are_refused():
    pytest.importorskip("torch")
    net = fastnn.Network([2, 1], fastnn.PoissonCost)
    with pytest.raises(ValueError, match="PyTorch has no module for exponential outputs"):
        net.to_torch()
