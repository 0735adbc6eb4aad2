/** Gives the headings of one page, in order, the ids that GitHub gives them. */
export function createHeadingIds(): (heading: string) => string {
  const taken = new Map<string, number>()
  return (heading) => {
    const slug = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-')
    let id = slug
    for (let count = taken.get(slug) ?? 0; taken.has(id);) {
      count += 1
      taken.set(slug, count)
      id = `${slug}-${count}`
    }
    taken.set(id, 0)
    return id
  }
}
