import { uiBundle } from '@nusantara/sdk/vite'

export default uiBundle()
