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
export const BeingDeleted = defineProblem<{ domain: string; job: string }>('sites.being_deleted', 409)
/** The job that creates it ended in doubt, so there is nothing yet that could be changed. */
export const NotCreated = defineProblem<{ domain: string; job: string }>('sites.not_created', 409)
/** Its owner cannot undo what an administrator decided. `reason` is `none` where none was given. */
export const SuspendedByAdministrator = defineProblem<{
  domain: string
  action: 'resume' | 'delete' | 'rename'
  at: string
  reason: string
}>('sites.suspended_by_administrator', 403)
/** A site that publishes the panel is administrators' alone, whoever's account it is in. */
export const PanelOfAdministrators = defineProblem<{ domain: string }>('sites.panel_of_administrators', 403)
/** The welcome page could not be written for another reason than that there is one. */
export const WelcomeFailed = defineProblem<{ domain: string; reason: string }>('sites.welcome_failed', 500)
export const LogUnreadable = defineProblem<{ log: string; reason: string }>('sites.log_unreadable', 503)
/** The web server's own default site answers every name, and somebody edited it: it goes when they say so. */
export const DefaultSiteEdited = defineProblem<{ path: string }>('sites.default_site_edited', 409)
/** Some sites could not be applied again; the job's log names each. */
export const ApplyIncomplete = defineProblem<{ count: number; domain: string; reason: string }>(
  'sites.apply_incomplete',
  500,
)
