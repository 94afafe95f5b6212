"""A tf.Module around a global model.

The user's script makes a model at its top and a class below that serves it. The serving function
finds the model as a global variable, not as an attribute of the module that is saved.

Reported as an artifact that is written and cannot be read; here every TensorFlow refuses to save,
with Keras 2 as with Keras 3.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Keras inside tf.Module"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/39780",
    "https://github.com/tensorflow/tensorflow/issues/57363",
]
inputs = {"pixels": np.random.default_rng(24).integers(0, 256, (3, 64)).astype("uint8")}

model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(16, activation="relu", bias_initializer="random_normal"),
        keras.layers.Dense(10, activation="softmax", bias_initializer="random_normal"),
    ]
)


class DigitService(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 64], tf.uint8, name="pixels")])
    def classify(self, pixels):
        probabilities = model(tf.cast(pixels, tf.float32) / 255.0)
        return {"digit": tf.argmax(probabilities, axis=1), "probabilities": probabilities}


def build():
    rng = np.random.default_rng(240)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(rng.random((32, 64), dtype=np.float32), rng.integers(0, 10, 32), verbose=0)
    return DigitService(name="digits")


def signatures(service):
    return service.classify


def keras_objects(service):
    return [model]
