# SPDX-License-Identifier: LGPL-2.1-or-later
"""The configuration of a private bus, of a module that needs no bindings of GLib."""

BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>{kind}</type>
  <auth>EXTERNAL</auth>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""


def write_bus_config(path, socket, kind="session"):
    """Writes the file of a bus that listens at @socket, and is open to every user."""
    path.write_text(BUS_CONFIG.format(kind=kind, socket=socket))
