import type { ObjectStorage, SqlValue } from '@ratatoskr/relay/cloudflare'

/** A Durable Object's storage, as far as tables of one row go: what is asked of SQLite itself is tested in workerd. */
export interface FakeStorage extends ObjectStorage {
  /** The JSON of each table. */
  readonly rows: ReadonlyMap<string, SqlValue>
  /** When the next alarm is; 0 for none. */
  readonly alarm: number
}

export function fakeStorage(): FakeStorage {
  const rows = new Map<string, SqlValue>()
  let alarm = 0
  return {
    rows,
    get alarm() {
      return alarm
    },
    sql: {
      exec(query, ...bindings) {
        const [, table = ''] = /(?:INTO|FROM) (\w+)/.exec(query) ?? []
        const [first = null] = bindings
        if (query.startsWith('INSERT OR REPLACE')) rows.set(table, first)
        const name = table === 'sqlite_master' ? first : table
        const isRead = query.startsWith('SELECT') && typeof name === 'string'
        const value = isRead ? rows.get(name) : undefined
        return { toArray: () => (value === undefined ? [] : [{ value }]) }
      },
    },
    setAlarm: async (time) => {
      alarm = time
    },
    deleteAlarm: async () => {
      alarm = 0
    },
    deleteAll: async () => rows.clear(),
  }
}
