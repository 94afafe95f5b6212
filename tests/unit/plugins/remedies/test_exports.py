"""Formats that Keras exports: since when, and with what installed."""

import importlib
from types import SimpleNamespace

import pytest

EXPORTS = {
    "export_onnx": ("3.7.0", "3.8.0", "onnx", "model.onnx"),
    "export_openvino": ("3.10.9", "3.11.0", "openvino", "model.xml"),
    "export_litert": ("3.12.4", "3.13.0", "litert", "model.tflite"),
}


class NotApplicable(Exception):
    pass


class Model:
    def __init__(self):
        self.exported = []

    def export(self, path, **options):
        self.exported.append((path, options))


def case_of(model, version, *, specs=False):
    return SimpleNamespace(
        whole_model=lambda obj: model,
        keras=SimpleNamespace(__version__=version),
        not_applicable=NotApplicable,
        states_input_specs=specs,
        specs_of_model=lambda obj, model: ["spec"],
        inputs_for=lambda name: {},
        signatures=lambda obj: {},
    )


@pytest.fixture(params=EXPORTS)
def export(request, monkeypatch):
    """Return a remedy with all that it needs installed, and what is known of it."""
    remedy = importlib.import_module(f"savedmodel_matrix.plugins.remedies.{request.param}")
    if hasattr(remedy, "of_model"):
        monkeypatch.setattr(remedy, "of_model", lambda case, model, inputs: lambda: None)
    if hasattr(remedy, "importlib"):
        monkeypatch.setattr(remedy.importlib.util, "find_spec", lambda name: name)
    return remedy, *EXPORTS[request.param]


def test_before_the_release_that_has_it_nothing_is_written_and_that_release_is_named(
    export, tmp_path
):
    remedy, before, since, _, _ = export
    model = Model()
    with pytest.raises(NotApplicable, match=f"from Keras {since[:-2]} on, this is {before}"):
        remedy.save(case_of(model, before), None, str(tmp_path / "a"))
    assert model.exported == []
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("specs", [False, True])
def test_from_that_release_on_keras_writes_it_with_the_specs_that_the_case_states(
    export, tmp_path, specs
):
    remedy, _, since, kind, file = export
    model = Model()
    remedy.save(case_of(model, since, specs=specs), None, str(tmp_path / "a"))
    ((path, options),) = model.exported
    assert path == str(tmp_path / "a" / file)
    assert options == {"format": kind} | ({"input_signature": ["spec"]} if specs else {})


@pytest.mark.parametrize("export", ["export_onnx", "export_openvino"], indirect=True)
def test_without_the_package_that_keras_needs_it_does_not_apply(export, tmp_path, monkeypatch):
    remedy, _, since, _, _ = export
    monkeypatch.setattr(remedy.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotApplicable, match="not installed"):
        remedy.save(case_of(Model(), since), None, str(tmp_path / "a"))
