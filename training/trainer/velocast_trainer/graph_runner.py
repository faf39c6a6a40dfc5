"""Runs a model's graph by ONNX Runtime, the engine that serves it. It knows nothing of how the graph was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime as ort

from velocast_trainer.arrays import Float32s

RunGraph = Callable[[Float32s], Mapping[str, Float32s]]

# Rows scored at once: bounds the memory, large enough to cost nothing.
ROWS_AT_ONCE = 4_096


def open_graph(model: bytes, threads: int) -> RunGraph:
    """A function from [rows, features] to one float32 array of length rows for each output.

    Every run uses one thread, and threads score different rows: several in one run would split the trees among them,
    and the last digits of the sums would depend on how many there are.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    input_name = session.get_inputs()[0].name
    names = [output.name for output in session.get_outputs()]

    def run(features: Float32s) -> Mapping[str, Float32s]:
        def score_from(start: int) -> list[Float32s]:
            rows = np.ascontiguousarray(features[start : start + ROWS_AT_ONCE])
            scored: list[Float32s] = session.run(names, {input_name: rows})
            return scored

        with ThreadPoolExecutor(threads) as pool:
            parts = list(pool.map(score_from, range(0, len(features), ROWS_AT_ONCE)))
        return {name: np.concatenate([part[i][:, 0] for part in parts]) for i, name in enumerate(names)}

    return run
