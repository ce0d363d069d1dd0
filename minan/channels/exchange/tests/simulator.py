"""A 12345 platform that takes answers over TLS as such platforms do: slow, refusing, with error bodies, and cut off after it wrote."""

from __future__ import annotations

import json
import pathlib
import ssl
import threading
import time
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from minan.channels.exchange import signing
from minan.channels.exchange.played import certificate

SLOW = 1.0  # seconds; longer than the partner's timeout in the tests


class Platform:
    """What the platform keeps: each message once, of each number the answer in effect; `moods`: number → how it behaves, in order."""

    def __init__(self, folder: pathlib.Path, key: str) -> None:
        self.key, self.lock = key, threading.Lock()
        self.messages: dict[str, dict[str, str]] = {}  # message id → the answer as first written
        self.results: dict[str, str] = {}
        self.moods: dict[str, list[str]] = defaultdict(list)
        self.calls: Counter[str] = Counter()
        self.unsigned = 0
        self.cert, secret = certificate(folder)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, secret)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server.server_address[1]}/answers?v=1"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def accepted(self) -> Counter[str]:
        """Number → how many answers of it stand accepted; an answer that replaces one takes its place."""
        with self.lock:
            replaced = {self.messages[m]["replaces"] for m in self.messages}
            return Counter(
                row["orderNo"]
                for m, row in self.messages.items()
                if self.results[m] == "accepted" and m not in replaced
            )

    def take(self, row: dict[str, str], mood: str) -> dict[str, str]:
        """Write it once by its message id; whatever comes later with the same id gets the same answer."""
        message = row["messageId"]
        with self.lock:
            if message not in self.messages:
                self.messages[message] = row
                self.results[message] = "refused" if mood == "refuse" else "accepted"
            result = self.results[message]
        return {"message_id": message, "result": result} | (
            {"reason": "答复没有写清谁去办的"} if result == "refused" else {}
        )

    def _handler(platform) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: Any) -> None:
                return

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    signing.check(platform.key, "POST", self.path, dict(self.headers.items()), body)
                except signing.Unsigned:
                    platform.unsigned += 1
                    return self.say(401, {"error": "unsigned"})
                row = json.loads(body)
                platform.calls[row["orderNo"]] += 1
                moods = platform.moods[row["orderNo"]]
                self.behave(row, moods.pop(0) if moods else "well")
                return None

            def behave(self, row: dict[str, str], mood: str) -> None:
                if mood == "down":
                    return self.say(503, {"error": "busy"})
                if mood == "odd":
                    return self.say(200, {"code": 500, "msg": "系统异常"})
                if mood == "redirect":
                    self.send_response(302)
                    self.send_header("Location", "https://127.0.0.1:9/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return None
                answer = platform.take(row, mood)
                if mood == "cut":  # written there, and we never hear of it
                    self.connection.close()
                    return None
                if mood == "slow":
                    time.sleep(SLOW)
                if mood == "mixed":
                    answer = answer | {"message_id": "0" * 32}
                return self.say(200, answer)

            def say(self, status: int, data: dict[str, Any]) -> None:
                said = json.dumps(data, ensure_ascii=False).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(said)))
                    self.end_headers()
                    self.wfile.write(said)
                except OSError:  # who called has gone
                    return

        return Handler
