import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Endpoint } from './endpoint.js'

/** No usable answer came; `reason` is the system's word for it: `ECONNREFUSED`, `ETIMEDOUT`, `EBADMSG`. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  constructor(readonly reason: string) {
    super(reason)
  }
}

/**
 * Sends one message over a connection of its own and answers the first one that comes back (RFC 7766 framing).
 *
 * @param limit milliseconds in all
 * @throws NoAnswer, or the signal's reason
 */
export function overTcp(to: Endpoint, message: Buffer, signal: AbortSignal, limit = 15_000): Promise<Buffer> {
  return inTime(signal, limit, async ended => {
    const socket = connect({ host: to.address, port: to.port, signal: ended })
    try {
      socket.write(Buffer.concat([sixteenBits(message.length), message]))
      let received = Buffer.alloc(0)
      for await (const chunk of socket) {
        received = Buffer.concat([received, chunk as Buffer])
        const length = received.length < 2 ? Number.POSITIVE_INFINITY : received.readUInt16BE()
        if (received.length >= length + 2) return received.subarray(2, length + 2)
      }
      throw new NoAnswer('ECONNRESET')
    } finally {
      socket.destroy()
    }
  })
}

/**
 * Sends one datagram and answers the first one from there that is accepted; others are passed over, because anybody can
 * send some under another's address.
 *
 * @param to by address, not by name
 * @param limit milliseconds in all
 * @throws NoAnswer, or the signal's reason
 */
export function overUdp(
  to: Endpoint,
  message: Buffer,
  accepts: (answer: Buffer) => boolean,
  signal: AbortSignal,
  limit = 2500,
): Promise<Buffer> {
  return inTime(signal, limit, async ended => {
    const socket = createSocket(isIPv6(to.address) ? 'udp6' : 'udp4')
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const abort = () => reject(ended.reason)
    ended.addEventListener('abort', abort)
    socket.on('error', reject)
    socket.on('message', answer => {
      if (accepts(answer)) resolve(answer)
    })
    // Connected, so that the kernel drops what others send and tells that nobody listens.
    socket.on('connect', () => socket.send(message))
    try {
      socket.connect(to.port, to.address)
      return await promise
    } finally {
      ended.removeEventListener('abort', abort)
      socket.close()
    }
  })
}

async function inTime(
  signal: AbortSignal,
  limit: number,
  exchange: (ended: AbortSignal) => Promise<Buffer>,
): Promise<Buffer> {
  signal.throwIfAborted()
  const late = AbortSignal.timeout(limit)
  try {
    return await exchange(AbortSignal.any([signal, late]))
  } catch (error) {
    signal.throwIfAborted()
    if (late.aborted) throw new NoAnswer('ETIMEDOUT')
    if (error instanceof NoAnswer) throw error
    throw new NoAnswer((error as NodeJS.ErrnoException).code ?? 'EIO')
  }
}

function sixteenBits(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
