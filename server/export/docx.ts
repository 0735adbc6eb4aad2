/** A conversation as a Word file: WordprocessingML (ECMA-376) in a ZIP. */
import JsZip from 'jszip'
import type { ExportedConversation } from '../core/ports/index.ts'
import {
  blocksOfEntry,
  entryOf,
  headOf,
  type Block,
  type Entry,
  type Head,
  type LinkList,
  type Run,
  type Table,
} from './document.ts'
import { isRightToLeftText } from './paragraph.ts'

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

/** Lists nest no deeper in Word. */
const DEEPEST = 8
/** Twentieths of a point that each level of a list or a quote stands in. */
const INDENT = 360
const ACCENT = 'A84D0A'
const MUTED = '6B6661'

/** Word's "left" is where a line begins, which is the right of one that runs from right to left. */
const OPPOSITE = { left: 'right', center: 'center', right: 'left' } as const

/** What no XML may hold is left out. */
const escapeXml = (text: string) =>
  text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- they are what is taken out
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

/** Where a paragraph stands. */
interface Place {
  readonly quotes: number
  /** `undefined`: in no list. */
  readonly list?: { readonly id: number; readonly level: number; readonly isFirst: boolean }
}

const TOP: Place = { quotes: 0 }

/** Collects the relations and lists that the document's text refers to. */
function createParts() {
  const links = new Map<string, string>()
  /** The number that each list with numbers begins with; lists count from 1, the one with dots is 1. */
  const starts: number[] = []
  return {
    links,
    starts,
    link(url: string): string {
      const id = links.get(url) ?? `link${links.size + 1}`
      links.set(url, id)
      return id
    },
    numbered(start: number): number {
      starts.push(start)
      return starts.length + 1
    },
  }
}

type Parts = ReturnType<typeof createParts>

function runXml(parts: Parts, run: Run): string {
  const isLink = run.href !== undefined
  const properties = [
    isLink ? '<w:rStyle w:val="Hyperlink"/>' : '',
    run.code && !isLink ? '<w:rStyle w:val="Code"/>' : '',
    run.code && isLink ? MONO : '',
    run.bold ? '<w:b/><w:bCs/>' : '',
    run.italic ? '<w:i/><w:iCs/>' : '',
    run.strike ? '<w:strike/>' : '',
    isRightToLeftText(run.text) ? '<w:rtl/>' : '',
  ].join('')
  const lines = run.text.split('\n').map((line) =>
    line
      .split('\t')
      .map((text) => (text === '' ? '' : `<w:t xml:space="preserve">${escapeXml(text)}</w:t>`))
      .join('<w:tab/>'),
  )
  const xml = `<w:r>${properties === '' ? '' : `<w:rPr>${properties}</w:rPr>`}${lines.join('<w:br/>')}</w:r>`
  return run.href === undefined
    ? xml
    : `<w:hyperlink r:id="${parts.link(run.href)}">${xml}</w:hyperlink>`
}

function paragraphXml(
  parts: Parts,
  runs: readonly Run[],
  {
    style = '',
    place = TOP,
    align,
  }: {
    readonly style?: string
    readonly place?: Place
    readonly align?: Table['align'][number] | undefined
  } = {},
): string {
  const { quotes, list } = place
  const stands = quotes + (list && !list.isFirst ? list.level + 1 : 0)
  const isRightToLeft = isRightToLeftText(runs.map(({ text }) => text).join(''))
  const properties = [
    style === '' ? '' : `<w:pStyle w:val="${style}"/>`,
    list?.isFirst
      ? `<w:numPr><w:ilvl w:val="${list.level}"/><w:numId w:val="${list.id}"/></w:numPr>`
      : '',
    isRightToLeft ? '<w:bidi/>' : '',
    stands > 0 && !list?.isFirst ? `<w:ind w:left="${stands * INDENT}"/>` : '',
    align ? `<w:jc w:val="${isRightToLeft ? OPPOSITE[align] : align}"/>` : '',
  ].join('')
  const text = runs.map((run) => runXml(parts, run)).join('')
  return `<w:p>${properties === '' ? '' : `<w:pPr>${properties}</w:pPr>`}${text}</w:p>`
}

function tableXml(parts: Parts, { rows, align }: Table): string {
  const isRightToLeft = isRightToLeftText(
    rows[0]?.flatMap((cell) => cell.map(({ text }) => text)).join(' ') ?? '',
  )
  const columns = rows[0]?.map(() => '<w:gridCol/>').join('') ?? ''
  const written = rows.map((row, index) => {
    const cells = row.map((cell, column) => {
      const runs = index === 0 ? cell.map((run) => ({ ...run, bold: true })) : cell
      return `<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/></w:tcPr>${paragraphXml(parts, runs, { style: 'Cell', align: align[column] })}</w:tc>`
    })
    const header = index === 0 ? '<w:trPr><w:tblHeader/></w:trPr>' : ''
    return `<w:tr>${header}${cells.join('')}</w:tr>`
  })
  // Without a paragraph behind it, Word joins a table to the next.
  return `<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/>${isRightToLeft ? '<w:bidiVisual/>' : ''}<w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>${columns}</w:tblGrid>${written.join('')}</w:tbl><w:p/>`
}

const markOf = (checked: boolean | undefined) =>
  checked === undefined ? [] : [{ text: checked ? '\u2611 ' : '\u2610 ' }]

function blockXml(parts: Parts, block: Block, place: Place): string {
  switch (block.kind) {
    case 'heading':
      // The levels above are the conversation's own.
      return paragraphXml(parts, block.runs, {
        style: `Heading${Math.min(6, block.depth + 2)}`,
        place,
      })
    case 'paragraph':
      return paragraphXml(parts, block.runs, { place })
    case 'code':
      return paragraphXml(parts, [{ text: block.text }], { style: 'CodeBlock', place })
    case 'quote':
      return blocksXml(parts, block.blocks, { ...place, quotes: place.quotes + 1 })
    case 'rule':
      return '<w:p><w:pPr><w:pStyle w:val="Rule"/></w:pPr></w:p>'
    case 'table':
      return tableXml(parts, block)
    case 'list': {
      const id = block.start === undefined ? 1 : parts.numbered(block.start)
      const level = Math.min(DEEPEST, place.list ? place.list.level + 1 : 0)
      return block.items
        .map(({ blocks, checked }) => {
          const [first, ...rest] = blocks
          const head =
            first?.kind === 'paragraph' ? first : { kind: 'paragraph' as const, runs: [] }
          const others = first?.kind === 'paragraph' || !first ? rest : blocks
          const runs = [...markOf(checked), ...head.runs]
          const at = (isFirst: boolean): Place => ({ ...place, list: { id, level, isFirst } })
          return (
            paragraphXml(parts, runs, { place: at(true) }) + blocksXml(parts, others, at(false))
          )
        })
        .join('')
    }
  }
}

const blocksXml = (parts: Parts, blocks: readonly Block[], place: Place): string =>
  blocks.map((block) => blockXml(parts, block, place)).join('')

function linksXml(parts: Parts, { name, links }: LinkList): string {
  const lines = [{ text: name, bold: true }, ...links]
  return lines.map((run) => paragraphXml(parts, [run], { style: 'Small' })).join('')
}

function headXml(parts: Parts, { title, facts, metadata }: Head): string {
  const lines = facts.map(({ name, value }) =>
    paragraphXml(parts, [{ text: `${name}: `, bold: true }, { text: value }], { style: 'Small' }),
  )
  const kept =
    metadata === undefined
      ? ''
      : paragraphXml(parts, [{ text: 'Metadata:', bold: true }], { style: 'Small' }) +
        paragraphXml(parts, [{ text: metadata }], { style: 'CodeBlock' })
  return paragraphXml(parts, [{ text: title }], { style: 'Title' }) + lines.join('') + kept
}

function entryXml(parts: Parts, entry: Entry): string {
  const { sender, time, note, lists } = entry
  return [
    paragraphXml(parts, [{ text: `${sender} \u00b7 ${time}` }], { style: 'Heading2' }),
    blocksXml(parts, blocksOfEntry(entry), TOP),
    note === undefined ? '' : paragraphXml(parts, [{ text: note, italic: true }]),
    ...lists.map((list) => linksXml(parts, list)),
  ].join('')
}

const CONTENT_TYPES = `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${[
  [
    'word/document',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml',
  ],
  ['word/styles', 'application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml'],
  [
    'word/numbering',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml',
  ],
  ['docProps/core', 'application/vnd.openxmlformats-package.core-properties+xml'],
]
  .map(([part, type]) => `<Override PartName="/${part}.xml" ContentType="${type}"/>`)
  .join('')}</Types>`

const relationships = (all: readonly string[]) =>
  `${XML}<Relationships xmlns="${PACKAGE}/relationships">${all.join('')}</Relationships>`

const PACKAGE_RELATIONSHIPS = relationships([
  `<Relationship Id="document" Type="${OFFICE}/officeDocument" Target="word/document.xml"/>`,
  `<Relationship Id="core" Type="${PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>`,
])

const linkRelationships = ({ links }: Parts) =>
  relationships([
    `<Relationship Id="styles" Type="${OFFICE}/styles" Target="styles.xml"/>`,
    `<Relationship Id="numbering" Type="${OFFICE}/numbering" Target="numbering.xml"/>`,
    ...[...links].map(
      ([url, id]) =>
        `<Relationship Id="${id}" Type="${OFFICE}/hyperlink" Target="${escapeXml(url)}" TargetMode="External"/>`,
    ),
  ])

interface ParagraphStyle {
  readonly id: string
  readonly name: string
  /** Half points. */
  readonly size: number
  readonly paragraph?: string
  readonly text?: string
}

const BOLD = '<w:b/><w:bCs/>'
const MONO = '<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>'
const GROUND = '<w:shd w:val="clear" w:color="auto" w:fill="F5F2EE"/>'
const line = (side: string) => `<w:${side} w:val="single" w:sz="4" w:space="1" w:color="D9D5CF"/>`

const PARAGRAPHS: readonly ParagraphStyle[] = [
  { id: 'Title', name: 'Title', size: 40, text: BOLD, paragraph: '<w:spacing w:after="80"/>' },
  ...[32, 22, 28, 25, 23, 22].map((size, index): ParagraphStyle => {
    const isEntry = index === 1
    return {
      id: `Heading${index + 1}`,
      name: `heading ${index + 1}`,
      size,
      text: isEntry ? `${BOLD}<w:color w:val="${MUTED}"/>` : BOLD,
      paragraph: `<w:keepNext/>${isEntry ? `<w:pBdr>${line('top')}</w:pBdr>` : ''}<w:spacing w:before="240" w:after="60"/><w:outlineLvl w:val="${index}"/>`,
    }
  }),
  {
    id: 'Small',
    name: 'Small',
    size: 18,
    paragraph: '<w:spacing w:after="20"/>',
    text: `<w:color w:val="${MUTED}"/>`,
  },
  { id: 'Cell', name: 'Cell', size: 20, paragraph: '<w:spacing w:after="0"/>' },
  { id: 'CodeBlock', name: 'Code Block', size: 18, paragraph: GROUND, text: MONO },
  { id: 'Rule', name: 'Rule', size: 12, paragraph: `<w:pBdr>${line('bottom')}</w:pBdr>` },
]

const STYLES = `${XML}<w:styles ${WORD}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Yu Gothic" w:cs="Arial"/><w:sz w:val="22"/><w:szCs w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>${PARAGRAPHS.map(
  ({ id, name, size, paragraph = '', text = '' }) =>
    `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr>${paragraph}</w:pPr><w:rPr>${text}<w:sz w:val="${size}"/><w:szCs w:val="${size}"/></w:rPr></w:style>`,
).join(
  '',
)}<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="${ACCENT}"/><w:u w:val="single"/></w:rPr></w:style><w:style w:type="character" w:styleId="Code"><w:name w:val="Code"/><w:rPr>${MONO}${GROUND}</w:rPr></w:style><w:style w:type="table" w:styleId="Grid"><w:name w:val="Grid"/><w:tblPr><w:tblBorders>${['top', 'bottom', 'insideH'].map(line).join('')}</w:tblBorders><w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="80" w:type="dxa"/><w:bottom w:w="40" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style></w:styles>`

/** List 1 has dots; every list with numbers counts for itself. */
function numberingXml({ starts }: Parts): string {
  const level = (at: number, format: string, text: string) =>
    `<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="${(at + 1) * INDENT}" w:hanging="${INDENT}"/></w:pPr></w:lvl>`
  const levels = Array.from({ length: DEEPEST + 1 }, (_, index) => index)
  const dots = levels.map((at) => level(at, 'bullet', '\u2022')).join('')
  const numbers = levels.map((at) => level(at, 'decimal', `%${at + 1}.`)).join('')
  const counted = starts.map((start, index) => {
    const begins = levels
      .map(
        (at) => `<w:lvlOverride w:ilvl="${at}"><w:startOverride w:val="${start}"/></w:lvlOverride>`,
      )
      .join('')
    return `<w:num w:numId="${index + 2}"><w:abstractNumId w:val="2"/>${begins}</w:num>`
  })
  return `${XML}<w:numbering ${WORD}><w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="hybridMultilevel"/>${dots}</w:abstractNum><w:abstractNum w:abstractNumId="2"><w:multiLevelType w:val="hybridMultilevel"/>${numbers}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>${counted.join('')}</w:numbering>`
}

const coreXml = (title: string, createdAt: string, changedAt: string) =>
  `${XML}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${escapeXml(title)}</dc:title><dcterms:created xsi:type="dcterms:W3CDTF">${createdAt}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">${changedAt}</dcterms:modified></cp:coreProperties>`

/** The whole file. */
export async function docxOf(exported: ExportedConversation): Promise<Uint8Array> {
  const { createdAt, updatedAt } = exported.conversation
  const head = headOf(exported.conversation)
  const parts = createParts()
  const body = [headXml(parts, head)]
  for (const message of exported.messages) body.push(entryXml(parts, entryOf(message, exported)))
  const page =
    '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
  const zip = new JsZip()
  zip.file('[Content_Types].xml', CONTENT_TYPES)
  zip.file('_rels/.rels', PACKAGE_RELATIONSHIPS)
  zip.file('docProps/core.xml', coreXml(head.title, createdAt, updatedAt))
  zip.file(
    'word/document.xml',
    Buffer.from(
      `${XML}<w:document ${WORD} xmlns:r="${OFFICE}"><w:body>${body.join('')}${page}</w:body></w:document>`,
    ),
  )
  zip.file('word/_rels/document.xml.rels', linkRelationships(parts))
  zip.file('word/styles.xml', STYLES)
  zip.file('word/numbering.xml', numberingXml(parts))
  return await zip.generateAsync({ type: 'uint8array', compression: 'DEFLATE' })
}
