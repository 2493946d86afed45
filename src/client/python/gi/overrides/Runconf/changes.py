# SPDX-License-Identifier: LGPL-2.1-or-later
"""Changes, descriptions and differences, as signals and calls report them."""

from .library import Runconf
from .values import fix, FixedDict

__all__ = ["Change"]


class Change(Runconf.Change):
    """A change: its `paths`, with the new `values` and the `old_values` at them."""

    version = property(Runconf.Change.get_version)
    time = property(Runconf.Change.get_time, doc="In microseconds since the epoch; 0 is unknown.")
    origin = property(Runconf.Change.get_origin)
    layer = property(Runconf.Change.get_layer)
    caller = property(Runconf.Change.get_caller)
    message = property(Runconf.Change.get_message)
    paths = property(Runconf.Change.get_paths)
    n_omitted = property(Runconf.Change.get_n_omitted)

    @property
    def uid(self):
        """The user who requested the change, or None."""
        uid = self.get_uid()
        return None if uid < 0 else uid

    @property
    def values(self):
        """The new value of each path; a removed path is not in it."""
        return collect_values(self.paths, self.get_new_value)

    @property
    def old_values(self):
        """The old value of each path; an added path is not in it."""
        return collect_values(self.paths, self.get_old_value)

    def _as_tuple(self):
        return (self.version, self.time, self.origin, self.layer, self.uid, self.caller, self.message, *self.paths)

    def __eq__(self, other):
        return isinstance(other, Change) and (self._as_tuple(), self.values, self.old_values) == (
            other._as_tuple(), other.values, other.old_values)

    def __hash__(self):
        return hash(self._as_tuple())

    def __repr__(self):
        return f"<Runconf.Change {self.version}: {self.paths}>"


def collect_values(paths, look_up):
    found = {path: look_up(path) for path in paths}
    return FixedDict((path, fix(value)) for path, value in found.items() if value is not None)
