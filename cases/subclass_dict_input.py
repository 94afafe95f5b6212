"""A subclassed model that takes a dict.

The user's model is a subclass whose call takes all features as one dict, as tf.data gives them.
It is trained with fit and saved directly, and clients are to send the features by these names.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Inputs and outputs"
issue = [
    "https://github.com/keras-team/keras/pull/19663",
    "https://github.com/keras-team/keras/issues/20835",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
RNG = np.random.default_rng(21)
inputs = {
    "rooms": RNG.integers(1, 8, size=(4, 1)).astype("float32"),
    "area": RNG.normal(90, 30, size=(4, 1)).astype("float32"),
    "district": RNG.integers(0, 12, size=(4,)).astype("int32"),
}


class HousePrice(keras.Model):
    def __init__(self):
        super().__init__()
        self.place = keras.layers.Embedding(12, 4)
        self.hidden = keras.layers.Dense(16, activation="relu")
        self.price = keras.layers.Dense(1)

    def call(self, inputs):
        place = self.place(inputs["district"])
        x = tf.concat([inputs["rooms"], inputs["area"] / 100.0, place], axis=1)
        return {"price": self.price(self.hidden(x))}


def build():
    rng = np.random.default_rng(210)
    houses = {
        "rooms": rng.integers(1, 8, size=(32, 1)).astype("float32"),
        "area": rng.normal(90, 30, size=(32, 1)).astype("float32"),
        "district": rng.integers(0, 12, size=(32,)).astype("int32"),
    }
    model = HousePrice()
    model.compile(optimizer="adam", loss={"price": "mse"})
    model.fit(houses, {"price": houses["area"] / 50}, epochs=1, batch_size=16, verbose=0)
    return model
