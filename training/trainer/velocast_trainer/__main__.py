"""The entry point: settles what libraries read from the environment when they are loaded, then loads them."""

import os
import sys

SETTINGS = {
    # Threads that wait by spinning steal the processor from whoever else runs here. On a busy machine of two cores a
    # tree fitted by two spinning threads took 414 ms, by two sleeping ones 18 ms.
    "OMP_WAIT_POLICY": "passive",
    "OPENBLAS_NUM_THREADS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def run() -> int:
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    from velocast_trainer.command_line import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(run())
