import type { Catalogue } from '../catalogue.ts'
import { formatsIn } from '../formats.ts'
import { monthsIn } from '../months.ts'
import { answer } from './answer.ts'
import { extras } from './extras.ts'

const { number, count, duration } = formatsIn('es')

const conversations = (amount: number) =>
  count(amount, { one: '# conversación', other: '# conversaciones' })

const tooMany = (over: number) =>
  count(over, { one: 'Sobra # carácter', other: 'Sobran # caracteres' })

/** Spanish. */
export const es: Catalogue = {
  language: 'es',
  direction: 'ltr',
  heading: 'Chat',
  launcher: { open: 'Abrir chat', close: 'Cerrar chat' },
  unread: (amount) => count(amount, { one: '# mensaje nuevo', other: '# mensajes nuevos' }),
  newConversation: 'Nueva conversación',
  sound: { mute: 'Desactivar el sonido', unmute: 'Activar el sonido' },
  close: 'Cerrar',
  messages: 'Mensajes',
  you: 'Tu mensaje',
  assistant: 'Respuesta',
  greeting: '¡Hola! ¿En qué puedo ayudarte?',
  starters: 'Sugerencias',
  jump: 'Ir a lo último',
  newText: 'Hay texto nuevo abajo',
  earlier: {
    more: 'Mensajes anteriores',
    loading: 'Cargando mensajes anteriores…',
    failed: 'No se pudieron cargar los mensajes anteriores. Reintentar',
  },
  loading: 'Cargando la conversación…',
  composer: {
    label: 'Mensaje',
    placeholder: 'Pregunta lo que quieras…',
    send: 'Enviar',
    stop: 'Detener',
    think: 'Pensar',
    thinkHint: 'Razonar paso a paso antes de responder',
    search: 'Buscar',
    searchHint: 'Consultar la web antes de responder',
    addFiles: 'Añadir archivos',
    unread: 'Los archivos aún se están leyendo.',
    dictate: 'Dictar el mensaje',
    empty: 'Escribe primero un mensaje.',
    left: (amount) => count(amount, { one: 'Queda # carácter', other: 'Quedan # caracteres' }),
    tooLong: (over, limit) =>
      `${tooMany(over)}: en un mensaje caben ${number(limit)}. Acórtalo o envíalo por partes.`,
  },
  actions: {
    copy: 'Copiar',
    copied: 'Copiado',
    regenerate: 'Responder de nuevo',
    tryAgain: 'Reintentar',
    edit: 'Editar',
  },
  editor: {
    label: 'Editar el mensaje',
    cancel: 'Cancelar',
    replaces: 'Al enviarlo se sustituye todo lo que hay debajo.',
    unchanged: 'Cambia el texto para enviarlo.',
    empty: 'Escribe algo para enviarlo.',
    busy: 'Espera la respuesta o detenla.',
  },
  ratings: { up: 'Buena respuesta', down: 'Mala respuesta' },
  feedback: {
    rated: 'Valorada. Puedes añadir un comentario.',
    commentUp: '¿Qué te ha gustado? (opcional)',
    commentDown: '¿Qué ha fallado? (opcional)',
    skip: 'Omitir',
    tooLong: (over, limit) => `${tooMany(over)}: en un comentario caben ${number(limit)}.`,
    thanks: 'Gracias por tu opinión.',
    failed: (sentence) => `Tu opinión no se ha guardado. ${sentence}`,
  },
  waiting: {
    sending: 'Enviando…',
    thinking: 'Pensando…',
    searching: 'Buscando…',
    writing: 'Escribiendo la respuesta…',
    reading: (name) => (name === '' ? 'Leyendo…' : `Leyendo ${name}…`),
    readSoFar: (done, total) => `${number(done)} de ${number(total)}`,
  },
  notes: {
    stopped: 'Detenida',
    length: 'La respuesta ha llegado a su longitud máxima.',
    filtered: 'Un filtro de contenido ha retenido la respuesta.',
    interrupted: 'Interrumpida',
    unsent: 'No enviado',
    editUnsent: 'Cambio no enviado',
  },
  conversations: 'Conversaciones',
  drawer: {
    close: 'Cerrar la lista',
    search: 'Buscar conversaciones',
    clear: 'Borrar la búsqueda',
    today: 'Hoy',
    yesterday: 'Ayer',
    week: 'Últimos 7 días',
    month: monthsIn('es'),
    loading: 'Cargando…',
    empty: 'Tus conversaciones aparecerán aquí.',
    nothing: (query) => `No hay resultados para «${query}».`,
    found: (amount, more) => `${conversations(amount)}${more ? ' o más' : ''} en los resultados.`,
    rename: (title) => `Cambiar el nombre de «${title}»`,
    title: 'Título',
    remove: (title) => `Eliminar «${title}»`,
    removed: (title) => `«${title}» se ha eliminado`,
    removedMany: (amount) =>
      count(amount, {
        one: 'Se ha eliminado # conversación.',
        other: 'Se han eliminado # conversaciones.',
      }),
    undo: 'Deshacer',
    restored: 'Eliminación deshecha.',
    notRenamed: (sentence) => `El título no se ha guardado. ${sentence}`,
    notRemoved: (title, sentence) => `«${title}» no se ha eliminado. ${sentence}`,
  },
  banner: {
    offline: 'No tienes conexión. Tus mensajes están a salvo aquí.',
    reconnecting: 'Se ha perdido la conexión. Conectando de nuevo…',
  },
  hints: {
    gone: 'Esa conversación ya no existe. Tu texto sigue aquí; envíalo para empezar una nueva.',
    busy: 'Esta conversación se está respondiendo en otra ventana. Tu texto sigue aquí; envíalo después.',
    changed:
      'Ese mensaje se ha cambiado en otra ventana. Tu texto sigue aquí; envíalo para continuar desde ahí.',
    replaced: 'Esa respuesta se ha sustituido en otra ventana.',
    unanswered: 'Aún no hay respuesta.',
    unstopped: 'No se ha podido detener la respuesta. Inténtalo de nuevo en un momento.',
    files: 'Tu mensaje no se ha enviado. Vuelve a añadir los archivos.',
  },
  status: { answerDone: 'Respuesta completa.' },
  errors: {
    offline: 'No tienes conexión. Compruébala e inténtalo de nuevo.',
    unreachable: 'Ahora mismo no se puede acceder al servidor del chat.',
    misconfigured:
      'Este chat no está bien configurado: en su dirección no hay ningún servidor de chat.',
    unauthorized: 'Para chatear aquí tienes que iniciar sesión.',
    forbidden: 'No tienes permiso para hacer eso.',
    not_found: 'Esa conversación ya no existe.',
    conflict: 'Esta conversación ya se está respondiendo.',
    rate_limited: 'Han sido muchos mensajes en poco tiempo.',
    budget_exhausted: 'Este chat ha alcanzado su límite de hoy.',
    invalid_request: 'El servidor no ha aceptado este mensaje.',
    malformed_json: 'El servidor no ha aceptado este mensaje.',
    method_not_allowed: 'El servidor del chat no admite esto.',
    too_large: 'Este mensaje es demasiado grande para enviarlo.',
    unsupported_media_type: 'El servidor no acepta este tipo de contenido.',
    inference_error: 'El asistente ha tenido un error al responder.',
    inference_unreachable: 'Ahora mismo no se puede acceder al asistente.',
    inference_timeout: 'El asistente ha tardado demasiado en responder.',
    inference_interrupted: 'La respuesta se ha cortado antes de terminar.',
    auth_unreachable: 'Ahora mismo no se puede iniciar sesión.',
    interrupted: 'La respuesta se ha interrumpido antes de terminar.',
    internal: 'Algo ha fallado por nuestra parte.',
  },
  retryIn: (seconds) => `Reintentar en ${duration(seconds)}`,
  answer,
  extras,
}
