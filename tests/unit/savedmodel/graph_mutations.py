"""Graphs that parse and make no sense: parts of a SavedModel exchanged, renamed, left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from savedmodel_matrix.savedmodel.schema import message

if TYPE_CHECKING:
    import random

NUMBERS = (-1, 0, 1, 2, 127, 1 << 31, (1 << 63) - 1, -(1 << 63))


def graph_damaged(content: bytes, chance: random.Random) -> bytes:
    """Return a saved_model.pb with one to four things in its messages changed."""
    proto = message("SavedModel")()
    proto.ParseFromString(content)
    for _ in range(chance.choice((1, 1, 2, 4))):
        parts = list(_parts(proto))
        chosen = chance.choice(parts)
        chance.choice((_leave_out, _repeat, _exchange, _rename, _renumber))(chosen, parts, chance)
    return bytes(proto.SerializeToString(deterministic=True))


def _parts(proto: Any) -> list[Any]:
    """Return a message and every message in it."""
    found, queue = [], [proto]
    while queue:
        one = queue.pop()
        found.append(one)
        for field, value in one.ListFields():
            if field.message_type is None:
                continue
            if _is_map(field):
                if field.message_type.fields_by_name["value"].message_type is not None:
                    queue += [value[key] for key in sorted(value)]  # no order of a process's own
            else:
                queue += value if _is_repeated(field) else [value]
    return found


def _is_map(field: Any) -> bool:
    return bool(field.message_type is not None and field.message_type.GetOptions().map_entry)


def _is_repeated(field: Any) -> bool:
    return bool(field.is_repeated if hasattr(field, "is_repeated") else field.label == 3)


def _lists(part: Any) -> list[Any]:
    return [v for f, v in part.ListFields() if _is_repeated(f) and not _is_map(f) and len(v)]


def _strings(part: Any) -> list[tuple[Any, Any]]:
    """Return the fields of a message that hold one text or bytes, with their values."""
    found = part.ListFields()
    return [(f, v) for f, v in found if isinstance(v, (str, bytes)) and not _is_repeated(f)]


def _leave_out(part: Any, _: list[Any], chance: random.Random) -> None:
    """Take a field away, or an element of one."""
    if (lists := _lists(part)) and chance.random() < 0.7:
        chosen = chance.choice(lists)
        del chosen[chance.randrange(len(chosen))]
    elif fields := part.ListFields():
        part.ClearField(chance.choice(fields)[0].name)


def _repeat(part: Any, _: list[Any], chance: random.Random) -> None:
    """Have an element of a list there once more."""
    if lists := _lists(part):
        chosen = chance.choice(lists)
        element = chance.choice(list(chosen))
        chosen.extend([element])


def _exchange(part: Any, parts: list[Any], chance: random.Random) -> None:
    """Put another message of the same kind, from anywhere, in the place of this one."""
    alike = [one for one in parts if one.DESCRIPTOR is part.DESCRIPTOR]
    other = type(part)()
    other.CopyFrom(chance.choice(alike))
    part.CopyFrom(other)


def _rename(part: Any, parts: list[Any], chance: random.Random) -> None:
    """Give a text the value of another one: a node's input, a function, a key of a checkpoint."""
    donors = [(f, v) for one in chance.sample(parts, min(len(parts), 50)) for f, v in _strings(one)]
    lists = [one for one in _lists(part) if isinstance(one[0], str)]
    texts = [value for _, value in donors if isinstance(value, str)]
    if lists and texts:
        chosen = chance.choice(lists)
        chosen[chance.randrange(len(chosen))] = chance.choice(texts)
    elif mine := _strings(part):
        field, value = chance.choice(mine)
        alike = [one for _, one in donors if type(one) is type(value)]
        setattr(part, field.name, chance.choice([*alike, type(value)()]))


def _renumber(part: Any, _: list[Any], chance: random.Random) -> None:
    """Give a number a value that no writer would write."""
    fields = [f for f, value in part.ListFields() if type(value) is int and not _is_repeated(f)]
    if not fields:
        return
    name = chance.choice(fields).name
    try:
        setattr(part, name, chance.choice(NUMBERS))
    except ValueError:  # out of the field's range
        setattr(part, name, 0)
