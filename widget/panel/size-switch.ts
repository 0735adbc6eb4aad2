/** The button that makes the bubble larger: loaded where there is room for that. */
import { sizeStrings } from '../words/en/switches.ts'
import { svg } from 'lit'
import type { Strings } from '../words/strings.ts'
import { iconButton, icon } from '../ui/icons.ts'

import type { PanelRoom } from './panel-room.ts'

const enlargeIcon = icon(svg`<path d="M11.5 4H16v4.5M8.5 16H4v-4.5M16 4l-5 5M4 16l5-5"></path>`)
const reduceIcon = icon(svg`<path d="M16 9h-5V4M4 11h5v5M11 9l5.5-5.5M9 11l-5.5 5.5"></path>`)

export const renderSizeSwitch = (room: PanelRoom, { size = sizeStrings }: Strings) =>
  iconButton({
    label: room.isWide ? size.reduce : size.enlarge,
    icon: room.isWide ? reduceIcon : enlargeIcon,
    name: 'size',
    onClick: room.toggle,
  })
