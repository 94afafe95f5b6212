"""Cases that are not shipped, against plain scripts: sixteen models that nothing was made to fit.

Another one is run at each commit, as in `test_crosscheck`; `--every-case` runs them all.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import drawn_by
from tests.integration import plain
from tests.integration.conftest import ROOT, Ready, sample, turn_of
from tests.integration.test_matrix import LOADERS, PLAINLY, matrix, outcomes

CASES = ROOT / "tests" / "data" / "held_out"
NAMES = sorted(path.stem for path in CASES.glob("*.py"))
REMEDIES = ("as-written", "export-archive", "legacy-keras")
A_FEW = 1


def pytest_generate_tests(metafunc):
    if "held_out" in metafunc.fixturenames:
        names = NAMES
        if not metafunc.config.getoption("every_case"):
            names = sample(NAMES, turn_of(drawn_by(metafunc.config)), A_FEW)
        metafunc.parametrize("held_out", [tuple(names)], ids=["+".join(names)], scope="module")


@pytest.fixture(scope="module")
def ours(environment, held_out, tmp_path_factory):
    """Run the cases in one environment, by the command that users type."""
    chosen = [word for name in held_out for word in ("--case", name)]
    remedies = [word for name in REMEDIES for word in ("--remedy", name)]
    results = tmp_path_factory.mktemp(f"held-out-{environment.name}")
    where = ("--cases", str(CASES), "--environment", environment.name)
    done = matrix(results, *where, *chosen, *remedies, *PLAINLY)
    assert done.returncode == 0, done.stderr
    return outcomes(results)


def by_hand(environment: Ready, case: str, remedy: str):
    """Return status and stage by loader, from a process per step."""
    found = plain.outcomes(
        case=str(CASES / f"{case}.py"),
        remedy=remedy,
        producer=str(environment.python),
        consumer=str(environment.python),
        loaders=list(LOADERS),
    )
    return {loader: (one["status"], one["stage"]) for loader, one in found.items()}


def test_every_cell_comes_out_as_plain_scripts_say(environment, held_out, ours):
    asked = [(case, remedy) for case in held_out for remedy in REMEDIES]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(lambda one: by_hand(environment, *one), asked))
    scripts = {
        (case, remedy, environment.name, loader): end
        for (case, remedy), ends in zip(asked, said, strict=True)
        for loader, end in ends.items()
    }
    assert "not-run" not in {status for status, _ in ours.values()}
    assert scripts == {key: ours[key] for key in scripts}
    assert len(ours) == len(held_out) * len(REMEDIES) * len(LOADERS)


def test_there_are_enough_of_them():
    assert len(NAMES) == 16
