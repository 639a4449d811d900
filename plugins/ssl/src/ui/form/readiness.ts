import { api } from '@nusantara/sdk/ui'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ChallengeType } from '../../api.js'
import type { Finding, Items } from '../wire.js'

export interface Asked {
  readonly siteId: string
  readonly authority: string
  readonly challenge: ChallengeType
}

/** What would become of an order, asked before it is made. A later question takes the place of one that is under way. */
export class Readiness implements ReactiveController {
  findings: readonly Finding[] | undefined
  error: unknown
  checking = false
  #abort = new AbortController()

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this)
  }

  hostDisconnected(): void {
    this.#abort.abort()
  }

  async ask({ siteId, ...query }: Asked): Promise<void> {
    this.#abort.abort()
    const abort = new AbortController()
    this.#abort = abort
    this.checking = true
    this.error = undefined
    this.host.requestUpdate()
    try {
      const options = { query, signal: abort.signal }
      const { findings } = await api.get<{ findings: Items<Finding>['items'] }>(
        `/ssl/sites/${siteId}/readiness`,
        options,
      )
      if (abort.signal.aborted) return
      this.findings = findings
    } catch (error) {
      if (abort.signal.aborted) return
      this.findings = undefined
      this.error = error
    }
    this.checking = false
    this.host.requestUpdate()
  }
}
