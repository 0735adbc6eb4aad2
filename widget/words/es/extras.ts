import type { ContactStrings, ExtrasStrings, FileKinds } from '../strings.ts'
import { formatsIn } from '../formats.ts'
import { listIn, sizesIn } from '../sizes.ts'

const { number, count } = formatsIn('es')

const kindsIn = ({ images, text, pdf }: FileKinds) =>
  listIn('es', [
    images && 'imágenes (PNG, JPEG, GIF, WebP)',
    text && 'archivos de texto',
    pdf && 'PDF',
  ])

/** Spanish words of what the composer can do beyond text. */
export const extras: ExtrasStrings = {
  size: sizesIn('es'),
  files: {
    hint: (kinds, most, size) =>
      `Hasta ${count(most, { one: '# archivo', other: '# archivos' })} de ${size} en total: ${kindsIn(kinds)}`,
    list: 'Archivos para enviar',
    drop: 'Suelta los archivos para añadirlos',
    reading: (name) => `Leyendo ${name}`,
    remove: (name) => `Quitar ${name}`,
    sending: 'Enviando los archivos',
    download: (name) => `Descargar ${name}`,
    notDownloaded: (name, why) => `${name} no se ha descargado. ${why}`,
    needText: 'Escribe unas palabras que acompañen a los archivos.',
  },
  refused: {
    tooMany: (most) =>
      `En un mensaje ${count(most, { one: 'cabe # archivo', other: 'caben # archivos' })}. Quita uno primero.`,
    tooLarge: (size) =>
      `Los archivos de un mensaje pueden sumar ${size}. Elige otros más pequeños.`,
    empty: (name) => `${name} está vacío.`,
    kind: (name, kinds) => `${name} no se ha añadido. Puedes añadir ${kindsIn(kinds)}.`,
    unreadable: (name) => `No se ha podido leer ${name}.`,
  },
  settings: {
    list: 'Ajustes de las respuestas',
    temperature: (value) => `temperatura ${number(value)}`,
    top_k: (value) => `top-k ${number(value)}`,
    remove: (setting) => `Quitar ${setting}`,
  },
  commands: {
    list: 'Comandos',
    count: (amount) => count(amount, { one: '# comando', other: '# comandos' }),
    does: {
      temperature: 'Con cuánta libertad escribir, de 0 a 2',
      topk: 'Cuántas palabras sopesar, de 1 a 200',
      think: 'Razonar paso a paso: on (sí) u off (no)',
      person: 'Hablar con una persona',
      clear: 'Empezar una conversación nueva',
      help: 'Mostrar estos comandos',
    },
    unknown: (name) => `No existe el comando /${name}. Escribe /help para verlos todos.`,
    range: (name, least, most, whole) =>
      `/${name} requiere un número${whole ? ' entero' : ''} de ${least} a ${most}.`,
    onOff: 'Tras /think va «on» (sí), «off» (no) o nada para cambiar.',
    extra: (name) => `/${name} va sin nada más.`,
    isSet: (setting) => `A partir de ahora: ${setting}.`,
    cleared: 'Esta es una conversación nueva.',
    thinks: (on) => (on ? 'Pensar está activado.' : 'Pensar está desactivado.'),
    cannotThink: 'Aquí no se puede cambiar si piensa.',
    slashText: 'Para enviar un texto que empieza con una barra, escribe dos.',
  },
  voice: {
    stop: 'Dejar de escuchar',
    heardBy: 'El servicio de voz de tu navegador convierte en texto lo que dices.',
    listening: 'Escuchando…',
    denied: 'Aquí no se permite el micrófono. Puedes cambiarlo en los ajustes de tu navegador.',
    unheard: 'No se ha oído nada. Inténtalo de nuevo.',
    noMicrophone: 'No hay micrófono.',
    failed: 'Ahora mismo no se puede acceder al servicio de voz del navegador.',
  },
  followUps: 'Podrías preguntar ahora',
  nearest: 'Quizá te ayude una de estas:',
}

/** Spanish words of the ways to a person. */
export const contact: ContactStrings = {
  title: 'Hablar con una persona',
  lead: '¿Prefieres preguntar a una persona?',
  email: 'Correo electrónico',
  phone: 'Teléfono',
  page: 'Página de contacto',
  newTab: 'se abre en una pestaña nueva',
  write: 'Escribir un mensaje',
  form: {
    message: 'Tu mensaje',
    email: 'Tu correo electrónico',
    consent: 'Podéis guardar mi mensaje y mi correo electrónico para responderme.',
    privacy: 'Privacidad',
    send: 'Enviar mensaje',
    close: 'Cerrar el formulario',
    sending: 'Enviando…',
    noMessage: 'Escribe tu mensaje.',
    tooLong: (over, limit) =>
      `Al mensaje le ${over === 1 ? 'sobra' : 'sobran'} ${count(over, { one: '# carácter', other: '# caracteres' })}: caben ${number(limit)}.`,
    badMessage: 'Este mensaje no se ha aceptado. Cámbialo, por favor.',
    noEmail: 'Escribe tu correo electrónico para que podamos responderte.',
    badEmail: 'Escribe un solo correo electrónico, como nombre@example.com.',
    noConsent: 'Marca esta casilla para que podamos guardar tu mensaje y responderlo.',
    unsent: (sentence) =>
      `Tu mensaje no se ha enviado. Lo que has escrito se conserva aquí. ${sentence}`,
    tooMany: 'Han sido muchos mensajes en poco tiempo.',
    closed: 'Ahora mismo no se admiten mensajes aquí. Inténtalo más tarde.',
  },
  sent: (email) => `Tu mensaje se ha enviado. La respuesta llegará a ${email}.`,
}
