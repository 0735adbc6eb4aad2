import type { AnswerStrings } from '../strings.ts'
import { formatsIn } from '../formats.ts'

const { count } = formatsIn('es')

const elapsed = (seconds: number) =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`

/** Spanish words in an answer. */
export const answer: Required<AnswerStrings> = {
  markdown: {
    copyCode: 'Copiar',
    codeCopied: 'Copiado',
    codeRegion: (language) => (language === '' ? 'Código' : `Código, ${language}`),
    tableRegion: 'Tabla',
    taskDone: 'Hecho',
    taskOpen: 'Sin hacer',
    image: 'Imagen:',
  },
  thinking: 'Pensando…',
  thought: 'Ha pensado',
  thoughtFor: (seconds) => `Ha pensado ${elapsed(seconds)}`,
  elapsed,
  searchingWeb: (query) => (query ? `Buscando «${query}» en la web` : 'Buscando en la web'),
  usingTool: (name) => `Usando ${name}`,
  unnamedTool: 'una herramienta',
  tools: {
    searchedWeb: (query) => (query ? `Ha buscado «${query}» en la web` : 'Ha buscado en la web'),
    searchingDocuments: (query) =>
      query ? `Buscando «${query}» en los documentos` : 'Buscando en los documentos',
    searchedDocuments: (query) =>
      query ? `Ha buscado «${query}» en los documentos` : 'Ha buscado en los documentos',
    calculating: (expression) => (expression ? `Calculando ${expression}` : 'Calculando'),
    calculated: (expression) => (expression ? `Ha calculado ${expression}` : 'Ha calculado'),
    usedTool: (name) => `Ha usado ${name}`,
    notSearchedWeb: (query) =>
      query ? `No ha podido buscar «${query}» en la web` : 'No ha podido buscar en la web',
    notSearchedDocuments: (query) =>
      query
        ? `No ha podido buscar «${query}» en los documentos`
        : 'No ha podido buscar en los documentos',
    notCalculated: (expression) =>
      expression ? `No ha podido calcular ${expression}` : 'No ha podido calcular',
    notUsedTool: (name) => `No ha podido usar ${name}`,
    toolRunning: 'En curso',
    toolDone: 'Listo',
    toolFailed: 'Error',
    toolUnanswered: 'Sin resultado',
    wantsTool: (title) => `El asistente quiere usar «${title}».`,
    toolAsking: 'Necesita tu permiso',
    toolElsewhere: 'En curso en otra ventana',
    toolWaiting: 'Esperando a la página que lo ofrece',
    toolDenied: 'No permitido',
    toolRefused: {
      busy: 'Han sido demasiadas en poco tiempo. Elige de nuevo en un momento.',
      failed: 'Ahora mismo no se puede acceder al servidor del chat. Elige de nuevo.',
    },
    allowTool: 'Permitir',
    denyTool: 'No permitir',
    showAll: 'Mostrar todo',
    toolArguments: 'Argumentos',
    toolResult: 'Resultado',
    resultCount: (amount) => count(amount, { one: '# resultado', other: '# resultados' }),
  },
  cited: {
    sources: 'Fuentes',
    showSource: (number, title) => `Fuente ${number}: ${title}`,
    showPassage: (number) => `Fragmento de la fuente ${number}`,
    alsoFound: 'También se encontró',
    page: (number) => `Página ${number}`,
    open: 'Abrir',
    notFound: 'No aparece en esta fuente:',
  },
}
