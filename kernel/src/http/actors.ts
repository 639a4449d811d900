import type { Actor } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import { Authenticator } from '../auth/authenticator.js'
import type { Exchange } from './exchange.js'

/** Says who sent a request. */
@scoped(Lifecycle.ContainerScoped)
export class Actors {
  constructor(private readonly authenticator: Authenticator) {}

  async of(exchange: Exchange): Promise<Actor> {
    if (exchange.door === 'cli') return commandLine(exchange.acceptedLocale)
    const { cookie, authorization } = exchange.request.headers
    const userAgent = exchange.header('user-agent')
    return this.authenticator.identify({
      address: exchange.address,
      ...(cookie !== undefined && { cookie }),
      ...(authorization !== undefined && { authorization }),
      ...(userAgent !== undefined && { userAgent }),
    })
  }
}

/** Only root and the panel's own user can open the socket, so whoever comes through it may do everything. */
function commandLine(locale: string): Actor {
  return {
    kind: 'cli',
    id: 'cli',
    name: 'root',
    assurance: 'full',
    admin: true,
    permissions: new Set(['*']),
    accounts: [],
    locale,
    reauthenticatedAt: Date.now(),
  }
}
