"""The reference door as a real process, and the thin server it talks to: it hands out what the test set, and keeps what the door sent."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROGRAM = pathlib.Path(__file__).resolve().parents[4] / "examples" / "door" / "door.py"
WAIT = 30.0


class Server:
    """The way to the city, which can be cut. `body` is the list it hands out."""

    def __init__(self) -> None:
        self.body, self.n, self.sent, self.cut = b"", 0, [], False
        self.came = threading.Condition()
        self.sent: list[tuple[str, Any]]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                same = self.headers.get("If-None-Match") == f'"{outer.n}"'
                self.answer(503 if outer.cut or not outer.body else 304 if same else 200, outer.body)

            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not outer.cut:
                    with outer.came:
                        outer.sent.append((self.path, said))
                        outer.came.notify_all()
                self.answer(503 if outer.cut else 204, b"")

            def answer(self, status: int, body: bytes) -> None:
                body = body if status == 200 else b""
                self.send_response(status)
                self.send_header("ETag", f'"{outer.n}"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Not on the test's screen."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def hand_out(self, body: bytes) -> None:
        self.body, self.n = body, self.n + 1

    def batches(self, least: int = 1) -> list[Any]:
        """What the door sent of hours, once there are so many."""
        with self.came:
            self.came.wait_for(lambda: len([1 for path, _ in self.sent if path.endswith("lines")]) >= least, WAIT)
            return [said for path, said in self.sent if path.endswith("lines")]

    def states(self, **what: Any) -> list[Any]:
        """What the door said of itself, once it said this."""

        def found() -> list[Any]:
            return [said for path, said in self.sent if path.endswith("state") and what.items() <= said.items()]

        with self.came:
            self.came.wait_for(lambda: bool(found()), WAIT)
            return found()

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()


class Running:
    """The door's process: a line in, a line out."""

    def __init__(
        self, server: Server, root: str, folder: pathlib.Path, every: float = 0.1, key: str = "credential"
    ) -> None:
        self.folder = folder
        words = [
            "--server",
            server.url,
            f"--key={key}",  # it may begin with "-"
            "--root",
            root,
            "--folder",
            str(folder),
            "--every",
            str(every),
        ]
        command = [sys.executable, str(PROGRAM), *words]
        self.process = subprocess.Popen(
            command, cwd=folder.parent, env={"PATH": ""}, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def say(self, **said: Any) -> dict[str, Any]:
        """The answer to what a reader, a panel or the test said."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(said) + "\n")
        self.process.stdin.flush()
        while True:
            line = json.loads(self.process.stdout.readline())
            if "answer" in line:
                answer: dict[str, Any] = line["answer"]
                return answer

    def result(self, **said: Any) -> str:
        return str(self.say(**said)["result"])

    def until(self, **what: Any) -> dict[str, Any]:
        """Once the list it holds says so; asked again and again, for the door has its own pace."""
        pause = threading.Event()
        for _ in range(int(WAIT / 0.05)):
            held = self.say(list=0)
            if what.items() <= held.items():
                return held
            pause.wait(0.05)
        raise AssertionError(f"the list never became {what}: {held}")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
