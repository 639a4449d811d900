import type { Knex, Logger } from '@nusantara/sdk'

/** A connection of the driver, outside the pool: notifications belong to a session. */
interface RawConnection {
  on(event: 'notification', listener: (message: { readonly payload?: string }) => void): void
  on(event: 'error' | 'end', listener: (error?: Error) => void): void
  query(text: string): Promise<unknown>
  end(): Promise<void>
}

export interface PeerListener {
  letter(text: string): void
  /** It listens again after it did not for a while. */
  resumed(): void
}

const retryMs = 1_000
const aliveMs = 15_000

/** Listens on one channel of PostgreSQL for as long as it is open, through restarts of the server and dead connections. */
export class PeerConnection {
  #open = false
  #connection: RawConnection | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly knex: Knex,
    private readonly channel: string,
    private readonly logger: Logger,
    private readonly listener: PeerListener,
  ) {}

  /** Resolves when it listens, or, while the server is away, when the first try has failed. */
  async open(): Promise<void> {
    this.#open = true
    await this.#connect(false)
  }

  async close(): Promise<void> {
    this.#open = false
    clearTimeout(this.#timer)
    const connection = this.#connection
    this.#connection = undefined
    await connection?.end().catch(() => undefined)
  }

  async #connect(again: boolean): Promise<void> {
    if (!this.#open) return
    let connection: RawConnection | undefined
    try {
      const { client } = this.knex as unknown as { client: { acquireRawConnection(): Promise<RawConnection> } }
      connection = await client.acquireRawConnection()
      const own = connection
      own.on('error', error => this.#lost(own, error))
      own.on('end', () => this.#lost(own))
      own.on('notification', ({ payload = '' }) => this.listener.letter(payload))
      await own.query(`listen ${this.channel}`)
      if (!this.#open) return void (await own.end().catch(() => undefined))
      this.#connection = own
      this.#watch(own)
      if (again) this.listener.resumed()
    } catch (error) {
      void connection?.end().catch(() => undefined)
      this.#later(error as Error)
    }
  }

  /** A connection whose other end is gone without a word is noticed by asking. */
  #watch(connection: RawConnection): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(async () => {
      const silent = setTimeout(() => this.#lost(connection, new Error('it does not answer')), aliveMs).unref()
      await connection.query('select 1').catch((error: Error) => this.#lost(connection, error))
      clearTimeout(silent)
      if (this.#connection === connection) this.#watch(connection)
    }, aliveMs).unref()
  }

  /** A broken connection says so more than once. */
  #lost(connection: RawConnection, error?: Error): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    void connection.end().catch(() => undefined)
    this.#later(error)
  }

  #later(err: Error | undefined): void {
    if (!this.#open) return
    this.logger.warn({ err }, 'the state store does not notify; trying again')
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#connect(true), retryMs).unref()
  }
}
