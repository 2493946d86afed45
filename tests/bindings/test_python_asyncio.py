# SPDX-License-Identifier: LGPL-2.1-or-later
"""The calls and watches for asyncio."""

import asyncio
import concurrent.futures
import gc
import json
import os
import signal
import threading

import gi
import pytest
from python_testing import PORT, refusal, run
from runconf_testing import DEFAULT_VALUES, eventually

gi.require_version("Runconf", "1")
from gi.repository import GLib, Runconf  # noqa: E402


def test_async_writes(service, config):
    async def program():
        conf = await Runconf.Configuration.new_async("default", service.bus.address)
        await conf.set_async(PORT, 9000)
        assert conf["chat"]["websocket"]["port"] == 9000
        changed, version = await conf.merge_async({"llm": {"active": "groq"}})
        assert (changed, version) == (["/llm/active"], conf.version)
        async with conf.transaction(if_version=version) as transaction:
            transaction.set("/llm/active", "x")
        assert transaction.version == version + 1
        await conf.reset_async("/llm/active")
        assert conf["llm"]["active"] == "openrouter"
        assert (await conf.describe_async(PORT))["value"] == 9000
        assert json.loads(await conf.dump_async(PORT, format="json")) == 9000
        assert (await conf.explain_async(PORT))[0]["value"] == 9000
        assert await conf.fetch_async(PORT) == 9000
        assert (await conf.history_async(limit=1))[0].version == conf.version
        assert (await conf.diff_async(0, 1)).values == {PORT: 9000}
        assert (await conf.save_async(DEFAULT_VALUES)).changed == [PORT]
        assert await conf.reload_async() is False
        with refusal(Runconf.Error.INVALID_PATH):
            await conf.set_async(PORT + "/x", 1)
        await asyncio.gather(*(conf.set_async(f"/many/k{i}", i) for i in range(20)))
        assert len(conf["many"]) == 20

    run(program())


class Forbidden(concurrent.futures.ThreadPoolExecutor):
    """The executor of a program that needs it for look-ups of host names."""

    def submit(self, function, *_, **__):
        raise AssertionError(f"the executor is used for {function}")


def test_async_calls_leave_the_executor_alone(service, config):
    async def program():
        asyncio.get_running_loop().set_default_executor(Forbidden())
        address = service.bus.address
        conf = await Runconf.Configuration.new_async("default", address)
        assert list(await Runconf.list_configurations_async(address)) == ["default"]
        for name in ["set_async", "replace_async"]:
            await getattr(conf, name)(PORT, 9000)
        for name in ["reset_async", "describe_async", "explain_async", "fetch_async", "dump_async",
                     "history_async", "unset_async"]:
            await getattr(conf, name)(PORT)
        await conf.merge_async({})
        await conf.merge_text_async("chat: {}")
        await conf.save_async(DEFAULT_VALUES)
        await conf.apply_async(Runconf.Transaction())
        await conf.replace_text_async("{}")
        await conf.revert_async(1)
        await conf.diff_async(0, 1)
        await conf.reload_async()
        with refusal(Runconf.Error.NOT_FOUND):
            await conf.confirm_async(1)

    run(program())


def test_async_calls_that_wait_take_no_threads(service, conf, config):
    async def program():
        asyncio.get_running_loop().set_default_executor(Forbidden())
        service.process.send_signal(signal.SIGSTOP)
        try:
            tasks = [asyncio.ensure_future(conf.set_async(f"/many/k{i}", i)) for i in range(100)]
            await asyncio.sleep(0)
            assert threading.active_count() < 10
        finally:
            service.process.send_signal(signal.SIGCONT)
        await asyncio.gather(*tasks)
        # the calls were made in their order
        changes = await conf.history_async("/many", limit=100)
        assert [list(change.values.values())[0] for change in changes] == list(range(99, -1, -1))

    run(program())


def test_async_calls_of_wrong_values_fail_in_the_task(conf):
    async def program():
        with pytest.raises(TypeError):
            await conf.set_async(PORT, object())
        with pytest.raises(TypeError):
            await conf.revert_async("text")
        with pytest.raises(ValueError):
            await conf.reset_async("no slash")

    run(program())


def test_async_calls_are_refused_in_a_child_of_fork(conf):
    """They don't wait for the thread of the calls, which the child doesn't have."""

    async def is_refused():
        try:
            await conf.set_async(PORT, 1)
        except GLib.Error as error:
            return "fork ()" in error.message
        return False

    run(conf.set_async(PORT, 9000))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if run(is_refused()) else 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    run(conf.set_async(PORT, 9001))


def test_async_for(conf, config):
    async def program():
        changes = conf.watch_async("/chat")
        asyncio.get_running_loop().run_in_executor(None, config.set, PORT, 9000)
        async for change in changes:
            assert change.paths == [PORT]
            assert change.values == {PORT: 9000}
            break
        config.set(PORT, 9001)
        assert (await changes.__anext__()).values == {PORT: 9001}
        await changes.aclose()
        assert [change async for change in changes] == []

    run(program())


def test_async_for_over_a_watch(conf, config):
    async def program():
        watch = conf.watch("/chat")
        config.set(PORT, 9000)
        async for change in watch:
            assert change.paths == [PORT]
            break

    run(program())


def test_async_iteration_ends_its_thread(conf, config):
    def watchers():
        return [thread for thread in threading.enumerate() if thread.name == "runconf-watch"]

    async def program():
        config_changes = conf.watch_async("/chat")
        config.set(PORT, 9000)
        await config_changes.__anext__()
        assert len(watchers()) == 1

    run(program())
    gc.collect()
    eventually(lambda: watchers() == [], "the thread ends")


def test_a_cancelled_task_stops_waiting(conf, config):
    async def program():
        task = asyncio.ensure_future(conf.watch_async("/chat").__anext__())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(program())


def test_a_slow_reader_is_told_everything_in_one(conf, config):
    changes = iter(conf.watch("/many"))
    for number in range(400):
        config.set(f"/many/k{number % 50}", number)
    told = set()
    count = 0
    while len(told) < 50:
        change = next(changes)
        told.update(change.paths)
        count += 1
    assert told == {f"/many/k{number}" for number in range(50)}
    assert count <= 256
