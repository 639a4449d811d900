export type { Config } from './config/config.js'
export { createPanel, type Panel, type Started } from './panel.js'
