"""A bidirectional LSTM, saved directly.

The user labels time series of any length with a bidirectional LSTM and saves the trained model
for a server. The weights sit two wrappers deep, in the cells of the forward and backward layers.
"""

import numpy as np
from tensorflow.keras import Input, Model, layers

group = "Recurrent and stateful layers"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/65395",
    "https://github.com/keras-team/keras/issues/19274",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"series": np.random.default_rng(11).normal(size=(3, 20, 6)).astype("float32")}


def build():
    series = Input((None, 6), name="series")
    x = layers.Bidirectional(layers.LSTM(12))(series)
    label = layers.Dense(5, activation="softmax", name="label")(x)
    model = Model(series, label)
    # Eagerly: a traced training step takes longer than all the rest, and none of it is saved.
    model.compile("rmsprop", "sparse_categorical_crossentropy", run_eagerly=True)
    rng = np.random.default_rng(110)
    x = rng.normal(size=(32, 20, 6)).astype("float32")
    model.fit(x, rng.integers(0, 5, 32), epochs=1, verbose=0)
    return model
