/** A complete HTTP response with a JSON body, for a connection without a response object. */
export function rawResponse(status: string, body: string): string {
  return [
    `HTTP/1.1 ${status}`,
    'content-type: application/json',
    'connection: close',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}
