"""The code of each way of saving in a few lines, by what somebody has: to paste and adapt."""

from __future__ import annotations

_ARCHIVE = """\
archive = keras.export.ExportArchive()
archive.track({held})
archive.add_endpoint("serving_default", {function})
archive.write_out("saved")"""
_MODULE = {
    "as-written": 'tf.saved_model.save(module, "saved", signatures=module.serve)',
    "export-archive": "module.serve.get_concrete_function()  # its input_signature says of what\n"
    + _ARCHIVE.format(held="module.layer", function="module.serve"),
    "model-export": "model = keras.Sequential([keras.Input((4,)), module.layer])\n"
    'model.export("saved")',
    "track-keras-variables": "module.v = module.layer.variables",
    "track-tf-variables": "module.v = [variable.value for variable in module.layer.variables]",
}
_MODEL = {
    "as-written": 'tf.saved_model.save(model, "saved")',
    "export-archive": _ARCHIVE.format(
        held="model", function="model.call, input_signature=[tf.TensorSpec([None, 4])]"
    ),
    "model-export": 'model.export("saved")',
    "track-keras-variables": "model.v = model.variables",
    "track-tf-variables": "model.v = [variable.value for variable in model.variables]",
}
_DISK = {
    "as-written": 'loaded = tf.saved_model.load("saved")  # as it is',
    "resave": 'loaded = tf.saved_model.load("saved")\n'
    'tf.saved_model.save(loaded, "saved-again", signatures=loaded.signatures)',
    "repair": "savedmodel-matrix repair saved saved-again  # in a shell",
}


def snippet(have: str, remedy: str) -> str:
    """Return the lines for one way of saving, "" where they are not known.

    ``have`` is "module", "model", "savedmodel" or "file".
    """
    if have == "savedmodel":
        return _DISK.get(remedy, "")
    known = _MODULE if have == "module" else _MODEL
    saved = known["as-written"]
    if remedy == "legacy-keras":
        lines = f'os.environ["TF_USE_LEGACY_KERAS"] = "1"  # before TensorFlow is imported\n{saved}'
    elif remedy.startswith("track-"):
        lines = f"{known[remedy]}\n{saved}" if remedy in known else ""
    elif remedy in ("resave", "repair"):
        lines = f"{saved}\n{_DISK[remedy]}"
    else:
        lines = known.get(remedy, "")
    load = 'model = keras.models.load_model("model.keras")'
    return f"{load}\n{lines}" if lines and have == "file" else lines
