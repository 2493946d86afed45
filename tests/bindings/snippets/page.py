# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the blocks of a page in Python, one after the other, with the same variables.

A value in a comment behind an expression is checked, as in `config.get("/a")  # 5`. A block that watches has to
print something: changes are made until it does, and its endless loop ends there.
"""

import ast
import asyncio
import inspect
import json
import os
import sys
import threading

import gi

gi.require_version("Runconf", "1")
from gi.repository import GLib, GObject, Runconf  # noqa: E402

PORT = "/chat/websocket/port"


class Enough(Exception):
    """Ends an endless loop."""


class Server(GObject.Object):
    port = GObject.Property(type=int)


class Label(GObject.Object):
    label = GObject.Property(type=str, default="")


class Page:
    def __init__(self):
        self.other = Runconf.Configuration(os.environ.get("RUNCONF_CONFIGURATION", "default"), "session")
        self.variables = {"print": self.print, "server": Server(), "label": Label()}
        self.printed = []
        self.raises = False

    def print(self, *arguments):
        self.printed.append(" ".join(map(str, arguments)))
        if self.raises:
            raise Enough

    def change(self, ended):
        number = 0
        while not ended.wait(0.02):
            number += 1
            self.other.set_sync(PORT, 9000 + number)

    def execute(self, tree, block):
        code = compile(tree, block, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, self.variables)
        if inspect.iscoroutine(result):
            asyncio.run(result)

    def watch(self, tree, block):
        ended = threading.Event()
        writer = threading.Thread(target=self.change, args=(ended,), daemon=True)
        writer.start()
        self.raises = any(isinstance(node, (ast.For, ast.AsyncFor)) for node in tree.body)
        try:
            self.execute(tree, block)
            while not self.printed:
                GLib.MainContext.default().iteration(True)
        except Enough:
            pass
        finally:
            self.raises = False
            ended.set()
            writer.join()
            self.other.reset_sync(PORT)

    def check(self, tree, block):
        """The values in comments behind expressions."""
        lines = block.splitlines()
        for node in tree.body:
            comment = lines[node.end_lineno - 1].partition("  # ")[2].partition(";")[0].strip()
            try:
                expected = ast.literal_eval(comment)
            except (SyntaxError, ValueError):
                continue
            if isinstance(node, ast.Expr):
                value = node.value
                if isinstance(value, ast.Call) and getattr(value.func, "id", None) == "print":
                    value = value.args[0]
                found = eval(compile(ast.Expression(value), block, "eval"), self.variables)
                assert found == expected, f"{lines[node.end_lineno - 1]} is {found!r}"

    def run(self, block):
        tree = ast.parse(block)
        self.printed.clear()
        if "watch" not in block:
            self.execute(tree, block)
            self.check(tree, block)
            return
        # the statements before a loop are checked before it changes the configuration
        before = [node for node in tree.body if not isinstance(node, (ast.For, ast.AsyncFor))]
        if len(before) < len(tree.body) and not any(isinstance(node, ast.Await) for node in ast.walk(tree)):
            first = ast.Module(before, [])
            for node in before:
                self.execute(ast.Module([node], []), block)
                self.check(ast.Module([node], []), block)
            tree = ast.Module(tree.body[len(first.body):], [])
        self.watch(tree, block)


def main():
    page = Page()
    # so that the versions which a page names are there
    for _ in range(4):
        page.other.set_sync(PORT, 9000)
        page.other.reset_sync(PORT)
    for block in json.load(sys.stdin):
        print(block, flush=True)
        page.run(block)


main()
