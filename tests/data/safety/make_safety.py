"""Make the artifacts beside this file: python make_safety.py, in TensorFlow 2.21.

`reads_assets` and `fills_tables` are healthy; `hostile` reads and writes files that are not its own.
"""

from pathlib import Path

import tensorflow as tf

WORDS = "words.txt"
SIGNATURE = [tf.TensorSpec([], tf.string)]


class ReadsAssets(tf.Module):
    def __init__(self):
        self.words = tf.saved_model.Asset(WORDS)

    @tf.function(input_signature=SIGNATURE)
    def serve(self, x):
        tf.print("serving", x)
        lines = tf.data.TextLineDataset(self.words.asset_path).cache()
        count = lines.reduce(0, lambda total, _: total + 1)
        return {"text": tf.io.read_file(self.words.asset_path) + x, "count": count}


class FillsTables(tf.Module):
    def __init__(self):
        whole, number = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
        words = tf.lookup.TextFileInitializer(WORDS, tf.string, whole, tf.int64, number)
        self.fixed = tf.lookup.StaticHashTable(words, -1)
        self.filled = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
        self.filled.insert(["a"], tf.constant([1], tf.int64))
        self.text = tf.Variable("a")

    @tf.function(input_signature=SIGNATURE)
    def serve(self, x):
        return {"a": self.fixed.lookup(x), "b": self.filled.lookup(x), "c": self.text + x}


class Hostile(tf.Module):
    @tf.function(input_signature=SIGNATURE)
    def read(self, x):
        names = tf.data.Dataset.range(1).map(lambda _: tf.io.read_file("/etc/hostname"))
        return {"y": names.get_single_element() + x}

    @tf.function(input_signature=SIGNATURE)
    def write(self, x):
        if tf.strings.length(x) > 3:
            tf.io.write_file("written", x)
        return {"y": x}

    @tf.function(input_signature=SIGNATURE)
    def only_python(self, x):
        for _ in tf.range(2):
            tf.io.write_file("written", x)
        return x


if __name__ == "__main__":
    Path(WORDS).write_text("a\nb\n")
    reads, fills, hostile = ReadsAssets(), FillsTables(), Hostile()
    tf.saved_model.save(reads, "reads_assets", signatures=reads.serve)
    tf.saved_model.save(fills, "fills_tables", signatures=fills.serve)
    both = {"read": hostile.read, "write": hostile.write}
    tf.saved_model.save(hostile, "hostile", signatures=both)
    Path(WORDS).unlink()
