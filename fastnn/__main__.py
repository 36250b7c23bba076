"""`python -m fastnn` is the program `fastnn`."""

from fastnn.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
