"""A Jupyter server on loopback, for as long as it is needed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

_START_SECONDS = 90


@contextlib.contextmanager
def served(
    command: Callable[[list[str]], list[str]],
    folder: Path,
    log: Path,
    environment: Mapping[str, str],
) -> Iterator[str]:
    """What a command with a server's options starts in a folder; its address, which asks for no token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1"]
    with log.open("wb") as file:
        server = subprocess.Popen(
            command([*options, "--IdentityProvider.token="]),
            cwd=folder,
            env=environment,
            stdout=file,
            stderr=file,
            start_new_session=True,  # with what stands in front of it, to be ended together
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{address}/api/status", timeout=5).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(log.read_text()) from None
                time.sleep(0.3)
        yield address
    finally:
        for sent in (signal.SIGTERM, signal.SIGKILL):  # now and then it does not hear the first
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, sent)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=20)
                break
