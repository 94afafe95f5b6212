"""The libtensorflow loader against a library made of Python, which sees every misuse of memory."""
# ruff: noqa: N802  (functions have the names of the C API)

import ctypes
import itertools
import pickle
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from savedmodel_matrix.plugins.loaders import libtensorflow as loader

SLOT = 24
FLOATS = {"tensor": "serving_default_x:0", "dtype": "DT_FLOAT", "shape": [-1]}


class Library:
    """What the C library does with the calls of the loader, its objects counted.

    What is freed twice, used after it was freed, or freed with a slot in it that was never
    initialised ends in an AssertionError or KeyError; `alive` holds what nobody has freed. The
    graph computes nothing: each operation in `wires` gives the tensor that is fed to another one.
    """

    def __init__(self, wires: dict[str, str] | None = None) -> None:
        self.wires = wires or {}
        self.operations = {
            name: 100 + index for index, name in enumerate([*self.wires, *self.wires.values()])
        }
        self.handles = itertools.count(1000)
        self.alive: dict[int, str] = {}
        self.tensors: dict[int, tuple[int, list[int], Any]] = {}
        self.strings: dict[int, bytes] = {}
        self.failing: dict[str, tuple[int, bytes]] = {}
        self.status = (0, b"")
        self.calls: list[str] = []

    def new(self, kind: str) -> int:
        handle = next(self.handles)
        self.alive[handle] = kind
        return handle

    def delete(self, kind: str, handle: int) -> None:
        assert self.alive.pop(handle) == kind
        self.calls.append(f"delete {kind}")

    def set_status(self, function: str) -> bool:
        self.calls.append(function)
        self.status = self.failing.get(function, (0, b""))
        return self.status[0] == 0

    def TF_NewStatus(self) -> int:
        return self.new("status")

    def TF_GetCode(self, status: int) -> int:
        assert self.alive[status] == "status"
        return self.status[0]

    def TF_Message(self, status: int) -> bytes:
        return self.status[1]

    def TF_DeleteStatus(self, status: int) -> None:
        self.delete("status", status)

    def TF_NewGraph(self) -> int:
        return self.new("graph")

    def TF_DeleteGraph(self, graph: int) -> None:
        self.delete("graph", graph)

    def TF_GraphOperationByName(self, graph: int, name: bytes) -> int | None:
        assert self.alive[graph] == "graph"
        return self.operations.get(name.decode())

    def TF_NewSessionOptions(self) -> int:
        return self.new("options")

    def TF_DeleteSessionOptions(self, options: int) -> None:
        self.delete("options", options)

    def TF_LoadSessionFromSavedModel(
        self, options: int, run: None, directory: bytes, tags: Any, count: int, *rest: Any
    ) -> int | None:
        assert self.alive[options] == "options"
        assert (list(tags), count) == ([b"serve"], 1)
        self.directory = directory
        return self.new("session") if self.set_status("load") else None

    def TF_SessionRun(
        self, session: int, options: None, feeds: Any, values: Any, fed: int, *rest: Any
    ) -> None:
        fetches, results, fetched, *_ = rest
        assert self.alive[session] == "session"
        assert (len(feeds), len(fetches)) == (fed, fetched)
        if not self.set_status("run"):
            return
        names = {handle: name for name, handle in self.operations.items()}
        values_by_name = {
            (names[feed.operation], feed.index): value
            for feed, value in zip(feeds, values, strict=True)
        }
        for index, fetch in enumerate(fetches):
            source = values_by_name[self.wires[names[fetch.operation]], fetch.index]
            results[index] = self.copy(source)

    def TF_CloseSession(self, session: int, status: int) -> None:
        assert self.alive[session] == "session"
        self.set_status("close")

    def TF_DeleteSession(self, session: int, status: int) -> None:
        self.delete("session", session)
        self.status = (0, b"")

    def TF_AllocateTensor(self, number: int, shape: Any, rank: int, size: int) -> int:
        tensor = self.new("tensor")
        assert len(shape) == rank
        # Full of rubbish, as memory is.
        memory = (ctypes.c_char * size).from_buffer(bytearray(b"\xa5" * size)) if size else None
        self.tensors[tensor] = (number, list(shape), memory)
        return tensor

    def copy(self, tensor: int) -> int:
        number, shape, memory = self.tensors[tensor]
        size = len(memory) if memory is not None else 0
        result = self.TF_AllocateTensor(number, tuple(shape), len(shape), size)
        start, target = self.TF_TensorData(tensor) or 0, self.TF_TensorData(result) or 0
        if number != 7:
            ctypes.memmove(target, start, size)
            return result
        for offset in range(0, size, SLOT):
            self.strings[target + offset] = self.strings[start + offset]
        return result

    def TF_TensorType(self, tensor: int) -> int:
        return self.tensors[tensor][0]

    def TF_NumDims(self, tensor: int) -> int:
        return len(self.tensors[tensor][1])

    def TF_Dim(self, tensor: int, axis: int) -> int:
        return self.tensors[tensor][1][axis]

    def TF_TensorData(self, tensor: int) -> int | None:
        memory = self.tensors[tensor][2]
        return ctypes.addressof(memory) if memory is not None else None

    def TF_DeleteTensor(self, tensor: int) -> None:
        self.delete("tensor", tensor)
        number, _, memory = self.tensors.pop(tensor)
        start = ctypes.addressof(memory) if memory is not None else 0
        for slot in range(start, start + len(memory or b""), SLOT) if number == 7 else ():
            del self.strings[slot]  # frees what the slot points to, which must be something

    def TF_StringInit(self, slot: int) -> None:
        self.strings[slot] = b""

    def TF_StringCopy(self, slot: int, text: bytes, size: int) -> None:
        assert slot in self.strings, "copied into a slot that was never initialised"
        self.strings[slot] = ctypes.string_at(text, size)

    def TF_StringGetDataPointer(self, slot: int) -> int:
        text = self.strings[slot]
        self.kept = ctypes.create_string_buffer(text, len(text) + 1)
        return ctypes.addressof(self.kept)

    def TF_StringGetSize(self, slot: int) -> int:
        return len(self.strings[slot])


def passed_through(value: Any, data_type: str) -> np.ndarray:
    """Return what comes back for a value that went into a tensor and out of it again."""
    library: Any = Library()
    with ExitStack() as owned:
        tensor = loader.make_tensor(library, "x", value, data_type, owned)
        array = loader.read_tensor(library, "x", tensor)
    assert library.alive == {}
    return array


def assert_same(found: np.ndarray, expected: np.ndarray) -> None:
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    if found.dtype == object:
        assert found.tolist() == expected.tolist()
    else:
        assert found.tobytes() == expected.tobytes()  # NaN too


NUMBERS = {
    data_type: name
    for data_type, (_, name) in loader.DATA_TYPES.items()
    if data_type not in {"DT_STRING", "DT_BFLOAT16"}  # not of NumPy: tests/integration
}


SHAPES = st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@given(st.data(), st.sampled_from(sorted(NUMBERS)))
def test_numbers_of_every_type_and_shape_pass_through(data: st.DataObject, data_type: str) -> None:
    value = data.draw(st_numpy.arrays(NUMBERS[data_type], SHAPES))
    assert_same(passed_through(value, data_type), value)


@given(st_numpy.arrays(object, SHAPES, elements=st.binary()))
def test_strings_pass_through(value: np.ndarray) -> None:
    assert_same(passed_through(value, "DT_STRING"), value)


@pytest.mark.parametrize("text", [b"", b"\0", b"a\0b\0", b"s" * 22, b"s" * 23, b"\xff" * 100_000])
def test_a_string_keeps_its_bytes(text: bytes) -> None:
    assert passed_through(np.array(text, object), "DT_STRING").item() == text


def test_text_becomes_utf_8() -> None:
    assert passed_through(np.array(["é", "b"]), "DT_STRING").tolist() == ["é".encode(), b"b"]
    assert passed_through(np.array([b"ab", b"c"]), "DT_STRING").tolist() == [b"ab", b"c"]


def test_elements_lie_in_c_order_and_native_bytes() -> None:
    value = np.asfortranarray(np.arange(6, dtype=">f8").reshape(2, 3))
    assert passed_through(value, "DT_FLOAT").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert passed_through(np.arange(6)[::-2], "DT_INT64").tolist() == [5, 3, 1]


@pytest.mark.parametrize(
    ("value", "data_type", "dtype"),
    [
        (np.array([1.5]), "DT_FLOAT", "float32"),
        (np.array([1.5]), "DT_HALF", "float16"),
        (np.array([7]), "DT_FLOAT", "float32"),
        (np.array([7]), "DT_UINT8", None),
        (np.array([-128]), "DT_INT8", "int8"),
        (np.array([True]), "DT_INT32", "int32"),
        (np.array([1.5]), "DT_COMPLEX64", "complex64"),
        (np.array([1.5]), "DT_INT32", None),
        (np.array([1j]), "DT_FLOAT", None),
        (np.array([1]), "DT_BOOL", None),
        (np.array(["1"]), "DT_FLOAT", None),
        (np.array([1.5], object), "DT_FLOAT", None),
    ],
)
def test_numbers_are_converted_as_same_kind_allows(
    value: np.ndarray, data_type: str, dtype: str | None
) -> None:
    if dtype is None:
        message = f"input k is {value.dtype}, and the signature declares {data_type}"
        with pytest.raises(TypeError, match=rf"^{message}$"):
            loader.as_declared("k", value, data_type)
    else:
        assert_same(loader.as_declared("k", value, data_type), value.astype(dtype))


@pytest.mark.parametrize(
    ("value", "data_type"), [([300], "DT_INT8"), ([2**40], "DT_INT32"), ([-(2**40)], "DT_INT32")]
)
def test_an_integer_that_does_not_fit_is_refused(value: list[int], data_type: str) -> None:
    with pytest.raises(ValueError, match=rf"^input k is int64, .*{data_type}, which cannot hold"):
        loader.as_declared("k", np.array(value, np.int64), data_type)


def test_an_unsigned_integer_that_wraps_is_refused() -> None:
    with pytest.raises(ValueError, match=r"which cannot hold every value"):
        loader.as_declared("k", np.array([2**63], np.uint64), "DT_INT64")


@pytest.mark.parametrize("value", [np.array([1.5]), np.array([b"a", 3], object), np.array(None)])
def test_only_bytes_and_str_are_strings(value: np.ndarray) -> None:
    with pytest.raises(
        TypeError, match=r"^input k is .* declares DT_STRING: every element must be"
    ):
        loader.as_declared("k", value, "DT_STRING")


def test_types_without_an_array_are_named() -> None:
    with pytest.raises(
        TypeError, match=r"input k is .* DT_VARIANT, a type that this loader cannot"
    ):
        loader.as_declared("k", np.array(1), "DT_VARIANT")
    library: Any = Library()
    tensor = library.TF_AllocateTensor(20, (), 0, 8)
    with pytest.raises(TypeError, match=r"^output k has data type 20, which this loader cannot"):
        loader.read_tensor(library, "k", tensor)


def test_a_tensor_that_cannot_be_allocated_is_an_error() -> None:
    value = np.array([b"", b""], object)
    library: Any = Library()
    library.TF_AllocateTensor = lambda *_: None
    with ExitStack() as owned, pytest.raises(MemoryError, match=r"48 bytes .* for input k"):
        loader.make_tensor(library, "k", value, "DT_STRING", owned)


def test_an_error_says_its_code_and_message() -> None:
    error = loader.TensorFlowError("FAILED_PRECONDITION", "Could not find variable dense/bias")
    assert str(error) == "FAILED_PRECONDITION: Could not find variable dense/bias"
    assert error.code == "FAILED_PRECONDITION"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


# How a run uses the library.

WIRES = {"StatefulPartitionedCall": "serving_default_x", "Echo": "serving_default_s"}
ARTIFACT = SimpleNamespace(
    directory="/some/where/é",
    signatures={
        "serving_default": {
            "inputs": {
                "x": FLOATS,
                "s": {"tensor": "serving_default_s", "dtype": "DT_STRING", "shape": None},
            },
            "outputs": {
                "text": {"tensor": "Echo:0", "dtype": "DT_STRING", "shape": None},
                "output_0": {**FLOATS, "tensor": "StatefulPartitionedCall:0"},
            },
            "method": "tensorflow/serving/predict",
        },
        "astray": {"inputs": {}, "outputs": {"y": {**FLOATS, "tensor": "Gone:1"}}, "method": ""},
    },
)
INPUTS = {"s": np.array([b"one", b"two"], object), "x": np.array([1.5, 2.5])}


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    fake = Library(WIRES)
    monkeypatch.setattr(loader, "open_library", lambda: fake)
    return fake


def test_a_run_gives_each_output_its_key_and_frees_everything(library: Library) -> None:
    outputs = loader.run(
        ARTIFACT, "serving_default", INPUTS, lambda name: library.calls.append(f"stage {name}")
    )
    assert_same(outputs["output_0"], np.array([1.5, 2.5], np.float32))
    assert_same(outputs["text"], INPUTS["s"])
    assert library.directory.decode() == ARTIFACT.directory
    assert library.alive == {}
    assert library.calls == [
        *("stage load", "load", "delete options", "stage run", "run"),
        *("delete tensor", "delete tensor"),  # what was fetched
        *("close", "delete session", "delete graph"),
        *("delete tensor", "delete tensor"),  # what was fed
        "delete status",
    ]


@pytest.mark.parametrize(
    ("function", "number", "code", "stages"),
    [
        ("load", 5, "NOT_FOUND", ["load"]),
        ("run", 9, "FAILED_PRECONDITION", ["load", "run"]),
        ("run", 10, "ABORTED", ["load", "run"]),
        ("run", 11, "OUT_OF_RANGE", ["load", "run"]),
        ("run", 15, "DATA_LOSS", ["load", "run"]),
        ("run", 16, "UNAUTHENTICATED", ["load", "run"]),
        ("run", 77, "CODE_77", ["load", "run"]),
        ("close", 13, "INTERNAL", ["load", "run"]),
    ],
)
def test_a_status_is_raised_and_everything_freed(
    library: Library, function: str, number: int, code: str, stages: list[str]
) -> None:
    library.failing[function] = (number, b"no \xff luck")
    reached: list[str] = []
    with pytest.raises(loader.TensorFlowError) as caught:
        loader.run(ARTIFACT, "serving_default", INPUTS, reached.append)
    assert (caught.value.code, str(caught.value)) == (code, f"{code}: no \\xff luck")
    assert reached == stages
    assert library.alive == {}
    assert "delete session" in library.calls or stages == ["load"]


@pytest.mark.parametrize(("tensor", "index"), [("Echo", 0), ("Echo:0", 0), ("Echo:12", 12)])
def test_a_tensor_s_name_gives_operation_and_index(
    library: Library, tensor: str, index: int
) -> None:
    known: Any = library
    output = loader.find_output(known, library.new("graph"), "y", tensor)
    assert (output.operation, output.index) == (library.operations["Echo"], index)


def test_a_tensor_that_the_graph_lacks_is_named(library: Library) -> None:
    with pytest.raises(loader.TensorFlowError, match=r"^NOT_FOUND: .*'Gone:1', stated for y$"):
        loader.run(ARTIFACT, "astray", {}, lambda _: None)
    assert library.alive == {}


def test_an_input_that_the_signature_lacks_is_named(library: Library) -> None:
    with pytest.raises(ValueError, match=r"^signature serving_default has no input z; .*: s, x$"):
        loader.run(ARTIFACT, "serving_default", {**INPUTS, "z": INPUTS["x"]}, lambda _: None)
    with pytest.raises(ValueError, match=r"^signature astray has no input x; its inputs: none$"):
        loader.run(ARTIFACT, "astray", {"x": INPUTS["x"]}, lambda _: None)
    assert library.alive == {}


def test_an_environment_without_the_library_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for package in (None, SimpleNamespace(submodule_search_locations=[str(tmp_path)])):
        loader.open_library.cache_clear()
        monkeypatch.setattr("importlib.util.find_spec", lambda _, found=package: found)
        with pytest.raises(FileNotFoundError, match=r"^no libtensorflow_cc.* install a TensorFlow"):
            loader.prepare()
