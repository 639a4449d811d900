import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Knex, Logger } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG, LOGGER } from '../config/token.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { AuditKey } from './audit-key.js'
import { canonical } from './canonical.js'
import { type Checkpoint, checkpointSchema, checkpointText, type UnsignedCheckpoint } from './checkpoint.js'
import { AuditBroken } from './errors.js'
import { type Peak, root } from './merkle.js'
import { Witnesses } from './witness.js'

const every = 15 * 60_000
const everyEntries = 1000

/** Signs what the log is, at intervals, after many entries, and on demand. */
@scoped(Lifecycle.ContainerScoped)
export class Checkpoints {
  readonly file: string
  #timer?: NodeJS.Timeout
  #unsigned = 0
  #signing: Promise<Checkpoint | null> = Promise.resolve(null)

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly key: AuditKey,
    private readonly witnesses: Witnesses,
    @inject(CONFIG) config: Config,
    @inject(LOGGER) private readonly log: Logger,
  ) {
    this.file = join(config.home, 'audit-checkpoint.json')
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#signQuietly(), every).unref()
  }

  /** Signs once more, so that a clean shutdown leaves nothing unsigned. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#signQuietly()
  }

  /** Told after each entry. */
  recorded(): void {
    if (++this.#unsigned >= everyEntries) void this.#signQuietly()
  }

  /** Signs the present head; null when the log is empty. @throws AuditBroken */
  sign(): Promise<Checkpoint | null> {
    const next = this.#signing.catch(() => null).then(() => this.#sign())
    this.#signing = next
    return next
  }

  /** The newest one from the file beside the store; null when there is none. */
  async kept(): Promise<Checkpoint | null> {
    try {
      const { value, error } = checkpointSchema.validate(JSON.parse(await readFile(this.file, 'utf8')))
      return error ? null : (value ?? null)
    } catch {
      return null
    }
  }

  async #sign(): Promise<Checkpoint | null> {
    this.#unsigned = 0
    const broker = await this.witnesses.current?.head().catch(() => undefined)
    const checkpoint = await this.state.transaction(trx => this.#insert(trx, broker))
    if (!checkpoint) return this.kept()
    await writeFile(`${this.file}.new`, `${JSON.stringify(checkpoint)}\n`, { mode: 0o600, flush: true })
    await rename(`${this.file}.new`, this.file)
    this.log.info({ checkpoint }, 'audit checkpoint')
    return checkpoint
  }

  /** Null when the head is signed already. */
  async #insert(trx: Knex.Transaction, broker: UnsignedCheckpoint['broker']): Promise<Checkpoint | null> {
    const head: { seq: number | string; hash: string; peaks: string } = await trx('audit_head').forUpdate().first()
    const seq = Number(head.seq)
    const last = await trx('audit_checkpoints').orderBy('seq', 'desc').first('seq', 'body')
    if (seq === 0 || Number(last?.seq ?? 0) === seq) return null
    if (last) await this.#continues(trx, JSON.parse(last.body) as Checkpoint)
    const unsigned: UnsignedCheckpoint = {
      format: 'nusantara-audit-checkpoint-1',
      seq,
      hash: head.hash,
      root: root(JSON.parse(head.peaks) as Peak[]),
      at: this.clock.now().toISOString(),
      publicKey: this.key.publicKey,
      broker,
    }
    const checkpoint = { ...unsigned, signature: this.key.sign(checkpointText(unsigned)) }
    await trx('audit_checkpoints').insert({ seq, body: canonical(checkpoint), signature: checkpoint.signature })
    return checkpoint
  }

  /** The chain's hash at the last checkpoint commits to everything before it. */
  async #continues(trx: Knex.Transaction, last: Checkpoint): Promise<void> {
    const entry = await trx('audit_entries').where({ seq: last.seq }).first('hash')
    if (entry?.hash !== last.hash) throw AuditBroken({ seq: last.seq })
  }

  async #signQuietly(): Promise<void> {
    try {
      await this.sign()
    } catch (error) {
      this.log.error({ err: error }, 'audit checkpoint not signed')
    }
  }
}
