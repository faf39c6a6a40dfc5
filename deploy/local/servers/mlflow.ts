import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Server } from '../server.ts'

/**
 * What `mlflow server` runs, run directly. That command loads the whole of MLflow only to start this one as its child:
 * 3 s of processor time at every start, and 250 MB for as long as it runs.
 */
export const mlflow: Server = {
  name: 'mlflow',
  after: ['postgres'],
  stopSignal: 'SIGTERM',
  async prepare({ home }) {
    await mkdir(artifactFolder(home.folderOf('mlflow')), { recursive: true })
  },
  launch({ home, ports, installed, credentials }) {
    const folder = home.folderOf('mlflow')
    const address = ['--host', '127.0.0.1', '--port', `${ports.mlflow}`]
    // The driver is named: today's SQLAlchemy would take psycopg 3, with which the stage calls fail.
    const database = `postgresql+psycopg2://mlflow:${credentials.mlflow}@127.0.0.1:${ports.postgres}/mlflow`
    return {
      command: join(installed.mlflow, 'bin', 'python'),
      args: ['-m', 'uvicorn', ...address, '--log-level', 'warning', 'mlflow.server.fastapi_app:app'],
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        HOME: folder,
        LANG: 'C.UTF-8',
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        MLFLOW_DISABLE_TELEMETRY: 'true',
        // The names by which `mlflow server` hands its options on: --backend-store-uri, --serve-artifacts,
        // --default-artifact-root, --artifacts-destination.
        _MLFLOW_SERVER_FILE_STORE: database,
        _MLFLOW_SERVER_SERVE_ARTIFACTS: 'true',
        _MLFLOW_SERVER_ARTIFACT_ROOT: 'mlflow-artifacts:/',
        _MLFLOW_SERVER_ARTIFACT_DESTINATION: artifactFolder(folder),
        _MLFLOW_SGI_NAME: 'uvicorn',
      },
      cwd: folder,
    }
  },
  /** Beyond `/health`, which answers without the database: the first query is what opens, and at first makes, its tables. */
  async isReady({ ports }, signal) {
    const address = `http://127.0.0.1:${ports.mlflow}`
    const health = await fetch(`${address}/health`, { signal })
    const experiments = await fetch(`${address}/api/2.0/mlflow/experiments/search?max_results=1`, { signal })
    return health.ok && experiments.ok
  },
}

const artifactFolder = (folder: string) => join(folder, 'artifacts')
