"""Write tflite_operators.json: which version of which TFLite operator each runtime resolves.

    python measure_operators.py PYTHON… [--published runtime_version.cc --schema schema.fbs]

PYTHON is an interpreter of an environment with TensorFlow or ai-edge-litert; each is started once
and given a model of one operator code for every code and version. `--published` and `--schema` take
the two files of github.com/google-ai-edge/LiteRT, in tflite/converter/, from which the names and
the published versions come. What is not given stays as it is.
"""

import argparse
import collections
import json
import re
import subprocess
import sys
from pathlib import Path

DATA = Path(__file__).parents[3] / "src/savedmodel_matrix/savedmodel/tflite_operators.json"
NOT_OPERATORS = {32, 51, 127}  # CUSTOM, DELEGATE, PLACEHOLDER_FOR_GREATER_OP_CODES
VERSIONS = 20


def model(code, version):
    """Return a model with one operator code and nothing to run."""
    import flatbuffers

    builder = flatbuffers.Builder(256)

    def vector(*offsets):
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()

    builder.StartObject(4)
    builder.PrependInt8Slot(0, min(code, 127), 0)
    builder.PrependInt32Slot(2, version, 1)
    builder.PrependInt32Slot(3, code, 0)
    codes = vector(builder.EndObject())
    empty = [vector() for _ in range(4)]
    builder.StartObject(6)
    for slot, offset in enumerate(empty):
        builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
    subgraphs = vector(builder.EndObject())
    builder.StartObject(3)
    buffers = vector(builder.EndObject())
    builder.StartObject(8)
    builder.PrependUint32Slot(0, 3, 0)
    builder.PrependUOffsetTRelativeSlot(1, codes, 0)
    builder.PrependUOffsetTRelativeSlot(2, subgraphs, 0)
    builder.PrependUOffsetTRelativeSlot(4, buffers, 0)
    builder.Finish(builder.EndObject(), b"TFL3")
    return bytes(builder.Output())


def measure():
    """Print what the runtime of this process resolves: its name, and the highest version by code."""
    try:
        import tensorflow as tf

        interpreter = tf.lite.Interpreter
        runtime = ".".join(tf.__version__.split(".")[:2])
    except ImportError:
        import importlib.metadata

        from ai_edge_litert import interpreter as litert

        interpreter = litert.Interpreter
        runtime = f"LiteRT {importlib.metadata.version('ai-edge-litert')}"
    highest = {}
    for code in range(210):
        for version in range(1, VERSIONS) if code not in NOT_OPERATORS else ():
            try:
                interpreter(model_content=model(code, version))
            except ValueError as error:
                if "find op for builtin opcode" not in str(error):
                    raise
            else:
                highest[code] = version
    print(json.dumps([runtime, highest]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pythons", nargs="*")
    parser.add_argument("--published", type=Path)
    parser.add_argument("--schema", type=Path)
    given = parser.parse_args()
    data = json.loads(DATA.read_text()) if DATA.exists() else {}
    if given.schema:
        enum = given.schema.read_text().partition("enum BuiltinOperator ")[2].partition("\n}")[0]
        data["codes"] = dict(re.findall(r"^  (\w+) ?= ?(\d+)", enum, re.MULTILINE))
        data["codes"] = {name: int(code) for name, code in data["codes"].items()}
    if given.published:
        found: dict[str, dict[int, str]] = collections.defaultdict(dict)
        pattern = r'\{\{BuiltinOperator_(\w+),\s*(\d+)\},\s*"([\d.]+)"\}'
        for name, version, first in re.findall(pattern, given.published.read_text()):
            found[name][int(version)] = ".".join(first.split(".")[:2])
        data["published"] = {
            name: [firsts.get(v) for v in range(1, max(firsts) + 1)]
            for name, firsts in sorted(found.items())
        }
    names = {code: name for name, code in data["codes"].items()}
    measured = data.setdefault("measured", {})
    for python in given.pythons:
        ran = subprocess.run([python, __file__, "--measure"], capture_output=True, check=True)
        runtime, highest = json.loads(ran.stdout.splitlines()[-1])
        measured[runtime] = {names[int(code)]: version for code, version in highest.items()}
    data["measured"] = dict(
        sorted(measured.items(), key=lambda r: [not r[0][0].isdigit(), *re.findall(r"\d+", r[0])])
    )
    lines = [
        f'"{part}": {{\n'
        + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in data[part].items())
        + "\n}"
        for part in ("codes", "published", "measured")
    ]
    DATA.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    measure() if sys.argv[1:] == ["--measure"] else main()
