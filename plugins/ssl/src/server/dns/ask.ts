import type { Endpoint } from './endpoint.js'
import { type Answer, type Question, query, readAnswer } from './message.js'
import { NoAnswer, overTcp, overUdp } from './transport.js'

/**
 * Asks one server: by datagram, twice if need be, and over a connection when the answer does not fit in one.
 *
 * @throws NoAnswer, or the signal's reason
 */
export async function ask(
  server: Endpoint,
  question: Question,
  recursive: boolean,
  signal: AbortSignal,
): Promise<Answer> {
  const message = query(question, recursive)
  const accepts = (bytes: Buffer) => isAnswerTo(bytes, message, question)
  const datagram = () => overUdp(server, message, accepts, signal)
  const short = readAnswer(
    await datagram().catch(error => {
      if (error instanceof NoAnswer && error.reason === 'ETIMEDOUT') return datagram()
      throw error
    }),
  )
  if (!short.truncated) return short
  const long = await overTcp(server, message, signal)
  if (!accepts(long)) throw new NoAnswer('EBADMSG')
  return readAnswer(long)
}

function isAnswerTo(bytes: Buffer, message: Buffer, { name, type }: Question): boolean {
  if (bytes.length < 12 || bytes.readUInt16BE(0) !== message.readUInt16BE(0)) return false
  try {
    const asked = readAnswer(bytes).questions[0]
    // A server that refuses need not repeat the question, RFC 5625 §6.2 has seen it.
    return asked === undefined ? (bytes.readUInt8(3) & 15) !== 0 : asked.name === name && asked.type === type
  } catch {
    return false
  }
}
