// SPDX-License-Identifier: LGPL-2.1-or-later

// The story that each language tells, in JavaScript. tests/client/story.c tells it in C.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';
import Runconf from 'gi://Runconf?version=1';

// newer versions of GLib have the streams of Unix in a namespace of their own
function findUnix(name) {
    try {
        return imports.gi.GioUnix[name];
    } catch {
        return Gio[`Unix${name}`];
    }
}

const PORT = '/chat/websocket/port';
const HOST = '/chat/websocket/host';

// print() is buffered where the output is no terminal
const out = new (findUnix('OutputStream'))({fd: 1, closeFd: false});

function askFor(what) {
    out.write_all(new TextEncoder().encode(`${what}\n`), null);
}

function check(condition, what) {
    if (!condition)
        throw new Error(`not so: ${what}`);
}

function same(value, expected) {
    const [is, should] = [JSON.stringify(value), JSON.stringify(expected)];
    check(is === should, `${is} is ${should}`);
}

function refuses(code, call) {
    try {
        call();
    } catch (error) {
        if (!(error instanceof GLib.Error))
            throw error;
        check(error.matches(Runconf.Error, code), `${error.message} has the code ${code}`);
        check(!error.message.includes('GDBus.Error'), error.message);
        return;
    }
    throw new Error(`${call} was not refused`);
}

function waitFor(condition) {
    while (!condition())
        GLib.MainContext.default().iteration(true);
}

function readEachType(config) {
    same(config.get_int64(PORT, 0), 8000);
    same(config.get_string(HOST, null), 'localhost');
    same(config.get_double('/llm/temperature', 0), 0.7);
    same(config.get_double(PORT, 0), 8000);
    same(config.get_boolean('/logging/debug', true), false);
    same(config.get_strv('/features', null), ['search', 'browse', 'code']);
    same(config.list('/chat'), ['websocket', 'service']);
    same(config.get_value('/servers').recursiveUnpack(),
        [{name: 'one', port: 1}, {name: 'two', port: 2}]);
    same(config.get_value('/logging/file').get_type_string(), 'g');
    same(config.has(PORT), true);
}

function readPlainValues(config) {
    same(config.get(PORT), 8000);
    same(config.get('/logging/file'), null);
    same(config.get('/logging').file, null);
    same(config.get('/servers'), [{name: 'one', port: 1}, {name: 'two', port: 2}]);
    same(config.get_snapshot().get('/logging/file'), null);
    same(config.get('/nowhere') === undefined, true);
    same(config.get('/nowhere', 'fallback'), 'fallback');
    same(config.describe_sync(PORT, null).get_source(), 'default');

    const values = [null, true, false, 0, -1, 1.5, Number.MAX_SAFE_INTEGER, 2 ** 60, '', 'ünï', [], {},
        [1, [null, '']], {a: {b: [null, {c: ''}]}, __proto__x: null, '': 0}];
    same(Runconf.unpack(Runconf.pack(values)), values);
    const odd = Runconf.unpack(Runconf.pack(JSON.parse('{"__proto__": {"x": 1}}')));
    same(Object.keys(odd), ['__proto__']);
    same([...Runconf.unpack(Runconf.pack(new Uint8Array([0, 255])))], [0, 255]);
    same(Runconf.pack(new GLib.Variant('i', 5)).get_type_string(), 'i');

    config.merge_sync(Runconf.pack({plain: {nothing: null, empty: '', list: [null]}}), null);
    same(config.get('/plain'), {empty: '', list: [null]});
    config.set_value_sync('/plain/nothing', Runconf.pack(null), null);
    same(config.get('/plain'), {empty: '', list: [null], nothing: null});
    config.reset_sync('/plain', null);
}

function readWhatIsNotThere(config) {
    same(config.get_string('/nowhere', 'fallback'), 'fallback');
    same(config.get_int64('/nowhere', 7), 7);
    same(config.get_int64(HOST, 7), 7);
    same(config.get_value('/nowhere'), null);
    same(config.has('/nowhere'), false);
}

function writeAndRead(config) {
    config.set_int64_sync(PORT, 9000, null);
    same(config.get_int64(PORT, 0), 9000);
    const patch = new GLib.Variant('a{sv}', {
        llm: new GLib.Variant('a{sv}', {active: GLib.Variant.new_string('groq')}),
    });
    const [changed, version] = config.merge_sync(patch, null);
    same(changed, ['/llm/active']);
    same(version, config.get_version());
}

function applyATransaction(config) {
    const version = config.get_version();
    const transaction = new Runconf.Transaction();
    transaction.set_value(HOST, GLib.Variant.new_string('example.org'));
    transaction.reset('/llm/active');
    transaction.set_message('the story');

    transaction.set_if_version(version - 1);
    refuses(Runconf.Error.VERSION_MISMATCH, () => config.apply_sync(transaction, null));

    transaction.set_if_version(version);
    transaction.set_dry_run(true);
    const [tried] = config.apply_sync(transaction, null);
    same(tried.length, 2);
    same(config.get_version(), version);

    transaction.set_dry_run(false);
    const [applied, appliedVersion] = config.apply_sync(transaction, null);
    same(applied, tried);
    same(appliedVersion, version + 1);
}

function keepASnapshot(config) {
    const snapshot = config.get_snapshot();
    const version = snapshot.get_version();
    config.set_int64_sync(PORT, 9001, null);
    same(snapshot.get_int64(PORT, 0), 9000);
    same(config.get_int64(PORT, 0), 9001);
    same(snapshot.get_version(), version);
    same(config.get_version(), version + 1);
}

function keepAKey(config) {
    const key = Runconf.Key.new(config, PORT);
    same(key.get_path(), PORT);
    same(key.get_int64(0), 9001);
    config.set_int64_sync(PORT, 9002, null);
    same(key.get_int64(0), 9002);
}

function resetAndDescribe(config) {
    const source = () => config.describe_sync(PORT, null).get_source();
    same(source(), 'override');
    const layers = () => config.explain_sync(PORT, Runconf.ExplainFlags.DEFAULT, null)
        .map(value => value.get_layer());
    same(layers(), [Runconf.Layer.OVERRIDE, Runconf.Layer.VENDOR]);
    config.reset_sync(PORT, null);
    same(source(), 'default');
    same(layers(), [Runconf.Layer.VENDOR]);
    same(config.get_int64(PORT, 0), 8000);
}

function beRefused(config) {
    refuses(Runconf.Error.INVALID_PATH, () => config.set_int64_sync(`${PORT}/x`, 1, null));
    refuses(Runconf.Error.NOT_FOUND, () => config.describe_sync('/nowhere', null));
    refuses(Runconf.Error.INVALID_VALUE, () => config.merge_text_sync('a: [b', null));
    refuses(Runconf.Error.NOT_FOUND,
        () => Runconf.Configuration.new_sync(Gio.BusType.SESSION, 'nobody', null,
            Runconf.OpenFlags.REQUIRE_SERVICE, null));
}

function answerFromDefaults() {
    const defaults = new GLib.Variant('a{sv}', {port: GLib.Variant.new_int64(7)});
    const config = Runconf.Configuration.new_in_background(Gio.BusType.SESSION, 'nobody', defaults);
    same(config.get_int64('/port', 0), 7);
    same(config.connected, false);
    same(config.state, Runconf.State.UNAVAILABLE);
}

function hearOfOthers(config) {
    let seen = [];
    const watch = config.watch('/chat');
    watch.connect('changed', (_watch, change) => seen.push(...change.get_paths()));

    askFor('set');
    waitFor(() => seen.includes(PORT));
    same(seen, [PORT]);
    same(config.get_int64(PORT, 0), 9100);

    seen = [];
    askFor('restart');
    waitFor(() => seen.includes(PORT));
    same(config.get_int64(PORT, 0), 9200);
    same(config.get_connected(), true);

    config.set_int64_sync(PORT, 9300, null);
    same(config.get_int64(PORT, 0), 9300);
}

// a promise's callback runs only once the caller runs the main loop, so this needs it
async function openAsynchronously() {
    Gio._promisify(Runconf.Configuration, 'new', 'new_finish');
    const config = await Runconf.Configuration.new(Gio.BusType.SESSION, 'default', null,
        Runconf.OpenFlags.DEFAULT, null);
    same(config.get_name(), 'default');
}

function tell() {
    const config = Runconf.Configuration.new_sync(Gio.BusType.SESSION, 'default', null,
        Runconf.OpenFlags.DEFAULT, null);
    same(config.get_name(), 'default');
    same(config.get_connected(), true);
    readEachType(config);
    readPlainValues(config);
    readWhatIsNotThere(config);
    writeAndRead(config);
    applyATransaction(config);
    keepASnapshot(config);
    keepAKey(config);
    resetAndDescribe(config);
    beRefused(config);
    answerFromDefaults();
    hearOfOthers(config);
}

const loop = new GLib.MainLoop(null, false);
let status = 0;
openAsynchronously().then(tell).then(() => askFor('end')).catch(error => {
    logError(error);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
