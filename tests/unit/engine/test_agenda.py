"""What follows when a step ends: every cell comes out once, whatever passes and whatever is known."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.engine.agenda import Agenda, Outcome
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.cell import Cell, convert_of, load_of, save_of
from savedmodel_matrix.model.plugin import Converter, Loader, Remedy
from savedmodel_matrix.model.steps import Convert, Given, Load, Made, Save
from savedmodel_matrix.model.verdict import Judged, not_run

CASES = [Case(name, Path(f"{name}.py"), "") for name in "ab"]
REMEDY = Remedy("as-written", Path("r.py"), "", "SavedModel")
WEIGHTS = Remedy("weights-only", Path("w.py"), "", "weights")
PLAIN = Loader("plain", Path("p.py"), "", ("SavedModel",), ("tensorflow",), False)
WEIGHT_LOADER = Loader("weights", Path("w.py"), "", ("weights",), ("tensorflow",), False)
LITE = [Loader(n, Path(f"{n}.py"), "", ("TFLite",), ("tensorflow",), False) for n in ("x", "y")]
CONVERTER = Converter("c", Path("c.py"), "", "SavedModel", "TFLite")


def cells(case=CASES[0]):
    direct = [Cell(case, REMEDY, "tf2.21", PLAIN, "tf2.21")]
    return direct + [
        Cell(case, REMEDY, "tf2.21", one, "tf2.21", CONVERTER, "tf2.21") for one in LITE
    ]


def conversion(cell) -> Convert:
    convert = convert_of(cell)
    assert convert is not None
    return convert


def first_save(found) -> Save:
    save = found.steps[0]
    assert isinstance(save, Save)
    return save


def nothing_known(step):
    return None


def passed():
    return Judged("pass", {"content": "c"})


def failed():
    return Judged("fail", {"stage": "save"})


def test_a_save_brings_its_loads_and_one_conversion_for_those_that_share_it():
    agenda = Agenda(nothing_known)
    save = first_save(agenda.begin(cells()))
    found = agenda.ended(save, passed())
    plain, first, _ = cells()
    assert found.outcomes == []
    assert found.steps == [load_of(plain), convert_of(first), Load(Made(save), None, "tf2.21")]
    converted = agenda.ended(conversion(first), passed())
    assert converted.steps == [load_of(cell) for cell in cells()[1:]]


def test_what_has_no_signatures_is_not_shown():
    agenda = Agenda(nothing_known)
    cell = Cell(CASES[0], WEIGHTS, "tf2.21", WEIGHT_LOADER, "tf2.21")
    save = first_save(agenda.begin([cell]))
    assert agenda.ended(save, passed()).steps == [load_of(cell)]


def test_a_save_that_fails_ends_every_cell_that_shares_it():
    agenda = Agenda(nothing_known)
    save = first_save(agenda.begin(cells()))
    verdict = failed()
    found = agenda.ended(save, verdict)
    assert found.steps == []
    assert found.outcomes == [Outcome(cell, verdict) for cell in cells()]


def test_a_conversion_that_fails_ends_the_cells_that_wait_for_it_and_no_other():
    agenda = Agenda(nothing_known)
    save = first_save(agenda.begin(cells()))
    made, verdict = passed(), not_run("environment", "no host")
    agenda.ended(save, made)
    found = agenda.ended(conversion(cells()[1]), verdict)
    assert found.outcomes == [Outcome(cell, made, verdict) for cell in cells()[1:]]


def test_an_artifact_that_is_there_needs_no_save():
    known: dict[Save | Convert, Judged] = {save_of(cells()[0]): passed()}
    found = Agenda(known.get).begin(cells())
    assert [type(step) for step in found.steps] == [Load, Convert]


def test_a_cell_announced_after_its_save_has_ended_follows_at_once():
    agenda = Agenda(nothing_known)
    first, *others = cells()
    save = first_save(agenda.begin([first]))
    agenda.ended(save, passed())
    assert agenda.begin(others).steps == [convert_of(others[0])]


def test_a_cell_announced_after_its_save_failed_comes_out_at_once():
    agenda = Agenda(nothing_known)
    first, *others = cells()
    save = first_save(agenda.begin([first]))
    verdict = failed()
    agenda.ended(save, verdict)
    assert agenda.begin(others).outcomes == [Outcome(cell, verdict) for cell in others]


def test_the_longest_save_begins_first():
    agenda = Agenda(nothing_known)
    both = cells(CASES[0]) + cells(CASES[1])
    steps = agenda.begin(both, cost=lambda save: float(save.case.name == "b")).steps
    assert steps == [save_of(cell) for cell in (cells(CASES[1])[0], cells(CASES[0])[0])]


def test_showing_an_artifact_ends_no_cell():
    agenda = Agenda(nothing_known)
    save = first_save(agenda.begin(cells()))
    agenda.ended(save, passed())
    found = agenda.ended(Load(Made(save), None, "tf2.21"), failed())
    assert not found.steps
    assert not found.outcomes


def test_an_artifact_that_was_given_belongs_to_no_cell():
    load = Load(Given(Path("mine"), "content", "SavedModel"), PLAIN, "tf2.21")
    assert not load.crosses
    assert not Agenda(nothing_known).ended(load, passed()).outcomes


VERDICTS = st.sampled_from(["pass", "fail", "not-run"])


def verdict_of(status):
    return not_run("environment", "no host") if status == "not-run" else Judged(status, {})


@given(st.data(), st.lists(st.integers(0, 5), unique=True))
def test_every_cell_comes_out_once(data, late):
    """Whatever passes, in whichever order, and whenever cells are announced."""
    both = cells(CASES[0]) + cells(CASES[1])
    known: dict[Save | Convert, Judged] = {}
    steps: list[Save | Convert] = [save_of(both[0]), save_of(both[3]), conversion(both[1])]
    for made in steps:
        if data.draw(st.booleans()):
            known[made] = passed()
    agenda = Agenda(known.get)
    waves = [[c for i, c in enumerate(both) if i not in late], [both[i] for i in late]]
    queue: list[Save | Convert | Load] = []
    out: list[Outcome] = []
    run = set()
    while queue or waves:
        if waves and (not queue or data.draw(st.booleans())):
            found = agenda.begin(waves.pop(0))
        else:
            step = queue.pop(data.draw(st.integers(0, len(queue) - 1)))
            assert step not in run, "no step is run twice"
            run.add(step)
            found = agenda.ended(step, verdict_of(data.draw(VERDICTS)))
        queue += found.steps
        out += found.outcomes
    assert sorted(outcome.cell.key for outcome in out) == sorted(cell.key for cell in both)
