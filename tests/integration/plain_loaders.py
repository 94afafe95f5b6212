"""What one would write by hand: save module_dense, and load it with one program, in a fresh process.

    python plain_loaders.py save CASE DIRECTORY       (writes saved/, model.*, x.npy and y.npy)
    python plain_loaders.py LOADER DIRECTORY          (exit status 0 right, 3 wrong numbers)

Shares no line with the harness.
"""

import sys
from pathlib import Path

import numpy as np

WRONG = 3


def save(case, directory):
    import runpy
    from types import SimpleNamespace

    import tensorflow as tf

    Path(directory, "case").write_text(case)
    module = SimpleNamespace(**runpy.run_path(case))
    scorer = module.build()
    x = module.inputs["x"]
    np.save(f"{directory}/x.npy", x)
    np.save(f"{directory}/y.npy", scorer.serve(x).numpy())
    tf.saved_model.save(scorer, f"{directory}/saved", signatures=scorer.serve)
    model = module.as_model(scorer)
    model.save(f"{directory}/model.keras")
    model.save(f"{directory}/model.h5")
    model.save_weights(f"{directory}/model.weights.h5")
    tf.train.Checkpoint(scorer).write(f"{directory}/checkpoint")
    converted = tf.lite.TFLiteConverter.from_saved_model(f"{directory}/saved").convert()
    Path(directory, "model.tflite").write_bytes(converted)


def tflite(directory, x):
    import tensorflow as tf

    return interpret(tf.lite.Interpreter(model_path=f"{directory}/model.tflite"), x)


def litert(directory, x):
    from ai_edge_litert.interpreter import Interpreter

    return interpret(Interpreter(model_path=f"{directory}/model.tflite"), x)


def interpret(interpreter, x):
    (given,) = interpreter.get_input_details()
    interpreter.resize_tensor_input(given["index"], x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], x)
    interpreter.invoke()
    (got,) = interpreter.get_output_details()
    return interpreter.get_tensor(got["index"])


def openvino(directory, x):
    import openvino as ov

    numerics = {"INFERENCE_PRECISION_HINT": "f32"}  # else the processor decides
    return ov.compile_model(ov.convert_model(f"{directory}/saved"), "CPU", numerics)([x])[0]


def onnxruntime(directory, x):
    import subprocess

    import onnxruntime as ort

    file = f"{directory}/model.onnx"
    convert = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", f"{directory}/saved"]
    subprocess.run([*convert, "--output", file], check=True)
    return ort.InferenceSession(file).run(None, {"x": x})[0]


def frozen_graph(directory, x):
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    loaded = tf.saved_model.load(f"{directory}/saved")
    function = loaded.signatures["serving_default"]
    frozen = convert_to_constants.convert_variables_to_constants_v2(function)
    graph = tf.compat.v1.Graph()
    with graph.as_default():
        tf.import_graph_def(frozen.graph.as_graph_def(), name="")
    with tf.compat.v1.Session(graph=graph) as session:
        return session.run(frozen.outputs[0].name, {frozen.inputs[0].name: x})


def tfsm_layer(directory, x):
    import keras

    return keras.layers.TFSMLayer(f"{directory}/saved", call_endpoint="serving_default")(x)[
        "output_0"
    ]


def keras_file(directory, x):
    import tensorflow as tf

    return tf.keras.models.load_model(f"{directory}/model.keras")(x).numpy()


def made_anew(directory, function):
    import runpy
    from types import SimpleNamespace

    module = SimpleNamespace(**runpy.run_path(Path(directory, "case").read_text()))
    return function(module, module.build())


def weights(directory, x):
    def load(module, scorer):
        model = module.as_model(scorer)
        model.load_weights(f"{directory}/model.weights.h5")
        return model(x).numpy()

    return made_anew(directory, load)


def checkpoint(directory, x):
    import tensorflow as tf

    def restore(_, scorer):
        tf.train.Checkpoint(scorer).restore(f"{directory}/checkpoint")
        return scorer.serve(x).numpy()

    return made_anew(directory, restore)


def main():
    loader, *arguments = sys.argv[1:]
    if loader == "save":
        save(*arguments)
        return 0
    (directory,) = arguments
    x, y = np.load(f"{directory}/x.npy"), np.load(f"{directory}/y.npy")
    got = np.asarray(globals()[loader](directory, x))
    return 0 if got.shape == y.shape and np.allclose(got, y, 1e-5, 1e-6) else WRONG


if __name__ == "__main__":
    sys.exit(main())
