import './site-detail.js'
import './site-list.js'
import './site-new.js'
