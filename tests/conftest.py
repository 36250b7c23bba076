"""Puts this folder on the import path: test files share the builders that lie in it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
