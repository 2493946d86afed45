// SPDX-License-Identifier: LGPL-2.1-or-later

// A program in Vala that binds properties, and ends without its main loop. bind.js does the same.

const string PORT = "/chat/websocket/port";

class Server : Object {
    public int port { get; set; default = 1; }
    public string text { get; set; default = ""; }
}

int main () {
    try {
        var config = new Runconf.Configuration.sync (BusType.SESSION, "default", null,
            Runconf.OpenFlags.DEFAULT);
        var server = new Server ();
        string unit = "port ";

        config.bind (PORT, server, "port", Runconf.BindFlags.NO_SENSITIVITY);
        config.bind_with_mapping (PORT, server, "text", Runconf.BindFlags.NO_SENSITIVITY,
            (ref value, variant) => {
                value.set_string (unit + variant.get_int64 ().to_string ());
                return variant.get_int64 () != 9001;
            },
            (value) => {
                if (!value.get_string ().has_prefix (unit))
                    return null;
                return new Variant.int64 (int64.parse (value.get_string ().substring (unit.length)));
            });
        assert (server.port == 8000);
        assert (server.text == "port 8000");

        server.port = 9001;
        config.flush_sync ();
        assert (config.get_int64 (PORT, 0) == 9001);
        config.set_string_sync ("/llm/active", "groq", null);
        while (MainContext.default ().iteration (false))
            continue;
        assert (server.text == "port 8000");

        server.text = "no number";
        config.flush_sync ();
        assert (config.get_int64 (PORT, 0) == 9001);
        server.text = "port 9002";
        config.flush_sync ();
        assert (config.get_int64 (PORT, 0) == 9002);
    } catch (Error error) {
        stderr.printf ("%s\n", error.message);
        return 1;
    }
    return 0;
}
