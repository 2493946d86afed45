// SPDX-License-Identifier: LGPL-2.1-or-later

// The program around the blocks of a page in Vala: each is a method of BLOCKS, and CALLS runs them.

class Server : Object {
    public int port { get; set; default = 1; }
    public string text { get; set; default = ""; }
}

Runconf.Configuration config;
Server server;
bool printed;

// in the place of a main loop
void run_until_printed () throws Error {
    printed = false;
    config.set_int64_sync ("/chat/websocket/port", 9998);
    while (!printed)
        MainContext.default ().iteration (true);
}

BLOCKS

async void run_blocks () throws Error {
    CALLS
    assert (server.port == config.get_int64 ("/chat/websocket/port", 0));
    assert (server.text == "port %d".printf (server.port));
}

int main () {
    var ended = false;
    var status = 0;

    set_print_handler ((text) => {
        printed = true;
        stdout.puts (text);
    });
    try {
        config = new Runconf.Configuration.sync (BusType.SESSION, "default");
        server = new Server ();
    } catch (Error error) {
        stderr.printf ("%s\n", error.message);
        return 1;
    }
    run_blocks.begin ((source, result) => {
        try {
            run_blocks.end (result);
        } catch (Error error) {
            stderr.printf ("%s\n", error.message);
            status = 1;
        }
        ended = true;
    });
    while (!ended)
        MainContext.default ().iteration (true);
    return status;
}
