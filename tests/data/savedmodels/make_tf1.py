"""Write `tf1/`: ``python make_tf1.py DIRECTORY`` with TensorFlow 2.15, which still has this API.

Reference variables, a table with its init op, and two MetaGraphs whose signatures have one name.
"""

import sys

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.disable_resource_variables()


def build():
    words = tf.placeholder(tf.string, [None], "words")
    kernel = tf.get_variable("kernel", initializer=[[1.0], [2.0], [3.0]], use_resource=False)
    initializer = tf.lookup.KeyValueTensorInitializer(["a", "b"], [0, 1], tf.string, tf.int64)
    table = tf.lookup.StaticHashTable(initializer, 2)
    result = tf.gather(kernel, table.lookup(words))
    signature = tf.saved_model.signature_def_utils.predict_signature_def(
        {"words": words}, {"result": result}
    )
    return {"serving_default": signature}


def main(directory):
    builder = tf.saved_model.Builder(directory)
    with tf.Graph().as_default(), tf.Session() as session:
        signatures = build()
        session.run([tf.global_variables_initializer(), tf.tables_initializer()])
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            signature_def_map=signatures,
            main_op=tf.tables_initializer(),
        )
    with tf.Graph().as_default():
        builder.add_meta_graph(["serve", "other"], build(), legacy_init_op=tf.tables_initializer())
    builder.save()


main(sys.argv[1])
