"""Putting the registries of releases together into one table."""

from typing import Any

from savedmodel_matrix.savedmodel.protowire import delimited, encoded
from savedmodel_matrix.savedmodel.registry import Registry
from savedmodel_matrix.savedmodel.registry_format import Library, parse_kernels, table
from savedmodel_matrix.savedmodel.schema import message


def packed(*parts):
    return b"".join(b"".join(part) for part in parts)


def attribute(name, kind, default=None, allowed=()):
    parts = [delimited(1, [name.encode()]), delimited(2, [kind.encode()])]
    if default is not None:
        parts.append(delimited(3, [default.SerializeToString()]))
    if allowed:
        value = message("AttrValue")()
        value.list.type.extend(allowed)
        parts.append(delimited(7, [value.SerializeToString()]))
    return delimited(4, [packed(*parts)])


def op(name, *attributes, stateful=False):
    state = [[encoded(17 << 3), b"\x01"]] if stateful else []
    return delimited(1, [packed(delimited(1, [name.encode()]), *attributes, *state)])


def kernel(name, device, label=""):
    parts = [delimited(1, [name.encode()]), delimited(2, [device.encode()])]
    return delimited(1, [packed(*parts, *([delimited(5, [label.encode()])] if label else []))])


def library(ops, kernels=b"", stablehlo=(None, None)):
    return Library("2.4.4", "lib.so", "0" * 64, stablehlo, ops, kernels)


def test_ops_attributes_and_kernels_are_known_by_release():
    flag = message("AttrValue")(b=True)
    old = library(packed(op("Gone"), op("Kept", attribute("T", "type", allowed=[1, 2]))))
    new = library(
        packed(
            op("New", stateful=True),
            op("Kept", attribute("T", "type", allowed=[1, 2, 3]), attribute("f", "bool", flag)),
        ),
        packed(kernel("New", "GPU"), kernel("Kept", "DEFAULT")),
        (4, 9),
    )
    found: Any = Registry(table([old, new]))
    assert [found.op(name).known for name in ("Gone", "New", "Kept")] == [1, 2, 3]
    assert [found.op(name).cpu for name in ("Gone", "New", "Kept")] == [0, 0, 2]
    assert found.op("New").stateful
    kept = found.op("Kept")
    assert [(f.releases, f.allowed) for f in kept.attributes["T"]] == [(1, {1, 2}), (2, {1, 2, 3})]
    assert kept.required == ("T",)
    assert set(kept.varying) == {"T", "f"}
    assert (found.stablehlo(1), found.stablehlo(4), found.stablehlo(10)) == (1, 2, 0)
    assert found.op("Nobodys") is None


def test_a_kernel_with_a_label_is_for_nodes_that_name_it():
    assert parse_kernels(packed(kernel("A", "CPU", "mkl"), kernel("B", "CPU"))) == {"B"}
