/** Recordings that tests make for themselves, in the forms that archives have. */
import { spawnSync } from 'node:child_process'
import { crc32, gzipSync, zstdCompressSync } from 'node:zlib'
import { pack } from 'tar-stream'

export const STATUS_HEADER =
  'snapshot_ts,station_id,num_bikes_available,num_ebikes_available,num_docks_available,num_bikes_disabled,num_docks_disabled,is_installed,is_renting,is_returning,last_reported'

/** A snapshot of three stations every `everyMinutes`; bikes count the snapshots, so that each differs. */
export const statusCsv = (startsAt: number, snapshots: number, everyMinutes = 15): string => {
  const lines = [STATUS_HEADER]
  for (let index = 0; index < snapshots; index++) {
    const seconds = startsAt / 1000 + index * everyMinutes * 60
    for (const station of ['a', 'b', 'c'])
      lines.push(
        `${seconds},${station},${index % 20},${index % 3},${20 - (index % 20)},0,0,1,1,1,${seconds - 30}`,
      )
  }
  return `${lines.join('\n')}\n`
}

export const statusJson = (
  recordedAt: number,
  bikes: number,
  stationIds: readonly string[] = ['a'],
): string =>
  JSON.stringify({
    last_updated: recordedAt / 1000,
    ttl: 5,
    version: '1.1',
    data: {
      stations: stationIds.map((station_id) => ({
        station_id,
        num_bikes_available: bikes,
        num_docks_available: 20 - bikes,
        is_installed: 1,
        is_renting: 1,
        is_returning: 1,
        last_reported: recordedAt / 1000 - 40,
      })),
    },
  })

export const informationJson = (recordedAt: number, capacity = 20): string =>
  JSON.stringify({
    last_updated: recordedAt / 1000,
    ttl: 5,
    version: '1.1',
    data: {
      stations: ['a', 'b', 'c'].map((station_id, index) => ({
        station_id,
        name: `Station ${station_id.toUpperCase()}`,
        lat: 37.77 + index / 1000,
        lon: -122.41,
        capacity,
      })),
    },
  })

export const tarOf = async (files: Record<string, string | Buffer>): Promise<Buffer> => {
  const archive = pack()
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content)
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** One compression by the end of a file's name. Null where the machine has no program for it: Node writes no xz. */
export const compressed = (suffix: '.gz' | '.zst' | '.xz', content: string | Buffer): Buffer | null => {
  if (suffix === '.gz') return gzipSync(content)
  if (suffix === '.zst') return zstdCompressSync(content)
  const { status, stdout } = spawnSync('xz', ['-c'], { input: content, maxBuffer: 1e9 })
  return status === 0 ? stdout : null
}

/** A zip of stored files: no library of ours writes zips, and a test needs no more of the format. */
export const zipOf = (files: Record<string, string | Buffer>): Buffer => {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text)
    const title = Buffer.from(name)
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt32LE(crc32(content), 10)
    facts.writeUInt32LE(content.length, 14)
    facts.writeUInt32LE(content.length, 18)
    facts.writeUInt16LE(title.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, title, content])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    centrals.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, tail, title]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(locals.length, 8)
  end.writeUInt16LE(locals.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}
