"""Hosts that wait for the next run: the right one is taken, and never one with something in it."""

import asyncio
from typing import Any

import pytest

from savedmodel_matrix.engine import warm
from savedmodel_matrix.engine.processes import HostDied
from savedmodel_matrix.engine.warm import WarmHosts
from savedmodel_matrix.model.steps import HostKey

KEY = HostKey("tf2.21", "tensorflow")
REQUEST: Any = None
ENDED: Any = "ended"


class PretendHost:
    def __init__(self, home):
        self.home, self.alive, self.start_seconds, self.start_cpu = home, False, 3.0, 2.0
        self.dies = self.hangs = False

    async def start(self, expected):
        self.alive = True

    async def run(self, request, mailbox):
        if self.hangs:
            await asyncio.sleep(60)
        if self.dies:
            raise HostDied("out of luck")
        return ENDED

    async def close(self):
        self.alive = False


class Pretending:
    def __init__(self):
        self.made = []

    def host(self, key, home):
        self.made.append(PretendHost(home))
        return self.made[-1]


@pytest.fixture(autouse=True)
def _much_memory(monkeypatch):
    monkeypatch.setattr(warm, "short_of_memory", lambda: False)


async def once(hosts, made, files="f", key=KEY, expected=()):
    lent = hosts.executor(made, files).host(key, hosts.place())
    await lent.start(dict(expected))
    assert await lent.run(REQUEST, hosts.place()) == ENDED
    await lent.close()
    return lent


def test_the_next_run_finds_the_host_warm_and_its_start_cost_nothing(tmp_path):
    hosts, made = WarmHosts(tmp_path), Pretending()
    first = asyncio.run(once(hosts, made))
    second = asyncio.run(once(hosts, made))
    assert len(made.made) == 1
    assert (first.start_seconds, second.start_seconds) == (3.0, 0.0)
    assert second.home == made.made[0].home
    asyncio.run(hosts.close())
    assert not made.made[0].alive


@pytest.mark.parametrize(
    "other",
    [
        {"files": "g"},
        {"key": HostKey("tf2.15", "tensorflow")},
        {"key": HostKey("tf2.21", "tensorflow", (("A", "1"),))},
        {"expected": [("keras", "3.1")]},
    ],
)
def test_a_host_of_something_else_is_not_taken(tmp_path, other):
    hosts, made = WarmHosts(tmp_path), Pretending()
    asyncio.run(once(hosts, made))
    asyncio.run(once(hosts, made, **other))
    assert len(made.made) == 2


def test_a_host_that_died_or_runs_something_still_is_ended(tmp_path):
    async def main():
        hosts, made = WarmHosts(tmp_path), Pretending()
        for fault in ("dies", "hangs"):
            lent = hosts.executor(made, "f").host(KEY, tmp_path)
            await lent.start({})
            setattr(made.made[-1], fault, True)
            running = asyncio.ensure_future(lent.run(REQUEST, tmp_path))
            await asyncio.sleep(0)
            running.cancel()
            await lent.close()
            await asyncio.gather(running, return_exceptions=True)
        assert [host.alive for host in made.made] == [False, False]
        await once(hosts, made)
        assert len(made.made) == 3

    asyncio.run(main())


def test_no_more_wait_than_may_and_none_where_memory_is_short(tmp_path, monkeypatch):
    async def main():
        hosts, made = WarmHosts(tmp_path, most=2), Pretending()
        for name in "abc":
            await once(hosts, made, key=HostKey(name, "tensorflow"))
        assert [host.alive for host in made.made] == [False, True, True]
        monkeypatch.setattr(warm, "short_of_memory", lambda: True)
        await once(hosts, made, key=HostKey("c", "tensorflow"))
        assert not any(host.alive for host in made.made)

    asyncio.run(main())
