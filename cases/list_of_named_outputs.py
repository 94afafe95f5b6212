"""A list of named outputs.

The user predicts the quantity and the price of a sale with one model, which returns both as a list.
The output layers are named, and by these names clients pick the two, which look alike, from the
answer.

Reported for model.export, which numbers the outputs here in every release, with Keras 2 too; what
is new is that tf.saved_model.save numbers them as well.
"""

import keras
import numpy as np

group = "Signatures and their names"
issue = "https://github.com/keras-team/keras/issues/19771"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"offer": np.random.default_rng(28).normal(size=(4, 7)).astype("float32")}


def build():
    offer = keras.Input((7,), name="offer")
    x = keras.layers.Dense(16, activation="relu", bias_initializer="random_normal")(offer)
    quantity = keras.layers.Dense(2, bias_initializer="random_normal", name="quantity")(x)
    price = keras.layers.Dense(2, bias_initializer="random_normal", name="price")(x)
    model = keras.Model(offer, [quantity, price])
    model.compile(optimizer="adam", loss={"quantity": "mse", "price": "mae"}, run_eagerly=True)
    rng = np.random.default_rng(280)
    x = rng.normal(size=(32, 7)).astype("float32")
    y = rng.normal(size=(32, 2)).astype("float32")
    model.fit(x, [y, 10 + y], epochs=1, verbose=0)
    return model
