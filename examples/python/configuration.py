# SPDX-License-Identifier: LGPL-2.1-or-later
"""The class that a program used to read its YAML files with, now over Runconf.

Import it in the place of the old one:

    from configuration import Configuration

    configuration = Configuration()
    configuration.get_websocket_config()["port"]

Nothing else has to change. What was a look at a file's time, or a stale copy, is now the present
value, read from shared memory; and what is saved is checked, on the disk, and told to everybody.
"""

import json
import threading

import gi

gi.require_version("Runconf", "1")
from gi.repository import Runconf  # noqa: E402

METADATA_KEY = "_runtime_config"


class Configuration:
    """A configuration of the session bus, or of another: "system", or an address."""

    def __init__(self, name="default", bus="session"):
        self._runconf = Runconf.Configuration(name, bus)
        self._lock = threading.Lock()
        self._known_version = self._runconf.version

    # the whole

    def get_config_dict(self):
        """The whole configuration, defaults and overrides together, as a copy."""
        return self._runconf.get_config_dict()

    def save_runtime_config(self, config):
        """Makes this the whole configuration. What equals a default isn't stored."""
        values = {key: value for key, value in config.items() if key != METADATA_KEY}
        with self._lock:
            version = self._runconf.save_sync(values).version
            # of what was saved here nobody has to be told
            self._known_version = max(self._known_version, version)

    def reload_runtime_config(self):
        """Whether anything changed since the last call, or since the start.

        A file that was edited by hand is read now, if the service hasn't seen it yet.
        """
        with self._lock:
            self._runconf.reload_runtime_config()
            version = self._runconf.version
            changed = version != self._known_version
            self._known_version = version
            return changed

    @property
    def _runtime_config(self):
        """The overrides with their metadata, as the file holds them."""
        overrides = json.loads(self._runconf.dump_sync("", "overrides", "json"))
        return {METADATA_KEY: self._runconf.metadata, **overrides}

    def get_runtime_metadata(self):
        """version, last_modified, is_runtime_config and default_config_path."""
        return self._runconf.metadata

    @classmethod
    def _deep_merge(cls, a, b):
        """A new dict: `a` with `b` laid over it. Mappings go key by key, all else is replaced."""
        merged = dict(a)
        for key, value in b.items():
            if isinstance(value, dict) and isinstance(merged.get(key), dict):
                value = cls._deep_merge(merged[key], value)
            merged[key] = value
        return merged

    # the parts

    def get_llm_config(self):
        """The settings of the active provider, its `name`, and how requests are made."""
        llm = self._get("/llm")
        name = llm.get("active")
        providers = llm.get("providers", {})
        if name not in providers:
            known = ", ".join(providers) or "none"
            raise ValueError(f"llm.active is {name!r}; it has to be one of llm.providers: {known}")
        return {"name": name, **providers[name], "request": llm.get("request", {})}

    def get_websocket_config(self):
        return self._get("/chat/websocket")

    def get_chat_service_config(self):
        return self._get("/chat/service")

    def get_chat_storage_config(self):
        return self._get("/chat/storage")

    def get_logging_config(self):
        return self._get("/logging")

    def get_mcp_connection_config(self):
        return self._get("/mcp/connection")

    def _get(self, path):
        return self._runconf.get(path, {})
