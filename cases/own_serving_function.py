"""A serving function of one's own around a model.

The user's clients send serialised tf.Example records, as pipelines of TFX do. A tf.function parses
them, calls the model and names the result; it is handed to tf.saved_model.save as the signature of
the model.
"""

import numpy as np
import tensorflow as tf

group = "Models saved directly"
issue = "https://github.com/keras-team/keras/issues/19274"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
COLUMNS = ("age", "distance", "fare", "tip")
TRIPS = np.random.default_rng(26).uniform(0, 9, size=(3, 4)).astype("float32")


def record(trip):
    floats = {n: tf.train.FloatList(value=[v]) for n, v in zip(COLUMNS, trip, strict=True)}
    features = {name: tf.train.Feature(float_list=value) for name, value in floats.items()}
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


inputs = {"examples": np.array([record(trip) for trip in TRIPS], dtype=object)}


def parse(examples):
    spec = {name: tf.io.FixedLenFeature([], tf.float32) for name in COLUMNS}
    parsed = tf.io.parse_example(examples, spec)
    return tf.stack([parsed[name] for name in COLUMNS], axis=1)


def build():
    model = tf.keras.Sequential(
        [
            tf.keras.Input((4,), name="trip"),
            tf.keras.layers.Dense(16, activation="relu", bias_initializer="random_normal"),
            tf.keras.layers.Dense(1, activation="sigmoid", bias_initializer="random_normal"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", run_eagerly=True)
    rng = np.random.default_rng(260)
    model.fit(rng.uniform(0, 9, (32, 4)), rng.integers(0, 2, (32, 1)), epochs=1, verbose=0)
    return model


def signatures(model):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve_examples(examples):
        return {"big_tipper": model(parse(examples))}

    return {"serving_default": serve_examples}


def as_model(model):
    examples = tf.keras.Input((), dtype="string", name="examples")
    trips = tf.keras.layers.Lambda(parse, output_shape=(4,))(examples)
    return tf.keras.Model(examples, {"big_tipper": model(trips)})
