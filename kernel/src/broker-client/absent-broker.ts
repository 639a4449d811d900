import type { PluginBroker } from '@nusantara/sdk'
import { BrokerAbsent } from './errors.js'

/** What whoever has no privileges gets for a broker: every call is refused by the owner's name. */
export function absentBroker(owner: string): PluginBroker {
  const refuse = () => Promise.reject(BrokerAbsent({ owner }))
  return {
    run: refuse,
    service: refuse,
    planChange: refuse,
    applyChange: refuse,
    confirmChange: refuse,
    revertChange: refuse,
    describeChange: refuse,
    createTenant: refuse,
    removeTenant: refuse,
    describeTenant: refuse,
    createKey: refuse,
    importKey: refuse,
    exportKey: refuse,
    removeKey: refuse,
    describeKeys: refuse,
    requestCertificate: refuse,
    selfSign: refuse,
    describePackages: refuse,
    planPackages: refuse,
    repairPackages: refuse,
    refreshPackages: refuse,
    installPackages: refuse,
    versions: refuse,
  }
}
