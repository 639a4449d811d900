import { expect } from 'chai'
import { boundaryProblems } from './lib/boundaries.mjs'

describe('the boundary check', () => {
  const refused = (path, text) => boundaryProblems(path, text)

  it('finds feature words in kernel, SDK and shell, but not in their tests or in plugins', () => {
    for (const area of ['kernel', 'sdk', 'ui-shell'])
      expect(refused(`${area}/src/a.ts`, '// reload nginx')).to.have.length(1)
    expect(refused('kernel/src/a.ts', 'const phpVersion = 1')).to.have.length(1)
    expect(refused('kernel/src/a.test.ts', '// reload nginx')).to.have.length(0)
    expect(refused('plugins/sites/src/a.ts', '// reload nginx')).to.have.length(0)
  })

  it('keeps the kernel from plugins and everything but the broker from starting processes', () => {
    expect(refused('kernel/src/a.ts', "import x from '@nusantara/plugin-sites'")).to.have.length(1)
    expect(refused('kernel/src/jobs/a.ts', "import { spawn } from 'node:child_process'")).to.have.length(1)
    expect(refused('kernel/src/broker/a.ts', "import { spawn } from 'node:child_process'")).to.have.length(0)
    expect(refused('kernel/src/host/a.ts', "import { spawn } from 'node:child_process'")).to.have.length(1)
    expect(refused('kernel/src/host/service-notify.ts', "import { spawn } from 'node:child_process'")).to.have.length(0)
    expect(refused('plugins/sites/src/a.ts', "import { execa } from 'execa'")).to.not.have.length(0)
  })

  it('keeps the costly import of node:http out of programs, but not its types', () => {
    expect(refused('kernel/src/a.ts', "import { request } from 'node:http'")).to.have.length(1)
    expect(refused('kernel/src/a.ts', "const { request } = await import('node:http')")).to.have.length(1)
    expect(refused('plugins/sites/src/a.ts', "import {\n  request,\n} from 'node:http'")).to.have.length(1)
    expect(refused('kernel/src/a.ts', "import type { Agent } from 'node:http'")).to.have.length(0)
    expect(refused('kernel/src/a.ts', "type Ask = typeof import('node:http').request")).to.have.length(0)
    expect(refused('kernel/src/a.test.ts', "import { request } from 'node:http'")).to.have.length(0)
  })

  it('lets a plugin import the SDK, what it declares, and the /api of others', () => {
    const plugin = 'plugins/sites/src/server/a.ts'
    expect(refused(plugin, "import { Joi } from '@nusantara/sdk'\nimport { b } from './b.js'")).to.have.length(0)
    expect(refused(plugin, "import { t } from '@nusantara/plugin-ssl/api'")).to.have.length(0)
    expect(refused(plugin, "import { t } from '@nusantara/plugin-ssl'")).to.have.length(1)
    expect(refused(plugin, "import { t } from '@nusantara/kernel'")).to.have.length(1)
    expect(refused(plugin, "import { t } from '../../../ssl/src/api.js'")).to.have.length(1)
    expect(refused(plugin, "import { t } from 'left-pad'")).to.have.length(1)
  })
})
