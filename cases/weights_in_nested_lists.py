"""Layers in nested lists, with weights from a file.

The user's network is a list of stages, each a list of layers. The training job writes the weights
to a file; the job that deploys makes the network anew, reads them and saves it for serving.

Reported for weights that get lost in the file in silence, up to Keras 3.14; here the file is right
with Keras 2.15 and 3.15.1, and what fails with Keras 3 is tf.saved_model.save.
"""

import keras
import numpy as np

group = "Custom layers and variables"
issue = [
    "https://github.com/keras-team/keras/issues/20598",
    "https://github.com/keras-team/keras/pull/22362",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(46).normal(size=(3, 4)).astype("float32")}


class Stages(keras.Model):
    def __init__(self):
        super().__init__()
        dense = keras.layers.Dense
        self.stages = [[dense(8, activation="relu"), dense(8)], [dense(2)]]

    def call(self, inputs):
        for stage in self.stages:
            for layer in stage:
                inputs = layer(inputs)
        return inputs


def build():
    sample = inputs["x"] + 1.0
    trained, model = Stages(), Stages()
    expected = trained(sample)
    trained.save_weights("trained.weights.h5")
    model(sample)
    model.load_weights("trained.weights.h5")
    np.testing.assert_allclose(model(sample), expected, rtol=1e-5, atol=1e-6)
    return model
