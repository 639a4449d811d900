// Imported from the leaf module: the SDK's index would load a validator and an ORM into the broker.
import { defineProblem, Problem, type ProblemFactory } from '@nusantara/sdk/problem'

export const PolicyChanged = defineProblem<{ plugin: string; digest: string }>('policy_changed', 409)
export const PolicyUnapproved = defineProblem<{ plugin: string; digest: string }>('policy_unapproved', 403)
export const PolicyRejected = defineProblem<{ plugin: string; reason: string }>('policy_rejected', 409)
export const PolicyDisabled = defineProblem<{ plugin: string }>('policy_disabled', 409)
export const PolicyUnknown = defineProblem<{ plugin: string }>('policy_unknown', 404)
export const OperationUnknown = defineProblem<{ plugin: string; operation: string }>('operation_unknown', 404)
export const OperationUnavailable = defineProblem<{ operation: string; bin: string }>('operation_unavailable', 409)
export const OperationFailed = defineProblem<{ operation: string; exitCode: number; output: string }>(
  'operation_failed',
  502,
)
export const OperationTimeout = defineProblem<{ operation: string; seconds: number }>('operation_timeout', 504)
export const OperationAborted = defineProblem<{ operation: string }>('operation_aborted', 409)
export const ParamInvalid = defineProblem<{ param: string; reason: string }>('param_invalid', 422)
export const TenantUnknown = defineProblem<{ tenant: string }>('tenant_unknown', 404)
export const TenantExists = defineProblem<{ tenant: string }>('tenant_exists', 409)
export const TenantRefused = defineProblem<{ plugin: string }>('tenant_refused', 403)
/** A tool of the host could not make or remove a tenant's user; asked again, it goes on where it ended. */
export const TenantAccountFailed = defineProblem<{ tenant: string; output: string }>('tenant_account_failed', 502)
export const KeyUnknown = defineProblem<{ tenant: string; key: string }>('key_unknown', 404)
/** There is another key of that name: what it is used for would change under somebody's hands. */
export const KeyExists = defineProblem<{ tenant: string; key: string }>('key_exists', 409)
export const KeyNotExportable = defineProblem<{ key: string }>('key_not_exportable', 403)
/** What was brought is no private key, is encrypted, or is of a kind that the plugin may not use. */
export const KeyUnsuitable = defineProblem<{ reason: string }>('key_unsuitable', 422)
export const KeyRefused = defineProblem<{ plugin: string; what: string }>('key_refused', 403)
export const SigningFailed = defineProblem<{ key: string; output: string }>('signing_failed', 502)
export const GrammarViolation = defineProblem<{ file: string; path: string; reason: string }>('grammar_violation', 422)
export const FileTooLarge = defineProblem<{ file: string; bytes: number; maxBytes: number }>('file_too_large', 422)
export const Drift = defineProblem<{ path: string }>('drift', 409)
export const PlanOutdated = defineProblem('plan_outdated', 409)
export const CheckFailed = defineProblem<{ service: string; output: string }>('check_failed', 422)
/** Another program listens where the service is to; nothing was touched. */
export const ListenerTaken = defineProblem<{ listener: string; program: string; pid: number; unit: string }>(
  'listener_taken',
  409,
)
export const ReloadFailed = defineProblem<{ service: string; output: string }>('reload_failed', 502)
export const ProbeFailed = defineProblem<{ service: string; name?: string; expected: string; got: string }>(
  'probe_failed',
  502,
)
export const ChangeConflict = defineProblem<{ path: string }>('change_conflict', 409)
export const ChangeUnknown = defineProblem<{ changeId: string }>('change_unknown', 404)
export const AttemptStale = defineProblem<{ changeId: string; attempt: number }>('attempt_stale', 409)
export const ServiceUnknown = defineProblem<{ plugin: string; service: string }>('service_unknown', 404)
export const ServiceFailed = defineProblem<{ service: string; output: string }>('service_failed', 502)
export const VerbRefused = defineProblem<{ service: string; verb: string }>('verb_refused', 403)
export const JournalFull = defineProblem<{ cause: string }>('journal_full', 507)
export const Busy = defineProblem<{ what: string }>('busy', 503)
/** A managed file could not be read or written: full disk, read-only file system, a symlink where a file should be. */
export const WriteFailed = defineProblem<{ path: string; cause: string }>('write_failed', 507)
/** A directory on the way to a managed file could be changed by somebody else than root. */
export const PathUnsafe = defineProblem<{ path: string; reason: string }>('path_unsafe', 409)
/** The broker was killed while the change was applied; every file is as before. */
export const ChangeRecovered = defineProblem<{ changeId: string }>('change_recovered', 503)
/** The bytes that a change replaced are no longer kept. */
export const ChangeExpired = defineProblem<{ changeId: string }>('change_expired', 410)
/** The confirmation came over a connection that was there before the change, so it proves nothing. */
export const ConfirmationStale = defineProblem<{ changeId: string }>('confirmation_stale', 409)
/** The time for the confirmation is over; the change is being taken back. */
export const ConfirmationLate = defineProblem<{ changeId: string }>('confirmation_late', 409)
/** A file of a change that still waits for its confirmation. */
export const ChangeUnconfirmed = defineProblem<{ path: string; changeId: string }>('change_unconfirmed', 409)
/** Nobody could be found who would keep the deadline when the broker is dead. */
export const DeadlineUnguarded = defineProblem<{ changeId: string; cause: string }>('deadline_unguarded', 503)
/** Nobody here starts the panel at a time: it runs always, or until it is ended. */
export const TimerUnavailable = defineProblem('timer_unavailable', 409)
export const PackageSetUnknown = defineProblem<{ plugin: string; set: string }>('package_set_unknown', 404)
/** This broker does not change which packages the host has. */
export const PackagesRefused = defineProblem<{ names: string }>('packages_refused', 409)
/** No package manager that the broker knows. */
export const PackagesUnsupported = defineProblem<{ bin: string }>('packages_unsupported', 409)
export const PackagesUnknown = defineProblem<{ names: string; distribution: string }>('packages_unknown', 409)
export const PackagesWouldRemove = defineProblem<{ names: string }>('packages_would_remove', 409)
export const PackagesWouldDowngrade = defineProblem<{ names: string }>('packages_would_downgrade', 409)
export const PackagesHeld = defineProblem<{ names: string }>('packages_held', 409)
export const PackagesUnmet = defineProblem<{ output: string }>('packages_unmet', 409)
/** Another program installs packages. `pid` 0 and program `?` when it is not known which. */
export const PackagesLocked = defineProblem<{ program: string; pid: number }>('packages_locked', 503)
export const PackagesUnreachable = defineProblem<{ source: string; reason: string }>('packages_unreachable', 503)
/** The archive has other versions than the package lists say. */
export const PackagesGone = defineProblem<{ source: string }>('packages_gone', 409)
export const PackagesUntrusted = defineProblem<{ output: string }>('packages_untrusted', 502)
export const PackagesNoSpace = defineProblem<{ place: string }>('packages_no_space', 507)
/** An earlier installation was interrupted, and must be finished first. */
export const PackagesInterrupted = defineProblem<{ names: string }>('packages_interrupted', 409)
export const PackagesFailed = defineProblem<{ output: string }>('packages_failed', 502)
/** Made by the client: the broker cannot be reached, or went away before it answered. */
export const BrokerUnavailable = defineProblem<{ socket: string }>('broker_unavailable', 503)
/** A fault of the broker itself; the cause stands in its own log. */
export const BrokerInternal = defineProblem<{ method: string }>('broker_internal', 500)

const factories: readonly Pick<ProblemFactory<never>, 'code' | 'status'>[] = [
  TimerUnavailable,
  PolicyChanged,
  PolicyUnapproved,
  PolicyRejected,
  PolicyDisabled,
  PolicyUnknown,
  OperationUnknown,
  OperationUnavailable,
  OperationFailed,
  OperationTimeout,
  OperationAborted,
  ParamInvalid,
  TenantUnknown,
  TenantExists,
  TenantRefused,
  TenantAccountFailed,
  KeyUnknown,
  KeyExists,
  KeyNotExportable,
  KeyUnsuitable,
  KeyRefused,
  SigningFailed,
  GrammarViolation,
  FileTooLarge,
  Drift,
  PlanOutdated,
  CheckFailed,
  ListenerTaken,
  ReloadFailed,
  ProbeFailed,
  ChangeConflict,
  ChangeUnknown,
  AttemptStale,
  ServiceUnknown,
  ServiceFailed,
  VerbRefused,
  JournalFull,
  WriteFailed,
  PathUnsafe,
  ChangeRecovered,
  ChangeExpired,
  ConfirmationStale,
  ConfirmationLate,
  ChangeUnconfirmed,
  DeadlineUnguarded,
  PackageSetUnknown,
  PackagesRefused,
  PackagesUnsupported,
  PackagesUnknown,
  PackagesWouldRemove,
  PackagesWouldDowngrade,
  PackagesHeld,
  PackagesUnmet,
  PackagesLocked,
  PackagesUnreachable,
  PackagesGone,
  PackagesUntrusted,
  PackagesNoSpace,
  PackagesInterrupted,
  PackagesFailed,
  Busy,
  BrokerUnavailable,
  BrokerInternal,
]

/** Every problem code of the broker with its HTTP status. */
export const brokerProblems: ReadonlyMap<string, number> = new Map(factories.map(({ code, status }) => [code, status]))

/** The problem that an error's `data` on the wire stands for. */
export function problemFromWire(code: string, params: Readonly<Record<string, unknown>>): Problem {
  return new Problem(code, brokerProblems.get(code) ?? 500, params)
}
export { Problem }
