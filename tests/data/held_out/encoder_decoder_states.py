"""The state of one LSTM starts another one."""

import numpy as np
import tensorflow as tf

RNG = np.random.default_rng(3)
inputs = {
    "heard": RNG.normal(size=(2, 5, 4)).astype("float32"),
    "said": RNG.normal(size=(2, 3, 4)).astype("float32"),
}


def build():
    layers = tf.keras.layers
    heard, said = tf.keras.Input((5, 4), name="heard"), tf.keras.Input((3, 4), name="said")
    _, *state = layers.LSTM(6, return_state=True)(heard)
    words = layers.LSTM(6, return_sequences=True)(said, initial_state=state)
    return tf.keras.Model([heard, said], layers.Dense(7, name="word")(words))
