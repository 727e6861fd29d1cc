// The gateway, told to keep nothing.

import { anthropicReader, openaiChatReader } from './ratatoskr.mjs'

export const openaiChat = /* @__PURE__ */ openaiChatReader(false)
export const anthropic = /* @__PURE__ */ anthropicReader(false)
