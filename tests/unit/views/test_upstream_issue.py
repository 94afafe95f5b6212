"""The text of an issue: nothing of the machine that ran it, and enough to see it elsewhere."""

from savedmodel_matrix.analysis.bisected import Asked, Bisected, Found, Row, Side, Tried
from savedmodel_matrix.analysis.bisection import changes
from savedmodel_matrix.views.reproduction import files
from savedmodel_matrix.views.upstream_issue import issue_text, traceback_end
from tests.unit.rows import cell
from tests.unit.views.test_reproduction import TOLD

TRACEBACK = """Traceback (most recent call last):
  File "/home/me/p/src/savedmodel_matrix/host/save.py", line 50, in save_step
    remedy.save(case, obj)
  File "/home/me/p/.nox/environments/tf2.21/lib/python3.11/site-packages/keras/src/x.py", line 1, in f
  File "/home/me/p/.nox/environments/tf2.21+keras-3.4.0/packages/keras/src/y.py", line 2, in g
ValueError: ``` \x1b[31mred
"""


def bisected() -> tuple[Bisected, Found]:
    packages = {"keras": "3.4.0", "numpy": "2.0.0", "rich": "1"}
    tried = {
        0: Tried({**cell("fail", stage="save"), "traceback": TRACEBACK}, packages=packages),
        1: Tried(cell(), packages={**packages, "keras": "3.4.1"}),
    }
    (change,) = changes({0: "fails", 1: "passes"})
    rows = [Row("3.4.0", "2024-06-25", "a"), Row("3.4.1", "", "b")]
    found = Found(change)
    return Bisected(
        case="dense",
        remedy="as-written",
        loader="tf.saved_model.load",
        package="keras",
        over="tf2.21",
        side=Side.BOTH,
        asked=Asked.PASS,
        rows=rows,
        tried=tried,
        found=[found],
    ), found


def test_an_issue_has_both_outcomes_versions_and_the_error():
    text = issue_text(*bisected(), "A model.", {})
    assert text.startswith("# A model: passes from keras 3.4.1 on, fails at save with 3.4.0\n")
    assert "| outcome | fails at save | passes |" in text
    assert "| keras | 3.4.0 | 3.4.1 |" in text
    assert "| rich" not in text
    assert "compare/v3.4.0...v3.4.1" in text
    assert "reproduce.py" not in text


def test_nothing_of_the_machine_is_in_it():
    text = issue_text(*bisected(), "A model.", {})
    assert "/home/me" not in text
    assert 'File "keras/src/x.py"' in text
    assert 'File "keras/src/y.py"' in text
    assert 'File "save.py"' in text


def test_what_is_in_a_traceback_neither_acts_nor_ends_the_block():
    text = issue_text(*bisected(), "A model.", {})
    assert "\x1b" not in text
    assert "````\nTraceback" in text


def test_a_long_traceback_keeps_its_end():
    kept = traceback_end("\n".join(f"line {n}" for n in range(100))).splitlines()
    assert (kept[0], kept[1], kept[-1], len(kept)) == ("[…]", "line 70", "line 99", 31)


def test_with_a_script_there_are_the_packages_of_both_sides():
    text = issue_text(*bisected(), "A model.", files(TOLD))
    assert "`after.txt` is `before.txt` with `keras==3.4.1` in the place of `keras==3.4.0`." in text
    assert "```python\n" in text
    assert "```sh\n" in text
    assert "absl-py==2.0" in text
