import type { Agent, RequestOptions } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Host } from '../host.js'
import type { Rendered } from './member.js'
import { parallel } from './parallel.js'

export interface NameQuestion {
  readonly name: string
  /** Names of listeners, `http6`. */
  readonly listeners: readonly string[]
  /** `/.well-known/…` */
  readonly path: string
  /** Revision that must be answered. */
  readonly expected: string
}

export interface NameFailure {
  readonly name: string
  readonly expected: string
  readonly got: string
}

/** Old workers were measured to answer for a tenth of this after the first new answer. */
const settleMs = 1000
/** Stands for `*` in a wildcard name. */
const anyLabel = 'nusantara-probe'
const perListener = 8
const requestTimeoutMs = 3000

/** The members of a batch one of whose names does not answer the revision. @param timeoutMs at most, if it is shorter */
export async function failedNames(
  host: Host,
  rendered: readonly Rendered[],
  revision: string,
  timeoutMs = settleMs,
): Promise<ReadonlyMap<Rendered, NameFailure>> {
  const questions = rendered.flatMap(each => {
    const { names, listeners, rule } = each.prepared.member.compiled
    const path = rule.probe?.kind === 'http' ? rule.probe.namePath : undefined
    return path === undefined ? [] : names.map(name => ({ name, listeners, path, expected: revision, each }))
  })
  if (!questions.length) return new Map()
  const wrong = await probeNames(host, questions, Math.min(settleMs, timeoutMs))
  const failed = new Map<Rendered, NameFailure>()
  for (const { each, name } of questions) {
    const failure = wrong.get(name)
    if (failure) failed.set(each, failure)
  }
  return failed
}

/**
 * Asks each name on each public listener that its change names, IPv4 and IPv6, over few kept-alive connections. An old
 * worker may still take a connection in the first moments, so a wrong answer is asked again until the time is up.
 *
 * @returns the first wrong answer of each name that has one
 */
export async function probeNames(
  host: Host,
  questions: readonly NameQuestion[],
  timeoutMs: number,
): Promise<Map<string, NameFailure>> {
  const failures = new Map<string, NameFailure>()
  const until = performance.now() + timeoutMs
  const { Agent: PlainAgent, request: plain } = await import('../../host/node-http.js')
  for (const { name: listener, address, port, tls } of host.reachable()) {
    const asked = questions.filter(question => question.listeners.includes(listener))
    if (!asked.length) continue
    const { Agent: TlsAgent, request: secure } = tls
      ? await import('node:https')
      : { Agent: undefined, request: undefined }
    const settings = { keepAlive: true, maxSockets: perListener }
    const agent = TlsAgent ? new TlsAgent({ ...settings, rejectUnauthorized: false }) : new PlainAgent(settings)
    const ask = (name: string, path: string) =>
      answer(secure ?? plain, {
        host: address,
        port,
        path,
        agent: agent as Agent,
        headers: { host: name },
        ...(tls && { servername: name }),
      } as RequestOptions)
    try {
      await parallel(asked, perListener, async ({ name, path, expected }) => {
        const shown = name.replace(/^\*/, anyLabel)
        for (let wait = 5; ; wait = Math.min(wait * 2, 100)) {
          const got = await ask(shown, path)
          if (got === expected) return
          if (performance.now() >= until) {
            failures.set(name, { name: shown, expected, got: `${got.slice(0, 160)} (${listener})` })
            return
          }
          await delay(wait)
        }
      })
    } finally {
      agent.destroy()
    }
  }
  return failures
}

type Ask = typeof import('node:http').request

function answer(ask: Ask, options: RequestOptions): Promise<string> {
  return new Promise(resolve => {
    const request = ask({ ...options, timeout: requestTimeoutMs }, response => {
      let text = ''
      response.setEncoding('latin1')
      response.on('data', (data: string) => {
        if (text.length < 4096) text += data
      })
      response.on('end', () => resolve(response.statusCode === 200 ? text.trim() : `status ${response.statusCode}`))
      response.on('error', error => resolve(error.message))
    })
    request.on('timeout', () => request.destroy(new Error('no answer in time')))
    request.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
    request.end()
  })
}
