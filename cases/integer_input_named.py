"""A named integer input and a named output.

The user's clients send a JSON object with the field "ticket" and read the field "queue", as the
layers are called. The model is saved with tf.saved_model.save and its names become the protocol.
"""

import keras
import numpy as np

group = "Signatures and their names"
issue = "https://github.com/keras-team/keras/issues/19458"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"ticket": np.array([[3, 1, 4], [1, 5, 9]], dtype="int32")}


def build():
    ticket = keras.Input((3,), name="ticket", dtype="int32")
    x = keras.layers.Embedding(10, 4, embeddings_initializer="random_normal")(ticket)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(8, activation="relu", bias_initializer="random_normal")(x)
    queue = keras.layers.Dense(2, name="queue", bias_initializer="random_normal")(x)
    return keras.Model(ticket, queue)
