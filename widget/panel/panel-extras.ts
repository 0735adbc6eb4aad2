/** What a first answer needs nothing of: one file, loaded with the first of it that the panel shows, and for every bubble. */
import './notice.ts'

export { Visit } from '../visit/visit.ts'
export { createWindowKeeper } from './cover-window.ts'
export { play, renderSizeSwitch, renderSoundSwitch } from './header-switches.ts'
export { downIcon, jumpStyles, leadsDown, NewsWatch } from './jump.ts'
