# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which lines of a text a change may touch, and whether it left all others alone.

A *stretch* is a run of lines, from the first to before the last, that the change may make anything
of; an empty one is a place where lines may be put. For one edit the stretches are:

- a value is replaced: the lines from its key or dash to its end;
- a key or item is removed, with the mappings that this leaves empty: the same lines of what goes;
- a key is added: the place behind the last line of the mapping's last pair; the lines of the
  mapping with its key where it is empty;
- a key is added to a text without content: its end;
- an item is inserted: the place behind the item before it; for a first one any place between its
  list's key and the item behind it;
- in brackets, where a comma may come or go: from the end of the element before to the beginning of
  the one behind, or to the closing bracket;
- the value is reached through an alias: the lines of the alias, with its key or dash; through a
  merge key: the lines of `<<` with its value, and the place behind the last pair of the mapping;
- something at, above or below the value has an anchor: also the lines of its aliases, likewise.

The lines outside of all stretches have to be the same byte for byte, and in order: the new text
begins with those before the first stretch, ends with those behind the last one, and has the runs
between in this order. And it is longer by no more than what was put in takes, each value and each
line of a string a line, unless aliases had to become copies.

The lenient measure lets a new key or item stand behind comments and blank lines too.
"""

import itertools

from text_nodes import BOM

MAX_PLACES = 200


def size(value):
    """How many lines a value may take."""
    if isinstance(value, dict):
        return 1 + sum(map(size, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(size, value))
    return 2 + value.count("\n") if isinstance(value, str) else 1


class Reached:
    """Where a path leads: the node, or the last one on the way whose text is its own."""

    def __init__(self, text, path):
        self.node, self.depth = text.root, 0
        for segment in path:
            below = self.node.child(segment)
            if below is None:
                return
            self.node = below
            self.depth += 1
            if below.is_alias:
                return

    def is_all_of(self, path):
        return self.depth == len(path) and not self.node.is_alias


class Touched:
    """Collects the stretches of the edits of one change."""

    def __init__(self, text, is_lenient=False):
        self.text = text
        self.is_lenient = is_lenient
        self.stretches = []  # each a list of alternatives
        self.has_copies = False

    def _allow(self, first, end):
        self.stretches.append([(first, end)])

    def _allow_slot(self, node):
        first, last = self.text.slot(node)
        self._allow(first, last + 1)

    def _allow_gap(self, flow, before, behind):
        """In brackets, between two elements by their positions."""
        children = flow.children
        first = children[before].last if before >= 0 else flow.first
        last = self.text.slot(children[behind])[0] if behind < len(children) else flow.last
        self._allow(first, last + 1)

    def _allow_place(self, line, end):
        """Where lines may be put: at @line, or anywhere from there to @end."""
        self.stretches.append([(place, place) for place in range(line, end + 1)])

    def _allow_behind(self, line):
        self._allow_place(line, max(line, self._next_content(line)) if self.is_lenient else line)

    def _next_content(self, line):
        lines = self.text.lines
        while line < len(lines) and (not lines[line].strip() or lines[line].lstrip()[0] == "#"):
            line += 1
        return line if line < len(lines) else len(lines) - 1

    def _end_of(self, mapping):
        self._allow_behind(mapping.last + 1)

    def _elsewhere(self, reached):
        """What a value that comes from an alias or a merge key may touch."""
        self.has_copies = True
        if reached.node.is_alias:
            self._alias(reached.node)
            return
        merge = next(child for child in reached.node.children if child.is_merge)
        self._merge(merge)

    def _merge(self, value):
        if value.parent.is_flow:
            self._allow_slot(value.parent)
            return
        self._allow_slot(value)
        self._end_of(value.parent)

    def _alias(self, alias):
        holder = alias
        while holder.parent is not None and holder.parent.is_flow:
            holder = holder.parent
        merge = next((node for node in (alias, alias.parent) if node.is_merge), None)
        if merge is not None and not merge.parent.is_flow:
            self._merge(merge)
        else:
            self._allow_slot(holder)

    def _anchors(self, node):
        """The aliases of all that the change of a node may change."""
        names = {self.text.anchors[below] for below in node.walk() if below in self.text.anchors}
        above = node
        while above is not None:
            names.add(self.text.anchors.get(above))
            above = above.parent
        for alias in self.text.aliases:
            if alias.anchor in names:
                self.has_copies = True
                self._alias(alias)

    def replace(self, path):
        reached = Reached(self.text, path)
        if not reached.is_all_of(path):
            self._elsewhere(reached)
        else:
            self._allow_slot(reached.node)
        self._anchors(reached.node)

    def add(self, path):
        """A key to the mapping at a path."""
        if self.text.root is None:
            self._allow_place(len(self.text.lines) - 1, len(self.text.lines))
            return
        reached = Reached(self.text, path)
        mapping = reached.node
        if not reached.is_all_of(path):
            self._elsewhere(reached)
        elif not mapping.children:
            self._allow_slot(mapping)
        elif mapping.is_flow:
            self._allow_gap(mapping, len(mapping.children) - 1, len(mapping.children))
        else:
            self._end_of(mapping)
        self._anchors(mapping)

    def _drop(self, node):
        around = node.parent
        if around is None or not around.is_flow:
            self._allow_slot(node)
        else:
            self._allow_gap(around, node.position - 1, node.position + 1)

    def remove(self, path):
        """An item, or a key with the mappings that this leaves empty: @path is of all that goes."""
        reached = Reached(self.text, path)
        if not reached.is_all_of(path):
            self._elsewhere(reached)
        else:
            self._drop(reached.node)
        self._anchors(reached.node)

    def insert_item(self, path, position):
        reached = Reached(self.text, path)
        around = reached.node
        if not reached.is_all_of(path):
            self._elsewhere(reached)
        elif not around.children:
            self._allow_slot(around)
        elif around.is_flow:
            self._allow_gap(around, position - 1, position)
        elif position > 0:
            end = around.children[position - 1].last + 1
            self._allow_behind(end)
        else:
            first = self.text.slot(around.children[0])[0]
            header = self.text.slot(around)[0] + 1 if around.parent is not None else 0
            self._allow_place(min(header, first), first)
        self._anchors(around)

    def _choices(self):
        chosen = itertools.product(*self.stretches)
        return itertools.islice(chosen, MAX_PLACES)

    def trouble(self, changed, n_lines):
        """Why a new text touches too much, or None. @n_lines is what the new values take."""
        if changed.startswith(BOM) != self.text.has_bom:
            return "the byte order mark comes or goes"
        lines = changed.removeprefix(BOM).split("\n")
        if not self.has_copies and len(lines) > len(self.text.lines) + n_lines:
            return f"{len(lines) - len(self.text.lines)} lines more, for {n_lines}"
        if any(is_kept(self.text.lines, lines, choice) for choice in self._choices()):
            return None
        return f"touches more than {self._show()}"

    def _show(self):
        first_choice = sorted(alternatives[0] for alternatives in self.stretches)
        return ", ".join(
            f"lines {first + 1} to {end}" if end > first else f"the place before line {first + 1}"
            for first, end in first_choice
        )


def runs(n_lines, stretches):
    """What lies outside of all stretches, first and last always there."""
    at, found = 0, []
    for first, end in sorted(stretches):
        if first >= at:
            found.append((at, first))
        at = max(at, end)
    return found + [(at, n_lines)]


def find(lines, wanted, at):
    for place in range(at, len(lines) - len(wanted) + 1):
        if lines[place : place + len(wanted)] == wanted:
            return place
    return None


def is_kept(old, new, stretches):
    kept = [old[first:end] for first, end in runs(len(old), stretches)]
    head, tail = kept[0], kept[-1]
    if len(new) < len(head) + len(tail) or new[: len(head)] != head:
        return False
    if tail and new[-len(tail) :] != tail:
        return False

    middle, at = new[: len(new) - len(tail)], len(head)
    for run in kept[1:-1]:
        place = find(middle, run, at)
        if place is None:
            return False
        at = place + len(run)
    return True
