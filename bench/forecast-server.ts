/**
 * A predictor's HTTP server over a generated city, in a process of its own, without a broker: it starts from a disk that was
 * filled before, as a replica does that was here before. `node bench/forecast-server.ts FOLDER CACHE_BYTES` is the process.
 */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import {
  buildServer,
  createPredictor,
  createTelemetry,
  encodeKnowledge,
  openReplica,
  openReplicaDisk,
  warmUpAnswers,
} from '@velocast/api'
import { nodeOptions } from '@velocast/api/node-options'
import { letHelpersStepBack, takeShortSlices } from '@velocast/inference'
import { createLogger } from '@velocast/runtime'
import type { ModelPromoted } from '@velocast/schemas'
import { Registry } from 'prom-client'
import { forkServer } from './fork-server.ts'
import { benchSystem, generateKnowledge, stationOf } from './known-city.ts'

const { systemId } = benchSystem

export const forecastPath = (index: number, stations: number): string =>
  `/v1/systems/${systemId}/stations/${stationOf((index * 7919) % stations)}/forecast?hours=24`

/** A new folder with what the replica's disk holds: the city, eight days of it by default, and the model. */
export const fillDisk = async ({
  bundle,
  ...city
}: {
  stations: number
  days?: number
  /** A bundle's folder; without one the model is made of random trees. */
  bundle?: string | undefined
}): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'velocast-bench-'))
  const disk = openReplicaDisk(folder, systemId)
  // Not for the server's process: it loads ONNX Runtime.
  const { makeBundle } = await import('@velocast/inference/testing')
  const made = makeBundle({ trees: 150, leaves: 63, leafSpread: 0.05, systemId })
  const files = new Map<string, Buffer>()
  for (const name of ['manifest.json', 'model.onnx', 'golden.json'])
    files.set(name, bundle ? await readFile(join(bundle, name)) : await made.read(name))
  const manifest = JSON.parse(files.get('manifest.json')!.toString('utf8'))
  const manifestSha256 = Buffer.from(
    await crypto.subtle.digest('SHA-256', new Uint8Array(files.get('manifest.json')!)),
  ).toString('hex')
  const incoming = await disk.bundles.makeIncoming()
  for (const [name, content] of files) await writeFile(join(incoming, name), content)
  await disk.bundles.keepIncoming(manifestSha256)
  await disk.writePromotion({
    systemId,
    modelName: benchSystem.modelName,
    modelVersion: '1',
    runId: null,
    triggerId: null,
    promotedAt: 1,
    artifactUri: 'mlflow-artifacts:/nowhere',
    manifestSha256,
    features: manifest.features,
    fingerprint: manifest.fingerprint,
    previousVersion: null,
    reason: 'benchmark',
    metrics: {},
  })
  await disk.writeSnapshot(encodeKnowledge(generateKnowledge(city)))
  return folder
}

export interface ServerUsage {
  cpuSeconds: number
  rssMb: number
  /** Of the event loop since it has been watched, milliseconds. */
  loopDelayP99Ms: number
  loopDelayMaxMs: number
}

export interface ForecastServer {
  port: number
  /** From the start of the process to the first answer. */
  readyMs: number
  usage: () => Promise<ServerUsage>
  /** The same, and from then to the next question the event loop is watched, by a timer of each millisecond. */
  watch: () => Promise<ServerUsage>
  /** Promotes the model once more, as another version; milliseconds until it answers. */
  swap: () => Promise<number>
  close: () => Promise<void>
}

/** Starts the process over a folder that `fillDisk` has filled. */
export const startForecastServer = async (
  folder: string,
  answerCacheBytes = 48 * 2 ** 20,
): Promise<ForecastServer> => {
  const startedAt = performance.now()
  // As the predictor's own process says.
  const env = { NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const { port, ask, close } = await forkServer(
    import.meta.filename,
    [folder, String(answerCacheBytes)],
    env,
    nodeOptions,
  )
  return {
    port,
    readyMs: performance.now() - startedAt,
    usage: () => ask<ServerUsage>('usage'),
    watch: () => ask<ServerUsage>('watch'),
    swap: async () => (await ask<{ swapMs: number }>('swap')).swapMs,
    close,
  }
}

const serve = async (cacheFolder: string, answerCacheBytes: number): Promise<void> => {
  letHelpersStepBack()
  await takeShortSlices()
  const log = createLogger('bench', 'silent')
  const metrics = new Registry()
  const telemetry = createTelemetry(log, metrics)
  let now = Date.now()
  const clock = { now: () => now }
  const replica = await openReplica({
    system: benchSystem,
    replicaId: 'bench',
    cacheFolder,
    artifacts: { mlflowUrl: 'http://127.0.0.1:9' },
    clock,
    telemetry,
    publishActivated: () => {},
    publishRejected: ({ reason, detail }) => {
      throw new Error(`${reason}: ${detail}`)
    },
  })
  now = replica.knowledge.vectors.newestAsOf()! + 60_000
  const promotion: ModelPromoted = replica.holder.current()!.promotion
  const predictor = createPredictor(new Map([[systemId, replica]]), clock, 3_600_000)
  const app = await buildServer({ predictor, metrics, telemetry, log, version: 'bench', answerCacheBytes })
  await warmUpAnswers(predictor)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  let version = 1
  process.on('message', async (question: string) => {
    if (question === 'swap') {
      const beganAt = performance.now()
      version++
      replica.promote({ ...promotion, modelVersion: String(version), promotedAt: version })
      await replica.settled()
      process.send!({ swapMs: performance.now() - beganAt })
      return
    }
    const { user, system } = process.cpuUsage()
    process.send!({
      cpuSeconds: (user + system) / 1e6,
      rssMb: process.memoryUsage.rss() / 2 ** 20,
      loopDelayP99Ms: delay.percentile(99) / 1e6,
      loopDelayMaxMs: delay.max / 1e6,
    } satisfies ServerUsage)
    delay.disable()
    delay.reset()
    if (question === 'watch') delay.enable()
  })
  process.on('disconnect', () => process.exit(0))
  process.send!({ port: Number(new URL(address).port) })
}

const [folder, answerCacheBytes] = process.argv.slice(2)
if (process.send && folder && import.meta.main) await serve(folder, Number(answerCacheBytes))
