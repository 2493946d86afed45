# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each refused call raises a ConfigError with a code and a class, in each of its forms."""

import copy
import pickle

import pytest
from gi.repository import Gio, GLib
from python_testing import PORT, Runconf, run
from runconf_testing import iterate

CODES = [code for _, code in sorted(Runconf.Error.__enum_values__.items())]


def get_class(code):
    return getattr(Runconf, code.value_nick.title().replace("_", ""))


def get_callback_error(conf, name, *arguments):
    """The error of a call with a callback."""
    errors = []

    def answered(source, result):
        try:
            getattr(source, f"{name}_finish")(result)
        except GLib.Error as error:
            errors.append(error)

    getattr(conf, name)(*arguments, None, answered)
    iterate(GLib.MainContext.default(), lambda: errors, "the callback")
    return errors[0]


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.value_nick)
def test_each_code_has_a_documented_class(code):
    assert issubclass(get_class(code), Runconf.ConfigError)
    assert issubclass(get_class(code), GLib.Error)
    assert get_class(code).__doc__ != Runconf.ConfigError.__doc__
    assert Runconf.ConfigError.classes[code] is get_class(code)


REFUSED = [
    (Runconf.Error.INVALID_PATH, lambda conf: conf.set_sync(PORT + "/deeper", 1)),
    (Runconf.Error.INVALID_PATH, lambda conf: conf.set_int64_sync(PORT + "/deeper", 1)),
    (Runconf.Error.INVALID_PATH, lambda conf: Runconf.split_path("/a~2")),
    (Runconf.Error.INVALID_PATH, lambda conf: Runconf.Key.new(conf, "/a~2")),
    (Runconf.Error.NOT_FOUND, lambda conf: conf.fetch_sync("/nowhere")),
    (Runconf.Error.NOT_FOUND, lambda conf: conf.describe_sync("/nowhere")),
    (Runconf.Error.NOT_FOUND, lambda conf: run(conf.describe_async("/nowhere"))),
    (Runconf.Error.NOT_FOUND, lambda conf: Runconf.Configuration(
        "nobody", conf.props.connection, flags=Runconf.OpenFlags.REQUIRE_SERVICE)),
    (Runconf.Error.NOT_FOUND,
     lambda conf: Runconf.Configuration.new_for_connection_sync(
         conf.props.connection, "nobody", None, Runconf.OpenFlags.REQUIRE_SERVICE, None)),
    (Runconf.Error.NOT_FOUND, lambda conf: run(Runconf.Configuration.new_async(
        "nobody", conf.props.connection, flags=Runconf.OpenFlags.REQUIRE_SERVICE))),
    (Runconf.Error.INVALID_VALUE, lambda conf: conf.merge_text_sync("a: [")),
]


@pytest.mark.parametrize("code, call", REFUSED)
def test_a_refusal_has_the_class_and_the_code(conf, code, call):
    with pytest.raises(get_class(code)) as caught:
        call(conf)
    error = caught.value
    assert isinstance(error.code, Runconf.Error) and error.code == code
    assert error.matches(Runconf.error_quark(), code)
    assert str(error) == error.message != ""


def test_the_form_with_a_callback_raises_the_same(conf):
    error = get_callback_error(conf, "set_int64", PORT + "/deeper", 1)
    assert type(error) is Runconf.InvalidPath
    assert type(get_callback_error(conf, "describe", "/nowhere")) is Runconf.NotFound


def test_a_transaction_that_is_late_is_a_version_mismatch(conf):
    with pytest.raises(Runconf.VersionMismatch):
        with conf.transaction(if_version=conf.version + 1) as transaction:
            transaction.set(PORT, 1)


def test_a_refused_value_and_a_lock_have_classes(conf, service):
    schema = service.defaults.with_name("config.schema.yaml")
    schema.write_text("properties: {chat: {properties: {websocket: {properties: {port: {maximum: 9000}}}}}}\n")
    conf.reload_sync()
    with pytest.raises(Runconf.SchemaViolation, match="9000"):
        conf["chat"]["websocket"]["port"] = 9001
    service.defaults.with_name("locks").write_text(PORT + "\n")
    conf.reload_sync()
    with pytest.raises(Runconf.Locked):
        conf["chat"]["websocket"]["port"] = 1


def test_a_service_that_is_away_is_unavailable(conf, service):
    service.stop()
    with pytest.raises(Runconf.Unavailable):
        conf["chat"]["websocket"]["port"] = 1
    with pytest.raises(Runconf.Unavailable):
        run(conf.set_async(PORT, 1))


def test_a_cancelled_call_is_an_error_of_gio(conf):
    cancellable = Gio.Cancellable()
    cancellable.cancel()
    with pytest.raises(GLib.Error) as caught:
        conf.set_sync(PORT, 1, cancellable)
    assert not isinstance(caught.value, Runconf.ConfigError)
    assert caught.value.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED)


def test_an_error_is_copied_and_pickled(conf):
    with pytest.raises(Runconf.NotFound) as caught:
        conf.fetch_sync("/nowhere")
    for other in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):
        assert type(other) is Runconf.NotFound
        assert (other.message, other.code) == (caught.value.message, Runconf.Error.NOT_FOUND)
