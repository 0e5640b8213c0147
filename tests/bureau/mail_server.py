"""A server of mail (邮件服务器) that keeps what it takes, and refuses the addresses it is told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Server(socketserver.ThreadingTCPServer):
    """Takes messages."""

    daemon_threads = True
    refused = ""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        super().__init__(("127.0.0.1", 0), Talk)


class Talk(socketserver.StreamRequestHandler):
    """One talk with a client, as RFC 5321 has it."""

    server: Server

    def say(self, words: str) -> None:
        """Answer."""
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        """Answer each command until the client leaves."""
        self.say("220 here")
        for line in self.rfile:
            word = line.decode().strip()
            if word.upper().startswith("QUIT"):
                self.say("221 bye")
                return
            if word.upper() == "DATA":
                self.take()
            elif self.server.refused and self.server.refused in word:
                self.say("550 nobody of that name")
            else:
                self.say("250 ok")

    def take(self) -> None:
        """Take a message, up to its dot."""
        self.say("354 go on")
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        found = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.server.taken.append(found)
        self.say("250 taken")


@contextmanager
def mail_server() -> Iterator[Server]:
    """Run a server of mail on a free port."""
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
