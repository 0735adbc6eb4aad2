import { warmUpMarkdown } from './warm-up.ts'

const strings = {
  copyCode: 'Copy',
  codeCopied: 'Copied',
  codeRegion: () => 'Code',
  tableRegion: 'Table',
  taskDone: 'Done',
  taskOpen: 'To do',
  image: '',
}

it('reads what answers are made of, once, and leaves the page as it is', async () => {
  const page = document.body.innerHTML
  const read = document.createElement('div')
  const enrich = (root: DocumentFragment) => read.append(root.cloneNode(true))
  await warmUpMarkdown({ strings, enrich })
  const missing = ['em', 'strong', 'p code', 'a', 'ol', 'h2', 'blockquote', 'table'].filter(
    (name) => !read.querySelector(name),
  )
  if (missing.length > 0) throw new Error(`It did not read ${missing.join(', ')}`)
  if (document.body.innerHTML !== page) throw new Error('It left something behind')

  read.replaceChildren()
  await warmUpMarkdown({ strings, enrich })
  if (read.childElementCount > 0) throw new Error('It read again')
})
