"""A serving function of one's own around a Keras model.

The user trains on scaled numbers and serves raw ones: a tf.function scales and calls the model,
and goes to tf.saved_model.save(model, signatures=...) with the model itself.
"""

import numpy as np
import tensorflow as tf

group = "Models saved directly"
issue = [
    "https://github.com/keras-team/keras/issues/19274",
    "https://github.com/keras-team/keras/issues/20095",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"celsius": np.array([[20.5, 3.0], [-4.0, 31.5]], dtype="float32")}


def build():
    rng = np.random.default_rng(26)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((2,)),
            tf.keras.layers.Dense(4, activation="tanh"),
            tf.keras.layers.Dense(1, bias_initializer="random_normal"),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    model.fit(rng.normal(size=(32, 2)), rng.normal(size=(32, 1)), epochs=1, verbose=0)
    return model


def signatures(model):
    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="celsius")])
    def serve(celsius):
        return {"demand": model((celsius - 15.0) / 10.0)}

    return serve
