"""The ways in which a run can end without a model, each with the exit code that its starter acts on."""

from __future__ import annotations

from typing import ClassVar


class TrainerFailure(Exception):
    """`code` is for programs, `detail` tells a person what is wrong and what to do."""

    exit_code: ClassVar[int]

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class BadInput(TrainerFailure):
    """The request or its data cannot be used; running it again unchanged ends the same way."""

    exit_code = 2


class ModelRefused(TrainerFailure):
    """A model was fitted, or could be, and must not be used: it leaks, or its graph is not faithful."""

    exit_code = 3


class Unavailable(TrainerFailure):
    """The tracking server did not do its part. Running the same request again later is safe, and right."""

    exit_code = 4
