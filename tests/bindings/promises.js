// SPDX-License-Identifier: LGPL-2.1-or-later

// The calls with promises, watches in a loop, and JavaScript values in all places.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';
import Runconf from 'gi://Runconf?version=1';

const PORT = '/chat/websocket/port';

function check(condition, what) {
    if (!condition)
        throw new Error(`not so: ${what}`);
}

function same(value, expected) {
    const [is, should] = [JSON.stringify(value), JSON.stringify(expected)];
    check(is === should, `${is} is ${should}`);
}

async function refuses(code, call) {
    try {
        await call();
    } catch (error) {
        check(error instanceof Runconf.Error && error.code === code, `${error} has the code ${code}`);
        check(error.matches(Runconf.Error, code), error.message);
        return;
    }
    throw new Error(`${call} was not refused`);
}

async function writeWithPromises(config) {
    same(await config.set(PORT, 9000), config.get_version());
    same(config.set_sync(PORT, 9000), config.get_version());
    same(config.get(PORT), 9000);
    await config.set_int64(PORT, 9001);
    await config.set_value(PORT, GLib.Variant.new_int64(9002), null);
    same(config.get(PORT), 9002);
    await config.set('/plain', {list: [1, null, {a: true}], text: ''});
    same(config.get('/plain'), {list: [1, null, {a: true}], text: ''});
    await config.replace_value('/plain', {b: 1.5});
    same(config.get('/plain'), {b: 1.5});
    await config.unset('/plain');
    same(config.get('/plain'), undefined);

    const [changed, version] = await config.merge({llm: {active: 'groq'}});
    same([changed, version], [['/llm/active'], config.get_version()]);
    same(await config.merge({llm: {active: 'groq'}}), config.merge_sync({llm: {active: 'groq'}}));
    same((await config.merge_text('llm: {active: null}'))[0], ['/llm/active']);
    await config.flush();
    await config.reload();
}

async function readWithPromises(config) {
    same(await config.fetch(PORT), 9002);
    same(config.fetch_sync('/chat'), config.get('/chat'));
    same((await config.fetch_value(PORT)).get_int64(), 9002);
    same(await config.is_writable(PORT), true);
    const facts = await config.describe(PORT);
    same([facts.path, facts.value, facts.default_value, facts.writable, facts.secret, facts.layers.length],
        [PORT, config.get(PORT), 8000, true, false, config.get(PORT) === 8000 ? 1 : 2]);
    await config.explain(PORT, Runconf.ExplainFlags.DEFAULT);
    await config.diff(0, 1);
    await Promise.all([1, 2, 3].map(number => config.set(`/many/k${number}`, number)));
    same(Object.keys(config.get('/many')).length, 3);
    await config.reset('/many');
}

async function beRefusedWithPromises(config) {
    await refuses(Runconf.Error.NOT_FOUND, () => config.fetch('/nowhere'));
    await refuses(Runconf.Error.INVALID_PATH, () => config.set(`${PORT}x/~2`, 1));
    await refuses(Runconf.Error.NOT_FOUND, () => Runconf.Configuration.new(Gio.BusType.SESSION, 'nobody', null,
        Runconf.OpenFlags.REQUIRE_SERVICE));
    const cancellable = new Gio.Cancellable();
    cancellable.cancel();
    try {
        await config.set(PORT, 1, cancellable);
        check(false, 'the call is cancelled');
    } catch (error) {
        check(error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED), error.message);
    }
}

async function applyTransactions(config) {
    const transaction = new Runconf.Transaction()
        .set(PORT, 9100).merge('/llm', {temperature: 0.5}).replace('/plain', {a: [null]}).unset('/features').reset('/servers');
    transaction.set_message('promises');
    const [changed] = await config.apply(transaction);
    same(changed.sort(), [PORT, '/features', '/llm/temperature', '/plain/a']);
    same(config.get('/plain'), {a: [null]});
    await config.apply(new Runconf.Transaction().reset(''));
    same(config.get(PORT), 8000);
}

function callBack(config) {
    return new Promise(resolve => config.set_int64(PORT, 9200, null, (source, reply) => {
        same(source.set_int64_finish(reply), config.get_version());
        same(config.get(PORT), 9200);
        resolve();
    }));
}

async function watchInALoop(config) {
    const ports = [];
    const three = config.watch('/chat')[Symbol.asyncIterator]();
    // changes before the bus has the match rule would be reported as one
    await config.set(PORT, 0);
    same((await three.next()).value.paths, [PORT]);
    for (const port of [1, 2, 3])
        config.set(PORT, port);
    for await (const change of three) {
        same(change.paths, [PORT]);
        same(Object.keys(change.values), [PORT]);
        ports.push(change.values[PORT]);
        same(Object.keys(change.old_values), [PORT]);
        if (ports.length === 3)
            break;
    }
    same(ports, [1, 2, 3]);

    const changes = config.watch('/chat')[Symbol.asyncIterator]();
    const next = changes.next();
    await changes.return();
    same([await next, await changes.next()], [{done: true}, {done: true}]);
}

function sleep(milliseconds) {
    return new Promise(resolve => GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, () => {
        resolve();
        return GLib.SOURCE_REMOVE;
    }));
}

async function collectGarbage(config) {
    const ports = [];
    const follow = async () => {
        for await (const _change of config.watch('/chat'))
            ports.push(config.get(PORT));
    };
    follow();
    for (let round = 0; round < 5; round++) {
        await sleep(1);
        System.gc();
    }
    // no variable refers to the watch
    await config.set(PORT, 4);
    while (!ports.includes(4))
        await sleep(1);
}

async function tell() {
    const config = await Runconf.Configuration.new(Gio.BusType.SESSION, 'default');
    await writeWithPromises(config);
    await readWithPromises(config);
    await beRefusedWithPromises(config);
    await applyTransactions(config);
    await callBack(config);
    await watchInALoop(config);
    await collectGarbage(config);
    const [info] = await Runconf.list_configurations(await Gio.bus_get_sync(Gio.BusType.SESSION, null));
    same([info.name, info.state, info.state_message], ['default', Runconf.State.OK, '']);
}

await tell();
