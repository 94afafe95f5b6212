"""TimeDistributed over a free number of windows.

The user cuts a recording into windows, reads each with the same convolution and the row of them
with a recurrent layer. Recordings differ in length, so neither the batch nor the number of windows
is fixed.

Reported as an error on export with Keras 3.3.3; here saving succeeds with Keras 3.15.1, and the
artifact answers with other numbers than the model.
"""

import numpy as np
from tensorflow.keras import Input, Model, layers

group = "Recurrent and stateful layers"
issue = [
    "https://github.com/keras-team/keras/issues/19876",
    "https://github.com/keras-team/keras/issues/19868",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"recording": np.random.default_rng(508).normal(size=(2, 5, 10, 3)).astype("float32")}


def build():
    recording = Input((None, 10, 3), name="recording")
    convolution = layers.Conv1D(8, 3, activation="relu", bias_initializer="random_normal")
    x = layers.TimeDistributed(convolution, name="window")(recording)
    x = layers.TimeDistributed(layers.GlobalAveragePooling1D(), name="average")(x)
    x = layers.SimpleRNN(12, bias_initializer="random_normal")(x)
    activity = layers.Dense(4, activation="softmax", name="activity")(x)
    return Model(recording, {"activity": activity})
