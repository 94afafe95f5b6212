"""The accepted table against plain scripts of a fresh process per step, as written.

Of all cases and environments another few are checked at each commit, the same whenever that commit
is tested: what they are drawn by is printed, and `--draw` repeats it. `--every-case`
(`nox -s crosscheck`) checks them all, those on other Pythons too. The plain scripts share no code
with the harness: see `plain`. Of the loaders they know the first three; `test_loaders` has scripts
for the others.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from savedmodel_matrix.commands.maintenance import run_install
from savedmodel_matrix.model.table import rows_of
from savedmodel_matrix.store.accepted import load_table
from tests.conftest import drawn_by
from tests.integration import plain
from tests.integration.conftest import PROJECT, installed, sample, turn_of, values_asked_for

A_FEW = 5  # pairs of case and environment: two minutes or so
ACCEPTED = rows_of(load_table(PROJECT.results / "accepted"))
LOADERS = ["libtensorflow", "saved_model_cli", "tf.saved_model.load"]
PAIRS = sorted(
    {
        (row["case"], row["producer"])
        for row in ACCEPTED
        if row["remedy"] == "as-written" and row["producer"] == row["consumer"]
    }
)

# Those of the Python that every machine of a developer has; others have to be asked for.
PYTHON = PROJECT.environments[PROJECT.groups["default"][0]].python
AT_HAND = [pair for pair in PAIRS if PROJECT.environments[pair[1]].python == PYTHON]


def pytest_generate_tests(metafunc):
    if "pair" not in metafunc.fixturenames:
        return
    pairs = PAIRS
    if not metafunc.config.getoption("every_case"):
        pairs = sample(AT_HAND, turn_of(drawn_by(metafunc.config)), A_FEW)
    wanted = metafunc.config.getoption("environment")
    if wanted:
        pairs = [pair for pair in PAIRS if pair[1] in wanted]
    metafunc.parametrize("pair", pairs, ids=" in ".join, scope="module")


def answer(pair):
    """Ask the plain scripts about one case in one environment: an outcome for each loader."""
    case = pair[0]
    environment, variables = installed(PROJECT.environments[pair[1]], case)
    python = str(environment.executable)
    return plain.outcomes(
        case=str(PROJECT.cases / f"{case}.py"),
        remedy="as-written",
        producer=python,
        consumer=python,
        loaders=LOADERS,
        variables=variables,
    )


@pytest.fixture(scope="module")
def answers(request):
    """Answers of the plain scripts, worked out on all cores from the first question on."""
    pairs = values_asked_for(request, "pair")
    assert run_install(PROJECT, sorted({environment for _, environment in pairs})) == 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {pair: pool.submit(answer, pair) for pair in pairs}
        pool.shutdown(cancel_futures=True)


def test_every_pair_comes_in_its_turn_and_none_twice():
    pairs = [(f"case{number}", "e") for number in range(23)]
    turns = [sample(pairs, turn, 5) for turn in range(700_000, 700_005)]
    assert sorted(pair for turn in turns for pair in turn) == sorted(pairs)
    assert sample(pairs, 700_005, 5) == turns[0]


def test_a_commit_draws_the_same_pairs_each_time_and_commits_differ():
    pairs = [(f"case{number}", "e") for number in range(100)]
    drawn = [tuple(sample(pairs, turn_of(f"commit {number}"), A_FEW)) for number in range(60)]
    assert drawn == [
        tuple(sample(pairs, turn_of(f"commit {number}"), A_FEW)) for number in range(60)
    ]
    assert all(len(one) == A_FEW for one in drawn)
    assert len(set(drawn)) > 10


def test_there_is_something_to_check():
    assert len(AT_HAND) >= 7 * 18
    assert {PROJECT.environments[name].python for _, name in PAIRS} > {PYTHON}
    assert set(LOADERS) <= {row["loader"] for row in ACCEPTED}


def test_plain_scripts_agree_with_the_accepted_table(answers, pair):
    said = answers[pair].result()
    accepted = {
        row["loader"]: (row["status"], row["stage"])
        for row in ACCEPTED
        if (row["case"], row["producer"]) == pair
        and row["remedy"] == "as-written"
        and row["loader"] in LOADERS
        and row["consumer"] == row["producer"]
    }
    messages = {loader: one["message"] for loader, one in said.items()}
    assert {name: (one["status"], one["stage"]) for name, one in said.items()} == accepted, messages
