import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Server } from '../server.ts'

export const mlflow: Server = {
  name: 'mlflow',
  after: ['postgres'],
  stopSignal: 'SIGTERM',
  async prepare({ home }) {
    await mkdir(join(home.folderOf('mlflow'), 'artifacts'), { recursive: true })
  },
  launch({ home, ports, installed, credentials }) {
    const folder = home.folderOf('mlflow')
    return {
      command: join(installed.mlflow, 'bin', 'python'),
      args: [
        ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', `${ports.mlflow}`, '--workers', '1'],
        ...['--serve-artifacts', '--artifacts-destination', join(folder, 'artifacts')],
      ],
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        HOME: folder,
        LANG: 'C.UTF-8',
        // Through the environment, because a command line can be read by every user of the machine. The driver is named:
        // today's SQLAlchemy would take psycopg 3, with which the stage calls fail.
        MLFLOW_BACKEND_STORE_URI: `postgresql+psycopg2://mlflow:${credentials.mlflow}@127.0.0.1:${ports.postgres}/mlflow`,
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        MLFLOW_DISABLE_TELEMETRY: 'true',
      },
      cwd: folder,
    }
  },
  async isReady({ ports }, signal) {
    const response = await fetch(`http://127.0.0.1:${ports.mlflow}/health`, { signal })
    return response.ok
  },
}
