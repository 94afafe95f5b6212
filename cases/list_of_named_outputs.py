"""Two named outputs, given as a list, exported.

The user predicts a price and a quantity from one trunk and names the output layers, so that the
client knows which is which. The model goes out with model.export.

Nothing fails: the names are lost, which a client notices. Keras 2.15 loses them too.
"""

import numpy as np
import tensorflow as tf

group = "Signatures and their names"
issue = [
    "https://github.com/keras-team/keras/issues/19771",
    "https://github.com/keras-team/keras/issues/21258",
]
inputs = {"features": np.random.default_rng(28).normal(size=(4, 6)).astype("float32")}


def build():
    features = tf.keras.Input((6,), name="features")
    trunk = tf.keras.layers.Dense(8, activation="relu")(features)
    price = tf.keras.layers.Dense(1, name="price", bias_initializer="random_normal")(trunk)
    quantity = tf.keras.layers.Dense(2, name="quantity", bias_initializer="random_normal")(trunk)
    return tf.keras.Model(features, [price, quantity])


def save(model, directory):
    model.export(directory)
