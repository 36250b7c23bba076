"""What a measurement was made on: processor, caches and versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.support.threads import cores

if TYPE_CHECKING:
    from benchmarks.programs.protocol import Program


def cpu_model() -> str:
    """The name that the system gives the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    fields = dict(line.replace("\t", "").split(":", 1) for line in lines if ":" in line)
    name = fields.get("model name", platform.machine()).strip()
    if "cpu family" in fields:  # on cloud machines only the numbers tell the model
        name += f" (family{fields['cpu family']}, model{fields['model']})"
    return name


def widest_registers() -> str:
    """The widest vector registers that this processor has, according to LLVM."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    for name in ("avx512f", "avx2", "avx", "sse2", "sve", "neon"):
        if features.get(name):
            return name
    return "no vector registers known"


def caches() -> str:
    """The sizes of one core's caches, nearest first, if Linux tells them."""
    sizes = []
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = (index / "type").read_text(encoding="utf-8").strip()
        if kind != "Instruction":
            level = (index / "level").read_text(encoding="utf-8").strip()
            size = (index / "size").read_text(encoding="utf-8").strip()
            sizes.append(f"L{level} {size}")
    return ", ".join(sizes) or "unknown"


class Others:
    """How much other programs compute meanwhile, where Linux tells: a race means little then."""

    def __init__(self) -> None:
        self._before = _busy_seconds(), _own_seconds(), time.perf_counter()

    def share(self) -> float | None:
        """The share of all cores that others have had since, or None."""
        busy, own, began = self._before
        if busy is None:
            return None
        now, seconds = _busy_seconds() or busy, time.perf_counter() - began
        return max(0.0, (now - busy - (_own_seconds() - own)) / (seconds * (os.cpu_count() or 1)))


def _busy_seconds() -> float | None:
    try:
        fields = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0].split()
    except OSError:  # not Linux
        return None
    user, nice, system, _, _, *interrupts = (int(field) for field in fields[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    return sum(os.times()[:4])


def version(distribution: str) -> str:
    """The version of a distribution, or "not installed"."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def describe_machine() -> list[str]:
    """Two lines for the foot of a table: the processor, and the system."""
    return [
        f"CPU: {cpu_model()}, {cores()} cores, {widest_registers()}; caches: {caches()}",
        f"System: {platform.system()} {platform.release()}, Python {platform.python_version()}",
    ]


def describe_versions(programs: Iterable[type[Program]]) -> str:
    """A line for the foot of a table: fastnn's version, and those of the programs' libraries."""
    import fastnn  # not sooner: commands first limit the threads of the libraries that this loads

    libraries = sorted({"numpy", "numba", "llvmlite"} | {program.library for program in programs})
    versions = [f"fastnn {fastnn.__version__}", *(f"{name} {version(name)}" for name in libraries)]
    return "Versions: " + ", ".join(versions)
