import { FeedError, withoutSecrets } from '../feed-error.ts'

/**
 * The body as text, after decompression. Throws a FeedError as soon as it exceeds `atMostBytes`: a feed must not be
 * able to fill our memory, with a compressed body least of all.
 */
export const readBoundedBody = async (response: Response, atMostBytes: number): Promise<string> => {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for await (const chunk of response.body) {
    bytes += chunk.byteLength
    // Leaving the loop by a throw cancels the stream.
    if (bytes > atMostBytes)
      throw new FeedError(
        'too-large',
        `${withoutSecrets(response.url)} sends more than ${atMostBytes} bytes, which is refused`,
      )
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
