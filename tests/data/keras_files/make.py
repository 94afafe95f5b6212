"""Write the artifacts beside this file; run once in an environment of each version named here.

tf2.15/bin/python make.py 2.15
tf2.21/bin/python make.py 2.21
"""

import sys
import tempfile
from pathlib import Path

import h5py
import keras
import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
VERSION = sys.argv[1]
layers = keras.layers


def dense():
    inputs = layers.Input((4,), name="x")
    hidden = layers.Dense(3, activation="relu", name="hidden")(inputs)
    model = keras.Model(inputs, layers.Dense(2, name="out")(hidden))
    model.compile("adam", "mse")
    return model


def with_lambda():
    """Return a model with a lambda in a layer that wraps it, in a model within the model."""
    names: dict[
        str, object
    ] = {}  # so that the code names no file of the machine that it was written on
    exec(compile("double = lambda t: t * 2", "example.py", "exec"), names)
    inputs = layers.Input((3, 2))
    inner = keras.Model(inputs, layers.TimeDistributed(layers.Lambda(names["double"]))(inputs))
    outer = layers.Input((3, 2))
    return keras.Model(outer, inner(outer))


def tflite(function, name, *, flex=False):
    module = tf.Module()
    module.f = tf.function(function, input_signature=[tf.TensorSpec((None, 3), tf.float32, "x")])
    module.w = tf.Variable(np.arange(6, dtype="float32").reshape(3, 2))
    with tempfile.TemporaryDirectory() as directory:
        tf.saved_model.save(module, directory, {"serving_default": module.f})
        converter = tf.lite.TFLiteConverter.from_saved_model(directory)
        if flex:
            kinds = tf.lite.OpsSet
            converter.target_spec.supported_ops = [kinds.TFLITE_BUILTINS, kinds.SELECT_TF_OPS]
        (HERE / name).write_bytes(converter.convert())


model = dense()
for suffix in ("keras", "h5"):
    model.save(HERE / f"dense-{VERSION}.{suffix}")
model.save_weights(HERE / f"dense-{VERSION}.weights.h5")
with_lambda().save(HERE / f"lambda-{VERSION}.keras")
with_lambda().save(HERE / f"lambda-{VERSION}.h5")
tf.train.Checkpoint(v=tf.Variable([1.0, 2.0]), n=tf.Variable(3)).save(
    str(HERE / f"checkpoint-{VERSION}" / "step")
)
weights = tf.constant(np.arange(6, dtype="float32").reshape(3, 2))
tflite(lambda x: {"y": tf.nn.relu(x @ weights)}, f"dense-{VERSION}.tflite")
if VERSION == "2.21":
    # As HDF5 1.8 and later may store them: many links and attributes in a heap with an index.
    with h5py.File(HERE / "wide.h5", "w", libver="latest") as file:
        for number in range(12):
            file.create_dataset(f"layers/layer_{number}", data=np.ones(2, "float32"))
        file["layers"].create_dataset("packed", data=np.zeros((64, 64)), compression="gzip")
        for number in range(150):  # enough for a tree of two levels
            file[f"again/a_long_name_for_one_and_the_same_{number}"] = file["layers/layer_0"]
        for number in range(12):
            file.attrs[f"note_{number}"] = str(number)
    with h5py.File(HERE / "links.h5", "w") as file:
        file.create_dataset("vars/0", data=np.ones(2, "float32"))
        file["soft"] = h5py.SoftLink("/vars/0")
        file["external"] = h5py.ExternalLink("/etc/other.h5", "/vars/0")
        file.create_dataset("outside", (4,), "float32", external=[("/etc/passwd", 0, 16)])
        file.create_dataset("huge", (1 << 20, 1 << 20), "float32", chunks=(1024, 1024))
    tflite(lambda x: {"y": tf.roll(x, 1, 0)}, "flex-2.21.tflite", flex=True)
