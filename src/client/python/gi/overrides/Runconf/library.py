# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library as it is without the part for Python."""

from ...module import get_introspection_module

Runconf = get_introspection_module("Runconf")
