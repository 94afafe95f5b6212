"""A Functional model in a tf.Module.

The user trains an image classifier on scaled images, but clients send bytes as they come from a
camera. A tf.Module around the whole model does the scaling on the server.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, layers

group = "Keras inside tf.Module"
issue = "https://github.com/keras-team/keras/issues/20095"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"image": np.random.default_rng(6).integers(0, 256, (3, 16, 16, 3)).astype("uint8")}


class CameraClassifier(tf.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    @tf.function(input_signature=[tf.TensorSpec([None, 16, 16, 3], tf.uint8, name="image")])
    def serve(self, image):
        return self.model(tf.cast(image, tf.float32) / 255.0)


def build():
    image = Input((16, 16, 3), name="scaled_image")
    x = layers.Conv2D(8, 3, activation="relu")(image)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dense(10, activation="softmax", name="class")(x)
    model = Model(image, x)
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    rng = np.random.default_rng(60)
    images = rng.random((32, 16, 16, 3), dtype=np.float32)
    model.fit(images, rng.integers(0, 10, 32), epochs=2, verbose=0)
    return CameraClassifier(model)


def as_model(module):
    image = Input((16, 16, 3), dtype="uint8", name="image")
    return Model(image, module.model(layers.Rescaling(1 / 255)(image)))
