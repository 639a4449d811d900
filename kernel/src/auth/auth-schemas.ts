import { Joi, object } from '@nusantara/sdk'
import type { Enrolment } from './second-factor.js'
import type { SessionView } from './sessions.js'
import type { SignedIn } from './sign-in.js'
import type { SessionInfo } from './who-am-i.js'

/** What a step of the sign-in answers in its body; the cookie travels in its header. */
export type SignInAnswer = Omit<SignedIn, 'cookie'>

export const signInAnswer = object<SignInAnswer>({
  assurance: Joi.string().valid('full', 'totp_required').required(),
  csrfToken: Joi.string().required(),
})

/** Six digits, or a recovery code in any writing. */
export const code = Joi.string()
  .pattern(/^[A-Za-z0-9 -]{6,32}$/, 'code')
  .max(32)

export const sessionInfo = object<SessionInfo>({
  user: object<NonNullable<SessionInfo['user']>>({
    id: Joi.string().required(),
    username: Joi.string().required(),
    locale: Joi.string().required(),
    admin: Joi.boolean().required(),
    totp: Joi.boolean().required(),
    accounts: Joi.array().items(Joi.string()).required(),
  }).allow(null),
  permissions: Joi.array().items(Joi.string()).required(),
  assurance: Joi.string().valid('none', 'totp_required', 'full').required(),
  csrfToken: Joi.string().allow('').required(),
  reauthenticatedAt: Joi.string().isoDate(),
})

export const sessionView = object<SessionView>({
  id: Joi.string().required(),
  current: Joi.boolean().required(),
  address: Joi.string().required(),
  userAgent: Joi.string().allow('').required(),
  createdAt: Joi.string().isoDate().required(),
  lastSeenAt: Joi.string().isoDate().required(),
  expiresAt: Joi.string().isoDate().required(),
})

export const enrolment = object<Enrolment>({
  secret: Joi.string().required(),
  uri: Joi.string().required(),
  qr: Joi.array().items(Joi.array().items(Joi.boolean())).required(),
})

export const recoveryCodes = object<{ readonly recoveryCodes: readonly string[] }>({
  recoveryCodes: Joi.array().items(Joi.string()).required(),
})
