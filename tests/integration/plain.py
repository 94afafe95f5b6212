"""What an engineer would write by hand to answer one cell: a fresh process for every step.

    plain.py --case FILE --remedy NAME --producer PYTHON --consumer PYTHON --loader NAME

prints one JSON object: status, stage, message. It is the reference that the harness is held against
and shares no code with it. One process builds the case, saves it as the remedy says and writes down
inputs and expected outputs; then one process for each signature loads the artifact and runs it; the
numbers are compared here. Needs numpy; the steps need what the two given Pythons have.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib
import importlib.util
import inspect
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = 300
NOT_APPLICABLE, NOT_RUN = 3, 4  # exit statuses of the saving step, beside 1 for an exception
BFLOAT16 = 14
NUMPY_OF_TENSORFLOW = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "S",
    9: "int64", 10: "bool", BFLOAT16: "uint16", 17: "uint16", 19: "float16", 22: "uint32",
    23: "uint64",
}  # fmt: skip


class Live(NamedTuple):
    """One call of the live object: its arguments, in order, and what came out."""

    order: list[str]
    arrays: dict[str, Any]
    outputs: Any
    output_names: list[str]  # as Keras 2 tells them


def main() -> None:
    """Answer for the cell named on the command line, or do one of its steps."""
    steps = {"save": save_step, "tf.saved_model.load": load_step, "libtensorflow": c_api_step}
    if len(sys.argv) > 2 and sys.argv[1] == "--step":
        steps[sys.argv[2]](json.loads(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description="Answer one cell with a process per step.")
    for name in ("case", "remedy", "producer", "consumer", "loader"):
        parser.add_argument(f"--{name}", required=True)
    print(json.dumps(outcome(**vars(parser.parse_args()))))


def outcome(*, case: str, remedy: str, producer: str, consumer: str, loader: str) -> dict[str, str]:
    """Save and load as the arguments of the command line say; status, stage and message."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        request = {"case": str(Path(case).resolve()), "remedy": remedy, "work": name}
        settings = {"TF_USE_LEGACY_KERAS": "1"} if remedy == "legacy-keras" else {}
        ended = in_fresh_process(work, own_step(producer, "save", request), settings)
        if ended is not None:
            return ended
        record = json.loads((work / "record.json").read_text())
        for signature in sorted(record["signatures"]):
            ended = run_signature(work, record, signature, consumer, loader)
            if ended is not None:
                return ended
    return {"status": "pass", "stage": "values", "message": ""}


def run_signature(
    work: Path, record: dict[str, Any], signature: str, consumer: str, loader: str
) -> dict[str, str] | None:
    """Load the artifact, run one signature and compare its numbers; nothing if all is well."""
    entry = record["signatures"][signature]
    (work / "out" / signature).mkdir(parents=True)
    out = work / "out" / signature
    if loader == "saved_model_cli":
        feeds = ";".join(f"{key}={slot['file']}" for key, slot in entry["inputs"].items())
        command = [str(Path(consumer).with_name(loader)), "run", "--dir", str(work / "artifact")]
        command += ["--tag_set", "serve", "--signature_def", signature, "--inputs", feeds]
        ended = in_fresh_process(work, [*command, "--outdir", str(out)])
    else:
        request = {"work": str(work), "signature": signature}
        ended = in_fresh_process(work, own_step(consumer, loader, request))
    if ended is not None:
        return ended
    for key, slot in entry["outputs"].items():
        wrong = difference(slot, out / f"{key}.npy", record["tolerance"])
        if wrong:
            return {"status": "fail", "stage": "values", "message": f"{signature}: {key}: {wrong}"}
    return None


def own_step(python: str, step: str, request: dict[str, str]) -> list[str]:
    """Return the command that does a step of this file in another Python."""
    return [python, "-P", __file__, "--step", step, json.dumps(request)]


def in_fresh_process(
    work: Path, command: list[str], settings: dict[str, str] | None = None
) -> dict[str, str] | None:
    """Run a command in a clean set of environment variables; nothing if it ended well."""
    variables = {name: os.environ[name] for name in ("PATH", "HOME")} | (settings or {})
    stage, log = work / "stage", work / "log"
    stage.unlink(missing_ok=True)
    scratch = tempfile.mkdtemp(dir=work)
    with log.open("w") as sink:
        try:
            code = subprocess.run(
                command, env=variables, cwd=scratch, stdin=subprocess.DEVNULL, stdout=sink,
                stderr=subprocess.STDOUT, timeout=SECONDS, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            code = None
    text = log.read_text(errors="replace")
    if code == 0:
        return None
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    # The frames of the traceback, and from the first unindented line on what was raised.
    raised = re.search(r"^Traceback .*\n((?: .*\n)*)(\S[\s\S]*)", text, re.MULTILINE)
    frames, message = raised.groups() if raised else ("", lines[-1])
    # saved_model_cli marks no stage; its frames tell whether loading had ended.
    reached = stage.read_text() if stage.exists() else "load" if "loader_impl" in frames else "run"
    if code == NOT_APPLICABLE:
        return {"status": "not-applicable", "stage": "", "message": lines[-1]}
    if code == NOT_RUN:
        return {"status": "not-run", "stage": reached, "message": lines[-1]}
    status = "timeout" if code is None else "crash" if code < 0 else "fail"
    return {"status": status, "stage": reached, "message": " ".join(message.split())[:600]}


def difference(slot: dict[str, Any], path: Path, tolerance: float | None) -> str:
    """Say in a few words how the array in a file differs from the one that was expected."""
    if not path.exists():
        return "no such output"
    half = slot["dtype"] in (19, BFLOAT16)
    expected = plain_numbers(np.load(slot["file"]), slot["dtype"])
    found = plain_numbers(np.load(path, allow_pickle=True), slot["dtype"])
    if found.shape != expected.shape:
        return f"shape {found.shape}, not {expected.shape}"
    if expected.dtype.kind not in "fc":
        return "" if np.array_equal(found, expected) else "not equal"
    rtol, atol = (1e-2, 1e-2) if half else (1e-5, 1e-6)
    if tolerance is not None:
        rtol = atol = tolerance
    if np.allclose(found, expected, rtol=rtol, atol=atol, equal_nan=True):
        return ""
    return f"off by {np.max(np.abs(found - expected))}"


def plain_numbers(array: np.ndarray[Any, Any], dtype: int) -> np.ndarray[Any, Any]:
    """Bring strings to a fixed width and bfloat16, which plain numpy has not, to float32."""
    if dtype == BFLOAT16:
        return (array.view("uint16").astype("uint32") << 16).view("float32")
    if dtype == 7:
        return np.array(array.tolist(), dtype="S")
    return array


# The saving step: runs in the producer.


def save_step(request: dict[str, str]) -> None:
    """Build the case, save it, and write inputs, expected outputs and their keys beside it."""
    work, directory = Path(request["work"]), str(Path(request["work"]) / "artifact")
    (work / "stage").write_text("build")
    tf: Any = importlib.import_module("tensorflow")
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the seed of whoever uses the legacy generator
    tf.random.set_seed(0)
    case = import_file(Path(request["case"]))
    obj = case.build()
    (work / "stage").write_text("save")
    REMEDIES[request["remedy"]](tf, case, obj, directory)
    saved_model: Any = importlib.import_module("tensorflow.core.protobuf.saved_model_pb2")
    proto = saved_model.SavedModel.FromString((work / "artifact" / "saved_model.pb").read_bytes())
    found = dict(proto.meta_graphs[0].signature_def)
    found.pop("__saved_model_init_op", None)
    if not found:
        raise SystemExit("SystemExit: the artifact has no signature")
    try:
        calls = live_calls(tf, case, obj)
        record = {name: recorded(tf, work, calls, name, found[name]) for name in found}
    except Exception:  # noqa: BLE001 - whatever goes wrong here is not the case's doing
        traceback.print_exc()
        leave(NOT_RUN, "the live object could not be called or a key of the signature not mapped")
    tolerance = getattr(case, "tolerance", None)
    text = json.dumps({"signatures": record, "tolerance": tolerance})
    (work / "record.json").write_text(text)


def leave(code: int, sentence: str) -> NoReturn:
    """End the step with a sentence as the last line of its log."""
    print(sentence, flush=True)
    raise SystemExit(code)


def import_file(path: Path) -> Any:
    """Import a case as `python FILE` would find it, its neighbours importable."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The seven remedies, each from its one-line description.


def as_written(tf: Any, case: Any, obj: Any, directory: str) -> None:
    if hasattr(case, "save"):
        case.save(obj, directory)
    elif hasattr(case, "signatures"):
        tf.saved_model.save(obj, directory, signatures=case.signatures(obj))
    else:
        tf.saved_model.save(obj, directory)


def model_export(_tf: Any, case: Any, obj: Any, directory: str) -> None:
    stated = case.signatures(obj) if hasattr(case, "signatures") else None
    if isinstance(stated, dict) and len(stated) > 1:
        leave(NOT_APPLICABLE, "a model exports one signature, the case has several")
    if not is_keras(obj, "Model") and not hasattr(case, "as_model"):
        leave(NOT_APPLICABLE, "there is no Keras model to export")
    model = obj if is_keras(obj, "Model") else case.as_model(obj)
    if hasattr(case, "input_specs"):
        model.export(directory, input_signature=list(case.input_specs.values()))
    else:
        model.export(directory)


def export_archive(tf: Any, case: Any, obj: Any, directory: str) -> None:
    held = keras_objects(tf, case, obj)
    if not held:
        leave(NOT_APPLICABLE, "the object holds nothing of Keras to track")
    archive = keras_of(held[0]).export.ExportArchive()
    for item in held:
        archive.track(item)
    functions = tf_functions(tf, case, obj)
    for name, function in functions.items():
        arrays = inputs_of(case, name)
        sample = {} if function.input_signature else as_tensors(tf, arrays)
        function.get_concrete_function(**sample)
        archive.add_endpoint(name, function)
    if not functions:
        specs = {
            name: tf.TensorSpec((None, *array.shape[1:]), tf.as_dtype(array.dtype), name=name)
            for name, array in case.inputs.items()
        }
        signature = [arranged(tf, obj, specs)]
        archive.add_endpoint("serving_default", obj.call, input_signature=signature)
    archive.write_out(directory)


def track_keras_variables(tf: Any, case: Any, obj: Any, directory: str) -> None:
    obj.v = [v for held in keras_objects(tf, case, obj) for v in held.variables]
    as_written(tf, case, obj, directory)


def track_tf_variables(tf: Any, case: Any, obj: Any, directory: str) -> None:
    variables = [v for held in keras_objects(tf, case, obj) for v in held.variables]
    obj.v = [v.value if isinstance(v.value, tf.Variable) else v for v in variables]
    as_written(tf, case, obj, directory)


def resave(tf: Any, case: Any, obj: Any, directory: str) -> None:
    first = tempfile.mkdtemp(dir=Path(directory).parent)
    as_written(tf, case, obj, first)
    loaded = tf.saved_model.load(first)
    tf.saved_model.save(loaded, directory, signatures=loaded.signatures)


REMEDIES: dict[str, Callable[[Any, Any, Any, str], None]] = {
    "as-written": as_written,
    "legacy-keras": as_written,  # the variable is set for the whole process
    "model-export": model_export,
    "export-archive": export_archive,
    "track-keras-variables": track_keras_variables,
    "track-tf-variables": track_tf_variables,
    "resave": resave,
}


# What the remedies and the expected outputs need to know of the live object.


def is_keras(item: Any, kind: str) -> bool:
    """Whether an object is a Model or Layer of any Keras: keras or tf_keras, 2 or 3."""
    roots = {c.__module__.split(".")[0] for c in type(item).__mro__ if c.__name__ == kind}
    return bool(roots & {"keras", "tf_keras"})


def keras_of(item: Any) -> Any:
    """Return the Keras package that an object's base classes come from."""
    roots = [c.__module__.split(".")[0] for c in type(item).__mro__]
    return importlib.import_module("tf_keras" if "tf_keras" in roots else "keras")


def keras_objects(tf: Any, case: Any, obj: Any) -> list[Any]:
    """List the outermost Keras layers in the attributes, lists and dicts of an object."""
    if hasattr(case, "keras_objects"):
        return list(case.keras_objects(obj))

    def walk(item: Any) -> Iterator[Any]:
        if is_keras(item, "Layer"):
            yield item
        elif isinstance(item, dict):
            for value in item.values():
                yield from walk(value)
        elif isinstance(item, (list, tuple)):
            for value in item:
                yield from walk(value)
        elif isinstance(item, (tf.Module, tf.train.Checkpoint)):
            yield from walk({k: v for k, v in vars(item).items() if not k.startswith("_self_")})

    return list({id(item): item for item in walk(obj)}.values())


def inputs_of(case: Any, signature: str) -> dict[str, Any]:
    """Return the sample inputs of a signature."""
    several = all(isinstance(value, dict) for value in case.inputs.values())
    return dict(case.inputs[signature] if several else case.inputs)


def as_tensors(tf: Any, arrays: dict[str, Any]) -> dict[str, Any]:
    return {name: tf.constant(array) for name, array in arrays.items()}


def tf_functions(tf: Any, case: Any, obj: Any) -> dict[str, Any]:
    """Return the signatures the case states, or the one tf.function that TensorFlow chooses."""
    if hasattr(case, "signatures"):
        stated = case.signatures(obj)
        return dict(stated) if isinstance(stated, dict) else {"serving_default": stated}
    if is_keras(obj, "Model"):
        return {}
    members = [getattr(obj, name) for name in dir(obj)]
    functions = [m for m in members if isinstance(m, tf.types.experimental.GenericFunction)]
    (chosen,) = [function for function in functions if function.input_signature]
    return {"serving_default": chosen}


def arranged(tf: Any, model: Any, arguments: dict[str, Any]) -> Any:
    """Arrange arguments by name into the structure that a Keras model is called with."""
    structure = None
    with contextlib.suppress(AttributeError, ValueError):  # a subclassed model has none
        structure = model.input
    if structure is None:
        return next(iter(arguments.values())) if len(arguments) == 1 else arguments
    if isinstance(structure, dict) or not tf.nest.is_nested(structure):
        return arguments if isinstance(structure, dict) else next(iter(arguments.values()))
    return [arguments[tensor.name] for tensor in structure]


def live_calls(tf: Any, case: Any, obj: Any) -> dict[str, Live]:
    """Call the live object once for each signature of the case."""
    calls = {}
    for name, function in tf_functions(tf, case, obj).items():
        arrays = inputs_of(case, name)
        order = [p for p in inspect.signature(function.python_function).parameters if p in arrays]
        calls[name] = Live(order, arrays, function(**as_tensors(tf, arrays)), [])
    if not calls:
        named = as_tensors(tf, case.inputs)
        order = tf.nest.flatten(arranged(tf, obj, {name: name for name in named}))
        names = list(getattr(obj, "output_names", None) or [])
        outputs = obj(arranged(tf, obj, named))
        calls["serving_default"] = Live(order, dict(case.inputs), outputs, names)
    return calls


def recorded(
    tf: Any, work: Path, calls: dict[str, Live], name: str, signature: Any
) -> dict[str, dict[str, dict[str, Any]]]:
    """Write the arrays that one signature takes and has to give; key -> file, tensor and dtype."""
    live = calls.get(name)
    if live is None:  # another name for the only call, or ExportArchive's for the first endpoint
        assert len(calls) == 1 or name == "serving_default", name
        live = next(iter(calls.values()))
    arguments = live_inputs(list(signature.inputs), live.order)
    outputs = live_outputs(tf, list(signature.outputs), live)
    arrays = {
        "inputs": {key: live.arrays[argument] for key, argument in arguments.items()},
        "outputs": {key: np.asarray(tensor.numpy()) for key, tensor in outputs.items()},
    }
    slots: dict[str, dict[str, dict[str, Any]]] = {"inputs": {}, "outputs": {}}
    for side, infos in (("inputs", signature.inputs), ("outputs", signature.outputs)):
        for number, (key, array) in enumerate(arrays[side].items()):
            file = work / f"{name}-{side}-{number}.npy"
            np.save(file, np.array(array.tolist(), dtype="S") if array.dtype == object else array)
            info = infos[key]
            slots[side][key] = {"file": str(file), "tensor": info.name, "dtype": info.dtype}
    return slots


def live_inputs(keys: list[str], order: list[str]) -> dict[str, str]:
    """Say which argument each input key stands for: by name, or as x, x_1, x_2 by position."""
    if set(keys) == set(order):
        return {key: key for key in keys}
    base = min(keys, key=len)
    numbered = [base, *(f"{base}_{number}" for number in range(1, len(order)))]
    assert set(keys) == set(numbered), f"inputs {sorted(keys)} do not stand for {order}"
    return dict(zip(numbered, order, strict=True))


def live_outputs(tf: Any, keys: list[str], live: Live) -> dict[str, Any]:
    """Say which live output each key stands for: by name, by output_N, or by Keras 2's names."""
    flat = tf.nest.flatten(live.outputs)
    assert len(flat) == len(keys), f"outputs {sorted(keys)} do not stand for {len(flat)} tensors"
    if isinstance(live.outputs, dict) and set(live.outputs) == set(keys):
        return dict(live.outputs)
    if set(keys) == {f"output_{number}" for number in range(len(flat))}:
        return {f"output_{number}": tensor for number, tensor in enumerate(flat)}
    if set(keys) == set(live.output_names):
        return dict(zip(live.output_names, flat, strict=True))
    assert len(keys) == 1, f"outputs {sorted(keys)} have no known order"
    return {keys[0]: flat[0]}


# The loading steps: one signature each, in the consumer.


def load_step(request: dict[str, str]) -> None:
    """Load with tf.saved_model.load and call the signature."""
    work, signature = Path(request["work"]), request["signature"]
    tf: Any = importlib.import_module("tensorflow")
    entry = json.loads((work / "record.json").read_text())["signatures"][signature]
    (work / "stage").write_text("load")
    loaded = tf.saved_model.load(str(work / "artifact"))
    (work / "stage").write_text("run")
    feeds = {}
    for key, slot in entry["inputs"].items():
        array = np.load(slot["file"])
        if slot["dtype"] == BFLOAT16:
            array = array.view(tf.bfloat16.as_numpy_dtype)
        feeds[key] = tf.constant(array)
    for key, tensor in loaded.signatures[signature](**feeds).items():
        array = np.asarray(tensor.numpy())
        stored = np.array(array.tolist(), dtype="S") if array.dtype == object else array
        np.save(work / "out" / signature / f"{key}.npy", stored)


class Endpoint(ctypes.Structure):
    """TF_Output of the C API: the n-th output of an operation."""

    _fields_ = (("operation", ctypes.c_void_p), ("index", ctypes.c_int))


def c_api_step(request: dict[str, str]) -> None:
    """Load and run with the C API of the wheel's libtensorflow_cc, without TensorFlow's Python."""
    work, signature = Path(request["work"]), request["signature"]
    entry = json.loads((work / "record.json").read_text())["signatures"][signature]
    (work / "stage").write_text("load")
    c = CApi(Path(np.__file__).parents[1] / "tensorflow" / "libtensorflow_cc.so.2")
    c.load(work / "artifact")
    (work / "stage").write_text("run")
    feeds = [
        (c.endpoint(slot["tensor"]), c.tensor(np.load(slot["file"]), slot["dtype"]))
        for slot in entry["inputs"].values()
    ]
    results = c.run(feeds, [c.endpoint(slot["tensor"]) for slot in entry["outputs"].values()])
    for key, array in zip(entry["outputs"], results, strict=True):
        np.save(work / "out" / signature / f"{key}.npy", array)


class CApi:
    """The few functions of tensorflow/c/c_api.h that loading and running one signature takes."""

    def __init__(self, library: Path) -> None:
        self.lib = ctypes.CDLL(str(library))
        pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
        results = {
            pointer: "TF_NewStatus TF_NewGraph TF_NewSessionOptions TF_LoadSessionFromSavedModel "
            "TF_GraphOperationByName TF_AllocateTensor TF_TensorData",
            size: "TF_TensorByteSize TF_StringGetSize",
            ctypes.c_char_p: "TF_Message",
            ctypes.c_int64: "TF_Dim",
            number: "TF_GetCode TF_TensorType TF_NumDims",
        }
        for restype, names in results.items():
            for name in names.split():
                getattr(self.lib, name).restype = restype
        self.lib.TF_StringGetDataPointer.restype = pointer
        self.status = pointer(self.lib.TF_NewStatus())
        self.graph = pointer(self.lib.TF_NewGraph())
        self.session = pointer()

    def check(self) -> None:
        """Raise what the last call reported."""
        if self.lib.TF_GetCode(self.status):
            message = self.lib.TF_Message(self.status).decode(errors="replace")
            raise RuntimeError(message.replace("\n", " "))

    def load(self, directory: Path) -> None:
        """Load the graph and restore the variables of the tag `serve`."""
        options = ctypes.c_void_p(self.lib.TF_NewSessionOptions())
        tags = (ctypes.c_char_p * 1)(b"serve")
        self.session = ctypes.c_void_p(
            self.lib.TF_LoadSessionFromSavedModel(
                options, None, str(directory).encode(), tags, 1, self.graph, None, self.status
            )
        )
        self.check()

    def endpoint(self, tensor: str) -> Endpoint:
        """Find a tensor by its name in the signature, such as serving_default_x:0."""
        name, index = tensor.split(":")
        operation = self.lib.TF_GraphOperationByName(self.graph, name.encode())
        if not operation:
            raise RuntimeError(f"the graph has no operation {name}")
        return Endpoint(operation, int(index))

    def tensor(self, array: np.ndarray[Any, Any], dtype: int) -> ctypes.c_void_p:
        """Copy an array into a new tensor; strings into 24-byte slots that own their bytes."""
        expected = NUMPY_OF_TENSORFLOW[dtype]
        if dtype == BFLOAT16:
            array = array.view("uint16")
        if dtype != 7 and array.dtype != expected:
            raise RuntimeError(f"the signature takes {expected}, the input is {array.dtype}")
        size = 24 * array.size if dtype == 7 else array.nbytes
        dims = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
        length = ctypes.c_size_t(size)
        tensor = ctypes.c_void_p(self.lib.TF_AllocateTensor(dtype, dims, array.ndim, length))
        data = self.lib.TF_TensorData(tensor)
        if dtype != 7:
            ctypes.memmove(data, np.ascontiguousarray(array).ctypes.data, size)
            return tensor
        for number, text in enumerate(array.reshape(-1).tolist()):
            slot = ctypes.c_void_p(data + 24 * number)
            self.lib.TF_StringInit(slot)
            self.lib.TF_StringCopy(slot, text, ctypes.c_size_t(len(text)))
        return tensor

    def run(
        self, feeds: list[tuple[Endpoint, ctypes.c_void_p]], fetches: list[Endpoint]
    ) -> list[np.ndarray[Any, Any]]:
        """Run the session and copy the results out."""
        values = (ctypes.c_void_p * len(fetches))()
        self.lib.TF_SessionRun(
            self.session, None,
            (Endpoint * len(feeds))(*(endpoint for endpoint, _ in feeds)),
            (ctypes.c_void_p * len(feeds))(*(tensor for _, tensor in feeds)), len(feeds),
            (Endpoint * len(fetches))(*fetches), values, len(fetches),
            None, 0, None, self.status,
        )  # fmt: skip
        self.check()
        return [self.array(ctypes.c_void_p(value)) for value in values]

    def array(self, tensor: ctypes.c_void_p) -> np.ndarray[Any, Any]:
        """Copy a tensor into an array; bfloat16 as its bits."""
        dtype, data = self.lib.TF_TensorType(tensor), self.lib.TF_TensorData(tensor)
        shape = [self.lib.TF_Dim(tensor, axis) for axis in range(self.lib.TF_NumDims(tensor))]
        if dtype != 7:
            raw = ctypes.string_at(data, self.lib.TF_TensorByteSize(tensor))
            return np.frombuffer(raw, NUMPY_OF_TENSORFLOW[dtype]).reshape(shape)
        slots = [ctypes.c_void_p(data + 24 * number) for number in range(int(np.prod(shape)))]
        get, size = self.lib.TF_StringGetDataPointer, self.lib.TF_StringGetSize
        texts = [ctypes.string_at(get(slot), size(slot)) for slot in slots]
        return np.array(texts, dtype="S").reshape(shape)


if __name__ == "__main__":
    main()
