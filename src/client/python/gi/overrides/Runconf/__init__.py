# SPDX-License-Identifier: LGPL-2.1-or-later
"""The part of librunconf that is made for Python. PyGObject loads this file together with the library.

    from gi.repository import Runconf

    config = Runconf.Configuration("default", bus="session")
    config["chat"]["websocket"]["port"]            # always the present value, read from memory
    config["chat"]["websocket"]["port"] = 9000     # on the disk when this returns
    del config["chat"]["websocket"]["port"]        # back to the default

    for change in config.watch("/chat"):           # needs no main loop
        print(change.paths, change.values)

Values are plain: dict, list, str, int, float, bool, bytes and None. A refused call raises a ConfigError,
which is a GLib.Error; only the brackets raise KeyError, if there is no value.
"""

from ...overrides import override
from . import bus, calls, changes, configuration, errors, sections, transaction, values, watching

__all__ = []

for _module in (errors, values, sections, changes, watching, transaction, calls, bus, configuration):
    for _name in _module.__all__:
        _thing = getattr(_module, _name)
        # PyGObject finds the namespace of a class by its module, and so do readers of an error
        if isinstance(_thing, type) or callable(_thing):
            _thing.__module__ = __name__
        globals()[_name] = override(_thing) if hasattr(_thing, "__info__") else _thing
        __all__.append(_name)
