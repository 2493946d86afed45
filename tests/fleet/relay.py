# SPDX-License-Identifier: LGPL-2.1-or-later
"""A place between a program and a member of etcd, at which a test sees what passes."""

import contextlib
import socket
import threading
import types


def pass_on(data, _connection):
    return data


@contextlib.contextmanager
def relay(etcd, on_request=pass_on, on_reply=pass_on):
    """Yields the endpoint. The functions get the data of each direction, and return what is passed on.

    They may keep attributes in the connection, whose sockets are `near` and `far`, and may wait.
    """
    def copy(source, target, look, connection):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 20):
                target.sendall(look(data, connection))
            target.shutdown(socket.SHUT_WR)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                near = stack.enter_context(server.accept()[0])
                far = stack.enter_context(socket.create_connection(("127.0.0.1", etcd.port)))
                connection = types.SimpleNamespace(near=near, far=far)
                for way in ((near, far, on_request), (far, near, on_reply)):
                    threading.Thread(target=copy, args=(*way, connection), daemon=True).start()

    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        stack.callback(server.shutdown, socket.SHUT_RDWR)
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
