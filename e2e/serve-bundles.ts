import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MadeBundle } from '@velocast/inference/testing'

export interface BundleServer {
  /** The folder of a bundle, as a promotion names it. */
  uriOf: (name: string) => string
  close: () => Promise<void>
}

/** Serves bundles over plain HTTP, each under its name. */
export const serveBundles = async (bundles: Readonly<Record<string, MadeBundle>>): Promise<BundleServer> => {
  const server = createServer((request, response) => {
    const [, name = '', file = ''] = (request.url ?? '').split('/')
    const content = bundles[name]?.files.get(file)
    response.writeHead(content ? 200 : 404).end(content)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  return {
    uriOf: (name) => `http://127.0.0.1:${port}/${name}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
