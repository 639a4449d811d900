import { fileURLToPath } from 'node:url'
import { describePlugin } from '@nusantara/sdk/testing'

describePlugin(fileURLToPath(new URL('../..', import.meta.url)))
