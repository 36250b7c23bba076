"""Compare the table of digests with what 64-bit ARM computes, in an emulated Debian; not for CI.

    sudo python tests/promises/on_arm.py FOLDER

unpacks Debian's packages for arm64 in FOLDER, which takes two minutes and 0.6 GB, and runs
`tests/support/digest_table.py` there by qemu. Each row is compared as it comes; most of the time
goes into compiling, which is emulated, too. The next run takes the root as it is. It needs Linux,
root's rights, Debian's packages and PyPI, and

    apt-get install debootstrap qemu-user-static binfmt-support
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SUITE, PYTHON = "trixie", "3.13"  # a Debian, and its Python
NEEDED = ("debootstrap", "dpkg-deb", "qemu-aarch64-static")
EMULATOR = Path("/proc/sys/fs/binfmt_misc/qemu-aarch64")


def what_is_missing() -> str:
    """Say what this machine has to have before a root can be made."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        return f"needed: {', '.join(missing)}; see the top of this file"
    if not EMULATOR.exists():
        return (
            f"needed: {EMULATOR}; run `mount -t binfmt_misc binfmt_misc {EMULATOR.parent}`, then "
            "`update-binfmts --enable qemu-aarch64`"
        )
    return ""


def make_root(root: Path) -> None:
    """Unpack a Debian for arm64 with what fastnn needs; what is there is whole.

    Nothing of it is run: emulated, the installation of Debian's Python alone takes a quarter of an
    hour. What packages do when they are installed is not needed here.
    """
    part = root.with_name(f"{root.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    debootstrap = ["debootstrap", "--foreign", "--arch=arm64", "--variant=minbase"]
    subprocess.run([*debootstrap, "--include=python3", SUITE, str(part)], check=True)
    for package in sorted((part / "var/cache/apt/archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", str(package), str(part)], check=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(part / "site")]
    wheels = ["--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}"]
    platforms = [f"--platform=manylinux_2_{minor}_aarch64" for minor in range(17, 42)]
    subprocess.run([*pip, *wheels, *platforms, "numpy>=1.26", "numba>=0.61"], check=True)
    part.rename(root)


def in_root(root: Path, *command: str) -> list[str]:
    """Return the command that runs a command in the root."""
    return ["chroot", str(root), "env", "PATH=/usr/bin:/bin", "HOME=/root", *command]


def table(root: Path) -> Iterator[str]:
    """Bring the present sources into the root; yield the table's lines as they come."""
    copy = root / "fastnn"
    shutil.rmtree(copy, ignore_errors=True)
    for part in ("fastnn", "tests/support", "tests/promises"):
        shutil.copytree(REPOSITORY / part, copy / part)
    shutil.copytree(REPOSITORY / "data", copy / "fastnn/datasets/mnist", dirs_exist_ok=True)
    program = ["PYTHONPATH=/fastnn:/site", "python3", "/fastnn/tests/support/digest_table.py"]
    with subprocess.Popen(in_root(root, *program), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            yield line.rstrip("\n")
    if running.returncode:
        raise SystemExit(f"the program ended with {running.returncode}")


def main() -> int:
    """Return 0 if every row is that of the stored table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the root is, or is to be made")
    root = parser.parse_args().folder.resolve()
    if missing := what_is_missing():
        print(missing, file=sys.stderr)
        return 2
    if not root.exists():
        make_root(root)
    stored = (REPOSITORY / "tests/promises/digests.txt").read_text().splitlines()
    same = 0
    for wanted, got in zip(stored, table(root), strict=True):
        print(f"same {got}" if got == wanted else f"here {got}\nbut  {wanted}", flush=True)
        same += got == wanted
    print(f"{same - 1} of {len(stored) - 1}")  # without the line of headings
    return 0 if same == len(stored) else 1


if __name__ == "__main__":
    raise SystemExit(main())
