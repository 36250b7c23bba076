"""Compare the table of digests with what 64-bit ARM computes, in an emulated Debian; not for CI.

    sudo python tests/promises/on_arm.py FOLDER

makes a root of Debian's packages for arm64 in FOLDER, which takes 2 GB and minutes, runs
`tests/support/digest_table.py` there by qemu, which takes an hour, and prints the rows that differ.
The next run takes the root as it is. It needs Linux, root's rights, the network, and

    apt-get install debootstrap qemu-user-static binfmt-support
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SUITE = "trixie"  # the oldest that has a Python for which there are wheels of Numba for arm64
PACKAGES = "python3,python3-venv,ca-certificates"
NEEDED = ("debootstrap", "qemu-aarch64-static")


def make_root(root: Path) -> None:
    """Make a Debian for arm64 with fastnn and what it needs."""
    debootstrap = ["debootstrap", "--arch=arm64", f"--include={PACKAGES}", "--variant=minbase"]
    subprocess.run([*debootstrap, SUITE, str(root)], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    in_root(root, "python3", "-m", "venv", "/env")
    in_root(root, "/env/bin/pip", "install", "--quiet", "numpy>=1.26", "numba>=0.61")


def in_root(root: Path, *command: str) -> str:
    """Run a command in the root; return what it prints."""
    done = subprocess.run(
        ["chroot", str(root), "env", "PATH=/env/bin:/usr/bin:/bin", *command],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def digests(root: Path) -> str:
    """Bring the present sources into the root, and print the table there."""
    copy = root / "fastnn"
    shutil.rmtree(copy, ignore_errors=True)
    for part in ("fastnn", "tests/support", "tests/promises"):
        shutil.copytree(REPOSITORY / part, copy / part)
    shutil.copytree(REPOSITORY / "data", copy / "fastnn/datasets/mnist", dirs_exist_ok=True)
    program = ["env", "PYTHONPATH=/fastnn", "python3", "/fastnn/tests/support/digest_table.py"]
    return in_root(root, *program)


def main() -> int:
    """Return 0 if every row is that of the stored table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the root is, or is to be made")
    root = parser.parse_args().folder.resolve()
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        print(f"needed: {', '.join(missing)}; see the top of this file", file=sys.stderr)
        return 2
    if not (root / "env").exists():
        make_root(root)
    stored = (REPOSITORY / "tests/promises/digests.txt").read_text().splitlines()
    found = digests(root).splitlines()
    for wanted, got in zip(stored, found, strict=True):
        if wanted != got:
            print(f"here {got}\nbut  {wanted}")
    print(f"{sum(w == g for w, g in zip(stored, found, strict=True)) - 1} of {len(stored) - 1}")
    return 0 if stored == found else 1


if __name__ == "__main__":
    raise SystemExit(main())
