"""Many neurons in each layer: how the norm of the error grows or vanishes with depth."""

import numpy as np

from fastnn.chapter5 import unstable


def test_the_product_of_matrices_is_what_backprop_computes():
    result = unstable.run(range(2), deepest=8)
    # Large weights saturate neurons: 1 - a loses the digits in which two forms of exp agree.
    for disagreement in result.disagreement.values():
        assert np.all(disagreement < 1e-9)
        assert np.all(disagreement > 0)  # they are two computations


def test_the_gradient_vanishes_exponentially_with_depth():
    result = unstable.run(range(3), deepest=10)
    assert np.all(result.growth("N(0, 1)/√fan-in") < 0.3)
    assert np.all(result.fit("N(0, 1)/√fan-in") > 0.98)


def test_the_gradient_explodes_exponentially_where_every_neuron_is_at_its_steepest():
    result = unstable.run(range(3), deepest=10)
    assert np.all(result.growth("16 times that, z = 0") > 3)
    assert np.all(result.fit("16 times that, z = 0") > 0.98)


def unstable_of(growths):
    """A result in which each kind of weights has these growths, one for each network."""
    depths = [2, 3, 4, 5]
    first = {
        name: np.array([[factor**n for factor in growths] for n in depths])
        for name, growths in zip(unstable.CASES, growths, strict=True)
    }
    last = dict.fromkeys(first, np.ones_like(next(iter(first.values()))))
    return unstable.Unstable([*range(len(growths[0]))], depths, first, last, {}, {})


def test_the_findings_are_what_the_numbers_say():
    answer, details = unstable.findings(unstable_of([(0.5, 0.5), (2.0, 2.0), (0.9, 0.9)]))
    assert (
        "by 0.5 with the standard weights, by 2 with weights 16 times as large, and by 0.9"
        in answer
    )
    assert "100 %, 100 %, 100 %" in details
    assert details.endswith("Networks of 5 layers differ in it by factors of up to 1, 1, 1.")
    _, details = unstable.findings(unstable_of([(0.5, 0.25), (2.0, 4.0), (3.0, 3.0)]))
    assert details.endswith("up to 32, 32, 1.")
    _, alone = unstable.findings(unstable_of([(0.5,), (2.0,), (0.9,)]))
    assert "differ" not in alone


def test_a_growth_is_read_off_an_exponential():
    depths = [2, 3, 4, 5]
    first = np.array([[3.0 * 0.5**n, 7.0 * 2.0**n] for n in depths])
    result = unstable.Unstable([0, 1], depths, {"w": first}, {"w": np.ones((4, 2))}, {}, {})
    np.testing.assert_allclose(result.growth("w"), [0.5, 2.0])
    np.testing.assert_allclose(result.fit("w"), [1.0, 1.0])
