// SPDX-License-Identifier: LGPL-2.1-or-later

// A program in JavaScript that binds properties, and ends without its main loop.

import Gio from 'gi://Gio';
import GObject from 'gi://GObject';
import Runconf from 'gi://Runconf?version=1';

const PORT = '/chat/websocket/port';

const Server = GObject.registerClass({
    Properties: {
        port: GObject.ParamSpec.int('port', null, null, GObject.ParamFlags.READWRITE, 0, 65535, 1),
    },
}, class Server extends GObject.Object {});

const config = Runconf.Configuration.new_sync(Gio.BusType.SESSION, 'default', null);
const server = new Server();
config.bind(PORT, server, 'port', Runconf.BindFlags.DEFAULT);
if (server.port !== 8000)
    throw new Error(`the port is ${server.port}`);
server.port = 9001;
server.port = 9002;
config.flush_sync(null);
