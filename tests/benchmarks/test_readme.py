"""The page about the benchmarks names what there is."""

import importlib
import pkgutil
import re
from pathlib import Path

import benchmarks.suites

README = Path(benchmarks.__file__).with_name("README.md").read_text(encoding="utf-8")


def test_the_page_names_every_command():
    commands = {
        found.name for found in pkgutil.iter_modules(benchmarks.__path__) if not found.ispkg
    }
    assert set(re.findall(r"`python -m benchmarks\.(\w+)`", README)) == commands
    for command in commands:
        assert importlib.import_module(f"benchmarks.{command}").main


def test_the_page_names_every_suite():
    suites = {found.name for found in pkgutil.iter_modules(benchmarks.suites.__path__)}
    assert set(re.findall(r"\| `([a-z_]+)\.[A-Z]", README)) == suites - {"shared"}
