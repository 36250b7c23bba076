"""Values that differ by context and by thread, as networks of a sweep find them."""

from __future__ import annotations

import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_this_context(variable: contextvars.ContextVar[Any]) -> tuple[Any, ...]:
    """Return the value of a context variable; nothing if it has neither that nor a default."""
    try:
        return (variable.get(),)
    except LookupError:
        return ()


def in_a_new_thread(local: threading.local) -> dict[str, Any]:
    """Return the attributes that a worker finds; those of this thread are not for it."""
    with ThreadPoolExecutor(1) as new:
        return new.submit(lambda: dict(vars(local))).result()
