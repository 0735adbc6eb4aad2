/** Folded texts of conversations that were searched, within a limit of memory and for a while only. */

interface KeptText {
  /** Of the conversation whose text it is. */
  readonly updatedAt: string
  readonly text: string
}

interface OwnerTexts {
  readonly byId: Map<string, KeptText>
  size: number
}

export interface KeptTexts {
  /** Nothing when the conversation has changed since. */
  get(folder: string, id: string, updatedAt: string): string | undefined
  /** Keeps it if there is room, once what other owners searched is forgotten. */
  keep(folder: string, id: string, kept: KeptText): void
  /** One conversation's, or all of an owner's. */
  forget(folder: string, id?: string): void
}

export interface KeptTextsOptions {
  /** UTF-16 units of all texts together. */
  readonly limit: number
  /** Milliseconds without a search after which all is forgotten. */
  readonly idle: number
}

export function createKeptTexts({ limit, idle }: KeptTextsOptions): KeptTexts {
  /** By folder; least recently searched first. */
  const owners = new Map<string, OwnerTexts>()
  let total = 0
  let timer: NodeJS.Timeout | undefined

  const forgetOwner = (folder: string) => {
    total -= owners.get(folder)?.size ?? 0
    owners.delete(folder)
  }

  const forgetOne = (folder: string, id: string) => {
    const owner = owners.get(folder)
    const size = owner?.byId.get(id)?.text.length ?? 0
    if (!owner?.byId.delete(id)) return
    owner.size -= size
    total -= size
  }

  const forgetAll = () => {
    owners.clear()
    total = 0
    timer = undefined
  }

  const touch = (folder: string): OwnerTexts => {
    const owner = owners.get(folder) ?? { byId: new Map<string, KeptText>(), size: 0 }
    owners.delete(folder)
    owners.set(folder, owner)
    if (timer) timer.refresh()
    else timer = setTimeout(forgetAll, idle).unref()
    return owner
  }

  return {
    get(folder, id, updatedAt) {
      const kept = owners.get(folder)?.byId.get(id)
      return kept?.updatedAt === updatedAt ? kept.text : undefined
    },
    keep(folder, id, kept) {
      forgetOne(folder, id)
      const owner = touch(folder)
      for (const other of owners.keys()) {
        if (other === folder || total + kept.text.length <= limit) break
        forgetOwner(other)
      }
      // An owner with more than fits: what was kept first are the newest, and stays.
      if (total + kept.text.length > limit) return
      owner.byId.set(id, kept)
      owner.size += kept.text.length
      total += kept.text.length
    },
    forget(folder, id) {
      if (id === undefined) forgetOwner(folder)
      else forgetOne(folder, id)
    },
  }
}
