// Runs while the page is parsed, before anything is painted: else a chosen theme would come after a flash of the other one.
import { showTheme } from '../../sdk/src/ui/core/theme.js'

showTheme()
