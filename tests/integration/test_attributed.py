"""What `attribute` says of accepted differences, against plain scripts on both sides of a release.

Of all groups whose release is named and was run, another one is checked at each commit, drawn as in
`test_crosscheck`; `--every-case` checks them all. The release named ends as after the step, and the
one before it does not.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from savedmodel_matrix.commands.attributing import CANDIDATES
from tests.conftest import drawn_by
from tests.integration import plain
from tests.integration.conftest import (
    PROJECT,
    installed,
    sample,
    turn_of,
    values_asked_for,
)
from tests.integration.test_matrix import LOADERS

A_FEW = 1
KNOWN = [*LOADERS, "tflite", "keras.models.load_model"]  # to plain scripts
ACCEPTED = PROJECT.results / "accepted"
ATTRIBUTION = json.loads((ACCEPTED / "attribution.json").read_text())
PACKAGES = {
    name: one["packages"]
    for name, one in json.loads((ACCEPTED / "run.json").read_text())["environments"].items()
}


def ways(cell):
    """Return the remedies and loaders of a group that plain scripts know."""
    found = [way for way in cell["ways"] if way[0] in plain.REMEDIES and way[1] in KNOWN]
    return sorted(found, key=lambda way: way[1] == "tflite")


NAMED = {
    f"{step['after']}-{cell['case']}-{'-'.join(ways(cell)[0])}": (step, cell, ways(cell)[0])
    for step in ATTRIBUTION["steps"]
    for cell in step["cells"]
    if cell.get("made") in {"run", "accepted"} and ways(cell)
}


def pytest_generate_tests(metafunc):
    if "drawn" in metafunc.fixturenames:
        names = sorted(NAMED)
        if not metafunc.config.getoption("every_case"):
            names = sample(names, turn_of(drawn_by(metafunc.config)), A_FEW)
        metafunc.parametrize("drawn", names)


def environments_of(drawn):
    """Return where the release before the one that is named is, and where that one is."""
    step, cell, _ = NAMED[drawn]
    package = cell["package"]
    ends = {"not_yet": step["before"], "since": step["after"]}
    stated = dict(zip(ends, step["packages"].get(package, ("", "")), strict=True))
    found = []
    for side, name in ends.items():
        version = cell[side]
        if package == "tensorflow":
            named = [one.name for one in PROJECT.environments.values() if one.tensorflow == version]
            own = name in named
            found.append(PROJECT.environments[name] if own else beside(step["after"], named[0]))
        elif version != stated[side]:
            found.append(PROJECT.with_release(cell["over"], package, version))
        else:
            found.append(PROJECT.environments[name])
    return found


def beside(after, name):
    """Return an environment whose TensorFlow alone differs from that of the one after a step."""
    has, wanted = PACKAGES[name], PACKAGES[after]
    names = [one for one in CANDIDATES if one != "tf-keras" and one in has and one in wanted]
    other = {one: wanted[one] for one in names if has[one] != wanted[one]}
    return PROJECT.with_releases(name, other) if other else PROJECT.environments[name]


def answer(drawn):
    """Ask the plain scripts on both sides: status, stage and message of each."""
    _, cell, (remedy, loader) = NAMED[drawn]
    ends = []
    for side in environments_of(drawn):
        environment, variables = installed(side, cell["case"])
        one = plain.outcomes(
            case=str(PROJECT.cases / f"{cell['case']}.py"),
            remedy=remedy,
            producer=str(environment.executable),
            consumer=str(environment.executable),
            loaders=[loader],
            variables=variables,
        )[loader]
        ends.append((one["status"], one["stage"], one["message"]))
    return ends


def as_after(cell, end):
    """Say whether a side ends as after the step: a failure as such, where it once passed."""
    if "pass" in {cell["was"][0], cell["now"][0]}:
        return (end[0] == "pass") == (cell["now"][0] == "pass")
    return end[:2] == tuple(cell["now"][:2])


@pytest.fixture(scope="module")
def answers(request):
    names = values_asked_for(request, "drawn")
    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(answer, name) for name in names}
        pool.shutdown(cancel_futures=True)


def test_plain_scripts_agree_with_the_release_that_is_named(answers, drawn):
    before, after = answers[drawn].result()
    cell = NAMED[drawn][1]
    assert as_after(cell, after), (before, after)
    if "pass" in {cell["was"][0], cell["now"][0]}:
        assert not as_after(cell, before), (before, after)
    elif cell["was"][:2] != cell["now"][:2]:
        # In between it may fail at the same stage as after, for another reason.
        assert before != after


def test_there_is_something_to_check():
    assert len(NAMED) >= 30
