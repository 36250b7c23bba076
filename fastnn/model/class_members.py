"""What of a class its author has written; the rest is Python's."""

from __future__ import annotations

import types
from typing import Any

# What says nothing about what a class does, or what only others have put there.
_OF_NO_MEANING = {
    *("__doc__", "__module__", "__qualname__", "__dict__", "__weakref__", "__annotations__"),
    *("__annotate__", "__annotate_func__", "__annotations_cache__", "__firstlineno__"),
    *("__static_attributes__", "__slotnames__", "__abstractmethods__", "_abc_impl"),
    *("__dataclass_fields__", "__dataclass_params__", "__orig_bases__", "__parameters__"),
    *("__type_params__", "__protocol_attrs__", "__non_callable_proto_members__"),
    *("__subclasshook__", "_is_protocol", "_is_runtime_protocol"),
    *("__dictoffset__", "__vectorcalloffset__", "__weaklistoffset__"),
}

# What the class statement adds to a named tuple, which its fields and their defaults tell.
_OF_NAMED_TUPLES = {
    *("__new__", "__getnewargs__", "__repr__", "__replace__", "_make", "_replace", "_asdict"),
}


def own_members(kind: type) -> list[tuple[str, Any]]:
    """Return the members that say what a class does, by their names in order.

    Of the fields of a dataclass it is what the other members do not tell: their metadata.
    """
    members = [
        (name, member)
        for name, member in sorted(vars(kind).items())
        if name not in _OF_NO_MEANING and not _is_made(kind, name, member)
    ]
    fields = vars(kind).get("__dataclass_fields__", {})
    metadata = {name: field.metadata for name, field in fields.items() if field.metadata}
    return [*members, ("__dataclass_fields__", metadata)] if metadata else members


def annotations_in_text(kind: type) -> str:
    """Return what a class says of its attributes' types, the same in every process."""
    annotations = getattr(kind, "__annotations__", {})
    return repr({name: _in_text(annotation) for name, annotation in annotations.items()})


def _in_text(annotation: Any) -> str:
    return str(getattr(annotation, "__qualname__", None) or repr(annotation))


def _is_made(kind: type, name: str, member: Any) -> bool:
    """Say whether Python has put a member into a class, which only the rest of the class tells."""
    if isinstance(member, (types.GetSetDescriptorType, types.MemberDescriptorType)):
        return True
    if name == "__init__":  # protocols change it with the first object
        return member is object.__init__ or getattr(member, "__module__", None) == "typing"
    return issubclass(kind, tuple) and "_fields" in vars(kind) and name in _OF_NAMED_TUPLES
