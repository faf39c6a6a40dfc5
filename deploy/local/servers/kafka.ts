import { randomBytes } from 'node:crypto'
import { chown, mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { serverUser } from '../install/install-debian-root.ts'
import type { StackPorts } from '../ports.ts'
import { inDebianRoot, type ShownFolder } from '../process/debian-root.ts'
import { runCommand } from '../process/run-command.ts'
import type { Server } from '../server.ts'
import { useClassArchive } from './class-archive.ts'

const configFile = 'server.properties'
const loggingFile = 'log4j2.properties'

/** One node that is broker and controller. The clusters' sizes are what a single node can hold. */
const properties = (ports: StackPorts): Readonly<Record<string, string | number | boolean>> => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.quorum.voters': `1@127.0.0.1:${ports.kafkaController}`,
  listeners: `PLAINTEXT://127.0.0.1:${ports.kafka},CONTROLLER://127.0.0.1:${ports.kafkaController}`,
  'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.kafka}`,
  'controller.listener.names': 'CONTROLLER',
  'log.dirs': '/srv/home/data',
  // Topics come from one catalogue: a misspelt name must fail, not become a topic.
  'auto.create.topics.enable': false,
  // By default every five minutes: who writes what is too old to be kept would notice one time in thirty.
  'log.retention.check.interval.ms': 2_000,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 4,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'share.coordinator.state.topic.num.partitions': 4,
  // A group of one need not wait for members that never come: 0.5 s instead of 3.5 s to the first record.
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1000,
  // The default takes a quarter of a 512 MB heap for one cleaner thread.
  'log.cleaner.dedupe.buffer.size': 33_554_432,
})

/** Who joins and leaves which group is worth a line; that every setting has its value is not. */
const logging = `appender.stdout.type = Console
appender.stdout.name = stdout
appender.stdout.layout.type = PatternLayout
appender.stdout.layout.pattern = %d{ISO8601} %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = stdout
logger.server.name = kafka.server.KafkaRaftServer
logger.server.level = info
logger.groups.name = org.apache.kafka.coordinator.group
logger.groups.level = info
`

export const kafka: Server = {
  name: 'kafka',
  after: [],
  stopSignal: 'SIGTERM',
  async prepare({ home, ports }) {
    await writeConfig(home.folderOf('kafka'), ports)
  },
  launch({ home, installed, classArchives }) {
    const { flags, folder } = useClassArchive('kafka', classArchives)
    const java = [
      'java',
      ...flags,
      '-Xmx512m',
      ...ownOptions(),
      `-Dlog4j2.configurationFile=/srv/home/${loggingFile}`,
    ]
    return inDebianRoot({
      root: installed.debianRoot,
      folders: [...kafkaFolders(home.folderOf('kafka'), installed.kafka), folder],
      command: [...java, ...classPath, 'kafka.Kafka', `/srv/home/${configFile}`],
    })
  },
  isReady: ({ ports }, signal) => answersMetadata(ports.kafka, signal),
}

/**
 * For VELOCAST_KAFKA_OPTS: a broker that lives for minutes is not worth the optimising compiler, with which half of its time
 * goes into compiling itself; nor is its heap worth threads that collect beside it.
 */
export const SHORT_LIVED_BROKER = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'

/** Further flags for the broker's Java, divided by spaces. */
const ownOptions = (): string[] => process.env.VELOCAST_KAFKA_OPTS?.split(' ').filter(Boolean) ?? []

const classPath = ['-cp', '/srv/app/*']

const kafkaFolders = (home: string, jars: string): ShownFolder[] => [
  { from: home, at: '/srv/home', isWritable: true },
  { from: jars, at: '/srv/app' },
]

async function writeConfig(folder: string, ports: StackPorts): Promise<void> {
  const lines = Object.entries(properties(ports)).map(([name, value]) => `${name}=${value}\n`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, configFile), lines.join(''))
  await writeFile(join(folder, loggingFile), logging)
  await chown(folder, serverUser.id, serverUser.id)
}

/** Formats an empty log folder, with a cluster id of its own. */
export async function formatStorage(
  { debianRoot, kafka }: { readonly debianRoot: string; readonly kafka: string },
  folder: string,
  ports: StackPorts,
  signal?: AbortSignal,
): Promise<void> {
  await writeConfig(folder, ports)
  const clusterId = randomBytes(16).toString('base64url')
  const format = [
    'kafka.tools.StorageTool',
    'format', // Joined by "=": an id may begin with a dash.
    `--cluster-id=${clusterId}`,
  ]
  const folders = kafkaFolders(folder, kafka)
  const command = ['java', ...classPath, ...format, '--config', `/srv/home/${configFile}`]
  const launch = inDebianRoot({ root: debianRoot, folders, command })
  await runCommand(launch.command, launch.args, { ...launch, name: 'kafka-storage', signal })
}

const metadataRequest = 3

/**
 * Asks for the cluster's metadata (request 3, version 0, of Kafka's protocol: the oldest, which every broker speaks) and
 * returns whether the answer names a broker. An open port is not enough: it opens before the broker has joined.
 */
function answersMetadata(port: number, signal: AbortSignal): Promise<boolean> {
  const request = Buffer.alloc(18)
  request.writeInt32BE(14, 0)
  request.writeInt16BE(metadataRequest, 4)
  request.writeInt16BE(0, 6)
  request.writeInt32BE(1, 8) // correlation id
  request.writeInt16BE(-1, 12) // no client id
  request.writeInt32BE(0, 14) // no topic named: all of them
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', signal }, () => socket.write(request))
    let answer = Buffer.alloc(0)
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer')))
    socket.on('error', reject)
    socket.on('close', () => resolve(false))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      // Size, correlation id, then the array of brokers, which begins with its length.
      if (answer.length < 12) return
      resolve(answer.readInt32BE(8) > 0)
      socket.destroy()
    })
  })
}
