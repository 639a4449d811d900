import type { Agent, RequestOptions } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
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
  /** SHA-256 of the certificate that must be served over TLS, hex; absent: any. */
  readonly certificate?: string
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
    const { names, secureNames, listeners, certificate, rule } = each.prepared.member.compiled
    const path = rule.probe?.kind === 'http' ? rule.probe.namePath : undefined
    if (path === undefined) return []
    const shared = { path, expected: revision, ...(certificate !== undefined && { certificate }), each }
    const plain = listeners.filter(listener => !isSecure(listener))
    const secure = listeners.filter(isSecure)
    return [
      ...names.map(name => ({ ...shared, name, listeners: plain })),
      ...(secure.length ? secureNames.map(name => ({ ...shared, name, listeners: secure })) : []),
    ]
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
    const agent = TlsAgent
      ? new TlsAgent({ ...settings, rejectUnauthorized: false, maxCachedSessions: 0 })
      : new PlainAgent(settings)
    const ask = (name: string, path: string, certificate: string | undefined) =>
      answer(
        secure ?? plain,
        {
          host: address,
          port,
          path,
          agent: agent as Agent,
          headers: { host: name },
          ...(tls && { servername: name }),
        } as RequestOptions,
        certificate,
      )
    try {
      await parallel(asked, perListener, async ({ name, path, expected, certificate }) => {
        const shown = name.replace(/^\*/, anyLabel)
        for (let wait = 5; ; wait = Math.min(wait * 2, 100)) {
          const got = await ask(shown, path, tls ? certificate : undefined)
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

function isSecure(listener: string): boolean {
  return listener.startsWith('https')
}

type Ask = typeof import('node:http').request

/** @param certificate SHA-256 of the only one that counts */
function answer(ask: Ask, options: RequestOptions, certificate?: string): Promise<string> {
  return new Promise(resolve => {
    const request = ask({ ...options, timeout: requestTimeoutMs }, response => {
      let text = ''
      const served = certificate && servedCertificate(response.socket as TLSSocket)
      if (served !== certificate) {
        resolve(`another certificate (${served ? served.slice(0, 16) : 'none'}…)`)
        // The connection would show the same one again.
        request.destroy()
        return
      }
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

function servedCertificate(socket: TLSSocket): string {
  return (socket.getPeerCertificate().fingerprint256 ?? '').replaceAll(':', '').toLowerCase()
}
