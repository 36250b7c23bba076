"""Import paths: test files share builders of this folder, and one tests `benchmarks`."""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

sys.path.insert(0, str(FOLDER))
# At the end: where fastnn is installed, the installed one is tested and not the checkout beside it.
sys.path.append(str(FOLDER.parent))
