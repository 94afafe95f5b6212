"""The libtensorflow loader in real environments: the numbers, the failures, the memory.

In each environment one process saves artifacts with TensorFlow, and another one opens the C library
once, without Python's TensorFlow, and forks a child for every run, as a host does. What each child
answers is what the tests look at.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

LOADER = Path(__file__).parents[2] / "src/savedmodel_matrix/plugins/loaders/libtensorflow.py"
TYPES = (
    *("float16", "bfloat16", "float32", "float64", "complex64", "complex128", "bool", "string"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
)
SHAPES = ((), (0,), (3, 0, 2), (5,), (2, 3))

# Arguments: the directory to save in, and the names of the types.
SAVE = """
import json, sys
import keras
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf import saved_model_pb2

root, types = sys.argv[1], sys.argv[2:]
signatures = {}

def save(name, module, functions):
    tf.saved_model.save(module, f"{root}/{name}", signatures=functions)
    saved = saved_model_pb2.SavedModel()
    with open(f"{root}/{name}/saved_model.pb", "rb") as file:
        saved.ParseFromString(file.read())
    def entry(info):
        shape = [size.size for size in info.tensor_shape.dim]
        return {"tensor": info.name, "dtype": types_pb2.DataType.Name(info.dtype),
                "shape": None if info.tensor_shape.unknown_rank else shape}
    signatures[name] = {
        key: {"inputs": {k: entry(v) for k, v in definition.inputs.items()},
              "outputs": {k: entry(v) for k, v in definition.outputs.items()},
              "method": definition.method_name}
        for key, definition in saved.meta_graphs[0].signature_def.items()
        if key != "__saved_model_init_op"}

def echo(dtype):
    specs = [tf.TensorSpec(None, getattr(tf, dtype), name="x")]
    return tf.function(lambda x: {"same": tf.identity(x), "back": tf.reshape(x, [-1])[::-1]},
                       input_signature=specs)

save("types", tf.Module(), {dtype: echo(dtype) for dtype in types})

module = tf.Module()
module.v = tf.Variable([10.0, 20.0])
rows = tf.TensorSpec([None, 2], tf.float32)

@tf.function(input_signature=[rows, rows, tf.TensorSpec([], tf.int64)])
def several(a, b, n):
    tf.debugging.assert_none_equal(n, tf.constant(13, tf.int64), message="unlucky")
    d = a - b * 2 + module.v
    return {"z": d, "again": d, "a": tf.cast(a, tf.float16), "many": tf.repeat("x", [n]),
            "bigger": a > b}

save("several", module, {"serving_default": several})

module = tf.Module()
module.s = tf.Variable("")

@tf.function(input_signature=[tf.TensorSpec([], tf.string)])
def keep(x):
    module.s.assign(x)
    return {"kept": module.s.read_value()}

save("keep", module, {"serving_default": keep})

class Holder(tf.Module):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(2, bias_initializer="ones")
        self.dense(tf.zeros([1, 4]))

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
    def __call__(self, x):
        return {"y": self.dense(x)}

holder = Holder()
save("dense", holder, {"serving_default": holder.__call__})
x = [[1.0, 2.0, 3.0, 4.0]]
with open(f"{root}/answers.json", "w") as file:
    json.dump({"signatures": signatures, "dense": holder(tf.constant(x))["y"].numpy().tolist(),
               "keras": int(keras.__version__.split(".")[0])}, file)
"""

# Arguments: the loader's file, the directory, the steps as JSON. A step is the body of a function
# that uses `call`; what it returns, or the error and the stages that it reached, is printed.
RUN = """
import importlib.util, json, math, os, resource, sys, threading, types
import numpy as np

spec = importlib.util.spec_from_file_location("loader", sys.argv[1])
loader = importlib.util.module_from_spec(spec)
spec.loader.exec_module(loader)
root, steps = sys.argv[2], json.loads(sys.argv[3])
with open(f"{root}/answers.json") as file:
    saved = json.load(file)

def threads():
    tasks = "/proc/self/task"
    return len(os.listdir(tasks)) if os.path.isdir(tasks) else threading.active_count()

before = threads()
loader.prepare()
opening_started = threads() - before

def answer(body, reached):
    def call(artifact, signature="serving_default", inputs=(), signatures=None):
        known = saved["signatures"].get(artifact) if signatures is None else signatures
        directory = artifact if os.path.isabs(artifact) else f"{root}/{artifact}"
        return loader.run(types.SimpleNamespace(directory=directory, signatures=known),
                          signature, dict(inputs), reached.append)
    names = {"call": call, "np": np, "math": math, "saved": saved, "root": root, "os": os,
             "json": json, "resource": resource, "sys": sys}
    exec("def step():\\n" + "\\n".join("    " + line for line in body.splitlines()), names)
    return names["step"]()

answers = {"opening_started": opening_started}
for name, body in steps.items():
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        reached = []
        try:
            said = {"answer": answer(body, reached)}
        except BaseException as error:
            said = {"error": type(error).__name__, "message": str(error)}
        os.close(reading)
        with os.fdopen(writing, "w") as pipe:
            json.dump({**said, "stages": reached, "tensorflow": "tensorflow" in sys.modules}, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    ended = os.waitpid(child, 0)[1]
    answers[name] = json.loads(text) if text else {"error": f"ended with {ended}", "message": ""}
print("ANSWERS" + json.dumps(answers))
"""

STEPS = {
    "dense": """
x = np.array([[1, 2, 3, 4]], np.float32)
return call("dense", inputs={"x": x})["y"].tolist()
""",
    "several": """
a, b = np.array([[1, 2], [3, 4]], np.float32), np.array([[5, 6], [7, 9]], np.float32)
found = call("several", inputs={"n": np.int32(3), "b": np.asfortranarray(b), "a": a.astype(float)})
return {key: [str(value.dtype), value.tolist() if key != "many" else [t.decode() for t in value]]
        for key, value in found.items()}
""",
    "types": """
wrong = []
for dtype in saved["signatures"]["types"]:
    for shape in SHAPES:
        count = math.prod(shape)
        if dtype == "string":
            texts = [b"", b"a\\0b\\0", b"s" * 22, b"l" * 23, b"\\xff\\xfe", b"\\0"][:count]
            value = np.array([*texts, None], object)[:-1].reshape(shape)
        elif dtype == "bool":
            value = np.arange(count).reshape(shape) % 2 == 0
        else:
            if dtype == "bfloat16":
                import ml_dtypes
            numbers = np.arange(count).astype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
            value = (numbers * (1 + 2j) if "complex" in dtype else numbers - 2.5 if "float" in dtype
                     else ~numbers).astype(numbers.dtype).reshape(shape)
        found = call("types", dtype, {"x": value})
        for key, expected in {"same": value, "back": value.ravel()[::-1]}.items():
            got = found[key]
            kind = (expected.dtype, expected.shape)
            if (got.dtype, got.shape) != kind or (got != expected).any():
                wrong.append([dtype, shape, key, repr(expected), repr(got)])
return wrong
""".replace("SHAPES", repr(SHAPES)),
    "large string": """
value = np.array([os.urandom(10_000_000), b"small"], object)
return bool((call("types", "string", {"x": value})["same"] == value).all())
""",
    "memory": """
value, scale = np.array(b"s" * 10_000_000, object), 1 if sys.platform == "darwin" else 1024
peaks = []
for _ in range(40):
    call("types", "string", {"x": value})
    call("keep", inputs={"x": value})
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale)
return peaks[-1] - peaks[9]
""",
    "gone": """
signatures = json.loads(json.dumps(saved["signatures"]["several"]))
signatures["serving_default"]["outputs"]["z"]["tensor"] = "Nowhere:0"
call("several", signatures=signatures)
""",
    "beyond": """
signatures = json.loads(json.dumps(saved["signatures"]["several"]))
signatures["serving_default"]["outputs"]["z"]["tensor"] = "StatefulPartitionedCall:99"
rows = np.zeros((1, 2), np.float32)
call("several", inputs={"a": rows, "b": rows, "n": np.int64(1)}, signatures=signatures)
""",
    "left out": 'call("several")',
    "asserts": """
rows = np.zeros((1, 2), np.float32)
call("several", inputs={"a": rows, "b": rows, "n": np.int64(13)})
""",
    "no directory": 'call("nothing here")',
    "broken": """
os.mkdir(f"{root}/broken")
with open(f"{root}/broken/saved_model.pb", "wb") as file:
    file.write(b"not a SavedModel")
call("broken")
""",
    "cut short": """
import shutil
shutil.copytree(f"{root}/several", f"{root}/cut")
os.truncate(f"{root}/cut/variables/variables.data-00000-of-00001", 3)
call("cut", signatures=saved["signatures"]["several"])
""",
}

_ANSWERS: dict[Path, dict[str, Any]] = {}


@pytest.fixture
def answers(environment: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what each of the STEPS answered in this environment, worked out once."""
    python = Path(environment.python)
    if python not in _ANSWERS:
        root = tmp_path_factory.mktemp(f"libtensorflow-{environment.name}")
        _output_of(python, SAVE, str(root), *TYPES)
        output = _output_of(python, RUN, str(LOADER), str(root), json.dumps(STEPS))
        saved = json.loads((root / "answers.json").read_text())
        _ANSWERS[python] = {**saved, "steps": json.loads(output.partition("ANSWERS")[2])}
    return _ANSWERS[python]


def _output_of(python: Path, script: str, *arguments: str) -> str:
    ended = subprocess.run(
        [python, "-c", script, *arguments], capture_output=True, text=True, timeout=600, check=False
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    return ended.stdout


def test_opening_the_library_starts_no_thread(answers: dict[str, Any]) -> None:
    assert answers["steps"]["opening_started"] == 0


@pytest.mark.parametrize("step", STEPS)
def test_python_s_tensorflow_is_never_imported(answers: dict[str, Any], step: str) -> None:
    assert answers["steps"][step]["tensorflow"] is False


def test_every_type_and_shape_passes_through(answers: dict[str, Any]) -> None:
    assert sorted(answers["signatures"]["types"]) == sorted(TYPES)
    assert answers["steps"]["types"].get("answer") == [], answers["steps"]["types"]


def test_several_inputs_and_outputs_keep_their_keys(answers: dict[str, Any]) -> None:
    found = answers["steps"]["several"]
    assert found.get("answer") == {
        "z": ["float32", [[1.0, 10.0], [-1.0, 6.0]]],
        "again": ["float32", [[1.0, 10.0], [-1.0, 6.0]]],
        "a": ["float16", [[1.0, 2.0], [3.0, 4.0]]],
        "many": ["object", ["x", "x", "x"]],
        "bigger": ["bool", [[False, False], [False, False]]],
    }, found
    assert found["stages"] == ["load", "run"]


def test_a_string_of_ten_megabytes_passes_through(answers: dict[str, Any]) -> None:
    assert answers["steps"]["large string"].get("answer") is True, answers["steps"]["large string"]


def test_thirty_runs_take_no_more_memory_than_ten(answers: dict[str, Any]) -> None:
    # A string of 10 MB goes in and comes out, and goes into a variable, each time: one of them kept
    # by mistake would add 300 MB.
    assert answers["steps"]["memory"].get("answer", 10**12) < 100_000_000, answers["steps"][
        "memory"
    ]


def test_a_keras_3_layer_in_a_module_fails_and_a_keras_2_layer_does_not(
    answers: dict[str, Any],
) -> None:
    found = answers["steps"]["dense"]  # keras-team/keras#20095
    if answers["keras"] == 2:
        assert found["answer"] == [pytest.approx(answers["dense"][0], rel=1e-5)]
    else:
        assert found["message"].startswith("FAILED_PRECONDITION: Could not find variable dense/")
        assert (found["error"], found["stages"]) == ("TensorFlowError", ["load", "run"])


@pytest.mark.parametrize(
    ("step", "start", "contains", "stages"),
    [
        ("gone", "NOT_FOUND: the graph has no tensor 'Nowhere:0', stated for z", "", 2),
        ("beyond", "OUT_OF_RANGE: ", "does not have output 99", 2),
        ("left out", "INVALID_ARGUMENT: You must feed a value for placeholder", "", 2),
        ("asserts", "INVALID_ARGUMENT: ", "unlucky", 2),
        ("no directory", "NOT_FOUND: Could not find SavedModel", "nothing here", 1),
        ("broken", "", "", 1),
        ("cut short", "", "RestoreV2", 1),
    ],
)
def test_a_failure_is_told_with_its_code_message_and_stage(
    answers: dict[str, Any], step: str, start: str, contains: str, stages: int
) -> None:
    found = answers["steps"][step]
    assert found["error"] == "TensorFlowError", found
    assert found["message"].startswith(start)
    assert contains in found["message"]
    assert found["stages"] == ["load", "run"][:stages]
