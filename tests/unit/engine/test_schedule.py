"""The schedule with hosts that only pretend: the one place where faults are simulated."""

import asyncio
import itertools
from pathlib import Path

import pytest

from savedmodel_matrix.engine import pressure
from savedmodel_matrix.engine import schedule as module
from savedmodel_matrix.engine.processes import Ended, HostDied
from savedmodel_matrix.engine.schedule import Schedule, no_host
from savedmodel_matrix.environments.filling import EnvironmentBroken
from savedmodel_matrix.host.protocol import Limits, ShowRequest
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.plugin import Loader, Remedy
from savedmodel_matrix.model.steps import Load, Made, Save, case_of

LOADER = Loader("l", Path("l.py"), "", ("SavedModel",), ("tensorflow",), False)
REMEDY = Remedy("r", Path("r.py"), "", "SavedModel")


class PretendHost:
    """Takes a moment for each step; dies as often as the test asks."""

    deaths = 0
    starts = 0
    alive = 0
    most_alive = 0
    running = 0
    most_running = 0
    kills = 0
    needs = 0.0  # seconds that a step takes
    start_cpu = 0.0
    start_seconds = 0.0

    def __init__(self):
        self.home = Path("/nowhere")

    async def start(self, expected):
        PretendHost.alive += 1
        PretendHost.starts += 1
        PretendHost.most_alive = max(PretendHost.most_alive, PretendHost.alive)
        await asyncio.sleep(0)

    async def run(self, request, mailbox):
        PretendHost.running += 1
        PretendHost.most_running = max(PretendHost.most_running, PretendHost.running)
        try:
            await asyncio.sleep(0.001)
            if PretendHost.deaths:
                PretendHost.deaths -= 1
                raise HostDied("out of luck")
        finally:
            PretendHost.running -= 1
        if PretendHost.kills:
            PretendHost.kills -= 1
            return Ended(None, 9, False, 0.0, 0, 0.0, 0.0)
        if request.limits.seconds < PretendHost.needs:
            return Ended(None, 9, True, 0.4, 0, 0.0, 1.0)
        return Ended(0, None, False, 0.0, 0, 0.0, 0.0)

    async def close(self):
        PretendHost.alive -= 1


class Work:
    """Notes what happens to each step; every save brings one load."""

    def __init__(self):
        self.ended, self.dead, self.signals, self.starved = [], [], [], []
        self.broken = set()
        self.asked = 0

    def base(self, environment):
        return environment.partition("+")[0]

    async def started(self, environment):
        pass

    async def ready(self, environment):
        if environment in self.broken:
            raise EnvironmentBroken(f"{environment} is broken.", "last words")
        return {}

    def request(self, step):
        self.asked += 1
        return ShowRequest(Limits(1.0, 1 << 30), "d")

    def cost(self, step):
        return float(step.case.name) if isinstance(step, Save) else 0.0

    def done(self, step, ended, mailbox):
        self.ended.append(step)
        self.signals.append("timeout" if ended.timed_out else ended.signal)
        self.starved.append(ended.starved)
        return [Load(Made(step), LOADER, step.producer)] if isinstance(step, Save) else []

    def prevented(self, step, verdict):
        self.dead.append((step, verdict.record))


class Pretending:
    """The executor of these tests."""

    def host(self, key, home):
        return PretendHost()


@pytest.fixture(autouse=True)
def pretend():
    names = ("deaths", "starts", "kills", "needs", "alive", "most_alive", "running", "most_running")
    for name in names:
        setattr(PretendHost, name, 0)


def saves(environment, count):
    return [Save(Case(str(i), Path(f"{i}.py"), ""), REMEDY, environment) for i in range(count)]


def run(tmp_path, steps_by_environment, jobs=2, broken=(), urgent=lambda _: False):
    work = Work()
    work.broken = set(broken)

    async def main():
        schedule = Schedule(work, Pretending(), tmp_path, jobs=jobs, urgent=urgent)
        schedule.expect(len(steps_by_environment))
        for name, steps in steps_by_environment.items():
            schedule.add(name, steps)
        await asyncio.wait_for(schedule.run(), 20)
        await schedule.closed()

    asyncio.run(main())
    return work


def test_every_save_and_the_loads_it_brings_are_run(tmp_path):
    work = run(tmp_path, {"tf2.15": saves("tf2.15", 5), "tf2.21": saves("tf2.21", 5)})
    assert len(work.ended) == 20
    assert PretendHost.alive == 0


def test_the_longest_saves_go_first_whatever_host_they_need(tmp_path):
    legacy = Remedy("legacy", Path("legacy.py"), "", "SavedModel", {"TF_USE_LEGACY_KERAS": "1"})
    plain = sorted(saves("tf2.15", 6), key=lambda save: -int(save.case.name))
    other = [Save(Case("9", Path("9.py"), ""), legacy, "tf2.15")]
    work = run(tmp_path, {"tf2.15": [*plain, *other]}, jobs=1)
    ended = [int(step.case.name) for step in work.ended if isinstance(step, Save)]
    assert ended == [9, 5, 4, 3, 2, 1, 0]


def test_a_load_goes_before_the_next_save(tmp_path):
    work = run(tmp_path, {"tf2.15": saves("tf2.15", 3)}, jobs=1)
    assert [type(step) for step in work.ended] == [Save, Load] * 3


def test_no_step_begins_before_its_host_was_taken_in(tmp_path, monkeypatch):
    before = []

    async def started(work, environment):
        await asyncio.sleep(0.05)
        before.append(work.asked)

    monkeypatch.setattr(Work, "started", started)
    run(tmp_path, {"tf2.15": saves("tf2.15", 3)})
    assert before == [0]


def test_while_a_first_start_is_taken_in_hosts_of_others_start_and_their_steps_run(
    tmp_path, monkeypatch
):
    async def started(work, environment):
        if environment == "tf2.15":
            for _ in range(400):
                if len(work.ended) == 6:
                    break
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            assert {step.host.environment for step in work.ended} == {"tf2.21"}

    monkeypatch.setattr(Work, "started", started)
    work = run(tmp_path, {name: saves(name, 3) for name in ("tf2.15", "tf2.21")}, jobs=1)
    assert len(work.ended) == 12


def test_what_goes_wrong_while_a_start_is_taken_in_ends_the_run(tmp_path, monkeypatch):
    async def started(work, environment):
        raise RuntimeError("a fault of the harness")

    monkeypatch.setattr(Work, "started", started)
    with pytest.raises(RuntimeError, match="a fault of the harness"):
        run(tmp_path, {"tf2.15": saves("tf2.15", 3)})


@pytest.mark.parametrize(
    ("over", "together"), [("tf2.15+toolz", []), ("tf2.21", ["tf2.15 and tf2.21"])]
)
def test_over_one_base_no_second_host_starts_before_the_first_has(
    tmp_path, monkeypatch, over, together
):
    starting, seen = [], []

    async def ready(work, environment):
        starting.append(environment)
        if len(starting) > 1:
            seen.append(" and ".join(sorted(starting)))
        await asyncio.sleep(0.05)
        starting.remove(environment)
        return {}

    monkeypatch.setattr(Work, "ready", ready)
    work = run(tmp_path, {name: saves(name, 1) for name in ("tf2.15", over)})
    assert seen == together
    assert len(work.ended) == 4


def test_no_more_steps_at_once_than_jobs(tmp_path):
    run(tmp_path, {"tf2.15": saves("tf2.15", 9)}, jobs=3)
    assert 1 < PretendHost.most_running <= 3


def test_what_crosses_waits_until_all_is_saved_and_no_host_starts_twice(tmp_path, monkeypatch):
    both = ["tf2.15", "tf2.21"]

    def loads(work, step, ended, mailbox):
        work.ended.append(step)
        return [Load(Made(step), LOADER, name) for name in both] if isinstance(step, Save) else []

    monkeypatch.setattr(Work, "done", loads)
    work = run(tmp_path, {name: saves(name, 4) for name in both})
    kinds = ["save" if isinstance(s, Save) else "cross" if s.crosses else "own" for s in work.ended]
    assert kinds.count("own") == kinds.count("cross") == 8
    assert kinds.index("cross") > len(kinds) - 1 - kinds[::-1].index("save")
    assert PretendHost.starts <= 4


def test_few_hosts_live_at_once(tmp_path):
    run(tmp_path, {f"tf2.{i}": saves(f"tf2.{i}", 4) for i in range(10, 20)})
    assert PretendHost.most_alive <= 3


def is_first(step):
    return case_of(step) == "0"


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_what_is_urgent_is_done_in_every_environment_before_the_rest(tmp_path, jobs, monkeypatch):
    monkeypatch.setattr(module, "short_of_memory", lambda: False)
    steps = {name: saves(name, 6) for name in ("tf2.15", "tf2.16", "tf2.21")}
    work = run(tmp_path, steps, jobs=jobs, urgent=is_first)
    assert len(work.ended) == 2 * 18
    done = [is_first(step) for step in work.ended]
    last = len(done) - 1 - done[::-1].index(True)
    # Others begin only where a core had nothing urgent: while the last urgent steps ran.
    assert done[:last].count(False) <= jobs
    assert done.count(True) == 6
    assert PretendHost.starts == 3


def test_an_urgent_load_in_another_environment_does_not_wait_for_all_saves(tmp_path, monkeypatch):
    def crossing(work, step, ended, mailbox):
        work.ended.append(step)
        if not isinstance(step, Save):
            return []
        return [Load(Made(step), LOADER, name) for name in ("tf2.15", "tf2.21")]

    monkeypatch.setattr(Work, "done", crossing)
    steps = {name: saves(name, 6) for name in ("tf2.15", "tf2.21")}
    work = run(tmp_path, steps, jobs=1, urgent=is_first)
    done = [is_first(step) for step in work.ended]
    assert done == [True] * 6 + [False] * 30


def test_hosts_that_wait_for_their_turn_stay_unless_memory_is_short(tmp_path, monkeypatch):
    steps = {f"tf2.{i}": saves(f"tf2.{i}", 4) for i in range(10, 16)}
    monkeypatch.setattr(module, "short_of_memory", lambda: False)
    run(tmp_path, steps, urgent=is_first)
    assert (PretendHost.starts, PretendHost.most_alive) == (6, 6)
    monkeypatch.setattr(module, "short_of_memory", lambda: True)
    PretendHost.starts = PretendHost.most_alive = 0
    work = run(tmp_path, steps, urgent=is_first)
    assert len(work.ended) == 2 * 24
    assert PretendHost.most_alive < 6
    assert 6 < PretendHost.starts <= 12


def test_a_host_with_settings_ends_with_the_last_save_that_needs_it(tmp_path):
    legacy = Remedy("legacy", Path("legacy.py"), "", "SavedModel", {"TF_USE_LEGACY_KERAS": "1"})
    other = [Save(Case("0", Path("0.py"), ""), legacy, "tf2.15")]
    alive = []

    def urgent(step):
        alive.append(PretendHost.alive)
        return is_first(step)

    run(tmp_path, {"tf2.15": [*saves("tf2.15", 9), *other]}, jobs=1, urgent=urgent)
    assert max(alive) == 2
    assert alive[-1] == 1


def test_a_host_that_dies_once_is_replaced_and_nothing_is_lost(tmp_path):
    PretendHost.deaths = 1
    work = run(tmp_path, {"tf2.15": saves("tf2.15", 3)})
    assert len(work.ended) == 6
    assert work.dead == []


def test_a_host_that_keeps_dying_ends_its_steps_as_dead_with_its_words(tmp_path):
    PretendHost.deaths = 99
    work = run(tmp_path, {"tf2.15": saves("tf2.15", 3)})
    assert {step for step, _ in work.dead} == set(saves("tf2.15", 3))
    assert {record["message"] for _, record in work.dead} == {"out of luck"}
    assert {record["status"] for _, record in work.dead} == {"not-run"}


def test_a_broken_environment_costs_its_own_steps_only(tmp_path):
    steps = {"tf2.15": saves("tf2.15", 3), "tf2.21": saves("tf2.21", 3)}
    work = run(tmp_path, steps, broken=["tf2.15"])
    assert {step for step, _ in work.dead} == set(saves("tf2.15", 3))
    assert {record["reason"] for _, record in work.dead} == {"tf2.15 is broken."}
    assert len(work.ended) == 6
    assert PretendHost.alive == 0


def test_a_fault_of_the_harness_ends_the_run_and_every_host(tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Work, "done", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        run(tmp_path, {"tf2.15": saves("tf2.15", 3)})
    assert PretendHost.alive == 0


def test_a_step_that_somebody_killed_is_run_once_more(tmp_path):
    PretendHost.kills = 1
    work = run(tmp_path, {"tf2.15": saves("tf2.15", 3)})
    assert work.signals == [None] * 6


def test_a_step_that_kills_itself_each_time_has_crashed(tmp_path):
    PretendHost.kills = 99
    work = run(tmp_path, {"tf2.15": saves("tf2.15", 1)})
    assert work.signals == [9, 9]
    assert work.starved == [False, False]
    assert len(work.ended) == len(set(work.ended)) == 2


def test_a_step_that_the_kernel_ended_for_want_of_memory_has_not_crashed(tmp_path, monkeypatch):
    PretendHost.kills = 99
    monkeypatch.setattr(module, "oom_kills", itertools.count().__next__)
    work = run(tmp_path, {"tf2.15": saves("tf2.15", 1)})
    assert work.starved == [True, True]


@pytest.mark.parametrize(("needs", "ends"), [(3.0, [None] * 4), (5.0, ["timeout"] * 2)])
def test_a_step_that_got_no_core_is_run_once_more_with_four_times_the_time(
    tmp_path, monkeypatch, needs, ends
):
    PretendHost.needs = needs
    monkeypatch.setattr(pressure, "waited", itertools.count().__next__)
    work = run(tmp_path, {"tf2.15": saves("tf2.15", 2)})
    assert work.signals[:2] == ends[:2]
    assert len(work.ended) == len(set(work.ended)) == 4


def test_a_step_whose_time_is_up_on_a_quiet_machine_is_not_run_again(tmp_path, monkeypatch):
    PretendHost.needs = 3.0
    monkeypatch.setattr(pressure, "waited", lambda: 0.0)
    assert run(tmp_path, {"tf2.15": saves("tf2.15", 1)}).signals == ["timeout"] * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "Traceback …\n  File x\n    import onnxruntime\nImportError: \n",
            "ImportError at `import onnxruntime`",
        ),
        ("Traceback …\n    import a\nImportError: no a\n", "ImportError: no a"),
        ("KeyError", "KeyError"),
        ("    import a\n    ^^^^^^^^\n", "import a"),
        ("", "it said nothing"),
    ],
)
def test_why_there_is_no_host_is_told_by_the_statement_if_the_error_has_no_words(words, said):
    assert no_host("onnxruntime", words).record["reason"].endswith(f": {said}")
