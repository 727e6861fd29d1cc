import { chat, type Env } from './chat.ts'

export default {
  fetch: (request: Request, env: Env): Promise<Response> => chat(request, env),
}
