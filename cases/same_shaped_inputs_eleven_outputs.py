"""Two same-shaped inputs and eleven outputs.

The user forecasts the load of a power grid for each of the next eleven hours from two series of
the same length. The names do not sort in the order they have in the model, on either side: whoever
pairs names with tensors by sorting gets numbers of the right shape and the wrong hour.
"""

import keras
import numpy as np

group = "Inputs and outputs"
issue = [
    "https://github.com/keras-team/keras/issues/19771",
    "https://github.com/keras-team/keras/issues/21258",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {
    "temperature": np.random.default_rng(14).normal(15, 8, size=(3, 24)).astype("float32"),
    "load": np.random.default_rng(15).normal(60, 20, size=(3, 24)).astype("float32"),
}


def build():
    temperature = keras.Input((24,), name="temperature")
    load = keras.Input((24,), name="load")
    warm = keras.layers.Dense(16, activation="relu")(keras.layers.Rescaling(1 / 30)(temperature))
    busy = keras.layers.Dense(16, activation="relu")(keras.layers.Rescaling(1 / 100)(load))
    x = keras.layers.Dense(16, activation="relu")(keras.layers.Concatenate()([warm, busy]))
    hours = [
        keras.layers.Dense(1, name=f"in_{hour}_hours", bias_initializer="random_normal")(x)
        for hour in range(1, 12)
    ]
    return keras.Model([temperature, load], hours)
