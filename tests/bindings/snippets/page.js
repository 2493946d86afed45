// SPDX-License-Identifier: LGPL-2.1-or-later

// The program around the blocks of a page in JavaScript, which are BLOCKS. A function follow() of the page has to print
// something, and so does the main loop that the page runs: a change is made for each.

import PageObject from 'gi://GObject';
import PageGLib from 'gi://GLib';
import PageSystem from 'system';

const printed = [];

PageGLib.MainLoop.prototype.run = () => {
    config.set_sync('/chat/websocket/port', 9998);
    while (printed.length === 0)
        PageGLib.MainContext.default().iteration(true);
    printed.length = 0;
};
globalThis.print = (...words) => printed.push(words.join(' '));

const server = new (PageObject.registerClass({
    Properties: {port: PageObject.ParamSpec.int('port', '', '', PageObject.ParamFlags.READWRITE, 0, 65535, 0)},
}, class PageServer extends PageObject.Object {}))();
const label = new (PageObject.registerClass({
    Properties: {label: PageObject.ParamSpec.string('label', '', '', PageObject.ParamFlags.READWRITE, '')},
}, class PageLabel extends PageObject.Object {}))();

BLOCKS

if (typeof follow === 'function') {
    follow().catch(error => {
        logError(error);
        PageSystem.exit(1);
    });
    await config.set('/chat/websocket/port', 9999);
    while (!printed.some(line => line.endsWith('{"/chat/websocket/port":9999}')) || label.label !== 'port 9999')
        await new Promise(resolve => PageGLib.timeout_add(PageGLib.PRIORITY_DEFAULT, 1, () => resolve() ?? false));
}
PageSystem.exit(0);
