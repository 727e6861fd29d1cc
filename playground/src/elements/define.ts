import { ChainPanel } from './chain-panel.ts'
import { ConversationView } from './conversation-view.ts'
import { PlaygroundApp } from './playground-app.ts'
import { PromptComposer } from './prompt-composer.ts'
import { ReplyView } from './reply-view.ts'
import { ResultsForm } from './results-form.ts'
import { SettingsPanel } from './settings-panel.ts'
import { TapeMenu } from './tape-menu.ts'

const elements = {
  'rk-reply': ReplyView,
  'rk-results': ResultsForm,
  'rk-conversation': ConversationView,
  'rk-composer': PromptComposer,
  'rk-settings': SettingsPanel,
  'rk-tapes': TapeMenu,
  'rk-chain': ChainPanel,
  'rk-app': PlaygroundApp,
}

/** Makes the page's elements known to the browser. */
export function defineElements(): void {
  for (const [name, element] of Object.entries(elements)) {
    if (customElements.get(name) === undefined) customElements.define(name, element)
  }
}
