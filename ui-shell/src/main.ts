import './main.css'
// Before the shell, which asks for texts as soon as it is defined.
import './messages.js'
import './shell.js'
