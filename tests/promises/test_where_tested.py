"""Every module is known to a test: in the file of its name, or in one that is named here."""

import ast
import functools
import re
from collections import Counter

import pytest
from house import FILES, ROOT, imports_among, own_imports_of, tree_of

# Modules without a test file of their name are tested in that of their folder, or in another one.
TEST_OF_FOLDER = {
    "chapter5": "chapter5/test_digits.py",
    "kernels/simd": "kernels/simd/test_uncompiled.py",
    "plots": "plots/test_plots.py",
}
TESTED_IN = {
    "__main__": "cli/test_main.py",
    "chapter5/chain": "chapter5/test_chains.py",
    "chapter5/experiment": "chapter5/test_experiments.py",
    "chapter5/exploding": "chapter5/test_chains.py",
    "chapter5/gates": "chapter5/test_circuits.py",
    "chapter5/input_range": "chapter5/test_chains.py",
    "chapter5/live/controls": "chapter5/live/test_page.py",
    "chapter5/live/curves": "chapter5/live/test_figures.py",
    "chapter5/live/pad": "chapter5/live/test_page.py",
    "chapter5/live/pictures": "chapter5/live/test_figures.py",
    "chapter5/sigmoid_prime": "chapter5/test_chains.py",
    "chapter5/single_neurons": "chapter5/test_chains.py",
    "chapter5/vanishing": "chapter5/test_chains.py",
    "chapter5/workers": "chapter5/test_experiments.py",
    "cli/final_tests": "cli/test_data.py",
    "cli/resumed": "cli/test_resuming_tables.py",
    "cli/show": "cli/test_tables.py",
    "cli/table_options": "cli/test_tables.py",
    "datasets/tables/columns_in_files": "datasets/tables/test_columns.py",
    "datasets/examples": "test_own_data.py",
    "datasets/tables/expected": "datasets/test_applying.py",
    "datasets/given_pairs": "datasets/test_dataset_writes.py",
    "datasets/labelled_table": "datasets/tables/test_columns.py",
    "datasets/tables/later_columns": "datasets/tables/test_columns.py",
    "datasets/tables/layout": "datasets/tables/test_table.py",
    "datasets/tables/learnt_columns": "datasets/tables/test_columns.py",
    "datasets/opening": "test_own_data.py",
    "datasets/pair_list": "datasets/test_dataset_list.py",
    "engine/chapter1_view": "test_network.py",
    "engine/single_calls": "test_network2.py",
    "engine/step_settings": "engine/test_trainer.py",
    # Kernels have few statements of their own: what they compute is the reference's numbers.
    "kernels/activations": "promises/test_layer_options.py",
    "kernels/arguments": "engine/test_short_examples.py",
    "kernels/choice": "promises/test_layer_options.py",
    "kernels/costs": "promises/test_layer_options.py",
    "kernels/dropout": "promises/test_training_options.py",
    "kernels/epoch": "engine/test_trainer.py",
    "kernels/evaluate": "engine/test_evaluator.py",
    "kernels/first_layer": "engine/test_inputs.py",
    "kernels/inputs": "engine/test_inputs.py",
    "kernels/layout": "engine/test_packed_network.py",
    "kernels/neurons": "kernels/test_single.py",
    "kernels/numba_parts/changing": "model/test_changing_values.py",
    "kernels/numba_parts/compiler": "kernels/test_compiling.py",
    "kernels/numba_parts/origins": "kernels/numba_parts/test_other_meanings.py",
    "kernels/numba_parts/own_parts": "model/test_own_code_as_in_python.py",
    "kernels/optimisers": "promises/test_optimisers.py",
    "kernels/outputs": "promises/test_layer_options.py",
    "kernels/own": "model/test_own_code.py",
    "kernels/pairs": "engine/test_two_way.py",
    "kernels/panels": "kernels/test_dense.py",
    "kernels/places": "promises/test_guard_pages.py",
    "kernels/short_epoch": "engine/test_short_epoch.py",
    "kernels/single_layers": "kernels/test_single.py",
    "kernels/sparse": "engine/test_sparse_form.py",
    "kernels/step": "promises/test_equivalence.py",
    "kernels/sweep": "promises/test_optimisers.py",
    "kernels/team": "engine/test_teams.py",
    "kernels/weighted": "estimator/test_trainer.py",
    "model/bare_model": "engine/test_single_usual_way.py",
    "model/code_describer": "model/test_definitions.py",
    "model/describer": "model/test_definitions.py",
    "model/bytecode": "model/test_what_is_read.py",
    "reference/activations": "reference/test_layers.py",
    "reference/costs": "reference/test_layers.py",
    "reference/examples": "reference/test_sgd.py",
    "reference/files": "reference/test_network.py",
    "reference/forward": "reference/test_network.py",
    "reference/gradients": "reference/test_stopping.py",
    "reference/history": "reference/test_sgd.py",
    "reference/initialisers": "reference/test_layers.py",
    "reference/monitors": "reference/test_sgd.py",
    "sweeps/worker": "sweeps/test_executors.py",
    "training/measurements": "training/test_layer_speeds.py",
    "training/monitors": "training/test_run.py",
    "training/option_checks": "training/test_layer_speeds.py",
    "training/overrides": "promises/test_overrides.py",
    "training/python_trainer": "promises/test_overrides.py",
    "training/resuming": "training/test_checkpoints.py",
    "training/whole_epochs": "training/test_run.py",
}

OWN_TEST_FILES = {
    inside: f"{folder}/test_{own}.py".lstrip("/")
    for inside in ("/".join(name.split(".")[1:]) for name, path in FILES.items())
    for folder, _, own in [inside.rpartition("/")]
    if own and FILES["fastnn." + inside.replace("/", ".")].stem != "__init__"
}


# Of every module that has none, the test file in its place.
OTHER_TEST_FILES = {
    module: TESTED_IN.get(module) or TEST_OF_FOLDER.get(module.rpartition("/")[0])
    for module, own in OWN_TEST_FILES.items()
    if not (ROOT / "tests" / own).is_file()
}


@functools.cache
def public_names_of(name):
    """What a module defines, without what begins with an underscore."""
    names = set()
    for node in tree_of(name).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return {own for own in names if not own.startswith("_")}


def names_in(tree):
    """The names that a test file imports, and its attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name


@functools.cache
def known_to(test):
    """The modules that a test file imports, or of which it uses a name that no other one has."""
    tree = ast.parse((ROOT / "tests" / test).read_text(encoding="utf-8"))
    used = set(names_in(tree))
    defined = Counter(own for name in FILES for own in public_names_of(name))
    by_name = {
        name for name in FILES if any(defined[own] == 1 for own in public_names_of(name) & used)
    }
    return (imports_among(ast.walk(tree), "fastnn") & set(FILES) | by_name) - {"fastnn"}


def speaks_of(test, module):
    """Say whether a test file has the module's name in it, in words or as Python has it."""
    words = module.rpartition("/")[2].strip("_").removesuffix("s").replace("_", "[ _-]")
    text = (ROOT / "tests" / test).read_text(encoding="utf-8")
    return re.search(rf"(\b|_){words}", f"{test} {text}", re.IGNORECASE) is not None


@pytest.mark.parametrize("module", OTHER_TEST_FILES)
def test_a_module_without_a_test_file_of_its_name_is_known_to_the_one_that_tests_it(module):
    """That imports or names it, or imports the module that uses it."""
    test, name = OTHER_TEST_FILES[module], "fastnn." + module.replace("/", ".")
    assert test is not None, "say in TESTED_IN where it is tested"
    known = known_to(test)
    users = {user for user in known if name in own_imports_of(user)}
    assert name in known or users or speaks_of(test, module)


def test_every_line_that_says_where_a_module_is_tested_is_needed():
    assert set(TESTED_IN) <= set(OTHER_TEST_FILES)
    assert [
        module
        for module, test in TESTED_IN.items()
        if test == TEST_OF_FOLDER.get(module.rpartition("/")[0])
    ] == []
