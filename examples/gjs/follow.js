#!/usr/bin/env -S gjs -m
// SPDX-License-Identifier: LGPL-2.1-or-later

// Prints a part of a configuration, and again after each change: follow.js /chat/websocket
// The program opens the configuration, watches the part, and ends with SIGTERM or SIGINT.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import System from 'system';
import Runconf from 'gi://Runconf?version=1';

const SIGINT = 2;
const SIGTERM = 15;

// newer versions of GLib have this function in a library of its own, under one of two names
function findSignalAdd() {
    try {
        const {GLibUnix} = imports.gi;
        return GLibUnix.signal_add ?? GLibUnix.signal_add_full;
    } catch {
        return GLib.unix_signal_add;
    }
}

async function follow(path) {
    const config = await Runconf.Configuration.new(Gio.BusType.SESSION, 'default');
    const changes = config.watch(path)[Symbol.asyncIterator]();
    const addSignal = findSignalAdd();
    for (const signal of [SIGINT, SIGTERM]) {
        addSignal(GLib.PRIORITY_DEFAULT, signal, () => {
            changes.return();
            return GLib.SOURCE_REMOVE;
        });
    }

    const show = () => print(JSON.stringify(config.get(path, null)));
    show();
    for await (const _change of changes)
        show();
    print('closed');
}

try {
    await follow(ARGV[0] ?? '');
} catch (error) {
    printerr(error.message);
    System.exit(1);
}
