import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Knex, Logger } from '@nusantara/sdk'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG, LOGGER } from '../config/token.js'
import { Clock } from '../state/clock.js'
import { State } from '../state/state.js'
import { AuditKey } from './audit-key.js'
import { canonical } from './canonical.js'
import { type Checkpoint, checkpointText, isSigned, trustedCheckpoint, type UnsignedCheckpoint } from './checkpoint.js'
import { checkpointSchema } from './checkpoint-schema.js'
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
    if (++this.#unsigned < everyEntries) return
    this.#unsigned = 0
    void this.#signQuietly()
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
    const kept = await this.kept()
    const broker = await this.witnesses.current?.head().catch(() => undefined)
    const checkpoint = await this.state.transaction(trx => this.#insert(trx, kept, broker))
    if (!checkpoint || kept?.signature === checkpoint.signature) return checkpoint
    await this.#keep(checkpoint)
    this.log.info({ checkpoint }, 'audit checkpoint')
    return checkpoint
  }

  async #keep(checkpoint: Checkpoint): Promise<void> {
    // Several processes may share the directory.
    const temporary = `${this.file}.${randomUUID()}`
    try {
      await writeFile(temporary, `${JSON.stringify(checkpoint)}\n`, { mode: 0o600, flag: 'wx', flush: true })
      await rename(temporary, this.file)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  /** The head's checkpoint, made now unless there is one; null when the log is empty. @throws AuditBroken */
  async #insert(
    trx: Knex.Transaction,
    kept: Checkpoint | null,
    broker: UnsignedCheckpoint['broker'],
  ): Promise<Checkpoint | null> {
    const head: { seq: number | string; hash: string; peaks: string } = await trx('audit_head').forUpdate().first()
    const seq = Number(head.seq)
    // What the file beside the store saw binds too: the store could have been replaced with its checkpoints.
    if (kept && isSigned(kept) && kept.publicKey === this.key.publicKey) await this.#continues(trx, kept, seq)
    if (seq === 0) return null
    const row: { seq: number | string; body: string } | undefined = await trx('audit_checkpoints')
      .orderBy('seq', 'desc')
      .first('seq', 'body')
    if (row) {
      const last = trustedCheckpoint(row.body, this.key.publicKey)
      if (last?.seq !== Number(row.seq)) throw AuditBroken({ seq: Number(row.seq) })
      await this.#continues(trx, last, seq)
      if (last.seq === seq) return last
    }
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

  /** The chain's hash at a checkpoint commits to everything before it. An entry that was sealed is in a signed segment. */
  async #continues(trx: Knex.Transaction, last: Checkpoint, head: number): Promise<void> {
    const sealed = await trx('audit_segments').max({ last: 'last' }).first()
    if (last.seq <= Number(sealed?.last ?? 0)) return
    const entry = last.seq > head ? undefined : await trx('audit_entries').where({ seq: last.seq }).first('hash')
    if (entry?.hash !== last.hash) throw AuditBroken({ seq: last.seq })
  }

  /** Whether something was recorded since: else nothing need be signed, and the witness need not be woken. */
  async #hasNews(): Promise<boolean> {
    const kept = await this.kept()
    const head: { seq: number | string; hash: string } = await this.state.knex('audit_head').first('seq', 'hash')
    return Number(head.seq) !== (kept?.seq ?? 0) || (kept !== null && kept.hash !== head.hash)
  }

  async #signQuietly(): Promise<void> {
    try {
      if (await this.#hasNews()) await this.sign()
    } catch (error) {
      this.log.error({ err: error }, 'audit checkpoint not signed')
    }
  }
}
