import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openCommandLine } from '@velocast/testkit'

const commands = openCommandLine(new URL('../testing/answer-commands.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'velocast-system-'))
const served = new Map<string, string>()
const server = createServer((request, response) => {
  const path = request.url?.split('?')[0] ?? ''
  if (path.startsWith('/locked/') && request.headers['x-key'] !== 'secret') {
    response.writeHead(401).end('{"message":"who are you?"}')
    return
  }
  const body = served.get(path.replace('/locked', ''))
  if (path === '/moved') response.writeHead(301, { location: '/gbfs.json' }).end()
  else if (body === undefined) response.writeHead(404).end()
  else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body))
})
let address = ''

const velocast = (words: string[], env: Record<string, string> = {}) =>
  commands.run(words, { SYSTEMS_FILE: join(folder, 'systems.json'), ...env })

const now = Math.floor(Date.now() / 1000)
const document = (data: unknown) => JSON.stringify({ last_updated: now, ttl: 60, version: '2.3', data })
const feeds = ['station_status', 'station_information', 'system_information']
const information = ['a', 'b', 'c'].map((station_id) => ({
  station_id,
  name: station_id,
  lat: 59.9,
  lon: 10.7,
  capacity: 20,
}))
const status = ['b', 'c', 'd'].map((station_id) => ({
  station_id,
  num_bikes_available: station_id === 'b' ? -1 : 5,
  num_docks_available: 10,
  is_installed: true,
  is_renting: 1,
  is_returning: true,
  last_reported: now,
}))

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const listed = feeds.map((name) => ({ name, url: `${name}.json` }))
  served.set('/gbfs.json', document({ en: { feeds: listed } }))
  served.set('/station_information.json', document({ stations: information }))
  served.set('/station_status.json', document({ stations: status }))
  served.set(
    '/system_information.json',
    document({ system_id: 'test bikes', name: 'Bikes', timezone: 'Europe/Oslo' }),
  )
  served.set('/page.json', '<!doctype html><html>')
})
after(() => {
  commands.close()
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

const ODDITIES = [
  { rule: 'boolean-as-number', count: 2, example: 'station c: is_renting is 1' },
  { rule: 'count-negative', count: 1, example: 'station b: num_bikes_available is -1' },
  { rule: 'feed-address-relative', count: 3, example: 'station_status: "station_status.json"' },
  { rule: 'station-without-information', count: 1, example: 'station d' },
  { rule: 'station-without-status', count: 1, example: 'station a' },
]

describe('velocast system check', () => {
  it('says for scripts what is there and what is odd', async () => {
    const { code, stdout } = await velocast(['system', 'check', `${address}/moved`, '--json'])
    assert.equal(code, 0)
    const { system, version, stations, oddities, usable, followable, reasons } = JSON.parse(stdout)
    assert.deepEqual(
      { system, version, stations, oddities, usable, followable, reasons },
      {
        system: 'test bikes',
        version: '2.3',
        stations: { information: 3, status: 3, both: 2 },
        oddities: ODDITIES,
        usable: { information: 3, status: 2, both: 1 },
        followable: true,
        reasons: [],
      },
    )
  })

  it('says for people what each oddity means and what is done about it', async () => {
    const { stdout } = await velocast(['system', 'check', `${address}/station_status.json`])
    assert.match(stdout, /^Bikes \(test bikes\), Europe\/Oslo, GBFS 2\.3$/m)
    assert.match(stdout, /in station_status +3 +2$/m)
    assert.match(
      stdout,
      /count-negative +1 × station b: num_bikes_available is -1\n +A count of vehicles is below zero;/,
    )
    assert.match(stdout, /^It can be followed\.$/m)
  })

  it('reads saved documents, also compressed ones, and finds the others beside them', async () => {
    const listed = feeds.map((name) => ({ name, url: `https://nowhere.invalid/en/${name}` }))
    writeFileSync(join(folder, 'gbfs.json'), document({ en: { feeds: listed } }))
    for (const name of feeds)
      writeFileSync(join(folder, `${name}.json.gz`), gzipSync(served.get(`/${name}.json`)!))
    for (const saved of [folder, join(folder, 'station_status.json.gz')]) {
      const { code, stdout } = await velocast(['system', 'check', saved, '--json'])
      assert.equal(code, 0)
      const { system, stations } = JSON.parse(stdout)
      assert.deepEqual([system, stations], ['test bikes', { information: 3, status: 3, both: 2 }])
    }
  })

  it('says in words what is wrong with the addresses in saved documents', async () => {
    for (const [url, words] of [
      ['//127.0.0.1:2/x.json', /^https:\/\/127\.0\.0\.1:2\/x\.json cannot be reached: /],
      ['a%2Fx.json', /a%2Fx\.json is not the address of a file on this machine$/],
      ['file://op.example/x.json', /op\.example\/x\.json is not the address of a file on this machine$/],
    ] as const) {
      const saved = mkdtempSync(join(folder, 'saved-'))
      writeFileSync(join(saved, 'gbfs.json'), document({ en: { feeds: [{ name: 'station_status', url }] } }))
      const { code, stdout, stderr } = await velocast(['system', 'check', saved, '--json'])
      assert.deepEqual([code, stderr], [1, ''], url)
      assert.match(JSON.parse(stdout).reasons[0], words)
      assert.doesNotMatch(stdout, /ERR_|node:/)
    }
  })

  it('looks at the newest feed of a folder, and names the others', async () => {
    const saved = mkdtempSync(join(folder, 'saved-'))
    for (const [name, last_updated] of [
      ['a_station_status.json', now],
      ['b_station_status.json', now - 60],
    ] as const)
      writeFileSync(join(saved, name), JSON.stringify({ last_updated, data: { stations: status } }))
    const { code, stdout } = await velocast(['system', 'check', saved, '--json'])
    const { address, others } = JSON.parse(stdout)
    assert.match(address, /^file:.*a_station_status\.json$/)
    assert.deepEqual([code, others], [0, ['b_station_status.json']])
    const { stdout: said } = await velocast(['system', 'check', saved])
    assert.match(said, /^read from a_station_status\.json; there are also b_station_status\.json$/m)
  })

  it('fails with the reason where a feed cannot be followed', async () => {
    const page = await velocast(['system', 'check', `${address}/page.json`])
    assert.equal(page.code, 1)
    assert.match(page.stdout, /It cannot be followed:\n.*page\.json is not JSON: it is a web page/)
    const missing = await velocast(['system', 'check', `${address}/nothing.json`, '--json'])
    assert.equal(missing.code, 1)
    assert.match(JSON.parse(missing.stdout).reasons[0], /answers 404/)
  })

  it('sends a key, and keeps it to itself', async () => {
    const check = ['system', 'check', `${address}/locked/gbfs.json`, '--json']
    const refused = await velocast(check)
    assert.equal(refused.code, 1)
    const keyed = [...check, '--key-variable', 'TEST_FEED_KEY', '--key-header', 'x-key']
    const { code, stdout } = await velocast(keyed, { TEST_FEED_KEY: 'secret' })
    assert.equal(code, 0)
    assert.doesNotMatch(stdout, /secret/)
  })

  it('tells a mistake on the command line from a feed that is wrong', async () => {
    for (const args of [
      [],
      [join(folder, 'nothing.json')],
      [address, '--no-such-option'],
      [address, '--key-variable', 'TEST_FEED_KEY'],
      [address, '--key-variable', 'NOT_SET', '--key-query', 'key'],
    ])
      assert.equal((await velocast(['system', 'check', ...args])).code, 2, args.join(' '))
  })
})

describe('velocast system add', () => {
  it('takes from the feed what it says of the operator', async () => {
    const { code, stderr } = await velocast(['system', 'add', `${address}/gbfs.json`])
    assert.equal(code, 0, stderr)
    const { systems } = JSON.parse(readFileSync(join(folder, 'systems.json'), 'utf8'))
    assert.deepEqual(systems, [
      {
        systemId: 'test-bikes',
        name: 'Bikes',
        gbfs: `${address}/gbfs.json`,
        timeZone: 'Europe/Oslo',
        country: 'NO',
        latitude: 59.9,
        longitude: 10.7,
      },
    ])
  })

  it('must be told where a system is that has no positions, and a check says so', async () => {
    served.set('/lost/station_status.json', document({ stations: status }))
    const lost = `${address}/lost/station_status.json`
    const check = await velocast(['system', 'check', lost, '--json'])
    assert.deepEqual(JSON.parse(check.stdout).missing, ['--id', '--time-zone', '--latitude', '--longitude'])
    const { stdout } = await velocast(['system', 'check', lost])
    assert.match(
      stdout,
      /^It can be followed\.\n`velocast system add` must be told.*^ {2}--latitude and --longitude: /ms,
    )

    const add = ['system', 'add', lost, '--id', 'lost', '--time-zone', 'Europe/Oslo']
    const refused = await velocast(add)
    assert.deepEqual(
      [refused.code, refused.stderr],
      [2, 'the feed names no station with a position: give --latitude and --longitude\n'],
    )
    for (const half of [
      ['--latitude', '59.9'],
      ['--latitude', 'x', '--longitude', '1'],
      ['--latitude', '91', '--longitude', '1'],
    ])
      assert.equal((await velocast([...add, ...half])).code, 2, half.join(' '))
    const env = { SYSTEMS_FILE: join(folder, 'lost.json') }
    const added = await velocast([...add, '--latitude', '-59.9', '--longitude', '10.7'], env)
    assert.equal(added.code, 0, added.stderr)
    const [system] = JSON.parse(readFileSync(env.SYSTEMS_FILE, 'utf8')).systems
    assert.deepEqual([system.latitude, system.longitude, system.country], [-59.9, 10.7, 'NO'])
  })

  it('refuses a feed that cannot be followed, with the reason', async () => {
    const { code, stderr } = await velocast(['system', 'add', `${address}/page.json`])
    assert.equal(code, 1)
    assert.match(stderr, /cannot be followed: .*it is a web page/)
  })
})
