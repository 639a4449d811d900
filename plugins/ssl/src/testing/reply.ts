import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Answers at once. In one process with a panel, whose HTTP library replaces it, `writeHead` answers nothing to chain on. */
export function reply(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}, body = ''): void {
  response.writeHead(status, headers)
  response.end(body)
}
