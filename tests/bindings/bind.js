// SPDX-License-Identifier: LGPL-2.1-or-later

// A program in JavaScript that binds properties, and ends without its main loop.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';
import Runconf from 'gi://Runconf?version=1';

const PORT = '/chat/websocket/port';

const Server = GObject.registerClass({
    Properties: {
        port: GObject.ParamSpec.int('port', null, null, GObject.ParamFlags.READWRITE, 0, 65535, 1),
        text: GObject.ParamSpec.string('text', null, null, GObject.ParamFlags.READWRITE, ''),
    },
}, class Server extends GObject.Object {});

function same(value, expected) {
    if (value !== expected)
        throw new Error(`${value} is ${expected}`);
}

const config = Runconf.Configuration.new_sync(Gio.BusType.SESSION, 'default', null,
    Runconf.OpenFlags.DEFAULT, null);
const server = new Server();
const flags = Runconf.BindFlags.DEFAULT;
config.bind(PORT, server, 'port', flags);
config.bind_with_mapping(PORT, server, 'text', flags,
    variant => variant.get_int64() === 9001 ? server.text : `port ${variant.get_int64()}`,
    text => text.startsWith('port ') ? GLib.Variant.new_int64(Number(text.slice(5))) : null);
same(server.port, 8000);
same(server.text, 'port 8000');

server.port = 9000;
server.port = 9001;
config.flush_sync(null);
same(config.get_int64(PORT, 0), 9001);
config.set_string_sync('/llm/active', 'groq', null);
while (GLib.MainContext.default().iteration(false));
same(server.text, 'port 8000');

server.text = 'no number';
config.flush_sync(null);
same(config.get_int64(PORT, 0), 9001);
server.text = 'port 9002';
config.flush_sync(null);
same(config.get_int64(PORT, 0), 9002);
