"""What an engineer would write by hand to answer one cell: a fresh process for every step.

    plain.py --case FILE --remedy NAME --producer PYTHON --consumer PYTHON --loader NAME

prints one JSON object: status, stage, message. It is the reference that the harness is held against
and shares no code with it. One process builds the case, saves it as the remedy says and writes down
inputs and expected outputs; then one for each signature loads the artifact and runs it.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = ["-P", __file__, "--step"]  # this file, in another Python whose path stays its own
C_API = ["-P", str(Path(__file__).with_name("plain_c_api.py"))]
SECONDS = 300
NOT_APPLICABLE, NOT_RUN = 3, 4  # exit statuses of the saving step, beside 1 for an exception
BFLOAT16, HALF = 14, 19  # as tensorflow/core/framework/types.proto numbers them


class StepError(Exception):
    """A cell that does not pass: status, stage and message."""


class Live(NamedTuple):
    """One call of the live object: its arguments, in order, and what came out."""

    order: list[str]
    keys: list[str]  # what the TensorSpecs of its input_signature call them
    arrays: dict[str, Any]
    outputs: Any
    output_names: list[str]  # as Keras 2 tells them


def main() -> None:
    """Answer for the cell named on the command line, or do one of its steps."""
    if sys.argv[1:2] == ["--step"]:
        STEPS[sys.argv[2]](*json.loads(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description="Answer one cell with a process per step.")
    for name in ("case", "remedy", "producer", "consumer", "loader"):
        parser.add_argument(f"--{name}", required=True)
    print(json.dumps(outcome(**vars(parser.parse_args()))))


def outcome(*, case: str, remedy: str, producer: str, consumer: str, loader: str) -> dict[str, str]:
    """Save and load as the arguments of the command line say; status, stage and message."""
    return outcomes(
        case=case, remedy=remedy, producer=producer, consumer=consumer, loaders=[loader]
    )[loader]


def outcomes(
    *,
    case: str,
    remedy: str,
    producer: str,
    consumer: str,
    loaders: list[str],
    variables: dict[str, str] | None = None,
) -> dict[str, dict[str, str]]:
    """Save once and load with each loader; status, stage and message of each.

    ``variables`` are those that both environments need, such as where an older Keras is.
    """
    own = variables or {}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        settings = {"TF_USE_LEGACY_KERAS": "1"} if remedy == "legacy-keras" else {}
        request = json.dumps([name, str(Path(case).resolve()), remedy])
        try:
            in_fresh_process(work, [producer, *HERE, "save", request], own | settings)
        except StepError as early:
            return dict.fromkeys(loaders, told(early))
        record = json.loads((work / "record.json").read_text())
        found = {}
        for loader in loaders:
            found[loader] = {"status": "pass", "stage": "values", "message": ""}
            try:
                for signature in sorted(record["signatures"]):
                    run_signature(work, record, signature, consumer, loader, own)
            except StepError as early:
                found[loader] = told(early)
    return found


def told(error: StepError) -> dict[str, str]:
    return dict(zip(("status", "stage", "message"), error.args, strict=True))


def run_signature(
    work: Path,
    record: dict[str, Any],
    signature: str,
    consumer: str,
    loader: str,
    own: dict[str, str],
) -> None:
    """Load the artifact, run one signature and compare its numbers."""
    entry, out = record["signatures"][signature], work / "out" / loader / signature
    out.mkdir(parents=True)
    if loader == "saved_model_cli":
        feeds = ";".join(f"{key}={slot['file']}" for key, slot in entry["inputs"].items())
        command = [str(Path(consumer).with_name(loader)), "run", "--dir", str(work / "artifact")]
        command += ["--tag_set", "serve", "--signature_def", signature, "--inputs", feeds]
        in_fresh_process(work, [*command, "--outdir", str(out)], own)
    else:
        request = json.dumps([str(work), signature, str(out)])
        step = C_API if loader == "libtensorflow" else [*HERE, loader]
        in_fresh_process(work, [consumer, *step, request], own)
    for key, slot in entry["outputs"].items():
        wrong = difference(slot, out / f"{key}.npy", record["tolerance"])
        if wrong:
            raise StepError("fail", "values", f"{signature}: {key}: {wrong}")


def in_fresh_process(work: Path, command: list[str], settings: dict[str, str]) -> None:
    """Run a command with a clean set of environment variables, to a good end or raise StepError."""
    variables = {name: os.environ[name] for name in ("PATH", "HOME")} | settings
    stage, log = work / "stage", work / "log"
    stage.unlink(missing_ok=True)
    with log.open("w") as sink:
        try:
            code = subprocess.run(
                command, env=variables, cwd=tempfile.mkdtemp(dir=work), timeout=SECONDS,
                check=False, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            code = None
    if code == 0:
        return
    text = log.read_text(errors="replace")
    sentence = text.strip().rpartition("\n")[2]
    # The frames of the last traceback, and what was raised, whose text may quote other frames.
    last = text[max(text.rfind("Traceback (most recent call last):"), 0) :]
    raised = re.match(r"Traceback .*\n((?: .*\n)*)(\S[\s\S]*)", last)
    frames, message = raised.groups() if raised else ("", sentence)
    # saved_model_cli marks no stage; its frames tell whether loading had ended.
    reached = stage.read_text() if stage.exists() else "load" if "loader_impl" in frames else "run"
    if code == NOT_APPLICABLE:
        raise StepError("not-applicable", "", sentence)
    if code == NOT_RUN or reached == "environment":
        raise StepError("not-run", reached, sentence)
    status = "timeout" if code is None else "crash" if code < 0 else "fail"
    raise StepError(status, reached, " ".join(message.split())[:600])


def difference(slot: dict[str, Any], path: Path, tolerance: float | None) -> str:
    """Say how the array in a file differs from the one that was expected, if it does."""
    if not path.exists():
        return "no such output"
    expected, found = (plain_numbers(file, slot["dtype"]) for file in (slot["file"], path))
    if found.shape != expected.shape:
        return f"shape {found.shape}, not {expected.shape}"
    if expected.dtype.kind not in "fc":
        return "" if np.array_equal(found, expected) else "not equal"
    rtol, atol = (1e-2, 1e-2) if slot["dtype"] in (BFLOAT16, HALF) else (1e-5, 1e-6)
    if tolerance is not None:
        rtol = atol = tolerance
    if np.allclose(found, expected, rtol=rtol, atol=atol, equal_nan=True):
        return ""
    return f"off by {np.max(np.abs(found - expected))}"


def plain_numbers(path: str | Path, dtype: int) -> Any:
    """Read an array; bfloat16, which plain numpy has not, as float32."""
    array = plain_strings(np.load(path, allow_pickle=True))
    if dtype != BFLOAT16:
        return array
    return (array.view("uint16").astype("uint32") << 16).view("float32")


def plain_strings(value: Any) -> Any:
    """Bring an array of Python's bytes objects to one of fixed width, which needs no pickle."""
    array = np.asarray(value)
    return np.array(array.tolist(), dtype="S") if array.dtype == object else array


# The saving step: runs in the producer.


def save_step(directory: str, file: str, remedy: str) -> None:
    """Build the case, save it, and write inputs, expected outputs and their keys beside it."""
    work = Path(directory)
    (work / "stage").write_text("environment")
    tf: Any = importlib.import_module("tensorflow")
    (work / "stage").write_text("build")
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the seed of whoever uses the legacy generator
    tf.random.set_seed(0)
    sys.dont_write_bytecode = True  # leave nothing beside the case
    sys.path.insert(0, str(Path(file).parent))
    case: Any = importlib.import_module(Path(file).stem)
    obj = case.build()
    (work / "stage").write_text("save")
    REMEDIES[remedy](tf, case, obj, str(work / "artifact"))
    if remedy in KERAS_FILES:
        record = {"call": {"inputs": {}, "outputs": called(tf, work, case, obj)}}
        answer = {"signatures": record, "tolerance": getattr(case, "tolerance", None), "case": file}
        (work / "record.json").write_text(json.dumps(answer))
        return
    saved_model: Any = importlib.import_module("tensorflow.core.protobuf.saved_model_pb2")
    proto = saved_model.SavedModel.FromString((work / "artifact" / "saved_model.pb").read_bytes())
    found = {k: v for k, v in proto.meta_graphs[0].signature_def.items() if not k.startswith("__")}
    if not found:
        raise SystemExit("SystemExit: the artifact has no signature")
    try:
        calls = live_calls(tf, case, obj)
        record = {name: recorded(tf, work, calls, name, found[name]) for name in found}
    except Exception as error:  # noqa: BLE001 - whatever goes wrong here is not the case's doing
        leave(NOT_RUN, f"no expected outputs: {error!r}")
    answer = {"signatures": record, "tolerance": getattr(case, "tolerance", None)}
    (work / "record.json").write_text(json.dumps(answer))


def leave(code: int, sentence: str) -> NoReturn:
    print("", sentence.replace("\n", " "), sep="\n", flush=True)
    raise SystemExit(code)


# The seven remedies, each from its one-line description.


def as_written(tf: Any, case: Any, obj: Any, directory: str) -> None:
    if hasattr(case, "save"):
        case.save(obj, directory)
        return
    stated = {"signatures": case.signatures(obj)} if hasattr(case, "signatures") else {}
    tf.saved_model.save(obj, directory, **stated)


def model_export(tf: Any, case: Any, obj: Any, directory: str) -> None:
    if hasattr(case, "signatures") and len(tf_functions(tf, case, obj)) > 1:
        leave(NOT_APPLICABLE, "a model exports one signature, the case has several")
    if not is_keras(obj, "Model") and not hasattr(case, "as_model"):
        leave(NOT_APPLICABLE, "there is no Keras model to export")
    specs = list(getattr(case, "input_specs", {}).values())
    model = obj if is_keras(obj, "Model") else case.as_model(obj)
    model.export(directory, **({"input_signature": specs} if specs else {}))


def export_archive(tf: Any, case: Any, obj: Any, directory: str) -> None:
    held = keras_objects(tf, case, obj)
    if not held:
        leave(NOT_APPLICABLE, "the object holds nothing of Keras to track")
    roots = [c.__module__.split(".")[0] for c in type(held[0]).__mro__]
    keras: Any = importlib.import_module("tf_keras" if "tf_keras" in roots else "keras")
    archive = keras.export.ExportArchive()
    for item in held:
        archive.track(item)
    functions = tf_functions(tf, case, obj)
    for name, function in functions.items():
        sample = {} if function.input_signature else inputs_of(case, name)
        function.get_concrete_function(**{key: tf.constant(a) for key, a in sample.items()})
        archive.add_endpoint(name, function)
    if not functions:
        shapes = {name: (None, *array.shape[1:]) for name, array in case.inputs.items()}
        specs = {n: tf.TensorSpec(shapes[n], a.dtype, name=n) for n, a in case.inputs.items()}
        archive.add_endpoint("serving_default", obj.call, input_signature=[arranged(obj, specs)])
    archive.write_out(directory)


def track_keras_variables(tf: Any, case: Any, obj: Any, directory: str) -> None:
    obj.v = [v for held in keras_objects(tf, case, obj) for v in held.variables]
    as_written(tf, case, obj, directory)


def track_tf_variables(tf: Any, case: Any, obj: Any, directory: str) -> None:
    variables = [v for held in keras_objects(tf, case, obj) for v in held.variables]
    values = [getattr(v, "value", None) for v in variables]
    pairs = zip(variables, values, strict=True)
    obj.v = [value if isinstance(value, tf.Variable) else v for v, value in pairs]
    as_written(tf, case, obj, directory)


def resave(tf: Any, case: Any, obj: Any, directory: str) -> None:
    first = tempfile.mkdtemp(dir=Path(directory).parent)
    as_written(tf, case, obj, first)
    loaded = tf.saved_model.load(first)
    tf.saved_model.save(loaded, directory, signatures=loaded.signatures)


def keras_file(file: str, tf: Any, case: Any, obj: Any, directory: str) -> None:
    model = case.as_model(obj) if hasattr(case, "as_model") else obj
    if not is_keras(model, "Model") or len(tf_functions_stated(case, obj)) > 1:
        leave(NOT_APPLICABLE, "no Keras model does all that is served")
    Path(directory).mkdir()
    model.save(f"{directory}/{file}")


# legacy-keras is a variable of the whole process, set by `outcome`.
REMEDIES: dict[str, Callable[[Any, Any, Any, str], None]] = {
    "as-written": as_written, "legacy-keras": as_written, "resave": resave,
    "model-export": model_export, "export-archive": export_archive,
    "track-keras-variables": track_keras_variables, "track-tf-variables": track_tf_variables,
}  # fmt: skip


KERAS_FILES = {"keras-file": "model.keras", "h5-file": "model.h5"}
REMEDIES |= {name: partial(keras_file, file) for name, file in KERAS_FILES.items()}


# What the remedies and the expected outputs need to know of the live object.


def is_keras(item: Any, kind: str) -> bool:
    """Whether an object is a Model or Layer of any Keras: keras or tf_keras, 2 or 3."""
    named = [c for c in type(item).__mro__ if c.__name__ == kind]
    return any(c.__module__.split(".")[0] in ("keras", "tf_keras") for c in named)


def keras_objects(tf: Any, case: Any, obj: Any) -> list[Any]:
    """List the outermost Keras layers in the attributes, lists and dicts of an object."""
    if hasattr(case, "keras_objects"):
        return list(case.keras_objects(obj))

    held, seen, waiting = [], set(), [obj]
    while waiting:
        item = waiting.pop(0)
        if id(item) in seen:
            continue
        seen.add(id(item))
        if is_keras(item, "Layer"):
            held.append(item)
        elif isinstance(item, (dict, list, tuple, tf.Module)):
            holder = vars(item) if isinstance(item, tf.Module) else item
            waiting.extend(holder.values() if isinstance(holder, dict) else holder)
    return held


def inputs_of(case: Any, signature: str) -> dict[str, Any]:
    several = any(isinstance(value, dict) for value in case.inputs.values())
    return dict(case.inputs[signature] if several else case.inputs)


def tf_functions_stated(case: Any, obj: Any) -> dict[str, Any]:
    stated = case.signatures(obj) if hasattr(case, "signatures") else {}
    return dict(stated) if isinstance(stated, dict) else {"serving_default": stated}


def tf_functions(tf: Any, case: Any, obj: Any) -> dict[str, Any]:
    """Return the signatures the case states, or the one tf.function that TensorFlow chooses."""
    if stated := tf_functions_stated(case, obj):
        return stated
    if is_keras(obj, "Model"):
        return {}
    members = [getattr(obj, name) for name in dir(obj)]
    kind = tf.types.experimental.GenericFunction
    (chosen,) = [m for m in members if isinstance(m, kind) and m.input_signature]
    return {"serving_default": chosen}


def arranged(model: Any, arguments: dict[str, Any]) -> Any:
    """Arrange arguments by name into the structure that a Keras model is called with."""
    try:
        structure = model.input
    except (AttributeError, ValueError):  # a subclassed model has none
        structure = None
    if isinstance(structure, (list, tuple)):
        return [arguments[tensor.name] for tensor in structure]
    single = len(arguments) == 1 and not isinstance(structure, dict)
    return next(iter(arguments.values())) if single else arguments


def live_calls(tf: Any, case: Any, obj: Any) -> dict[str, Live]:
    """Call the live object once for each signature of the case."""
    calls = {}
    for name, function in tf_functions(tf, case, obj).items():
        arrays = inputs_of(case, name)
        order = [p for p in inspect.signature(function.python_function).parameters if p in arrays]
        keys = [spec.name for spec in function.input_signature or ()]
        named = {key: tf.constant(array) for key, array in arrays.items()}
        calls[name] = Live(order, keys, arrays, function(**named), [])
    return calls or {"serving_default": model_call(tf, case.inputs, obj)}


def model_call(tf: Any, inputs: dict[str, Any], model: Any) -> Live:
    """Call a Keras model as its own code says."""
    named = {key: tf.constant(array) for key, array in inputs.items()}
    parameters = [p for p in inspect.signature(model.call).parameters if p in named]
    names = list(getattr(model, "output_names", None) or [])
    if len(parameters) == len(named) > 1:  # call takes them one by one
        return Live(parameters, [], inputs, model(**named), names)
    order = tf.nest.flatten(arranged(model, {name: name for name in named}))
    return Live(order, [], inputs, model(arranged(model, named)), names)


def called(tf: Any, work: Path, case: Any, obj: Any) -> Any:
    """Write down what the only call of the live object gives, output by output."""
    try:
        (live,) = live_calls(tf, case, obj).values()
        slots = {}
        for number, tensor in enumerate(tf.nest.flatten(live.outputs)):
            file = work / f"expected-{number}.npy"
            array = tensor.numpy() if hasattr(tensor, "numpy") else np.asarray(tensor)
            np.save(file, plain_strings(array))
            dtype = tf.as_dtype(tensor.dtype).as_datatype_enum
            slots[f"output_{number}"] = {"file": str(file), "dtype": dtype}
    except Exception as error:  # noqa: BLE001 - whatever goes wrong here is not the case's doing
        leave(NOT_RUN, f"no expected outputs: {error!r}")
    return slots


def recorded(tf: Any, work: Path, calls: dict[str, Live], name: str, signature: Any) -> Any:
    """Write the arrays that one signature takes and has to give; key -> file, tensor and dtype."""
    live = calls.get(name)
    if live is None:  # another name for the only call, or ExportArchive's for the first endpoint
        assert len(calls) == 1 or name == "serving_default", name
        live = next(iter(calls.values()))
    given = {k: live.arrays[a] for k, a in live_inputs(list(signature.inputs), live).items()}
    named = live_outputs(tf, list(signature.outputs), live)
    # What a model on JAX returns is an array of JAX's, without that method.
    wanted = {k: t.numpy() if hasattr(t, "numpy") else np.asarray(t) for k, t in named.items()}
    arrays = [("inputs", signature.inputs, given), ("outputs", signature.outputs, wanted)]
    slots: dict[str, dict[str, Any]] = {"inputs": {}, "outputs": {}}
    for side, infos, named in arrays:
        for number, (key, array) in enumerate(named.items()):
            file = work / f"{name}-{side}-{number}.npy"
            np.save(file, plain_strings(array))
            tensor, dtype = infos[key].name, infos[key].dtype
            slots[side][key] = {"file": str(file), "tensor": tensor, "dtype": dtype}
    return slots


def live_inputs(keys: list[str], live: Live) -> dict[str, str]:
    """Say which argument each key stands for: by name, or as x, x_1 or args_0, args_1 by place."""
    order = live.order
    if set(keys) == set(live.keys):
        return dict(zip(live.keys, order, strict=True))
    if set(keys) == set(order):
        return {key: key for key in keys}
    counted = [f"args_{number}" for number in range(len(order))]
    if len(order) > 1 and set(keys) == set(counted):  # arguments one by one
        return dict(zip(counted, order, strict=True))
    base = min(keys, key=len)
    numbered = [base, *(f"{base}_{number}" for number in range(1, len(keys)))]
    assert set(keys) == set(numbered), f"inputs {sorted(keys)} do not stand for {order}"
    assert len(keys) <= len(order), f"inputs {sorted(keys)} are more than {order}"
    return dict(zip(numbered, order, strict=False))  # the last ones may be left out


def live_outputs(tf: Any, keys: list[str], live: Live) -> dict[str, Any]:
    """Say which live output each key stands for: by name, or by its place among all."""
    flat = tf.nest.flatten(live.outputs)
    assert len(flat) == len(keys), f"outputs {sorted(keys)} do not stand for {len(flat)} tensors"
    if isinstance(live.outputs, dict) and set(live.outputs) == set(keys):
        return dict(live.outputs)
    # output_N counts from 0; in what Keras 2 writes for a subclassed model, from 1.
    counted = [[f"output_{first + n}" for n in range(len(flat))] for first in (0, 1)]
    for names in (live.output_names, *counted):
        if set(keys) == set(names):
            return dict(zip(names, flat, strict=True))
    assert len(keys) == 1, f"outputs {sorted(keys)} have no known order"
    return {keys[0]: flat[0]}


# The loading steps: one signature each, in the consumer.


def load_step(directory: str, signature: str, out: str) -> None:
    """Load with tf.saved_model.load and call the signature."""
    work = Path(directory)
    entry = json.loads((work / "record.json").read_text())["signatures"][signature]
    (work / "stage").write_text("environment")
    tf: Any = importlib.import_module("tensorflow")
    (work / "stage").write_text("load")
    loaded = tf.saved_model.load(str(work / "artifact"))
    (work / "stage").write_text("run")
    feeds = {}
    for key, slot in entry["inputs"].items():
        array, half = np.load(slot["file"]), tf.bfloat16.as_numpy_dtype
        feeds[key] = tf.constant(array.view(half) if slot["dtype"] == BFLOAT16 else array)
    for key, tensor in loaded.signatures[signature](**feeds).items():
        np.save(Path(out) / f"{key}.npy", plain_strings(tensor.numpy()))


def tflite_step(directory: str, signature: str, out: str) -> None:
    """Convert with TensorFlow's converter, once, and run the signature in its interpreter."""
    work = Path(directory)
    entry = json.loads((work / "record.json").read_text())["signatures"][signature]
    (work / "stage").write_text("environment")
    tf: Any = importlib.import_module("tensorflow")
    (work / "stage").write_text("load")
    file = work / "model.tflite"
    if not file.exists():
        converter = tf.lite.TFLiteConverter.from_saved_model(str(work / "artifact"))
        file.write_bytes(converter.convert())
    interpreter = tf.lite.Interpreter(str(file))
    known = interpreter.get_signature_list()  # of two names of one function it keeps one
    runner = interpreter.get_signature_runner(signature if signature in known else min(known))
    (work / "stage").write_text("run")
    feeds = {}
    for key, slot in entry["inputs"].items():
        array, half = np.load(slot["file"]), tf.bfloat16.as_numpy_dtype
        feeds[key] = array.view(half) if slot["dtype"] == BFLOAT16 else array
    for key, array in runner(**feeds).items():
        np.save(Path(out) / f"{key}.npy", plain_strings(array))


def keras_step(directory: str, _: str, out: str) -> None:
    """Load a file of Keras's own, beside the code of the case, and call the model."""
    work = Path(directory)
    file = json.loads((work / "record.json").read_text())["case"]
    (work / "stage").write_text("environment")
    tf: Any = importlib.import_module("tensorflow")
    sys.dont_write_bytecode = True  # leave nothing beside the case
    sys.path.insert(0, str(Path(file).parent))
    case: Any = importlib.import_module(Path(file).stem)
    (work / "stage").write_text("load")
    (saved,) = (work / "artifact").iterdir()
    model = tf.keras.models.load_model(str(saved))
    (work / "stage").write_text("run")
    outputs = model_call(tf, case.inputs, model).outputs  # of one signature, so they are flat
    for number, tensor in enumerate(tf.nest.flatten(outputs)):
        np.save(Path(out) / f"output_{number}.npy", plain_strings(np.asarray(tensor)))


STEPS: dict[str, Callable[..., None]] = {
    "save": save_step, "tf.saved_model.load": load_step, "tflite": tflite_step,
    "keras.models.load_model": keras_step,
}  # fmt: skip

if __name__ == "__main__":
    main()
