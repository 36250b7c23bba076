"""How much memory some work takes."""

import tracemalloc


def peak_bytes(action):
    """Return the most bytes that Python held at once during `action`, beyond those before it."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
