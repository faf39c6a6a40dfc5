import { fileURLToPath } from 'node:url'
import { nodeOptions } from '@velocast/api/node-options'

/** The main files of the deployables, by the names under which they are started, logged and reported. */
const serviceFiles = {
  simulator: '../../deploy/simulator/main.ts',
  producers: '../../producers/main.ts',
  features: '../../stream-processors/features/main.ts',
  quality: '../../stream-processors/quality/main.ts',
  'feature-check': '../../stream-processors/feature-check/main.ts',
  'timescale-sink': '../../sinks/timescale/main.ts',
  notifications: '../../sinks/notifications/main.ts',
  training: '../../training/main.ts',
  api: '../../serving/api/main.ts',
} as const

export type ServiceName = keyof typeof serviceFiles

const PIPELINE: readonly ServiceName[] = [
  'features',
  'quality',
  'timescale-sink',
  'feature-check',
  'training',
  'api',
  'producers',
]

/** What `velocast start` runs: notifications only where a variable says whom to tell. */
export const pipelineServices = (env: Record<string, string>): readonly ServiceName[] =>
  env.SLACK_WEBHOOK_URL || env.NOTIFY_WEBHOOK_URL ? [...PIPELINE, 'notifications'] : PIPELINE

/** What Node is told, beside the file. */
export const nodeOptionsOf = (name: ServiceName): readonly string[] => (name === 'api' ? nodeOptions : [])

export const serviceFile = (name: ServiceName): string =>
  fileURLToPath(new URL(serviceFiles[name], import.meta.url))
