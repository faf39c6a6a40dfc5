"""What the starter of a run hears of it: JSON lines, and the seconds that each stage took."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Protocol, TextIO

Emit = Callable[[dict[str, object]], None]


class Tell(Protocol):
    def __call__(self, done: float, **more: object) -> None:
        """`done` is the share of what `more` names, from 0 to 1."""
        ...


def json_lines(stream: TextIO) -> Emit:
    """Each event is one line, also when several threads tell."""
    one_at_a_time = Lock()

    def emit(event: dict[str, object]) -> None:
        with one_at_a_time:
            stream.write(json.dumps(event, separators=(",", ":")) + "\n")
            stream.flush()

    return emit


class Progress:
    """`monotonic` is the only clock of a run: seconds, for durations and bounds alone."""

    def __init__(self, emit: Emit, monotonic: Callable[[], float]) -> None:
        self._emit = emit
        self.monotonic = monotonic
        self.seconds_by_stage: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.tell(name, 0.0)
        started = self.monotonic()
        yield
        self.seconds_by_stage[name] = round(self.monotonic() - started, 3)
        self.tell(name, 1.0)

    def tell(self, stage: str, done: float, **more: object) -> None:
        """`done` is the share of the stage, or of the output named in `more`, from 0 to 1."""
        self._emit({"event": "progress", "stage": stage, **more, "done": round(done, 3)})
