// SPDX-License-Identifier: LGPL-2.1-or-later

// The story that each language tells, in Vala. tests/client/story.c tells it in C.

const string PORT = "/chat/websocket/port";
const string HOST = "/chat/websocket/host";

void ask_for (string what) {
    stdout.printf ("%s\n", what);
    stdout.flush ();
}

void same (string[] list, string[] expected) {
    assert (string.joinv (" ", list) == string.joinv (" ", expected));
}

void read_each_type (Runconf.Configuration config) {
    assert (config.get_int64 (PORT, 0) == 8000);
    assert (config.get_string (HOST, null) == "localhost");
    assert (config.get_double ("/llm/temperature", 0) == 0.7);
    assert (config.get_double (PORT, 0) == 8000);
    assert (!config.get_boolean ("/logging/debug", true));
    same (config.get_strv ("/features", null), { "search", "browse", "code" });
    same (config.list ("/chat"), { "websocket", "service" });
    assert (config.get_value ("/servers").n_children () == 2);
    assert (config.get_value ("/logging/file").get_type_string () == "g");
    assert (config.has (PORT));
}

void read_what_is_not_there (Runconf.Configuration config) {
    assert (config.get_string ("/nowhere", "fallback") == "fallback");
    assert (config.get_int64 ("/nowhere", 7) == 7);
    assert (config.get_int64 (HOST, 7) == 7);
    assert (config.get_value ("/nowhere") == null);
    assert (!config.has ("/nowhere"));
}

void write_and_read (Runconf.Configuration config) throws Error {
    uint64 version;

    config.set_int64_sync (PORT, 9000, null);
    assert (config.get_int64 (PORT, 0) == 9000);

    var llm = new VariantDict ();
    llm.insert_value ("active", new Variant.string ("groq"));
    var patch = new VariantDict ();
    patch.insert_value ("llm", llm.end ());
    same (config.merge_sync (patch.end (), out version), { "/llm/active" });
    assert (version == config.get_version ());
}

void apply_a_transaction (Runconf.Configuration config) throws Error {
    var version = config.get_version ();
    var transaction = new Runconf.Transaction ();
    uint64 applied_version;

    transaction.set_value (HOST, new Variant.string ("example.org"));
    transaction.reset ("/llm/active");
    transaction.set_message ("the story");

    transaction.set_if_version (version - 1);
    try {
        config.apply_sync (transaction, null);
        assert_not_reached ();
    } catch (Runconf.Error.VERSION_MISMATCH error) {
        assert (!("GDBus.Error" in error.message));
    }

    transaction.set_if_version (version);
    transaction.set_dry_run (true);
    var tried = config.apply_sync (transaction, null);
    assert (tried.length == 2);
    assert (config.get_version () == version);

    transaction.set_dry_run (false);
    same (config.apply_sync (transaction, out applied_version), tried);
    assert (applied_version == version + 1);
}

void keep_a_snapshot (Runconf.Configuration config) throws Error {
    var snapshot = config.get_snapshot ();
    var version = snapshot.get_version ();

    config.set_int64_sync (PORT, 9001, null);
    assert (snapshot.get_int64 (PORT, 0) == 9000);
    assert (config.get_int64 (PORT, 0) == 9001);
    assert (snapshot.get_version () == version);
    assert (config.get_version () == version + 1);
}

void keep_a_key (Runconf.Configuration config) throws Error {
    var key = new Runconf.Key (config, PORT);

    assert (key.get_path () == PORT);
    assert (key.get_int64 (0) == 9001);
    config.set_int64_sync (PORT, 9002, null);
    assert (key.get_int64 (0) == 9002);
}

string find_source (Runconf.Configuration config) throws Error {
    return config.describe_sync (PORT).get_source ();
}

void reset_and_describe (Runconf.Configuration config) throws Error {
    assert (find_source (config) == "override");
    assert (config.explain_sync (PORT, Runconf.ExplainFlags.DEFAULT).length () == 2);
    config.reset_sync (PORT, null);
    assert (find_source (config) == "default");
    assert (config.explain_sync (PORT, Runconf.ExplainFlags.DEFAULT).length () == 1);
    assert (config.get_int64 (PORT, 0) == 8000);
}

void be_refused (Runconf.Configuration config) throws Error {
    try {
        config.set_int64_sync (PORT + "/x", 1, null);
        assert_not_reached ();
    } catch (Runconf.Error.INVALID_PATH error) {
    }
    try {
        config.describe_sync ("/nowhere");
        assert_not_reached ();
    } catch (Runconf.Error.NOT_FOUND error) {
    }
    try {
        config.merge_text_sync ("a: [b", null);
        assert_not_reached ();
    } catch (Runconf.Error.INVALID_VALUE error) {
    }
    try {
        new Runconf.Configuration.sync (BusType.SESSION, "nobody", null,
            Runconf.OpenFlags.REQUIRE_SERVICE);
        assert_not_reached ();
    } catch (Runconf.Error.NOT_FOUND error) {
    }
}

void answer_from_defaults () throws Error {
    var defaults = new VariantDict ();
    defaults.insert_value ("port", new Variant.int64 (7));
    var config = new Runconf.Configuration.in_background (BusType.SESSION, "nobody", defaults.end ());
    assert (config.get_int64 ("/port", 0) == 7);
    assert (!config.get_connected ());
    assert (config.state == Runconf.State.UNAVAILABLE);
}

// The paths that a watch reported.
class Seen {
    public string[] paths = {};

    public Seen (Runconf.Watch watch) {
        watch.changed.connect ((change) => {
            foreach (unowned var path in change.get_paths ())
                this.paths += path;
        });
    }

    public void wait_for (string path) {
        while (!(path in paths))
            MainContext.default ().iteration (true);
    }
}

void hear_of_others (Runconf.Configuration config) throws Error {
    var watch = config.watch ("/chat");
    var seen = new Seen (watch);

    ask_for ("set");
    seen.wait_for (PORT);
    same (seen.paths, { PORT });
    assert (config.get_int64 (PORT, 0) == 9100);

    seen.paths = {};
    ask_for ("restart");
    seen.wait_for (PORT);
    assert (config.get_int64 (PORT, 0) == 9200);
    assert (config.get_connected ());

    config.set_int64_sync (PORT, 9300, null);
    assert (config.get_int64 (PORT, 0) == 9300);
}

async void write_asynchronously (Runconf.Configuration config) throws Error {
    yield config.set_int64 (PORT, 9400, null, null);
    assert (config.get_int64 (PORT, 0) == 9400);
}

int main () {
    try {
        var config = new Runconf.Configuration.sync (BusType.SESSION, "default", null,
            Runconf.OpenFlags.DEFAULT);
        assert (config.get_name () == "default");
        assert (config.get_connected ());
        read_each_type (config);
        read_what_is_not_there (config);
        write_and_read (config);
        apply_a_transaction (config);
        keep_a_snapshot (config);
        keep_a_key (config);
        reset_and_describe (config);
        be_refused (config);
        answer_from_defaults ();
        hear_of_others (config);

        var loop = new MainLoop ();
        write_asynchronously.begin (config, (_, result) => {
            try {
                write_asynchronously.end (result);
            } catch (Error error) {
                GLib.error ("%s", error.message);
            }
            loop.quit ();
        });
        loop.run ();
    } catch (Error error) {
        stderr.printf ("%s\n", error.message);
        return 1;
    }
    ask_for ("end");
    return 0;
}
