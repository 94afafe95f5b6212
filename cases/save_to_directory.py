"""model.save to a directory.

The user's script ends with model.save and a path without an extension, which meant a SavedModel
since TensorFlow 2.0. The directory goes to a C++ program, which needs nothing but the graph.
"""

import numpy as np
import tensorflow as tf

group = "Valid in Keras 2, an error in Keras 3"
issue = [
    "https://github.com/mlflow/mlflow/issues/11411",
    "https://github.com/serizba/cppflow/issues/265",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"joints": np.random.default_rng(39).normal(size=(3, 12)).astype("float32")}


def build():
    rng = np.random.default_rng(390)
    model = tf.keras.Sequential()
    model.add(tf.keras.layers.Input((12,), name="joints"))
    model.add(tf.keras.layers.Dense(16, activation="relu"))
    model.add(tf.keras.layers.Dense(4, activation="tanh", name="torque"))
    model.compile(optimizer="adam", loss="mse")
    joints = rng.normal(size=(32, 12)).astype("float32")
    model.fit(joints, joints[:, :4], epochs=1, verbose=0)
    return model


def save(model, directory):
    model.save(directory)
