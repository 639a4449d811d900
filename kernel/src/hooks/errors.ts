import { defineProblem } from '@nusantara/sdk'

/** A tap threw something that is not a Problem of its own. `remedy` tells what the administrator can do about its plugin. */
export const HookTapFailed = defineProblem<{ plugin: string; hook: string; reason: string }>('hook_tap_failed', 500)
/** A transform tap answered with null or undefined. */
export const HookTapAnsweredNothing = defineProblem<{ plugin: string; hook: string }>('hook_tap_answered_nothing', 500)
/** Two packages declare one hook with different kinds. */
export const HookKindDiffers = defineProblem<{ hook: string; declared: string; used: string }>('hook_kind_differs', 500)
