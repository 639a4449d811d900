import { defineProblem } from '@nusantara/sdk'

/** A request for a host name that is neither configured nor this machine's own (RFC 9110 §15.5.20). */
export const MisdirectedHost = defineProblem<{ host: string }>('misdirected_host', 421)
/** A request through the door for a web server does not say whose it is: limits and the audit log would have nobody to name. */
export const ClientUnnamed = defineProblem('client_unnamed', 400)
export const MethodNotAllowed = defineProblem<{ method: string; allowed: string }>('method_not_allowed', 405)
export const MethodUnknown = defineProblem<{ method: string }>('method_unknown', 501)
export const RouteNotFound = defineProblem<{ path: string }>('route_not_found', 404)
/** Also what somebody gets who may not see the thing: not found and not yours are the same answer. */
export const NotFound = defineProblem<{ type: string }>('not_found', 404)
/** The address cannot be decoded, names `__proto__`, or has too many parameters; `name` is the parameter's, or `path` or `query`. */
export const MalformedTarget = defineProblem<{
  part: 'path' | 'query'
  name: string
  reason: 'encoding' | 'prototype' | 'count' | 'form'
}>('malformed_target', 400, ({ part, name }) => ({ path: name, in: part }))
export const CsrfRefused = defineProblem('csrf_refused', 403)
export const OriginRefused = defineProblem<{ origin: string }>('origin_refused', 403)
/** `limit` in bytes. */
export const BodyTooLarge = defineProblem<{ limit: number }>('body_too_large', 413, '')
export const BodyIncomplete = defineProblem('body_incomplete', 400, '')
export const ContentTypeUnsupported = defineProblem<{ type: string }>('content_type_unsupported', 415, () => ({
  path: 'Content-Type',
  in: 'header',
}))
/** `position` counts the characters, or for bytes that are not UTF-8 is left out; `key` is the path of a key that is not taken. */
export const MalformedJson = defineProblem<{
  reason: 'syntax' | 'depth' | 'duplicate' | 'prototype' | 'encoding'
  position?: number
  key?: string
}>('malformed_json', 400, ({ key = '' }) => ({ path: key }))
/** The cause stands in the panel's log under the request id, never in the answer. */
export const Internal = defineProblem('internal', 500)
export const AuditUnavailable = defineProblem('audit_unavailable', 503)
export const StreamLimit = defineProblem<{ limit: number }>('stream_limit', 429)
export const TopicsRefused = defineProblem<{ topics: string }>('topics_refused', 403, () => ({
  path: 'topics',
  in: 'query',
}))
export const TicketRefused = defineProblem('ticket_refused', 403)
/** A route that does not say everything it must: a mistake of its author, never of a client. */
export const RouteRejected = defineProblem<{ owner: string; operation: string; reason: string }>('route_rejected', 500)
/** The panel's TLS key or certificate cannot be read. */
export const TlsUnreadable = defineProblem<{ file: string; reason: string }>('tls_unreadable', 500)
/** The web shell was not built, or its manifest cannot be read. */
export const ShellMissing = defineProblem<{ file: string }>('shell_missing', 503)
/** Another panel process answers on the command line's socket. */
export const SocketTaken = defineProblem<{ path: string }>('socket_taken', 500)
