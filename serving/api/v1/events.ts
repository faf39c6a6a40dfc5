/**
 * Server-sent events: what is new, as it comes. A client that lost its connection says the id of the last event it saw and
 * gets those since, or `reset` where some are gone. Memory is bounded: few events are kept, one that does not read is cut
 * off, and so many may listen.
 */
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Type } from 'typebox'
import { problems, SystemPath } from '../api-schemas.ts'
import { HttpProblem } from '../http-problem.ts'
import type { TypedApp } from '../typed-app.ts'
import { aboutSystem, presentHead } from './answer-head.ts'
import { createEventLog, type EventLog, type LoggedEvent } from './event-log.ts'
import { tags } from './schemas.ts'
import type { V1Context } from './v1-context.ts'
import { createChangeWatch } from './watch-changes.ts'
import { writeOrCut } from './write-or-cut.ts'

export interface EventOptions {
  /** How often is looked for what is new, milliseconds. */
  watchEveryMs?: number
  /** How often a silent stream says that it is alive, milliseconds. */
  heartbeatMs?: number
  /** How many may listen at once, all systems together. */
  mostListeners?: number
  /** What a client may leave unread before it is cut off, bytes. */
  mostUnreadBytes?: number
}

const EventQuery = Type.Object({
  station: Type.Optional(
    Type.Array(Type.String({ maxLength: 200 }), {
      minItems: 1,
      maxItems: 200,
      uniqueItems: true,
      description: 'only new forecasts of these stations, which the events then name; given once for each',
    }),
  ),
})

export const addEvents = (
  app: TypedApp,
  { predictor, systemOf }: V1Context,
  {
    watchEveryMs = 1_000,
    heartbeatMs = 15_000,
    mostListeners = 1_000,
    mostUnreadBytes = 64 * 1024,
  }: EventOptions = {},
): void => {
  const processId = randomUUID().slice(0, 8)
  const logs = new Map<string, EventLog>()
  const watches: (() => void)[] = []
  for (const [systemId, system] of predictor.systems) {
    const log = createEventLog(processId)
    logs.set(systemId, log)
    watches.push(createChangeWatch(system, log))
  }
  const open = new Set<ServerResponse>()
  const write = (response: ServerResponse, text: string): void => writeOrCut(response, text, mostUnreadBytes)
  const timers = [
    setInterval(() => {
      for (const watch of watches) watch()
    }, watchEveryMs),
    setInterval(() => {
      for (const response of open) write(response, ': alive\n\n')
    }, heartbeatMs),
  ]
  for (const timer of timers) timer.unref()
  app.addHook('preClose', (done) => {
    for (const timer of timers) clearInterval(timer)
    for (const response of open) response.end()
    done()
  })

  app.get(
    '/v1/systems/:system/events',
    {
      exposeHeadRoute: false,
      schema: {
        tags,
        operationId: 'listenToEvents',
        summary: 'New forecasts and models as they come, as server-sent events',
        description:
          'Events: `hello` (what is known now), `forecasts` (stations have new reports), `model` (another model answers), `reset` (some events are lost: ask for what you need again). Last-Event-ID is honoured.',
        params: SystemPath,
        querystring: EventQuery,
        response: {
          200: {
            description: 'an event stream without an end',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
          ...problems(404, 422, 503),
        } as Record<string, unknown>,
      },
    },
    (request, reply) => {
      const system = systemOf(request.params.system)
      if (open.size >= mostListeners)
        throw new HttpProblem(503, `${mostListeners} listen already. Ask again later.`, 'too-many-listeners')
      const log = logs.get(request.params.system)!
      const { station } = request.query
      const wanted = station ? new Set(station) : null
      reply.hijack()
      const response = reply.raw
      response.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        // A stream has its connection to itself: left open after its end, it would hold up the stop of the server.
        connection: 'close',
      })
      const lastId = request.headers['last-event-id']
      const missed = typeof lastId === 'string' ? log.since(lastId) : []
      const hello = {
        system_id: request.params.system,
        ...presentHead(aboutSystem(system, predictor)),
      }
      response.write(`retry: 3000\n${missed === null ? eventText('reset', log.newestId(), hello) : ''}`)
      const send = (event: LoggedEvent): void => {
        const text = textFor(event, wanted)
        if (text) write(response, text)
      }
      missed?.forEach(send)
      response.write(eventText('hello', log.newestId(), hello))
      const stop = log.listen(send)
      open.add(response)
      response.once('close', () => {
        stop()
        open.delete(response)
      })
    },
  )
}

/** What a client that wants these stations is told; null where the event is about none of them. */
const textFor = (
  { id, name, data, stationIds }: LoggedEvent,
  wanted: ReadonlySet<string> | null,
): string | null => {
  if (!wanted || !stationIds) return eventText(name, id, data)
  const station_ids = [...wanted].filter((stationId) => stationIds.has(stationId))
  return station_ids.length > 0 ? eventText(name, id, { ...data, station_ids }) : null
}

const eventText = (name: string, id: string, data: object): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
