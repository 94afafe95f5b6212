"""An ExportArchive with several endpoints.

The user exports one model with two ways in, the scores of all products and the best few of them,
and writes the archive by hand. The first of them is expected to be the default way too, and the
means and variances of a Normalization layer to go with both.
"""

import numpy as np
import tensorflow as tf

group = "Signatures and their names"
issue = "https://github.com/keras-team/keras/issues/19131"
CUSTOMERS = np.random.default_rng(29).normal(40, 12, size=(3, 5)).astype("float32")
inputs = {
    "scores": {"customers": CUSTOMERS},
    "best": {"customers": CUSTOMERS[1:], "count": np.array(3, dtype="int32")},
    "serving_default": {"customers": CUSTOMERS},
}
BATCH = tf.TensorSpec([None, 5], tf.float32, name="customers")
COUNT = tf.TensorSpec([], tf.int32, name="count")


def build():
    normalise = tf.keras.layers.Normalization()
    normalise.adapt(np.random.default_rng(290).normal(40, 12, size=(64, 5)).astype("float32"))
    return tf.keras.Sequential(
        [
            tf.keras.Input((5,)),
            normalise,
            tf.keras.layers.Dense(16, activation="relu", bias_initializer="random_normal"),
            tf.keras.layers.Dense(20, bias_initializer="random_normal"),
        ]
    )


def signatures(model):
    @tf.function(input_signature=[BATCH])
    def scores(customers):
        return model(customers)

    @tf.function(input_signature=[BATCH, COUNT])
    def best(customers, count):
        found = tf.math.top_k(model(customers), k=count)
        return {"score": found.values, "product": found.indices}

    return {"scores": scores, "best": best, "serving_default": scores}


def save(model, directory):
    archive = tf.keras.export.ExportArchive()
    archive.track(model)
    functions = signatures(model)
    for name in ("scores", "best"):
        archive.add_endpoint(name, functions[name])
    archive.add_variable_collection("statistics", model.layers[0].variables)
    archive.write_out(directory)
