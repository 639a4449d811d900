import { lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProbeRule } from '@nusantara/sdk'
import { ProbeFailed } from '../errors.js'
import type { Host } from '../host.js'
import { expandPath, type ResolvedParams } from '../params.js'
import { seconds } from '../policy/manifest.js'
import type { ResolvedService } from '../services.js'
import type { ChangeServices } from './deps.js'

const answerTimeoutMs = 2000

/** What one connection to a unix socket answers to a plain request, or why it answers nothing. */
export function askSocket(path: string): Promise<string> {
  return new Promise(resolve => {
    const socket = connect({ path })
    let text = ''
    const end = (answer: string) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(answerTimeoutMs, () => end('no answer in time'))
    socket.on('connect', () => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'))
    socket.on('data', data => {
      if (text.length < 16384) text += data.toString('latin1')
    })
    socket.on('error', error => end((error as NodeJS.ErrnoException).code ?? error.message))
    socket.on('end', () => end(/\r\n\r\n([\s\S]*)$/.exec(text)?.[1]?.trim() ?? 'an empty answer'))
  })
}

function accepts(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** A socket file that nobody serves any more keeps a service from starting; a crash leaves such files. */
export async function removeStaleSocket(path: string): Promise<void> {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats?.isSocket() && !(await accepts(path))) unlinkSync(path)
}

/** The unix socket that a probe asks. */
export function probeSocket(host: Host, rule: ProbeRule, params: ResolvedParams): string | undefined {
  if (rule.kind === 'active') return undefined
  return expandPath(host, [...(rule.kind === 'http' ? rule.socket : rule.path)], params)
}

export interface ProbeContext {
  readonly host: Host
  readonly services: ChangeServices
  readonly service: ResolvedService
  /** Of the change, for the words of the probe. */
  readonly params: ResolvedParams
  readonly timeoutMs: number
}

/**
 * Waits until the service as a whole does what it should after a reload or start.
 *
 * For `http`, as many fresh connections as the rule says must all answer the new revision one after the other: old
 * workers go on accepting for a while after the first new answer, and only when none of the connections reaches one of
 * them are they gone or closing.
 *
 * @throws probe_failed
 */
export async function probeService(
  rule: ProbeRule,
  revision: string | undefined,
  { host, services, service, params, timeoutMs }: ProbeContext,
): Promise<void> {
  const name = service.ref.service
  const until = performance.now() + timeoutMs
  const path = probeSocket(host, rule, params)
  if (rule.kind === 'active' || path === undefined)
    return probeActive(services, service, rule.kind === 'active' ? seconds(rule.for) * 1000 : 0)
  const wanted = rule.kind === 'http' ? (rule.connections ?? 20) : 1
  let got = ''
  for (let good = 0, wait = 2; good < wanted; ) {
    got = rule.kind === 'http' ? await askSocket(path) : (await accepts(path)) ? 'accepted' : 'refused'
    if (
      rule.kind === 'http' && revision !== undefined ? got === revision : got !== 'refused' && !/^E[A-Z]+$/.test(got)
    ) {
      good++
      continue
    }
    good = 0
    if (performance.now() >= until)
      throw ProbeFailed({ service: name, expected: revision ?? 'an answer', got: got.slice(0, 200) })
    await delay(wait)
    wait = Math.min(wait * 1.5, 25)
  }
}

async function probeActive(services: ChangeServices, service: ResolvedService, forMs: number): Promise<void> {
  const until = performance.now() + forMs
  let pid: number | undefined
  for (;;) {
    const status = await services.status(service.ref)
    pid ??= status.pid
    if (!status.active || status.pid !== pid)
      throw ProbeFailed({
        service: service.ref.service,
        expected: 'active',
        got: status.active ? 'started again' : (status.detail ?? 'inactive'),
      })
    if (performance.now() >= until) return
    await delay(Math.min(50, Math.max(1, until - performance.now())))
  }
}
