"""TFLite models that are built to be wrong in one place."""

import struct


class Flat:
    """Writes a flatbuffer forwards: a table's fields are numbers, texts, vectors and tables."""

    def __init__(self):
        self.data = bytearray(b"\0\0\0\0TFL3")

    def table(self, **fields):
        """Write a table; `f3=("i", 7)` is a number, else a position of what is written already.

        Offsets point forwards only, so what a field names is written after the table.
        """
        slots = max((int(name[1:]) for name in fields), default=-1) + 1
        body, places, later = bytearray(4), [0] * slots, []
        for name, value in fields.items():
            size = 4 if not isinstance(value, tuple) else struct.calcsize(value[0])
            body += bytes(-len(body) % size)
            places[int(name[1:])] = len(body)
            if isinstance(value, tuple):
                body += struct.pack(f"<{value[0]}", value[1])
            else:
                later.append((len(body), value))
                body += bytes(4)
        vtable = struct.pack(f"<{2 + slots}H", 4 + 2 * slots, len(body), *places)
        self.data += bytes(-len(self.data) % 8) + vtable
        start = len(self.data)
        struct.pack_into("<i", body, 0, len(vtable))
        self.data += body
        for place, value in later:
            target = self.write(value)
            struct.pack_into("<I", self.data, start + place, target - start - place)
        return start

    def write(self, value):
        if isinstance(value, dict):
            return self.table(**value)
        if isinstance(value, (str, bytes)):
            raw = value.encode() if isinstance(value, str) else value
            self.data += bytes(-len(self.data) % 4)
            start = len(self.data)
            self.data += struct.pack("<I", len(raw)) + raw + b"\0"
            return start
        self.data += bytes(-len(self.data) % 4)
        start = len(self.data)
        self.data += struct.pack("<I", len(value))
        if all(isinstance(one, int) for one in value):
            self.data += struct.pack(f"<{len(value)}i", *value)
            return start
        places = [start + 4 + 4 * i for i in range(len(value))]
        self.data += bytes(4 * len(value))
        for place, one in zip(places, value, strict=True):
            struct.pack_into("<I", self.data, place, self.write(one) - place)
        return start

    def finish(self, root):
        struct.pack_into("<I", self.data, 0, self.table(**root))
        return bytes(self.data)


def code(number, version=1, custom=None):
    fields = {"f0": ("b", min(number, 127)), "f2": ("i", version), "f3": ("i", number)}
    return fields | ({"f1": custom} if custom else {})


def tensor(shape=(2,), kind=0, buffer=0, name="t"):
    return {"f0": list(shape), "f1": ("b", kind), "f2": ("I", buffer), "f3": name}


def model(
    *, codes=(), tensors=(), operators=(), inputs=(), outputs=(), buffers=(b"",), version=3, **more
):
    subgraph = {"f0": list(tensors), "f1": list(inputs), "f2": list(outputs)}
    subgraph["f3"] = list(operators)
    root = {"f0": ("I", version), "f1": list(codes), "f2": [subgraph]}
    root["f4"] = [{"f0": data} if data else {} for data in buffers]
    return Flat().finish(root | more)
