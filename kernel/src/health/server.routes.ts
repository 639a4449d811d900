import { Joi, object } from '@nusantara/sdk'
import { Lifecycle, scoped } from 'tsyringe'
import type { MachineFacts } from '../broker/inspection/machine.js'
import { BrokerClient } from '../broker-client/broker-client.js'
import { RouteRegistry } from '../http/route-registry.js'

const bytes = Joi.number().min(0).required()
export const machineSchema = object<MachineFacts>({
  hostname: Joi.string().required(),
  system: Joi.string().allow('').required(),
  release: Joi.string().required(),
  architecture: Joi.string().required(),
  uptimeSeconds: Joi.number().required(),
  processors: Joi.number().required(),
  processor: Joi.string().allow('').required(),
  load: Joi.array().items(Joi.number()).length(3).required(),
  memory: object<MachineFacts['memory']>({ bytes, availableBytes: bytes }).required(),
  swap: object<MachineFacts['swap']>({ bytes, freeBytes: bytes }).required(),
  disks: Joi.array()
    .items(object<MachineFacts['disks'][number]>({ path: Joi.string().required(), bytes, freeBytes: bytes }))
    .required(),
})

/** What the server is made of and how busy it is; the permission is that of the examination. */
@scoped(Lifecycle.ContainerScoped)
export class ServerRoutes {
  constructor(private readonly broker: BrokerClient) {}

  register(registry: RouteRegistry): void {
    registry.add('kernel', {
      operation: 'server.describe',
      method: 'GET',
      path: '/server',
      permission: 'health:read',
      summary: 'The server: its system, processors, load, memory and disks',
      response: machineSchema,
      handler: () => this.broker.call('host.measure', {}),
    })
  }
}
