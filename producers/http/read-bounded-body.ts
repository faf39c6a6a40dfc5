import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { FeedError, withoutSecrets } from '../feed-error.ts'
import { decodeText } from '../gbfs/decode-text.ts'

const gunzipBounded = promisify(gunzip)

/**
 * The body as text, after decompression. Throws a FeedError as soon as it exceeds `atMostBytes`: a feed must not be
 * able to fill our memory, with a compressed body least of all. A file that is itself compressed (`.json.gz`, served as
 * it is) is understood.
 */
export const readBoundedBody = async (response: Response, atMostBytes: number): Promise<string> => {
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    // Leaving the loop by a throw cancels the stream.
    if (bytes > atMostBytes) throw tooLarge(response, atMostBytes)
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks, bytes)
  return decodeText(isGzip(body) ? await decompress(response, body, atMostBytes) : body)
}

const isGzip = (body: Buffer): boolean => body[0] === 0x1f && body[1] === 0x8b

const decompress = async (response: Response, body: Buffer, atMostBytes: number): Promise<Buffer> => {
  try {
    return await gunzipBounded(body, { maxOutputLength: atMostBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(response, atMostBytes)
    throw error
  }
}

const tooLarge = ({ url }: Response, atMostBytes: number): FeedError =>
  new FeedError('too-large', `${withoutSecrets(url)} sends more than ${atMostBytes} bytes, which is refused`)
