import './list/site-list.js'
import './new/onboarding.js'
import './new/site-new.js'
import './page/site-page.js'
