"""Several endpoints in one ExportArchive.

The user serves the scores of a model and the best class from one artifact, each as an endpoint of
its own, and writes it with ExportArchive, as the Keras guide to serving shows.
"""

import numpy as np
import tensorflow as tf

group = "Signatures and their names"
issue = "https://github.com/keras-team/keras/issues/19131"
SPECIMEN = np.random.default_rng(29).normal(size=(4, 5)).astype("float32")
inputs = {"score": {"x": SPECIMEN}, "top": {"x": SPECIMEN[:2]}}
SPEC = [tf.TensorSpec([None, 5], tf.float32, name="x")]


def build():
    scale = tf.keras.layers.Normalization()
    scale.adapt(np.random.default_rng(290).normal(3.0, 2.0, size=(64, 5)).astype("float32"))
    head = tf.keras.layers.Dense(3, activation="softmax", bias_initializer="random_normal")
    return tf.keras.Sequential([tf.keras.Input((5,)), scale, head])


def signatures(model):
    return {
        "score": tf.function(lambda x: model(x), input_signature=SPEC),
        "top": tf.function(lambda x: tf.argmax(model(x), axis=-1), input_signature=SPEC),
    }


def save(model, directory):
    export = getattr(tf.keras, "export", None) or __import__("keras").src.export.export_lib
    archive = export.ExportArchive()
    archive.track(model)
    for name, function in signatures(model).items():
        archive.add_endpoint(name, function)
    archive.write_out(directory)
