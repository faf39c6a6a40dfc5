import { fileURLToPath } from 'node:url'

/** The main files of the deployables, by the names under which they are started, logged and reported. */
const serviceFiles = {
  simulator: '../../deploy/simulator/main.ts',
  producers: '../../producers/main.ts',
  features: '../../stream-processors/features/main.ts',
  quality: '../../stream-processors/quality/main.ts',
  'feature-check': '../../stream-processors/feature-check/main.ts',
  'timescale-sink': '../../sinks/timescale/main.ts',
  training: '../../training/main.ts',
  api: '../../serving/api/main.ts',
} as const

export type ServiceName = keyof typeof serviceFiles

export const serviceFile = (name: ServiceName): string =>
  fileURLToPath(new URL(serviceFiles[name], import.meta.url))
