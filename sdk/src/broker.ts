import type { Actor } from './actor.js'
import type { TenantId } from './ids.js'
import type { CertificateSubject, KeyInfo } from './keys.js'
import type { PackagePlan, PackageReport, PackageRequest, PackageResult } from './packages.js'
import type { KeyAlgorithm } from './privileges.js'
import type { Tree } from './tree.js'

export type ParamValue = string | number | readonly string[]
export type Params = Readonly<Record<string, ParamValue>>

export interface OperationResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly truncated: boolean
  readonly durationMs: number
}

export interface ServiceStatus {
  readonly active: boolean
  readonly pid?: number
  /** ISO 8601. */
  readonly since?: string
  readonly detail?: string
}

export interface TenantInfo {
  readonly tenant: TenantId
  readonly user: string
  readonly uid: number
  readonly home: string
  readonly root: string
  readonly log: string
}

export interface PlannedFile {
  readonly path: string
  readonly action: 'create' | 'modify' | 'delete' | 'none'
  /** Unified diff; for secret files a sentence with both hashes. */
  readonly diff: string
  /** SHA-256 of the bytes on disk, null when absent. */
  readonly before: string | null
  /** SHA-256 of the bytes with placeholders for what is known only after apply. */
  readonly after: string | null
  /** Present when somebody changed the file by hand since it was last applied. */
  readonly drift?: { readonly diff: string }
}

export interface ChangePlan {
  readonly changeId: string
  /** Over (path, before, after) of its files and the policy digest. */
  readonly hash: string
  readonly files: readonly PlannedFile[]
  readonly services: readonly { readonly service: string; readonly verb: 'reload' | 'start' | 'stop' | 'restart' }[]
}

export interface ChangeRequest {
  /** Name in `privileges.json` → `changes`. */
  readonly change: string
  readonly tenant?: TenantId
  readonly params?: Params
  /** File name in `privileges.json` → its whole new content; null removes it. Absent: as it is. */
  readonly files: Readonly<Record<string, Tree | null>>
  /** Names that must answer on every public listener that the files name, afterwards. */
  readonly names?: readonly string[]
  /** Those of them that must answer over TLS, and with the certificate of the change if it has one. Default: all. */
  readonly secureNames?: readonly string[]
  /** What to do about files edited by hand: refuse (default) or overwrite them (the hand edit is kept in the journal). */
  readonly onDrift?: 'refuse' | 'discard'
}

export type ChangeState = 'planned' | 'applying' | 'applied' | 'failed' | 'reverted' | 'awaiting_confirmation'

export interface ChangeResult {
  readonly changeId: string
  readonly state: ChangeState
  readonly revision?: string
  /** How many changes shared the reload. */
  readonly batch: number
  /** Milliseconds spent in check, write, reload and probe. */
  readonly timings: Readonly<Record<string, number>>
}

export interface CallContext {
  readonly actor: Actor
  readonly jobId?: string
  readonly signal?: AbortSignal
}

export interface OutputChunk {
  readonly channel: 'stdout' | 'stderr'
  readonly data: Uint8Array
}

export interface WithOutput {
  readonly onOutput?: (chunk: OutputChunk) => void
}

/** The broker as one plugin sees it: its own privileges only. Names and parameters, never argv, paths or bytes. */
export interface PluginBroker {
  run(
    operation: string,
    options: CallContext &
      WithOutput & {
        readonly tenant?: TenantId
        readonly params?: Params
        readonly input?: string | Uint8Array
      },
  ): Promise<OperationResult>
  service(
    service: string,
    verb: 'start' | 'stop' | 'reload' | 'restart' | 'status',
    options: CallContext & { readonly tenant?: TenantId; readonly params?: Params },
  ): Promise<ServiceStatus>
  /** What a change would do; touches nothing. */
  planChange(request: ChangeRequest, options: CallContext): Promise<ChangePlan>
  /**
   * Applies and verifies, or leaves everything as it was and throws a Problem that says why. Idempotent by
   * `changeId` and `attempt`: asking again gives the recorded outcome. With a `deadline` (seconds) the change is
   * `awaiting_confirmation` afterwards, and taken back when it passes without {@link confirmChange}, even when panel and
   * broker are dead by then.
   */
  applyChange(
    request: ChangeRequest,
    options: CallContext & {
      readonly changeId: string
      readonly attempt: number
      readonly expectHash?: string
      readonly deadline?: number
    },
  ): Promise<ChangeResult>
  /** Ends the wait of a change with a deadline, over a new connection to the broker. Call it because a person asked to. */
  confirmChange(changeId: string, options: CallContext): Promise<ChangeResult>
  /** Puts back what the change replaced, as a change of its own. Refused when the files changed since. */
  revertChange(
    changeId: string,
    options: CallContext & { readonly revertId: string; readonly attempt: number },
  ): Promise<ChangeResult>
  describeChange(changeId: string): Promise<ChangeResult | null>
  createTenant(tenant: TenantId, options: CallContext): Promise<TenantInfo>
  /** Removes the identity; with `keepFiles` its files move to the state directory's attic first. */
  removeTenant(tenant: TenantId, options: CallContext & { readonly keepFiles: boolean }): Promise<void>
  describeTenant(tenant: TenantId): Promise<TenantInfo | null>
  /** Makes a private key and keeps it; the panel never sees it. Answers with the one that is there under that name. */
  createKey(
    tenant: TenantId,
    key: string,
    options: CallContext & { readonly algorithm: KeyAlgorithm; readonly exportable?: boolean },
  ): Promise<KeyInfo>
  /** Keeps a key that somebody brought, PKCS#8, PKCS#1 or SEC 1 in PEM. It can be exported. @throws key_unsuitable */
  importKey(tenant: TenantId, key: string, options: CallContext & { readonly pem: string }): Promise<KeyInfo>
  /** PKCS#8 PEM. @throws key_unknown, key_not_exportable */
  exportKey(tenant: TenantId, key: string, options: CallContext): Promise<string>
  /** Also when it is gone already. Where it is installed it goes on being used. */
  removeKey(tenant: TenantId, key: string, options: CallContext): Promise<void>
  describeKeys(tenant: TenantId): Promise<readonly KeyInfo[]>
  /** A PKCS#10 request (RFC 2986) for these names signed with the key, DER in base64. @throws key_unknown */
  requestCertificate(tenant: TenantId, key: string, options: CallContext & CertificateSubject): Promise<string>
  /** A certificate that nobody vouches for, DER in base64. @throws key_unknown */
  selfSign(
    tenant: TenantId,
    key: string,
    options: CallContext & CertificateSubject & { readonly days: number },
  ): Promise<string>
  /** Which packages of the sets are installed, and which the host's package lists offer. Touches nothing. */
  describePackages(requests: readonly PackageRequest[], options: CallContext): Promise<PackageReport>
  /**
   * What one installation of 1 to 20 sets would do; touches nothing.
   * @throws packages_unknown, packages_would_remove, packages_would_downgrade, packages_held, packages_unmet
   */
  planPackages(requests: readonly PackageRequest[], options: CallContext): Promise<PackagePlan>
  /** Finishes what an interrupted installation left half done. */
  repairPackages(options: CallContext & WithOutput): Promise<PackageResult>
  /** Fetches the package lists. */
  refreshPackages(options: CallContext & WithOutput): Promise<PackageResult>
  /**
   * Installs exactly the packages of the plan with this hash, and sees that they are. Goes on when panel and broker
   * die; asking again waits for it. Nothing to do when the sets are installed.
   * @throws plan_outdated, packages_locked, packages_unreachable and other `packages_…`
   */
  installPackages(
    requests: readonly PackageRequest[],
    options: CallContext & WithOutput & { readonly hash: string },
  ): Promise<PackageResult>
  /**
   * Values of the root-owned, distribution-aware versions.json that are present on this host; of `<key>.known`, all that
   * may be installed on it.
   */
  versions(key: string): Promise<readonly string[]>
}
