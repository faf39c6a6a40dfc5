import type { Writable } from 'node:stream'

/** Writes to a client, or cuts it off where it has left more than so many bytes unread: nobody's slowness fills our memory. */
export const writeOrCut = (
  client: Pick<Writable, 'writableLength' | 'write' | 'destroy'>,
  text: string,
  mostUnreadBytes: number,
): void => {
  if (client.writableLength > mostUnreadBytes) client.destroy()
  else client.write(text)
}
