# SPDX-License-Identifier: LGPL-2.1-or-later
"""Errors: each code of Runconf.Error has a class."""

import functools

from gi.repository import GLib

from .library import Runconf

__all__ = [
    "AccessDenied",
    "AuthorizationRequired",
    "ConfigError",
    "Failed",
    "InvalidPath",
    "InvalidValue",
    "LimitsExceeded",
    "Locked",
    "NotFound",
    "SchemaViolation",
    "StorageFailed",
    "TooLarge",
    "Unavailable",
    "VersionMismatch",
]


class ConfigError(GLib.Error):
    """A call that was refused or failed. `code` is a Runconf.Error, and `message` names the error and its place.

    Each code has a class. A cancelled call raises a GLib.Error of Gio instead.
    """

    classes = {}

    def __init_subclass__(cls, code=None, **keywords):
        super().__init_subclass__(**keywords)
        if code is not None:
            ConfigError.classes[code] = cls

    def __str__(self):
        return self.message


class InvalidPath(ConfigError, code=Runconf.Error.INVALID_PATH):
    """Not a JSON Pointer, or a path that can't be written."""


class NotFound(ConfigError, code=Runconf.Error.NOT_FOUND):
    """There is no value at the path, or no configuration or version with this name."""


class InvalidValue(ConfigError, code=Runconf.Error.INVALID_VALUE):
    """A value, a text or an option that can't be accepted."""


class VersionMismatch(ConfigError, code=Runconf.Error.VERSION_MISMATCH):
    """The configuration isn't at the version that `if_version` requires."""


class TooLarge(ConfigError, code=Runconf.Error.TOO_LARGE):
    """Larger, deeper or longer than Runconf accepts."""


class StorageFailed(ConfigError, code=Runconf.Error.STORAGE_FAILED):
    """The overrides can't be read or written."""


class Unavailable(ConfigError, code=Runconf.Error.UNAVAILABLE):
    """The configuration isn't served now. A write may have been made: the message says so."""


class SchemaViolation(ConfigError, code=Runconf.Error.SCHEMA_VIOLATION):
    """The schema doesn't allow the value."""


class Locked(ConfigError, code=Runconf.Error.LOCKED):
    """The path is locked."""


class AccessDenied(ConfigError, code=Runconf.Error.ACCESS_DENIED):
    """The caller doesn't have the right to make this call."""


class AuthorizationRequired(ConfigError, code=Runconf.Error.AUTHORIZATION_REQUIRED):
    """The caller gets the right with a password, and the call didn't allow the service to ask for one."""


class LimitsExceeded(ConfigError, code=Runconf.Error.LIMITS_EXCEEDED):
    """Too many calls of the user are under way."""


class Failed(ConfigError, code=Runconf.Error.FAILED):
    """Another error, which the bus or the service reports."""


def refine(error):
    """Gives an error of Runconf its class and its code. Other errors, like a cancelled call, stay as they are."""
    if error.matches(Runconf.error_quark(), error.code):
        error.code = Runconf.Error(error.code)
        error.__class__ = ConfigError.classes.get(error.code, ConfigError)


def refining(function):
    """Makes a function refine the errors that it raises."""

    @functools.wraps(function)
    def call(*arguments, **keywords):
        try:
            return function(*arguments, **keywords)
        except GLib.Error as error:
            refine(error)
            raise

    return call


def refine_argument(handler):
    """Makes a handler of the signal `failed` get a refined error."""

    @functools.wraps(handler)
    def call(watch, error, *arguments):
        refine(error)
        return handler(watch, error, *arguments)

    return call


def _refine_functions(owner, functions):
    """Those that have errors. Reads have none, and aren't slowed down."""
    for function in functions:
        if function.can_throw_gerror():
            call = refining(getattr(owner, function.get_name()))
            setattr(owner, function.get_name(), call if function.is_method() else staticmethod(call))


for _class in (Runconf.Configuration, Runconf.Key):
    _refine_functions(_class, _class.__info__.get_methods())
for _name in ("list_configurations_finish", "list_configurations_sync", "path_split"):
    setattr(Runconf, _name, refining(getattr(Runconf, _name)))
