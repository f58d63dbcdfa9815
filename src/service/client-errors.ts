import { randomUUID } from 'node:crypto'
import { type Server, STATUS_CODES } from 'node:http'
import { REQUEST_ID } from './request-id.ts'

const STATUS: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

const answer = (status: number): string => {
  const id = randomUUID()
  const title = STATUS_CODES[status]!
  const type = `/problems/${title.toLowerCase().replaceAll(' ', '-')}`
  const body = JSON.stringify({ type, title, status, instance: `/requests/${id}` })
  const headers = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `${REQUEST_ID}: ${id}`,
    'Connection: close',
  ]
  return `${headers.join('\r\n')}\r\n\r\n${body}`
}

/**
 * What is not HTTP never becomes a request; its sender gets problem details all the same.
 * @verifiedBy test/service/mount.test.ts
 */
export const answerClientErrors = (server: Server): void => {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
    else socket.end(answer(STATUS[error.code ?? ''] ?? 400))
  })
}
