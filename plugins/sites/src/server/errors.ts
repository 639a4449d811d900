import { defineProblem, Problem } from '@nusantara/sdk'

/** Another site that the actor may see claims the name. */
export const NameTaken = (params: { name: string; site: string; siteId: string }, path: string) =>
  new Problem('sites.name_taken', 409, params, [
    taken(path, `${params.name} belongs to the site ${params.site}`, params),
  ])

/** A site of somebody else claims the name; whose is nobody's business. */
export const NameTakenElsewhere = (params: { name: string }, path: string) =>
  new Problem('sites.name_taken_elsewhere', 409, params, [
    taken(path, `${params.name} belongs to another site`, params),
  ])

const taken = (path: string, message: string, params: Readonly<Record<string, unknown>>) => ({
  path,
  code: 'sites.name_taken',
  message,
  params,
})

export const SiteNotFound = defineProblem('sites.not_found', 404)
/** Suspending what is suspended, resuming what runs. */
export const AlreadySo = defineProblem<{ domain: string; state: string }>('sites.already', 409)
export const BeingDeleted = defineProblem<{ domain: string }>('sites.being_deleted', 409)
/** The welcome page could not be written for another reason than that there is one. */
export const WelcomeFailed = defineProblem<{ domain: string; reason: string }>('sites.welcome_failed', 500)
export const LogUnreadable = defineProblem<{ log: string; reason: string }>('sites.log_unreadable', 503)
/** Some sites could not be applied again; the job's log names each. */
export const ApplyIncomplete = defineProblem<{ count: number; domain: string; reason: string }>(
  'sites.apply_incomplete',
  500,
)
