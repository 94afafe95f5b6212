"""The first Ctrl-C ends what is at work, and a second one does not cut that short."""

import asyncio
import os
import signal

import pytest

from savedmodel_matrix.engine import interruption

NUMBERS = pytest.mark.parametrize("number", interruption.NUMBERS)


@pytest.fixture(autouse=True)
def _handlers():
    before = {number: signal.getsignal(number) for number in interruption.NUMBERS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number):
    os.kill(os.getpid(), number)


@NUMBERS
def test_the_first_cancels_and_the_others_do_not_disturb_the_end(number):
    ended = []

    async def work():
        try:
            asyncio.get_running_loop().call_later(0.01, send, number)
            await asyncio.sleep(60)
        finally:
            for another in interruption.NUMBERS:
                send(another)
                await asyncio.sleep(0.01)
            ended.append("whole")

    with pytest.raises(asyncio.CancelledError):
        interruption.run(work())
    assert ended == ["whole"]
    for another in interruption.NUMBERS:  # nor does one while the caller cleans up
        send(another)


@NUMBERS
def test_a_loop_that_only_waits_is_woken(number):
    async def work():
        pid = os.fork()
        if not pid:
            os.kill(os.getppid(), number)
            os._exit(0)
        try:
            await asyncio.wait_for(asyncio.sleep(60), 10)
        finally:
            await asyncio.to_thread(os.waitpid, pid, 0)

    with pytest.raises(asyncio.CancelledError):
        interruption.run(work())


@NUMBERS
def test_one_that_comes_too_late_to_cancel_is_not_lost(number):
    async def work():
        send(number)

    with pytest.raises((KeyboardInterrupt, asyncio.CancelledError)):
        interruption.run(work())


@NUMBERS
def test_one_that_the_work_swallows_is_not_lost(number):
    async def work():
        send(number)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return

    with pytest.raises(KeyboardInterrupt):
        interruption.run(work())


def test_without_one_the_result_is_returned_and_the_handlers_are_as_before():
    before = [signal.getsignal(number) for number in interruption.NUMBERS]

    async def work():
        return 3

    assert interruption.run(work()) == 3
    assert [signal.getsignal(number) for number in interruption.NUMBERS] == before


def test_errors_pass_through():
    async def work():
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        interruption.run(work())


def test_a_thread_that_is_told_of_no_signals_can_run_work_too():
    async def work():
        return await asyncio.to_thread(lambda: interruption.run(inner()))

    async def inner():
        return "done"

    assert asyncio.run(work()) == "done"
