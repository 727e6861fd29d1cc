import { is, number, object, string } from 'valibot'
import { hasTable, textOf, type ObjectPart, type ObjectStorage } from './platform.ts'
import { splitText } from './split-text.ts'

const put = object({ value: string(), keptMs: number() })

/** One continuation in its Durable Object, until its alarm. */
export class ContinuationObject implements ObjectPart {
  readonly #storage: ObjectStorage

  constructor(storage: ObjectStorage) {
    this.#storage = storage
  }

  answer(verb: string, message: unknown): Response {
    const { sql } = this.#storage
    if (verb === 'get') {
      const query = 'SELECT text FROM kept ORDER BY piece'
      const rows = hasTable(sql, 'kept') ? sql.exec(query).toArray() : []
      return Response.json(rows[0] ? rows.map(({ text }) => textOf(text)).join('') : null)
    }
    if (!is(put, message)) throw new TypeError('The store was asked for what it does not know.')
    sql.exec('CREATE TABLE IF NOT EXISTS kept (piece INTEGER PRIMARY KEY, text TEXT)')
    sql.exec('DELETE FROM kept')
    for (const [piece, text] of splitText(message.value).entries()) {
      sql.exec('INSERT INTO kept (piece, text) VALUES (?, ?)', piece, text)
    }
    this.#storage.setAlarm(Date.now() + message.keptMs).catch(() => {})
    return Response.json(true)
  }

  async alarm(): Promise<void> {
    await this.#storage.deleteAlarm()
    await this.#storage.deleteAll()
  }
}
