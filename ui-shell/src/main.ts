import './main.css'
import { showTheme } from '@nusantara/sdk/ui'
// Before the shell, which asks for texts as soon as it is defined.
import './messages.js'
import './shell.js'

showTheme()
