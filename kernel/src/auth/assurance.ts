import type { Assurance } from '@nusantara/sdk'
import { SignInStepUnexpected } from './errors.js'

/** What moves a sign-in. Everything that signs anybody in, by whatever way, passes here. */
export type SignInEvent =
  | { readonly type: 'password_accepted'; readonly totp: boolean }
  | { readonly type: 'code_accepted' }
  | { readonly type: 'proof_repeated' }
  | { readonly type: 'signed_out' }

/**
 * The one sign-in state machine:
 *
 * ```
 * any ── password_accepted, no TOTP ──▶ full          full ── proof_repeated ──▶ full
 * any ── password_accepted, TOTP ─────▶ totp_required ── code_accepted ──▶ full
 * any ── signed_out ──▶ none
 * ```
 *
 * @throws SignInStepUnexpected for every other pair
 */
export function nextAssurance(state: Assurance, event: SignInEvent): Assurance {
  if (event.type === 'password_accepted') return event.totp ? 'totp_required' : 'full'
  if (event.type === 'signed_out') return 'none'
  if (event.type === 'code_accepted' && state === 'totp_required') return 'full'
  if (event.type === 'proof_repeated' && state === 'full') return 'full'
  throw SignInStepUnexpected({ step: event.type, state })
}
