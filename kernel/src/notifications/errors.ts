import { defineProblem } from '@nusantara/sdk'

/** Not there, or not the actor's. */
export const NotificationUnknown = defineProblem<{ id: string }>('notification_unknown', 404)
