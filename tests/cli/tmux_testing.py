# SPDX-License-Identifier: LGPL-2.1-or-later
"""A terminal that tests can type into and look at: tmux on a socket of its own."""

import shlex
import subprocess

from runconf_testing import DEADLINE, eventually


class Terminal:
    """A terminal with a shell in it, in which the command is `runconf`."""

    def __init__(self, command, width=80, height=24, **environment):
        command.prepare()
        self.socket = command.folder / "tmux"
        self.status = command.folder / "status"
        settings = {**command.environment, "PS1": "ready> ", "PS2": "more> ",
                    "STATUS": str(self.status), **environment}
        rc = command.folder / "rc"
        line = " ".join(shlex.quote(word) for word in command.line([]))
        rc.write_text("".join(f"export {name}={shlex.quote(value)}\n"
                              for name, value in settings.items())
                      + f'runconf() {{ {line} "$@"; echo $? > "$STATUS"; }}\n')
        self.environment = {"PATH": settings["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm"}
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height),
                   "-c", str(command.folder), "env", "-i", "TERM=tmux-256color",
                   "bash", "--noprofile", "--rcfile", str(rc), "-i")
        self.wait("ready>")

    def _tmux(self, *arguments):
        return subprocess.run(
            ["tmux", "-S", str(self.socket), *arguments], env=self.environment, check=True,
            capture_output=True, text=True, timeout=DEADLINE).stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._tmux("kill-server")

    def type(self, text, enter=True):
        self._tmux("send-keys", "-l", text)
        if enter:
            self.press("Enter")

    def press(self, *keys):
        self._tmux("send-keys", *keys)

    def screen(self, colours=False):
        """What is to be seen, with what makes its colours if that is wanted."""
        return self._tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def wait(self, text):
        """Waits until a text is to be seen, and returns the screen."""
        def see():
            screen = self.screen()
            return screen if text in screen else None
        try:
            return eventually(see, text)
        except AssertionError:
            raise AssertionError(f"{text!r} is not on the screen:\n{self.screen()}") from None

    def run(self, line):
        """Runs a line that ends by itself, and returns what is to be seen of it."""
        self.press("C-l")
        self.start(line)
        return self.end()

    def start(self, line):
        self.status.unlink(missing_ok=True)
        self.type(line)

    def end(self, status=None):
        """Waits until it has ended, and returns the screen."""
        told = eventually(lambda: self.status.exists() and self.status.read_text(), "it ends")
        if status is not None:
            assert int(told) == status, self.screen()
        return eventually(lambda: self._idle(), "the prompt")

    def _idle(self):
        screen = self.screen()
        return screen if screen.rstrip().endswith("ready>") else None
