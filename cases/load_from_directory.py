"""load_model of a SavedModel.

The user was handed a directory with saved_model.pb and makes a Keras model of it with load_model.
They put a layer behind it that turns scores into percentages, and save the whole.
"""

import keras
import numpy as np

group = "Valid in Keras 2, an error in Keras 3"
issue = [
    "https://github.com/keras-team/keras/issues/18709",
    "https://github.com/cbrnr/sleepecg/issues/214",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(49).normal(size=(3, 4)).astype("float32")}


def handed_over():
    x = keras.Input((4,), name="x")
    score = keras.layers.Dense(3, activation="softmax", bias_initializer="random_normal")(x)
    model = keras.Model(x, score)
    write = model.export if hasattr(keras, "ops") else model.save  # Keras 3 writes it so
    write("handed-over")


def build():
    handed_over()
    model = keras.models.load_model("handed-over")
    return keras.Sequential([model, keras.layers.Rescaling(100.0)])
