"""Runs a model's graph by ONNX Runtime, the engine that serves it. It knows nothing of how the graph was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import onnxruntime as ort

from velocast_trainer.arrays import Float32s

RunGraph = Callable[[Float32s], Mapping[str, Float32s]]

# Rows scored at once: bounds the memory, large enough to cost nothing.
ROWS_AT_ONCE = 16_384


def open_graph(model: bytes, threads: int) -> RunGraph:
    """A function from [rows, features] to one float32 array of length rows for each output."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    input_name = session.get_inputs()[0].name
    names = [output.name for output in session.get_outputs()]

    def run(features: Float32s) -> Mapping[str, Float32s]:
        parts = [
            session.run(names, {input_name: np.ascontiguousarray(features[start : start + ROWS_AT_ONCE])})
            for start in range(0, len(features), ROWS_AT_ONCE)
        ]
        return {name: np.concatenate([part[i][:, 0] for part in parts]) for i, name in enumerate(names)}

    return run
