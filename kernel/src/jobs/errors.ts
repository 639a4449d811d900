import { defineProblem } from '@nusantara/sdk'

/** No such job, or not in the actor's scope. */
export const JobNotFound = defineProblem<{ id: string }>('job_not_found', 404)
/** The plan that the caller pinned is not what would happen now. */
export const PlanOutdated = defineProblem<{ type: string }>('plan_outdated', 409)
/** The idempotency key was used for another input. */
export const IdempotencyConflict = defineProblem<{ key: string }>('idempotency_conflict', 409)
/** Nobody defines this type now: its plugin is disabled or failed. */
export const JobTypeUnknown = defineProblem<{ type: string }>('job_type_unknown', 503)
/** Two definitions of one type. */
export const JobTypeTaken = defineProblem<{ type: string; owner: string }>('job_type_taken', 500)
export const JobNotCancellable = defineProblem<{ id: string; state: string }>('job_not_cancellable', 409)
/** What an administrator ordered is called off by administrators. */
export const JobOfAdministrator = defineProblem<{ id: string }>('job_of_administrator', 403)
export const JobNotRetryable = defineProblem<{ id: string; state: string }>('job_not_retryable', 409)
export const JobTimeout = defineProblem<{ type: string; seconds: number }>('job_timeout', 504)
export const JobCancelled = defineProblem<{ type: string }>('job_cancelled', 409)
/** The process died in a step that must not run twice. */
export const JobInterrupted = defineProblem<{ type: string; step: string }>('job_interrupted', 500)
/** A step threw something that is not a Problem. */
export const StepFailed = defineProblem<{ step: string; detail: string }>('step_failed', 500)
/** A step that had to be taken back could not be. */
export const UndoFailed = defineProblem<{ step: string; cause: string }>('undo_failed', 500)
/** All steps ran, but the owner could not bring its own rows in line. */
export const SettleFailed = defineProblem<{ type: string; detail: string }>('settle_failed', 500)
/** A step did not end in time after it was told to stop. */
export const StepStuck = defineProblem<{ step: string }>('step_stuck', 504)
/** The job was accepted by another version, whose steps this one does not have. */
export const JobOutdated = defineProblem<{ type: string; step: string }>('job_outdated', 409)
/** Whoever submitted the job may not act any more. */
export const JobActorRefused = defineProblem<{ actor: string }>('job_actor_refused', 403)
/** Read already, older than ten minutes, or nothing was sealed. */
export const RevealGone = defineProblem<{ id: string }>('reveal_gone', 410)
/** Only the actor who submitted the job may read what it sealed. */
export const RevealForbidden = defineProblem<{ id: string }>('reveal_forbidden', 403)
export const DurationInvalid = defineProblem<{ value: string }>('duration_invalid', 500)
export const ScheduleInvalid = defineProblem<{ name: string; reason: string }>('schedule_invalid', 500)
export const ScheduleTaken = defineProblem<{ owner: string; name: string }>('schedule_taken', 500)
/** No such schedule, or not in the actor's scope. */
export const ScheduleNotFound = defineProblem<{ owner: string; name: string }>('schedule_not_found', 404)
/** One run at a time. */
export const ScheduleRunning = defineProblem<{ owner: string; name: string }>('schedule_running', 409)
