#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later

// A chatbot that knows three rules, and follows its configuration while it runs. It reads lines and
// answers them, saying which provider, model and temperature it would use. Change those meanwhile:
// the next answer has them.

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

Gio._promisify(Gio.DataInputStream.prototype, 'read_line_async', 'read_line_finish_utf8');

const WORD_INTERVAL = 20;  // ms between two words of an answer that is streamed

const out = new (findUnix('OutputStream'))({fd: 1, closeFd: false});

// print() would end each word with a newline
function write(text) {
    out.write_all(new TextEncoder().encode(text), null);
}

function sleep(milliseconds) {
    return new Promise(resolve => {
        GLib.timeout_add(GLib.PRIORITY_DEFAULT, milliseconds, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        });
    });
}

class Bot {
    constructor(config) {
        this._config = config;
        this._watches = ['/llm', '/chat/service'].map(path => {
            const watch = config.watch(path);
            watch.connect('changed', () => {
                this._readSettings();
                this._showSettings();
            });
            return watch;
        });
        this._readSettings();
        this._showSettings();
    }

    // Reads from one snapshot, so that the model is the one of this provider.
    _readSettings() {
        const snapshot = this._config.get_snapshot();

        this._provider = snapshot.get_string('/llm/active', 'nobody');
        // the name of a provider may hold a slash
        const path = Runconf.path_join(['llm', 'providers', this._provider]);
        this._model = snapshot.get_string(`${path}/model`, 'no model');
        this._temperature = snapshot.get_double(`${path}/temperature`, 0.7);
        this._streaming = snapshot.get_boolean('/chat/service/streaming', false);
    }

    _showSettings() {
        const streaming = this._streaming ? 'on' : 'off';
        write(`-- ${this._provider}, ${this._model}, temperature ${this._temperature}, ` +
            `streaming ${streaming}\n`);
    }

    _makeAnswer(line) {
        let text = `You said: ${line}`;
        if (line.toLowerCase().startsWith('hello'))
            text = 'Hello! What can I do for you?';
        else if (line.endsWith('?'))
            text = 'I know three rules only, but that is a good question.';

        return `${this._provider} (${this._model}, temperature ${this._temperature}): ${text}`;
    }

    async answer(line) {
        const text = this._makeAnswer(line);
        if (!this._streaming) {
            write(`${text}\n`);
            return;
        }

        let separator = '';
        for (const word of text.split(' ')) {
            write(`${separator}${word}`);
            separator = ' ';
            await sleep(WORD_INTERVAL);
        }
        write('\n');
    }
}

async function chat() {
    const config = await Runconf.Configuration.new(Gio.BusType.SESSION, 'default', null,
        Runconf.OpenFlags.REQUIRE_SERVICE);
    const bot = new Bot(config);
    const input = new Gio.DataInputStream({
        baseStream: new (findUnix('InputStream'))({fd: 0, closeFd: false}),
    });

    for (;;) {
        const [line] = await input.read_line_async(GLib.PRIORITY_DEFAULT, null);
        if (line === null)
            return;
        if (line !== '')
            await bot.answer(line);
    }
}

const loop = new GLib.MainLoop(null, false);
let status = 0;
chat().catch(error => {
    printerr(error.message);
    status = 1;
}).finally(() => loop.quit());
loop.run();
System.exit(status);
