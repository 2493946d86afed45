# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where the nodes of a text stand, as PyYAML sees it: nothing here comes from Runconf.

Lines are counted from 0, and only a line feed ends one: PyYAML's own count has other line ends too.
"""

import bisect

import yaml

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


BOM = "\ufeff"


class Node:
    """A node of the text: an alias is one of its own, and what it stands for is not below it."""

    def __init__(self, event, first):
        self.first = self.last = first
        self.anchor = event.anchor
        self.is_plain = isinstance(event, yaml.ScalarEvent) and not event.style
        self.is_alias = isinstance(event, yaml.AliasEvent)
        self.is_mapping = isinstance(event, yaml.MappingStartEvent)
        self.is_list = isinstance(event, yaml.SequenceStartEvent)
        self.is_flow = bool(getattr(event, "flow_style", False))
        self.value = getattr(event, "value", None)
        self.parent = None
        self.position = None  # among the children of the parent
        self.keys = []  # of a mapping, beside the children
        self.children = []

    @property
    def is_merge(self):
        """Whether this is what stands behind `<<`."""
        if self.parent is None or not self.parent.is_mapping:
            return False
        key = self.parent.keys[self.position]
        return key.value == "<<" and key.is_plain

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def child(self, segment):
        """The child of the text at one segment of a path, None if it comes from elsewhere."""
        if self.is_list:
            return self.children[int(segment)] if int(segment) < len(self.children) else None
        found = [child for key, child in zip(self.keys, self.children) if key.value == segment]
        return found[0] if found and not found[0].is_merge else None


class Text:
    """A text, its lines, and its nodes."""

    def __init__(self, text):
        self.has_bom = text.startswith(BOM)
        text = text.removeprefix(BOM)
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.anchors = {}  # node to name
        self.aliases = []
        events = yaml.parse(text, Loader=LOADER)
        self.root = self._first_node(events)

    def _line(self, mark):
        return bisect.bisect_right(self.starts, mark.index) - 1

    def _first_node(self, events):
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                return self._node(event, events)
        return None

    def _node(self, event, events):
        node = Node(event, self._line(event.start_mark))
        if node.is_alias:
            self.aliases.append(node)
        elif node.anchor:
            self.anchors[node] = node.anchor

        if node.is_mapping or node.is_list:
            self._collection(node, events)
        else:
            node.last = self._scalar_end(event, node.first)
        return node

    def _collection(self, node, events):
        event = next(events)
        while not isinstance(event, yaml.CollectionEndEvent):
            if node.is_mapping:
                node.keys.append(self._node(event, events))
                event = next(events)
            child = self._node(event, events)
            child.parent, child.position = node, len(node.children)
            node.children.append(child)
            event = next(events)
        if node.is_flow:
            node.last = self._line(event.end_mark)
        elif node.children:
            node.last = max(node.children[-1].last, node.keys[-1].last if node.keys else 0)

    def _scalar_end(self, event, first):
        """A block scalar ends where the next token begins: blank lines behind it aren't its own."""
        last = self._line(event.end_mark)
        if getattr(event, "style", None) in ("|", ">"):
            last = min(last, len(self.lines) - 1)
            if last > first and event.end_mark.index == self.starts[last]:
                last -= 1
            while last > first and not self.lines[last].strip():
                last -= 1
        return last

    def slot(self, node):
        """The first and the last line of a node with its key or dash."""
        first = node.first
        if node.parent is not None and node.parent.is_mapping:
            first = node.parent.keys[node.position].first
            return first, max(node.last, node.parent.keys[node.position].last)
        if node.parent is not None and not node.parent.is_flow:
            while not self.lines[first].lstrip().startswith("-") and first > node.parent.first:
                first -= 1
        return first, node.last
