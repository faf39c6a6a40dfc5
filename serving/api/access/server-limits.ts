/**
 * What a connection may cost before anybody knows who it is. A request's head and the whole of it must come in time, so
 * that whoever sends a byte now and then is cut off; and nobody holds all the connections there are.
 */
import type { Server } from 'node:http'
import { BlockList, isIPv6, type Socket } from 'node:net'
import { loadConfig } from '@velocast/runtime'
import { type Static, Type } from 'typebox'
import { addressGroup } from './address-group.ts'

const seconds = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 3_600, default: value, description })

export const limitsConfig = {
  API_HEADERS_TIMEOUT_SECONDS: seconds(10, "in which a request's head must have come"),
  API_REQUEST_TIMEOUT_SECONDS: seconds(30, 'in which the whole of a request must have come'),
  API_KEEP_ALIVE_SECONDS: seconds(
    72,
    'for how long a connection is kept for the next request: longer than the balancer in front keeps it',
  ),
  API_IDLE_TIMEOUT_SECONDS: seconds(120, 'after which a connection on which nothing moves is closed'),
  API_MAX_CONNECTIONS: Type.Integer({
    minimum: 1,
    default: 4_000,
    description: 'connections at once; further ones are closed',
  }),
  API_MAX_CONNECTIONS_PER_ADDRESS: Type.Integer({
    minimum: 0,
    default: 500,
    description:
      'connections at once from one address where access is guarded, but for loopback and TRUSTED_PROXIES; 0: as many as there are',
  }),
  API_MAX_HEADER_BYTES: Type.Integer({
    minimum: 1_024,
    default: 16_384,
    description: "bytes of a request's head",
  }),
  API_MAX_BODY_BYTES: Type.Integer({
    minimum: 1_024,
    default: 262_144,
    description: "bytes of a request's body",
  }),
}

const LimitsConfig = Type.Object(limitsConfig)
export type LimitsConfig = Static<typeof LimitsConfig>
export const defaultLimits: LimitsConfig = loadConfig(LimitsConfig, {})

/** How often Node looks for requests that take too long; it would be half a minute. */
const CHECKED_EVERY_MS = 1_000
const HANDSHAKE_WITHIN_MS = 10_000

/** For Fastify, and for Node's own server below it. */
export const serverOptionsOf = (limits: LimitsConfig) => ({
  fastify: {
    bodyLimit: limits.API_MAX_BODY_BYTES,
    requestTimeout: limits.API_REQUEST_TIMEOUT_SECONDS * 1_000,
    keepAliveTimeout: limits.API_KEEP_ALIVE_SECONDS * 1_000,
    connectionTimeout: limits.API_IDLE_TIMEOUT_SECONDS * 1_000,
  },
  node: {
    maxHeaderSize: limits.API_MAX_HEADER_BYTES,
    headersTimeout: limits.API_HEADERS_TIMEOUT_SECONDS * 1_000,
    connectionsCheckingInterval: CHECKED_EVERY_MS,
  },
  tls: { handshakeTimeout: HANDSHAKE_WITHIN_MS },
})

export interface ConnectionLimits {
  atMost: number
  /** 0: as many as there are. */
  perAddress: number
  /** Addresses and networks that are not counted. */
  uncounted: readonly string[]
}

/** Closes connections that are too many, before they have said anything. */
export const limitConnections = (server: Server, limits: ConnectionLimits): void => {
  server.maxConnections = limits.atMost
  if (limits.perAddress === 0) return
  const uncounted = blockListOf([...limits.uncounted, '127.0.0.0/8', '::1'])
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = bare(socket.remoteAddress ?? '')
    if (uncounted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return
    const group = addressGroup(address)
    const count = (open.get(group) ?? 0) + 1
    open.set(group, count)
    socket.once('close', () => {
      const left = open.get(group)! - 1
      if (left > 0) open.set(group, left)
      else open.delete(group)
    })
    if (count > limits.perAddress) socket.destroy()
  })
}

/** An IPv4 address as it is seen by a socket that speaks IPv6 is the same address. */
const bare = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

const blockListOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
