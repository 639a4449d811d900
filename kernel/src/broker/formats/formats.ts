import type { FileFormat } from '@nusantara/sdk'
import { block } from './block.js'
import { crontab } from './crontab.js'
import { env } from './env.js'
import type { Format } from './format.js'
import { ini } from './ini.js'
import { json } from './json.js'
import { pem } from './pem.js'
import { unit } from './unit.js'

/** Every syntax that trees can be written in. `opaque` files are not trees, see opaque.ts. */
export const formats: Readonly<Record<Exclude<FileFormat, 'opaque'>, Format>> = {
  block,
  ini,
  unit,
  crontab,
  json,
  env,
  pem,
}
