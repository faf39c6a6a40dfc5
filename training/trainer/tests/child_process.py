"""The trainer as the training consumer starts it: a child process, a request, a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fit_requests import RequestJson

PACKAGE_FOLDER = Path(__file__).parents[1]


@dataclass(frozen=True)
class Run:
    exit_code: int
    events: list[dict[str, Any]]
    out_dir: Path

    @property
    def result(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads((self.out_dir / "result.json").read_bytes())
        return result

    def bundle_file(self, name: str) -> bytes:
        return (self.out_dir / "bundle" / name).read_bytes()

    def bundle_json(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.bundle_file(name))
        return content


def command(request: RequestJson, name: str = "fit") -> list[str]:
    path = Path(request["outDir"]).with_suffix(".json")
    path.write_text(json.dumps(request))
    return [sys.executable, "-m", "velocast_trainer", name, "--request", str(path)]


def run(request: RequestJson, name: str = "fit") -> Run:
    done = subprocess.run(command(request, name), cwd=PACKAGE_FOLDER, stdout=subprocess.PIPE, check=False, timeout=120)
    # Every line of standard output is JSON, or this fails.
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return Run(done.returncode, events, Path(request["outDir"]))
