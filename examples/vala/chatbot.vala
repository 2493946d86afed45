// SPDX-License-Identifier: LGPL-2.1-or-later

// A chatbot that knows three rules, and follows its configuration while it runs. It reads lines and
// answers them, with the provider, the model and the temperature that it would use. Change those meanwhile:
// the next answer has them.

const uint WORD_INTERVAL = 20; // ms between two words of an answer that is streamed

class Bot : Object {
    private Runconf.Configuration config;
    private Runconf.Watch[] watches;

    private string provider;
    private string model;
    private double temperature;
    private bool streaming;

    public Bot (Runconf.Configuration config) throws Error {
        this.config = config;
        foreach (unowned string path in new string[] { "/llm", "/chat/service" }) {
            var watch = config.watch (path);
            watch.changed.connect (on_changed);
            watches += watch;
        }
        on_changed ();
    }

    private void on_changed () {
        read_settings ();
        show_settings ();
    }

    // Reads from one snapshot, so that the model is the one of this provider.
    private void read_settings () {
        var snapshot = config.get_snapshot ();

        provider = snapshot.get_string ("/llm/active", "nobody");
        // the name of a provider may hold a slash
        var path = Runconf.path_join ({ "llm", "providers", provider });
        model = snapshot.get_string (path + "/model", "no model");
        temperature = snapshot.get_double (path + "/temperature", 0.7);
        streaming = snapshot.get_boolean ("/chat/service/streaming", false);
    }

    private void show_settings () {
        print ("-- %s, %s, temperature %g, streaming %s\n", provider, model, temperature, streaming ? "on" : "off");
    }

    private string make_answer (string line) {
        var text = "You said: " + line;
        if (line.down ().has_prefix ("hello"))
            text = "Hello! What can I do for you?";
        else if (line.has_suffix ("?"))
            text = "I know three rules only, but that is a good question.";

        return "%s (%s, temperature %g): %s".printf (provider, model, temperature, text);
    }

    public async void answer (string line) {
        var text = make_answer (line);
        if (!streaming) {
            print ("%s\n", text);
            return;
        }

        var separator = "";
        foreach (unowned string word in text.split (" ")) {
            print ("%s%s", separator, word);
            separator = " ";
            Timeout.add (WORD_INTERVAL, answer.callback);
            yield;
        }
        print ("\n");
    }
}

async void chat () throws Error {
    var config = yield new Runconf.Configuration (BusType.SESSION, "default", null,
                                                 Runconf.OpenFlags.REQUIRE_SERVICE);
    var bot = new Bot (config);
    var input = new DataInputStream (new UnixInputStream (Posix.STDIN_FILENO, false));

    for (;;) {
        var line = yield input.read_line_async ();
        if (line == null)
            return;
        if (line != "")
            yield bot.answer (line);
    }
}

int main () {
    var loop = new MainLoop ();
    var status = 0;

    chat.begin ((source, result) => {
        try {
            chat.end (result);
        } catch (Error error) {
            stderr.printf ("%s\n", error.message);
            status = 1;
        }
        loop.quit ();
    });
    loop.run ();
    return status;
}
