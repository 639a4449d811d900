import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import type { ProcessIdentity } from '../process-identity.js'
import type { ServiceRef } from '../services.js'
import { readStateFile, writeStateFile } from '../state-file.js'

/** What the broker remembers of a sandbox service across its own restarts. */
export interface ServiceRecord {
  readonly ref: ServiceRef
  readonly unit: string
  readonly desired: 'running' | 'stopped'
  readonly process?: ProcessIdentity
  /** ISO 8601, of the last start. */
  readonly since?: string
}

/** One small file for each service, so that a start rewrites nothing but its own. */
export class ServiceRecords {
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  }

  all(): readonly ServiceRecord[] {
    return readdirSync(this.directory)
      .filter(name => name.endsWith('.json'))
      .map(name => readStateFile(`${this.directory}/${name}`) as ServiceRecord)
  }

  write(record: ServiceRecord): void {
    writeStateFile(this.#file(record.unit), record)
  }

  #file(unit: string): string {
    return `${this.directory}/${createHash('sha256').update(unit).digest('hex').slice(0, 32)}.json`
  }
}
