# The MLflow server, from the same locked packages as the local stack's. Built from their folder, deploy/local/mlflow: builders
# that send all of it to the engine must not send the password, data and packages that the project's root folder holds.
FROM python:3.11-slim-trixie

COPY requirements.lock /tmp/
RUN pip install --no-cache-dir --require-hashes --no-deps --requirement /tmp/requirements.lock \
    && rm /tmp/requirements.lock \
    && useradd --system --create-home mlflow \
    && install --directory --owner=mlflow --group=mlflow /srv/artifacts

USER mlflow
WORKDIR /home/mlflow
ENV MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false \
    MLFLOW_DISABLE_TELEMETRY=true
EXPOSE 5000

# Beyond /health, which answers without the database.
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=120s --start-interval=1s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:5000/api/2.0/mlflow/experiments/search?max_results=1', timeout=4)"]

# Where its database is comes from MLFLOW_BACKEND_STORE_URI. Requests that name any other host are refused: a page in a
# browser of this machine must not reach the server by a name of its own making.
CMD ["mlflow", "server", "--host", "0.0.0.0", "--port", "5000", "--workers", "1", \
     "--allowed-hosts", "localhost:*,127.0.0.1:*,mlflow:*", \
     "--serve-artifacts", "--artifacts-destination", "/srv/artifacts"]
