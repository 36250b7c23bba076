"""What a measurement was made on: processor, caches, versions."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path

from benchmarks.support.threads import cores


def cpu_model() -> str:
    """The processor's name as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    fields = dict(line.replace("\t", "").split(":", 1) for line in lines if ":" in line)
    name = fields.get("model name", platform.machine()).strip()
    if "cpu family" in fields:  # cloud machines hide the model in the name, but not in the numbers
        name += f" (family{fields['cpu family']}, model{fields['model']})"
    return name


def widest_registers() -> str:
    """The widest vector registers that LLVM knows this processor to have."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    for name in ("avx512f", "avx2", "avx", "sse2", "sve", "neon"):
        if features.get(name):
            return name
    return "no vector registers known"


def caches() -> str:
    """Sizes of one core's caches, nearest first, where Linux tells them."""
    sizes = []
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = (index / "type").read_text(encoding="utf-8").strip()
        if kind != "Instruction":
            level = (index / "level").read_text(encoding="utf-8").strip()
            size = (index / "size").read_text(encoding="utf-8").strip()
            sizes.append(f"L{level} {size}")
    return ", ".join(sizes) or "unknown"


def version(distribution: str) -> str:
    """The installed version of a distribution, or "not installed"."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def describe_machine() -> list[str]:
    """Lines for the foot of a table."""
    return [
        f"CPU: {cpu_model()}, {cores()} cores, {widest_registers()}; caches: {caches()}",
        f"System: {platform.system()} {platform.release()}, Python {platform.python_version()}",
    ]
