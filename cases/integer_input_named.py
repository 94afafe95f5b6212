"""A named integer input.

The user counts words and classifies the counts with a Dense layer; the input takes integers and has
a name, so has the output. Clients were written against that signature, and send and read its names.

Reported for an early Keras 3, which made floats of the integers as well; here they stay integers,
and only the names are lost.
"""

import numpy as np
from tensorflow import keras

group = "Signatures and their names"
issue = "https://github.com/keras-team/keras/issues/19458"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"counts": np.random.default_rng(27).poisson(0.8, size=(3, 10)).astype("int64")}


def build():
    counts = keras.Input((10,), dtype="int64", name="counts")
    x = keras.layers.Dense(12, activation="relu", bias_initializer="random_normal")(counts)
    x = keras.layers.Dense(12, activation="relu", bias_initializer="random_normal")(x)
    topic = keras.layers.Dense(3, activation="softmax", name="topic")(x)
    model = keras.Model(counts, topic, name="topics")
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", run_eagerly=True)
    rng = np.random.default_rng(270)
    model.fit(rng.poisson(0.8, (32, 10)), rng.integers(0, 3, 32), epochs=1, verbose=0)
    return model
