# SPDX-License-Identifier: LGPL-2.1-or-later
"""Buses, and the configurations on them."""

from gi.repository import Gio

from .calls import call_awaiting, in_thread
from .library import Runconf
from .values import fix, FixedDict

__all__ = ["list_configurations_async", "list_configurations_finish", "list_configurations_sync"]


def list_configurations_sync(bus="system", cancellable=None):
    """The properties of each configuration that the service has, by its name."""
    connection = find_connection(bus, cancellable)
    return _read_configurations(Runconf.list_configurations_sync(connection, cancellable))


def list_configurations_finish(result):
    """The result of list_configurations (), with a callback."""
    return _read_configurations(Runconf.list_configurations_finish(result))


async def list_configurations_async(bus="system"):
    """The same for asyncio."""
    connection = bus
    if not isinstance(bus, Gio.DBusConnection):
        connection = await in_thread(find_connection, bus)
    return await call_awaiting(Runconf.list_configurations, list_configurations_finish, connection)


def _read_configurations(found):
    return FixedDict((info.get_name(), fix(info.get_properties())) for info in found)


def find_connection(bus, cancellable=None):
    found = find_bus(bus, cancellable)
    if "bus_type" in found:
        return Gio.bus_get_sync(found["bus_type"], cancellable)
    return found["connection"]


def find_bus(bus, cancellable=None):
    if bus in ("system", "session"):
        return {"bus_type": Gio.BusType.SYSTEM if bus == "system" else Gio.BusType.SESSION}
    if isinstance(bus, Gio.BusType):
        return {"bus_type": bus}
    if isinstance(bus, Gio.DBusConnection):
        return {"connection": bus}
    flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
             | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
    return {"connection": Gio.DBusConnection.new_for_address_sync(bus, flags, None, cancellable)}
