import { html } from 'lit'
import type { Drawer, PanelView } from '../panel/panel-view.ts'
import type { ConversationController } from '../conversation/conversation-controller.ts'
import type { DrawerChat } from './drawer.ts'
import './drawer.ts'

/** By the chat that each list belongs to. */
const chats = new WeakMap<Drawer, DrawerChat>()

function createDrawerChat(host: Drawer, controller: ConversationController): DrawerChat {
  const { chat } = host
  return {
    select: (id) => void (chat.conversationId = id),
    lose: () => void controller.refresh(),
    startOver: () => chat.newConversation(),
    focusComposer: () => chat.focus(),
    close() {
      host.isOpen = false
      chat.requestUpdate()
    },
    layOut: () => chat.requestUpdate(),
  }
}

/** The list as part of the panel; there it stays, shown or not, since something may wait to be undone. */
export function renderList(view: PanelView, host: Drawer) {
  const chat = chats.get(host) ?? createDrawerChat(host, view.controller)
  chats.set(host, chat)
  return html`<samosa-drawer
    exportparts="drawer"
    .strings=${view.strings}
    .client=${view.client}
    .chat=${chat}
    .currentId=${host.chat.conversationId}
    .busy=${view.controller.busy}
    .answering=${view.visit?.answering}
    .online=${view.online}
    .downloads=${view.config?.features.download !== false}
    .open=${host.isOpen}
    .docked=${host.isDocked && !view.signIn}
    .account=${view.account}
  ></samosa-drawer>`
}
