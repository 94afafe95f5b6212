"""model.save to a directory.

The user's deployment script is six years old and ends with model.save("export/1"): a path without
an extension, which used to mean a SavedModel.
"""

import numpy as np
import tensorflow as tf

group = "Valid in Keras 2, an error in Keras 3"
issue = [
    "https://github.com/keras-team/keras-core/issues/664",
    "https://github.com/mlflow/mlflow/issues/11411",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(47).normal(size=(3, 4)).astype("float32")}


def build():
    rng = np.random.default_rng(470)
    model = tf.keras.Sequential()
    model.add(tf.keras.layers.Dense(8, activation="relu"))
    model.add(tf.keras.layers.Dense(1))
    model.compile(optimizer="adam", loss="mse")
    x = rng.normal(size=(32, 4)).astype("float32")
    model.fit(x, rng.normal(size=(32, 1)), epochs=1, verbose=0)
    return model


def save(model, directory):
    model.save(directory)
